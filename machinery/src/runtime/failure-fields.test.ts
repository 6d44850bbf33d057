import { apiError } from '@quarterdeck/apis';
import { expect, test } from 'vitest';
import { failureFields } from './failure-fields.ts';

test('a log tells the words of what a server or the way to it is to blame for, and the whole of what may be a bug', () => {
  const bug = new TypeError('x is not a function');
  expect(failureFields(apiError('ServiceUnavailable', 'GET /readyz: refused'))).toEqual({
    reason: 'GET /readyz: refused',
  });
  expect(failureFields(bug)).toEqual({ err: bug });
});
