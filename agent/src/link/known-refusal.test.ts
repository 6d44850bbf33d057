import { accountNamespaceGone, apiError } from '@quarterdeck/apis';
import { expect, test } from 'vitest';
import { isKnownRefusal } from './known-refusal.ts';

const gone = { causes: [{ reason: accountNamespaceGone, message: '' }] };

test.each<[what: string, error: unknown, want: boolean]>([
  ['no rights', apiError('Forbidden', 'x'), true],
  ['the namespace of the account is gone', apiError('Unauthorized', 'Unauthorized', gone), true],
  ['somebody unknown', apiError('Unauthorized', 'Unauthorized'), false],
  ['somebody unknown, for another cause', apiError('Unauthorized', 'x', { causes: [{ reason: 'Expired' }] }), false],
  ['the word of another answer', apiError('ServiceUnavailable', 'x', gone), false],
  ['a way to the hub that breaks', new Error(accountNamespaceGone), false],
])('RG-41 whether a refusal means removal: %s', (_what, error, want) => {
  expect(isKnownRefusal(error)).toBe(want);
});
