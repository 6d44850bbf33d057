import { type Condition, type Stored, Work } from '@quarterdeck/apis';
import { describe, expect, test } from 'vitest';
import { member, stored } from '../../../testing/builders.ts';
import { decide } from './decide.ts';

const now = Date.parse('2026-01-01T00:10:00Z');
const lostAt = '2026-01-01T00:09:00Z';
const condition = (type: string, status: Condition['status'], lastTransitionTime: string, reason = 'R'): Condition => ({
  type,
  status,
  reason,
  message: '',
  observedGeneration: 3,
  lastTransitionTime,
});
const withLease = (status: Condition['status'], reason: string) =>
  member('m1', { status: { conditions: [condition('HubLeaseCurrent', status, lostAt, reason)] } });
const lost = withLease('False', 'LeaseNotRenewed');
const manifestConditions = [
  { identifier: { ordinal: 0 }, conditions: [condition('Applied', 'True', '2026-01-01T00:00:00Z')] },
];
const work = (...conditions: Condition[]): Stored<Work> =>
  stored(Work, 'w', { metadata: { namespace: 'member-m1' }, status: { conditions, manifestConditions } });
const before = '2026-01-01T00:05:00Z';
const after = '2026-01-01T00:09:30Z';
const unknown = (type: string) => ({
  ...condition(type, 'Unknown', '2026-01-01T00:10:00Z', 'AgentUnreachable'),
  message: 'the hub has lost contact with the member; what stands there stays',
});

describe('work.lost', () => {
  test('WK-39 conditions from before the loss become Unknown; manifests keep what the agent said', () => {
    const seen = work(
      condition('Applied', 'True', before),
      condition('Available', 'False', before),
      condition('example.test/Own', 'True', before),
    );
    const { writes } = decide({ work: seen, member: lost }, now);
    expect(writes).toEqual([
      {
        verb: 'updateSubresource',
        subresource: 'status',
        type: Work,
        object: {
          ...seen,
          status: {
            conditions: [unknown('Applied'), unknown('Available'), condition('example.test/Own', 'True', before)],
            manifestConditions,
          },
        },
      },
    ]);
    const written = writes[0] as { object: Stored<Work> };
    expect(decide({ work: written.object, member: lost }, now + 60_000).writes).toEqual([]);
  });

  test.each([
    {
      name: 'DL-24 what the agent reported after the loss has the last word',
      of: lost,
      conditions: [condition('Applied', 'True', after)],
    },
    {
      name: 'WK-39 a member with a current Lease',
      of: withLease('True', 'LeaseRenewed'),
      conditions: [condition('Applied', 'True', before)],
    },
    {
      name: 'WK-39 a member that never joined',
      of: withLease('False', 'NotJoined'),
      conditions: [condition('Applied', 'True', before)],
    },
    { name: 'WK-39 a namespace of nobody', of: undefined, conditions: [condition('Applied', 'True', before)] },
    { name: 'WK-39 a Work without a report', of: lost, conditions: [] },
  ])('$name: nothing is written', ({ of, conditions }) => {
    expect(decide({ work: work(...conditions), member: of }, now).writes).toEqual([]);
  });
});
