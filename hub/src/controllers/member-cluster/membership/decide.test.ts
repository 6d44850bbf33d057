import type { Condition, MemberCluster, Stored } from '@quarterdeck/apis';
import { expect, test } from 'vitest';
import { member } from '../../../testing/builders.ts';
import { decide } from './decide.ts';

const now = Date.parse('2026-01-01T00:00:00Z');
const inSet: Condition = {
  type: 'InClusterSet',
  status: 'True',
  observedGeneration: 1,
  reason: 'InClusterSet',
  message: '',
  lastTransitionTime: '2026-01-01T00:00:00Z',
};
const reporting = (name: string, id: string | undefined, conditions: Condition[] = []): Stored<MemberCluster> =>
  member(name, {
    status: {
      conditions,
      properties: id === undefined ? [] : [{ name: 'cluster.clusterset.k8s.io', value: id }],
    },
  });
const verdictOn = (of: Stored<MemberCluster>, ...namesakes: Stored<MemberCluster>[]) => {
  const [write] = decide({ member: of, namesakes: [of, ...namesakes], isSetThere: true }, now).writes;
  if (write === undefined || write.verb === 'delete') return undefined;
  const found = (write.object as MemberCluster).status?.conditions?.find(({ type }) => type === 'InClusterSet');
  return `${found?.status} ${found?.reason}`;
};

test.each([
  {
    name: 'AB-27b a member without an id is none of its set',
    of: reporting('a', undefined),
    want: 'False NoClusterId',
  },
  {
    name: 'AB-12 one that is in stays in while its id cannot be read',
    of: reporting('a', undefined, [inSet]),
    want: undefined,
  },
  {
    name: 'AB-27c, AB-15, AB-17 an id that is no DNS label',
    of: reporting('a', 'A_b'),
    want: 'False InvalidClusterId',
  },
  { name: 'AB-17 an id of several labels', of: reporting('a', 'a.b'), want: 'False InvalidClusterId' },
  { name: 'AB-9 an id that nobody else has', of: reporting('a', 'one'), want: 'True InClusterSet' },
  {
    name: 'AB-9 what is known is not written again',
    of: { ...reporting('a', 'one', [inSet]), status: { ...reporting('a', 'one', [inSet]).status, clusterId: 'one' } },
    want: undefined,
  },
  {
    name: 'AB-27a, AB-9 of two with one id the first in order is in, the other not',
    of: reporting('b', 'one'),
    others: [reporting('a', 'one')],
    want: 'False DuplicateClusterId',
  },
  {
    name: 'AB-27a and the first is not put out by the second',
    of: reporting('a', 'one'),
    others: [reporting('b', 'one')],
    want: 'True InClusterSet',
  },
  {
    name: 'AB-27a who is in stays in, also before an older one',
    of: reporting('a', 'one'),
    others: [reporting('b', 'one', [inSet])],
    want: 'False DuplicateClusterId',
  },
  {
    name: 'AB-11 an id is free when its member has left',
    of: reporting('b', 'one'),
    others: [
      member('a', {
        ...reporting('a', 'one', [inSet]),
        metadata: { ...member('a').metadata, deletionTimestamp: '2026-01-01T00:00:00Z' },
      }),
    ],
    want: 'True InClusterSet',
  },
])('$name', ({ of, others = [], want }) => {
  expect(verdictOn(of, ...others)).toBe(want);
});

const withId = (
  id: string,
  condition: Condition,
  clusterId?: string,
  properties: { name: string; value: string }[] = [],
) =>
  member('a', {
    status: {
      conditions: [condition],
      properties: [{ name: 'cluster.clusterset.k8s.io', value: id }, ...properties],
      ...(clusterId === undefined ? {} : { clusterId }),
    },
  });
const after = (of: Stored<MemberCluster>): Stored<MemberCluster> => {
  const [write] = decide({ member: of, namesakes: [of], isSetThere: true }, now).writes;
  return write === undefined || write.verb === 'delete' ? of : (write.object as Stored<MemberCluster>);
};
const stateOf = ({ status }: MemberCluster) => {
  const found = status?.conditions?.find(({ type }) => type === 'InClusterSet');
  return [`${found?.status} ${found?.reason}`, status?.clusterId];
};

test('AB-30, AB-12 a changed id is leaving and joining: out of the set, and in again when the old membership is off the cluster', () => {
  const joined = after(withId('one', inSet));
  expect(stateOf(joined)).toEqual(['True InClusterSet', 'one']);
  const membership = { name: 'clusterset.k8s.io', value: 'default' };
  const says = (of: Stored<MemberCluster>, properties: { name: string; value: string }[]): Stored<MemberCluster> => ({
    ...of,
    status: { ...of.status, properties },
  });
  const renamed = { name: 'cluster.clusterset.k8s.io', value: 'two' };
  const left = after(says(joined, [renamed, membership]));
  expect(stateOf(left)).toEqual(['False ClusterIdChanged', undefined]);
  expect(stateOf(after(left))).toEqual(['False ClusterIdChanged', undefined]);
  expect(stateOf(after(says(left, [renamed])))).toEqual(['True InClusterSet', 'two']);
});

test('AB-30 the message says both ids and what happens', () => {
  const { status } = after(withId('two', inSet, 'one'));
  expect(status?.conditions?.find(({ type }) => type === 'InClusterSet')?.message).toBe(
    'the member joined the set as "one" and says now to be "two": it leaves the set, and joins it again under the new id',
  );
});

test('AB-27b a member that has reported nothing yet is not judged', () => {
  const silent = member('a');
  expect(decide({ member: silent, namesakes: [], isSetThere: true }, now).writes).toEqual([]);
});

test('AB-27 a member of a set that is not there is out of it, with what to do, and in when the set is made', () => {
  const typed = decide({ member: withId('one', inSet, 'one'), namesakes: [], isSetThere: false }, now).writes[0];
  if (typed === undefined || typed.verb === 'delete') throw new Error('nothing was written');
  const member = typed.object as Stored<MemberCluster>;
  expect(stateOf(member)).toEqual(['False ClusterSetNotFound', undefined]);
  expect(member.status?.conditions?.find(({ type }) => type === 'InClusterSet')?.message).toBe(
    'there is no ClusterSet default: make it, or correct spec.clusterSet; until then no placement chooses this cluster anew',
  );
  expect(stateOf(after(member))).toEqual(['True InClusterSet', 'one']);
});
