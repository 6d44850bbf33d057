import type { Condition, MemberCluster, Stored } from '@quarterdeck/apis';
import { describe, expect, test } from 'vitest';
import { member } from '../../../testing/builders.ts';
import { decide } from './decide.ts';

const now = Date.parse('2026-01-01T00:00:00Z');
const there = { clusterSet: 'default', isNamedSetThere: true, isSetThere: true };
/** Neither the set that it names nor another one that it was in. */
const gone = { ...there, isNamedSetThere: false, isSetThere: false };
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
      clusterSet: 'default',
    },
  });
const verdictOn = (of: Stored<MemberCluster>, ...namesakes: Stored<MemberCluster>[]) => {
  const [write] = decide({ ...there, member: of, namesakes: [of, ...namesakes] }, now).writes;
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
    of: {
      ...reporting('a', 'one', [inSet]),
      status: { ...reporting('a', 'one', [inSet]).status, clusterId: 'one' },
    },
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
  const [write] = decide({ ...there, member: of, namesakes: [of] }, now).writes;
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
  expect(stateOf(after(silent))).toEqual(['undefined undefined', undefined]);
});

test('AB-27 a member of a set that is not there is out of it, with what to do, and in when the set is made', () => {
  const typed = decide({ ...gone, member: withId('one', inSet, 'one'), namesakes: [] }, now).writes[0];
  if (typed === undefined || typed.verb === 'delete') throw new Error('nothing was written');
  const member = typed.object as Stored<MemberCluster>;
  expect(stateOf(member)).toEqual(['False ClusterSetNotFound', undefined]);
  expect(member.status?.conditions?.find(({ type }) => type === 'InClusterSet')?.message).toBe(
    'there is no ClusterSet default: make it, or correct spec.clusterSet; until then no placement chooses this cluster anew',
  );
  expect(stateOf(after(member))).toEqual(['True InClusterSet', 'one']);
});

describe('PL-21 a member of the set default is put into one that is not there', () => {
  const registered = { spec: { acceptance: 'Accepted' as const, clusterSet: 'defautl' } };
  const held = { ...there, isNamedSetThere: false };
  const stays =
    'the ClusterSet "defautl" does not exist; the cluster stays in "default" until it does or spec.clusterSet names one that does, and no placement chooses it anew';
  const properties = (id: string) => [{ name: 'cluster.clusterset.k8s.io', value: id }];
  const told = (status: MemberCluster['status'], seen = held, others: Stored<MemberCluster>[] = []) => {
    const of = member('a', { ...registered, status: { clusterSet: 'default', ...status } });
    const [write] = decide({ ...seen, member: of, namesakes: [of, ...others] }, now).writes;
    const after_ = write === undefined || write.verb === 'delete' ? of : (write.object as Stored<MemberCluster>);
    const found = after_.status?.conditions?.find(({ type }) => type === 'InClusterSet');
    return {
      verdict: `${found?.status} ${found?.reason}`,
      message: found?.message,
      clusterId: after_.status?.clusterId,
      clusterSet: after_.status?.clusterSet,
    };
  };
  const joined = { conditions: [inSet], clusterId: 'one', clusterSet: 'default' };
  const heldBack: Condition = { ...inSet, reason: 'NextClusterSetNotFound', message: stays };

  test.each([
    {
      name: 'PL-21 it stays a member of that, and says what to do',
      got: told({ ...joined, properties: properties('one') }),
      want: { verdict: 'True NextClusterSetNotFound', message: stays, clusterId: 'one', clusterSet: 'default' },
    },
    {
      name: 'PL-21, AB-12 also while its id cannot be read, and as who it is',
      got: told({ ...joined, properties: [] }),
      want: { verdict: 'True NextClusterSetNotFound', message: stays, clusterId: 'one', clusterSet: 'default' },
    },
    {
      name: 'PL-21 one that has reported nothing is told too',
      got: told({}),
      want: { verdict: 'False ClusterSetNotFound', message: stays, clusterId: undefined, clusterSet: 'default' },
    },
    {
      name: 'PL-21, AB-9 nor does it come into the old set with the id of another',
      got: told({ properties: properties('one') }, held, [reporting('b', 'one', [inSet])]),
      want: {
        verdict: 'False DuplicateClusterId',
        message: `MemberCluster b has the id "one" in the set default; give this member another ClusterProperty cluster.clusterset.k8s.io, or put it into another set; ${stays}`,
        clusterId: undefined,
        clusterSet: 'default',
      },
    },
    {
      name: 'PL-21, AB-27 it goes to the set when that is made',
      got: told(
        { ...joined, conditions: [heldBack], properties: properties('one') },
        { ...there, clusterSet: 'defautl' },
      ),
      want: { verdict: 'True InClusterSet', message: '', clusterId: 'one', clusterSet: 'defautl' },
    },
    {
      name: 'PL-21, AB-12 and nothing is told of it any more, be its id readable or not',
      got: told({ ...joined, conditions: [heldBack], properties: [] }, { ...there, clusterSet: 'defautl' }),
      want: { verdict: 'True InClusterSet', message: '', clusterId: 'one', clusterSet: 'defautl' },
    },
    {
      name: 'PL-21 where the set that it was in was taken away as well, both are named',
      got: told({ ...joined, properties: properties('one') }, gone),
      want: {
        verdict: 'False ClusterSetNotFound',
        message:
          'there is no ClusterSet defautl, and none of the name default any more, in which the cluster was: make one of them, or correct spec.clusterSet; until then no placement chooses this cluster anew',
        clusterId: undefined,
        clusterSet: 'default',
      },
    },
  ])('$name', ({ got, want }) => {
    expect(got).toEqual(want);
  });

  test('AB-30 one that changes its id meanwhile leaves the old set first', () => {
    const changed = { ...inSet, status: 'False' as const, reason: 'ClusterIdChanged', message: 'as told' };
    const membership = { name: 'clusterset.k8s.io', value: 'default' };
    expect(told({ conditions: [changed], properties: [...properties('two'), membership] }).verdict).toBe(
      'False ClusterIdChanged',
    );
    expect(told({ conditions: [changed], properties: properties('two') }).verdict).toBe('True NextClusterSetNotFound');
  });
});

test('PL-21, RG-3 which set a member is in is recorded before it has said anything, and forgotten when it is denied', () => {
  const recorded = (of: Stored<MemberCluster>) => after(of).status?.clusterSet;
  expect([
    recorded(member('a')),
    recorded(member('a', { spec: { acceptance: 'Denied', clusterSet: 'default' }, status: { clusterSet: 'default' } })),
  ]).toEqual(['default', undefined]);
});
