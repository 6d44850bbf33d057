import type { Condition, MemberClusterStatus } from '@quarterdeck/apis';
import { expect, test } from 'vitest';
import { mergeStatus } from './merge-status.ts';

const condition = (type: string, status: Condition['status'], lastTransitionTime = '2026-01-01T00:00:00Z') => ({
  type,
  status,
  lastTransitionTime,
  reason: 'Because',
  message: '',
});

const cases: readonly [
  string,
  MemberClusterStatus | undefined,
  MemberClusterStatus,
  MemberClusterStatus | undefined,
  MemberClusterStatus | undefined,
][] = [
  ['the first of all', undefined, { namespace: 'n' }, undefined, { namespace: 'n' }],
  [
    'what others added stays, in its place',
    { conditions: [condition('A', 'True')] },
    { conditions: [condition('A', 'False')] },
    { clusterUID: 'u', conditions: [condition('A', 'True'), condition('B', 'True')] },
    { clusterUID: 'u', conditions: [condition('A', 'False'), condition('B', 'True')] },
  ],
  [
    'what others changed is not what was seen of it',
    { namespace: 'n', clusterUID: 'old' },
    { namespace: 'm', clusterUID: 'old' },
    { namespace: 'n', clusterUID: 'new' },
    { namespace: 'm', clusterUID: 'new' },
  ],
  [
    'what is taken away goes',
    { clusterId: 'a', namespace: 'n' },
    { namespace: 'n' },
    { clusterId: 'a', namespace: 'n', clusterUID: 'u' },
    { namespace: 'n', clusterUID: 'u' },
  ],
  ['the same field changed otherwise', { clusterUID: 'a' }, { clusterUID: 'b' }, { clusterUID: 'c' }, undefined],
  [
    'the same condition changed otherwise',
    {},
    { conditions: [condition('A', 'Unknown')] },
    { conditions: [condition('A', 'True')] },
    undefined,
  ],
  [
    'the same said a second earlier stands',
    {},
    { conditions: [condition('A', 'True', '2026-01-01T00:00:01Z')] },
    { conditions: [condition('A', 'True')] },
    { conditions: [condition('A', 'True')] },
  ],
];

test.each(cases)('a change of a status is carried over: %s', (_what, before, wanted, now, merged) => {
  expect(mergeStatus(before, wanted, now)).toEqual(merged);
});
