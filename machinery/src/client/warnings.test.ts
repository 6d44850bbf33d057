import { expect, test } from 'vitest';
import { parseWarnings } from './warnings.ts';

test.each([
  { header: undefined, want: [] },
  { header: '299 - "old version"', want: ['old version'] },
  { header: '299 - "a \\"quoted\\" \\\\ text"', want: ['a "quoted" \\ text'] },
  { header: '299 - "one", 299 - "two, with comma"', want: ['one', 'two, with comma'] },
  { header: ['299 - "one"', '299 hub "two" "Wed, 21 Oct 2026 07:28:00 GMT"'], want: ['one', 'two'] },
  { header: '199 - "other code"', want: [] },
])('KA-62 warnings of $header', ({ header, want }) => {
  expect(parseWarnings(header)).toEqual(want);
});
