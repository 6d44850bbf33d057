import { badRequest, StatusReason } from '@quarterdeck/apis';
import { WireError } from '@quarterdeck/machinery';
import { expect, test } from 'vitest';
import { CompactedError, RevisionAheadError } from '../cache/store.ts';
import { StorageUnavailableError, WriteOutcomeUnknownError } from '../storage/storage.ts';
import { deadlineExceeded, statusHeaders, toApiError } from './errors.ts';

test.each([
  { name: 'KA-36 an ApiError stays what it is', error: badRequest('no'), want: [400, 'BadRequest', {}] },
  { name: 'BI-1 what does not decode is 400', error: new WireError('bad'), want: [400, 'BadRequest', {}] },
  { name: 'KA-87 a compacted version is 410', error: new CompactedError('old'), want: [410, 'Expired', {}] },
  {
    name: 'KA-40 a version ahead is 504',
    error: new RevisionAheadError(5, 3),
    want: [504, 'Timeout', { 'retry-after': '1' }],
  },
  {
    name: 'KA-41 storage that is away is 500 with Retry-After',
    error: new StorageUnavailableError('away'),
    want: [500, 'ServerTimeout', { 'retry-after': '1' }],
  },
  {
    name: 'KA-41 a write of unknown outcome is 504, to be looked at',
    error: new WriteOutcomeUnknownError('lost'),
    want: [504, 'Timeout', {}],
  },
  { name: 'KA-36 anything else is 500', error: new TypeError('secret detail'), want: [500, 'InternalError', {}] },
])('$name', ({ error, want }) => {
  const { code, reason, status } = toApiError(error);
  expect([code, reason, statusHeaders(status)]).toEqual(want);
});

test('KA-36 the text of an unexpected failure stays in the log', () => {
  const { status } = toApiError(new TypeError('secret detail'));
  expect(status.message).not.toContain('secret');
});

test('KA-140 what an expired deadline interrupted is 504', () => {
  const controller = new AbortController();
  controller.abort(deadlineExceeded());
  expect(toApiError(new Error('aborted'), controller.signal).reason).toBe(StatusReason.Timeout);
});
