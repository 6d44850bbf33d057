import type { MemberCluster } from '@quarterdeck/apis';
import { expect, test } from 'vitest';
import { member } from '../testing/builders.ts';
import { type CaRotationState, membersNotReady } from './ca-rotation.ts';

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
const fleet = [
  joined('new', { trustedCAs: ['a', 'b'], certificateIssuer: 'b' }),
  joined('learnt', { trustedCAs: ['a', 'b'], certificateIssuer: 'a' }),
  joined('token', { identity: 'Token', trustedCAs: ['a', 'b'] }),
  joined('token-behind', { identity: 'Token', trustedCAs: ['a'] }),
  joined('behind', { trustedCAs: ['a'], certificateIssuer: 'a' }),
  joined('silent', undefined),
  joined('never', undefined, 'False'),
];

test.each<{ name: string; state: CaRotationState; want: string[] }>([
  { name: 'nobody holds up the announcement', state: { phase: 'Steady', signing: 'a', other: undefined }, want: [] },
  {
    name: 'the switch waits for those who do not trust the new CA',
    state: { phase: 'Announced', signing: 'a', other: 'b' },
    want: ['behind', 'silent', 'token-behind'],
  },
  {
    name: 'the end waits for those with a certificate of the old CA',
    state: { phase: 'Switched', signing: 'b', other: 'a' },
    want: ['behind', 'learnt', 'silent', 'token-behind'],
  },
])('RG-9, RG-7 $name', ({ state, want }) => expect(membersNotReady(fleet, state)).toEqual(want));
