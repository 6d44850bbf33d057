import { apiError } from '@quarterdeck/apis';
import { expect, test } from 'vitest';
import { isRefusedChange } from './problems.ts';

const invalid = (...fields: readonly (string | undefined)[]) =>
  apiError('Invalid', 'the change is refused', {
    causes: fields.map((field) => ({
      reason: 'FieldValueInvalid',
      message: 'no',
      ...(field === undefined ? {} : { field }),
    })),
  });

test.each([
  { name: 'of one field', error: invalid('roleRef'), want: true },
  { name: 'of several fields', error: invalid('parameters', 'provisioner'), want: true },
  { name: 'by a policy, which names no field', error: invalid(undefined), want: false },
  { name: 'by a policy, and of a field', error: invalid('spec', undefined), want: false },
  { name: 'without a cause', error: invalid(), want: false },
  { name: 'for want of a right', error: apiError('Forbidden', 'spec is immutable'), want: false },
])('DL-2, WK-26 a change that is refused $name: made anew by choice: $want', ({ error, want }) => {
  expect(isRefusedChange(error)).toBe(want);
});
