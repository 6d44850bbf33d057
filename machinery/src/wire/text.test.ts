import { expect, test } from 'vitest';
import { beginningOf, unstorable } from './text.ts';

test.each([
  { name: 'a text that fits', text: 'a\u{1f6a2}', max: 3, want: 'a\u{1f6a2}' },
  { name: 'half of a character at the cut', text: 'a\u{1f6a2}b', max: 2, want: 'a\ufffd' },
  { name: 'half of a character that was there', text: '\udea2a', max: 9, want: '\ufffda' },
  { name: 'NUL', text: 'a\0b', max: 9, want: 'a\ufffdb' },
])('BI-6 the beginning of $name can be stored', ({ text, max, want }) => {
  expect(beginningOf(text, max)).toBe(want);
  expect(unstorable(want)).toBeUndefined();
});
