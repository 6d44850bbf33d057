import { ClusterSetBinding } from '@quarterdeck/apis';
import { expect, test } from 'vitest';
import { clusterSet, stored } from '../../../testing/builders.ts';
import { decide } from './decide.ts';

const now = Date.parse('2026-01-01T00:00:00Z');
const binding = stored(ClusterSetBinding, 'blue', { metadata: { namespace: 'apps' }, spec: { clusterSet: 'blue' } });
const going = clusterSet('blue', {
  metadata: { ...clusterSet('blue').metadata, deletionTimestamp: '2026-01-01T00:00:00Z' },
});

test.each([
  { name: 'PL-1 an existing set is bound', set: clusterSet('blue'), want: ['True', 'Bound', ''] },
  {
    name: 'PL-1 a missing set is said',
    set: undefined,
    want: ['False', 'ClusterSetNotFound', 'there is no ClusterSet blue'],
  },
  {
    name: 'RG-12 so is one that is being deleted',
    set: going,
    want: ['False', 'ClusterSetTerminating', 'ClusterSet blue is being deleted'],
  },
])('$name', ({ set, want: [status, reason, message] }) => {
  const { writes } = decide({ binding, set }, now);
  const conditions = [
    { type: 'Bound', status, reason, message, observedGeneration: 1, lastTransitionTime: '2026-01-01T00:00:00Z' },
  ];
  expect(writes).toEqual([
    {
      verb: 'updateSubresource',
      subresource: 'status',
      type: ClusterSetBinding,
      object: { ...binding, status: { conditions } },
    },
  ]);
  const settled = { ...binding, status: { conditions } } as typeof binding;
  expect(decide({ binding: settled, set }, now + 1_000).writes).toEqual([]);
});
