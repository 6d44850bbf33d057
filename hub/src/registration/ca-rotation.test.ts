import type { MemberCluster } from '@quarterdeck/apis';
import { expect, test } from 'vitest';
import { member } from '../testing/builders.ts';
import { type CaRotationState, type MembersBehind, membersBehind } from './ca-rotation.ts';

const joined = (
  name: string,
  agent: NonNullable<MemberCluster['status']>['agent'],
  status: 'True' | 'False' = 'True',
) =>
  member(name, {
    status: {
      conditions: [
        { type: 'Joined', status, reason: 'Joined', message: '', lastTransitionTime: '2026-01-01T00:00:00Z' },
      ],
      ...(agent === undefined ? {} : { agent }),
    },
  });
/** Its agent was heard of before. */
const nowOtherwise = (name: string, acceptance: 'Denied' | 'Pending') => {
  const found = joined(name, { trustedCAs: ['a'], certificateIssuer: 'a' }, 'False');
  return { ...found, spec: { ...found.spec, acceptance } };
};
const fleet = [
  joined('new', { trustedCAs: ['a', 'b'], certificateIssuer: 'b' }),
  joined('learnt', { trustedCAs: ['a', 'b'], certificateIssuer: 'a' }),
  joined('token', { identity: 'Token', trustedCAs: ['a', 'b'] }),
  joined('token-behind', { identity: 'Token', trustedCAs: ['a'] }),
  joined('behind', { trustedCAs: ['a'], certificateIssuer: 'a' }),
  joined('silent', undefined),
  joined('never', undefined, 'False'),
  nowOtherwise('denied', 'Denied'),
  nowOtherwise('pending-again', 'Pending'),
];

test.each<{ name: string; state: CaRotationState; want: MembersBehind }>([
  {
    name: 'nobody holds up the announcement',
    state: { phase: 'Steady', signing: 'a', other: undefined },
    want: { waitedFor: [], denied: [] },
  },
  {
    name: 'the switch waits for those who do not trust the new CA',
    state: { phase: 'Announced', signing: 'a', other: 'b' },
    want: { waitedFor: ['behind', 'pending-again', 'silent', 'token-behind'], denied: ['denied'] },
  },
  {
    name: 'the end waits for those with a certificate of the old CA',
    state: { phase: 'Switched', signing: 'b', other: 'a' },
    want: { waitedFor: ['behind', 'learnt', 'pending-again', 'silent', 'token-behind'], denied: ['denied'] },
  },
])('RG-9, RG-7 $name', ({ state, want }) => expect(membersBehind(fleet, state)).toEqual(want));
