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
    want: ['False', 'ClusterSetNotFound', 'there is no ClusterSet blue: nothing is chosen from it until there is'],
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

const seenAs = (reason: string, observedGeneration = 1) => {
  const status = reason === 'Bound' ? ('True' as const) : ('False' as const);
  const time = '2025-12-31T00:00:00Z';
  const conditions = [{ type: 'Bound', status, reason, message: '', observedGeneration, lastTransitionTime: time }];
  return { ...binding, status: { conditions } } as typeof binding;
};
const told = (of: typeof binding, set?: typeof going) => {
  const [write] = decide({ binding: of, set }, now).writes;
  const found =
    write?.verb === 'updateSubresource' ? (write.object as ClusterSetBinding).status?.conditions?.[0] : undefined;
  return found === undefined ? undefined : [found.reason, found.message];
};
const removed = [
  'ClusterSetRemoved',
  'there is no ClusterSet blue any more: what placements have chosen from it stays, and they choose nothing more; make it again, or delete this binding, and they let go',
];

test.each([
  { name: 'a set that was bound and is gone', reason: 'Bound' },
  { name: 'one that was being deleted, and is gone', reason: 'ClusterSetTerminating' },
  { name: 'still, after a restart,', reason: 'ClusterSetRemoved' },
])('PL-21 $name is told apart from one that never was: what was chosen stays', ({ reason }) => {
  expect(told(seenAs(reason))).toEqual(removed);
});

test('PL-21 a binding that was rewritten to a set that is not there has seen none', () => {
  expect(told(seenAs('Bound', 0))?.[0]).toBe('ClusterSetNotFound');
  expect(told(seenAs('ClusterSetRemoved', 0))?.[0]).toBe('ClusterSetNotFound');
});

test('PL-21 a set that is there again is bound again', () => {
  expect(told(seenAs('ClusterSetRemoved'), clusterSet('blue'))).toEqual(['Bound', '']);
});
