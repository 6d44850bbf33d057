import { ApiError } from '@quarterdeck/apis';
import { expect, test } from 'vitest';
import { isRefusal, lacksRights } from './creation-refusal.ts';

const answer = (code: number, reason: string, message: string) =>
  new ApiError({ kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Failure', code, reason, message });
const webhook = 'admission webhook "names.example.com" denied the request: no such site';
const rights =
  'memberclusters.quarterdeck.dev is forbidden: User "hub" cannot create resource "memberclusters" in API group "quarterdeck.dev" at the cluster scope';

test.each([
  { name: 'RG-5 a webhook that answers 403', error: answer(403, 'Forbidden', webhook), want: [true, false] },
  { name: 'RG-5 a webhook that names no code', error: answer(400, 'BadRequest', webhook), want: [true, false] },
  { name: 'RG-5 what is not valid', error: answer(422, 'Invalid', 'x is invalid: y'), want: [true, false] },
  {
    name: 'RG-5 a policy by the reason Forbidden',
    error: answer(403, 'Forbidden', 'memberclusters.quarterdeck.dev "a" is forbidden: ValidatingAdmissionPolicy \'p\''),
    want: [true, false],
  },
  { name: 'RG-5 a hub without the right', error: answer(403, 'Forbidden', rights), want: [false, true] },
  { name: 'RG-5 a stale view', error: answer(409, 'Conflict', 'look again'), want: [false, false] },
  { name: 'RG-5 a webhook that does not answer', error: answer(500, 'InternalError', 'failed'), want: [false, false] },
  { name: 'RG-5 a hub that is busy', error: answer(429, 'TooManyRequests', 'later'), want: [false, false] },
  { name: 'RG-5 no answer at all', error: new Error('ECONNRESET'), want: [false, false] },
])('$name', ({ error, want }) => {
  expect([isRefusal(error), lacksRights(error)]).toEqual(want);
});
