import { type Condition, type Manifest, PlacementDecision, type Stored, Work, type WorkSet } from '@quarterdeck/apis';
import { createDecisionMemory } from '@quarterdeck/machinery';
import { describe, expect, test } from 'vitest';
import { placement, stored, workSet } from '../../testing/builders.ts';
import { decide as decideDelivery, type Seen } from './delivery/decide.ts';
import { decide as decideStatus } from './status/decide.ts';
import { readTarget, type Target } from './target.ts';
import { workNameOf } from './work-name.ts';

const now = Date.parse('2026-01-01T00:00:00Z');
const finalizers = ['quarterdeck.dev/workset-cleanup'];
const configMap: Manifest = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a', namespace: 'shop' } };
const shop = workSet('shop', {
  metadata: { ...workSet('shop').metadata, namespace: 'apps', finalizers },
  spec: { placementRef: { name: 'everywhere' }, workload: { manifests: [configMap] }, deletionPolicy: 'Delete' },
});
const at = (...clusters: string[]): Target => ({
  known: true,
  clusters: clusters.map((name) => ({ namespace: 'clusterset-default', name, reason: undefined })),
  lookAgainAt: undefined,
});
const unknown: Target = { known: false, reason: 'NoDecision', message: 'no decision yet', lookAgainAt: undefined };
const workOn = (cluster: string, over: Partial<Work> = {}): Stored<Work> =>
  stored(Work, workNameOf(shop), {
    spec: {
      workload: {
        manifests: [
          {
            ...configMap,
            metadata: { ...configMap.metadata, annotations: { 'quarterdeck.dev/deletion-policy': 'Delete' } },
          },
        ],
      },
    },
    ...over,
    metadata: { namespace: `member-${cluster}`, ...over.metadata },
  });
const condition = (type: string, status: Condition['status'], observedGeneration = 1): Condition => ({
  type,
  status,
  observedGeneration,
  reason: 'R',
  message: `${type} says so`,
  lastTransitionTime: '2026-01-01T00:00:00Z',
});
const reported = (cluster: string, ...conditions: Condition[]) => workOn(cluster, { status: { conditions } });
const none: ReadonlySet<string> = new Set();
type Given = Pick<Seen, 'workSet' | 'target' | 'works'> & Partial<Seen> & { readonly missing?: ReadonlySet<string> };
const deliver = (seen: Given) => decideDelivery({ closed: none, leaving: none, taken: none, heard: none, ...seen });
const sumUp = (seen: Given, at: number) => decideStatus({ taken: none, missing: none, ...seen }, at);
const places = (writes: ReturnType<typeof deliver>['writes']) =>
  writes.map(
    (write) => `${write.verb} ${write.verb === 'delete' ? write.ref.namespace : write.object.metadata.namespace}`,
  );

describe('suspended delivery', () => {
  const suspended = (...clusterNames: string[]) => ({
    ...shop,
    spec: { ...shop.spec, suspend: clusterNames.length === 0 ? {} : { clusterNames } },
  });
  const old = (cluster: string) => workOn(cluster, { spec: { workload: { manifests: [] } } });

  test.each([
    { name: 'nothing is suspended', of: shop, want: ['update member-m1', 'create member-m2', 'delete member-m3'] },
    { name: 'all of it', of: suspended(), want: [] },
    { name: 'one that has something', of: suspended('m1'), want: ['create member-m2', 'delete member-m3'] },
    { name: 'one that has nothing', of: suspended('m2'), want: ['update member-m1', 'delete member-m3'] },
    { name: 'one that left the decision', of: suspended('m3'), want: ['update member-m1', 'create member-m2'] },
  ])('DL-11 nothing is written to, or taken off, clusters that are suspended: $name', ({ of, want }) => {
    const works = [old('m1'), old('m3')];
    expect(places(deliver({ workSet: of, target: at('m1', 'm2'), works }).writes)).toEqual(want);
  });

  test('DL-11 the deletion of a WorkSet withdraws it from them too', () => {
    const going = { ...suspended(), metadata: { ...shop.metadata, deletionTimestamp: '2026-01-01T00:00:00Z' } };
    expect(places(deliver({ workSet: going, target: at('m1'), works: [old('m1')] }).writes)).toEqual([
      'delete member-m1',
    ]);
  });

  test('DL-11, DL-48 what is suspended is said, and counts for nothing that is current', () => {
    const works = ['m1', 'm2'].map((name) =>
      reported(name, condition('Applied', 'True'), condition('Available', 'True')),
    );
    const [write] = sumUp({ workSet: suspended('m2'), target: at('m1', 'm2'), works }, now).writes;
    const { status } = (write as unknown as { object: Stored<WorkSet> }).object;
    expect(status?.clusters).toEqual({ desired: 2, applied: 1, available: 1, failed: 0 });
    expect(status?.conditions?.map(({ type, status: value, reason }) => `${type} ${value} ${reason}`)).toEqual([
      'Applied False Suspended',
      'Available False NotAllAvailable',
      'Progressing False Settled',
    ]);
    expect(status?.problems).toMatchObject([{ clusterName: 'm2', reason: 'Suspended' }]);
  });
});

describe('workset.delivery', () => {
  test.each([
    { name: 'what the WorkSet says', says: 'shop/own', byDefault: 'shop/least', has: undefined, want: 'shop/own' },
    {
      name: 'the default of its namespace',
      says: undefined,
      byDefault: 'shop/least',
      has: undefined,
      want: 'shop/least',
    },
    { name: 'nobody', says: undefined, byDefault: undefined, has: 'shop/old', want: undefined },
  ])('DL-30 a Work is executed as $name', ({ says, byDefault, has, want }) => {
    const workSet = { ...shop, spec: { ...shop.spec, ...(says === undefined ? {} : { executeAs: says }) } };
    const name = 'quarterdeck.dev/execute-as';
    const old = workOn('m1', has === undefined ? {} : { metadata: { annotations: { [name]: has } } });
    const written = deliver({ workSet, defaultExecutor: byDefault, target: at('m1'), works: [old] }).writes;
    expect(written.map((write) => 'object' in write && write.object.metadata.annotations?.[name])).toEqual([want]);
    const now = workOn('m1', want === undefined ? {} : { metadata: { annotations: { [name]: want } } });
    expect(deliver({ workSet, defaultExecutor: byDefault, target: at('m1'), works: [now] }).writes).toEqual([]);
  });

  test.each([
    {
      name: 'DL-40 one Work for each cluster, in its namespace',
      target: at('m1', 'm2'),
      works: [],
      want: ['create member-m1', 'create member-m2'],
    },
    {
      name: 'PD-18 a cluster that left is withdrawn from',
      target: at('m1'),
      works: [workOn('m1'), workOn('m2')],
      want: ['delete member-m2'],
    },
    { name: 'DL-44 not knowing is never nowhere', target: unknown, works: [workOn('m1')], want: [] },
    { name: 'PD-15 nowhere withdraws everywhere', target: at(), works: [workOn('m1')], want: ['delete member-m1'] },
    { name: 'DL-40 an unchanged Work is not written', target: at('m1'), works: [workOn('m1')], want: [] },
    {
      name: 'DL-40 changed manifests are',
      target: at('m1'),
      works: [workOn('m1', { spec: { workload: { manifests: [] } } })],
      want: ['update member-m1'],
    },
  ])('$name', ({ target, works, want }) => {
    expect(places(deliver({ workSet: shop, target, works }).writes)).toEqual(want);
  });

  test('RG-40 Works of a member that leaves are left to its leaving, by a decision without it and by the end of the WorkSet', () => {
    const works = [workOn('m1'), workOn('m2')];
    const leaving = new Set(['member-m1']);
    expect(places(deliver({ workSet: shop, target: at(), works, leaving }).writes)).toEqual(['delete member-m2']);
    const ended = workSet('shop', {
      metadata: { ...shop.metadata, deletionTimestamp: '2026-01-01T00:00:00Z' },
    });
    expect(places(deliver({ workSet: ended, target: at(), works, leaving }).writes)).toEqual(['delete member-m2']);
  });

  test('RG-40 a cluster that is closed gets nothing new, and the others get theirs', () => {
    const closed = new Set(['m1']);
    expect(places(deliver({ workSet: shop, target: at('m1', 'm2'), works: [], closed }).writes)).toEqual([
      'create member-m2',
    ]);
    const old = workOn('m1', { spec: { workload: { manifests: [] } } });
    expect(deliver({ workSet: shop, target: at('m1'), works: [old], closed }).writes).toEqual([]);
  });

  test('DL-40 a Work of the name that is not ours is left alone', () => {
    expect(
      places(deliver({ workSet: shop, target: at('m1', 'm2'), works: [], taken: new Set(['m1']) }).writes),
    ).toEqual(['create member-m2']);
  });

  test('DL-40 the finalizer comes before the first Work', () => {
    expect(deliver({ workSet: workSet('shop'), target: at('m1'), works: [] }).writes).toMatchObject([
      { verb: 'update', object: { kind: 'WorkSet', metadata: { finalizers } } },
    ]);
  });

  test('DL-40, WK-34 a Work is made with the finalizer of its agent where that is heard of, and one that stands is left as it is', () => {
    const made = deliver({ workSet: shop, target: at('m1', 'm2'), works: [], heard: new Set(['m1']) }).writes;
    expect(made.map((write) => 'object' in write && write.object.metadata.finalizers)).toEqual([
      ['multicluster.x-k8s.io/work-cleanup'],
      undefined,
    ]);
    const old = workOn('m1', { spec: { workload: { manifests: [] } } });
    const changed = deliver({ workSet: shop, target: at('m1'), works: [old], heard: new Set(['m1']) }).writes;
    expect(changed.map((write) => 'object' in write && write.object.metadata.finalizers)).toEqual([undefined]);
    expect(deliver({ workSet: shop, target: at('m1'), works: [workOn('m1')], heard: new Set(['m1']) }).writes).toEqual(
      [],
    );
  });

  test('DL-6 a manifest keeps its own deletion policy', () => {
    const own = { ...configMap, metadata: { name: 'a', annotations: { 'quarterdeck.dev/deletion-policy': 'Orphan' } } };
    const spec: WorkSet['spec'] = { ...shop.spec, workload: { manifests: [own] } };
    expect(deliver({ workSet: { ...shop, spec }, target: at('m1'), works: [] }).writes).toMatchObject([
      {
        object: {
          spec: {
            workload: { manifests: [{ metadata: { annotations: { 'quarterdeck.dev/deletion-policy': 'Orphan' } } }] },
          },
        },
      },
    ]);
  });

  test('WK-34 a deleted WorkSet waits for its Works', () => {
    const going = { ...shop, metadata: { ...shop.metadata, deletionTimestamp: '2026-01-01T00:00:00Z' } };
    expect(places(deliver({ workSet: going, target: unknown, works: [workOn('m1')] }).writes)).toEqual([
      'delete member-m1',
    ]);
    expect(deliver({ workSet: going, target: unknown, works: [] }).writes).toMatchObject([
      { object: { metadata: { finalizers: [] } } },
    ]);
  });
});

describe('workset.status', () => {
  const statusOf = (target: Target, ...works: Stored<Work>[]) => {
    const [write] = sumUp({ workSet: shop, target, works }, now).writes;
    return write?.verb === 'updateSubresource' ? (write.object as WorkSet).status : undefined;
  };
  const verdicts = (status: WorkSet['status']) =>
    Object.fromEntries(
      (status?.conditions ?? []).map(({ type, status: value, reason }) => [type, `${value} ${reason}`]),
    );

  test('DL-48 counts only what is reported for the current generation', () => {
    const status = statusOf(
      at('m1', 'm2', 'm3'),
      reported('m1', condition('Applied', 'True'), condition('Available', 'True')),
      reported('m2', condition('Applied', 'True', 0), condition('Available', 'True', 0)),
      reported('m3', condition('Applied', 'False')),
    );
    expect(status?.clusters).toEqual({ desired: 3, applied: 1, available: 1, failed: 1 });
    expect(status?.problems).toEqual([{ clusterName: 'm3', reason: 'R', message: 'Applied says so' }]);
    expect(verdicts(status)).toEqual({
      Applied: 'False ApplyFailed',
      Available: 'False NotAllAvailable',
      Progressing: 'True Delivering',
    });
  });

  test('DL-48 all available settles it', () => {
    const status = statusOf(at('m1'), reported('m1', condition('Applied', 'True'), condition('Available', 'True')));
    expect(verdicts(status)).toEqual({
      Applied: 'True AllApplied',
      Available: 'True AllAvailable',
      Progressing: 'False Settled',
    });
  });

  test.each([
    { name: 'another count alone', before: ['m1'], after: ['m1', 'm2'], isNews: false },
    { name: 'the last one', before: ['m1', 'm2'], after: ['m1', 'm2', 'm3'], isNews: true },
    { name: 'the same of a newer generation', before: ['m1'], after: ['m1'], generation: 2, isNews: true },
    { name: 'nothing', before: ['m1'], after: ['m1'], isNews: false },
  ])('DL-48 what is news: $name', ({ before, after, generation = 1, isNews }) => {
    const seen = (status: WorkSet['status'], clusters: string[]): Given => ({
      workSet: { ...shop, metadata: { ...shop.metadata, generation }, ...(status === undefined ? {} : { status }) },
      target: at('m1', 'm2', 'm3'),
      works: clusters.map((name) => reported(name, condition('Applied', 'True'), condition('Available', 'True'))),
    });
    const [write] = sumUp({ ...seen(undefined, before), workSet: shop }, now).writes;
    const { status } = (write as unknown as { object: Stored<WorkSet> }).object;
    expect(sumUp(seen(status, after), now).isNews).toBe(isNews);
  });

  test('DL-40 a name that is taken counts as failed and is said', () => {
    const [write] = sumUp({ workSet: shop, target: at('m1'), works: [], taken: new Set(['m1']) }, now).writes;
    const status = write?.verb === 'updateSubresource' ? (write.object as WorkSet).status : undefined;
    expect([status?.clusters?.failed, verdicts(status).Applied, status?.problems?.[0]?.reason]).toEqual([
      1,
      'False WorkConflict',
      'WorkConflict',
    ]);
  });

  test('PD-20 a chosen cluster without a profile is reported, and what it reports counts on', () => {
    const works = [reported('m1', condition('Applied', 'True'), condition('Available', 'True'))];
    const missing = new Set(['m1', 'm2']);
    const [write] = sumUp({ workSet: shop, target: at('m1', 'm2'), works, missing }, now).writes;
    const status = write?.verb === 'updateSubresource' ? (write.object as WorkSet).status : undefined;
    expect([status?.clusters, status?.problems?.map(({ clusterName, reason }) => `${clusterName} ${reason}`)]).toEqual([
      { desired: 2, applied: 1, available: 1, failed: 0 },
      ['m1 ClusterProfileNotFound', 'm2 ClusterProfileNotFound'],
    ]);
  });

  test('DL-44 an unknown decision is Unknown, with the reason', () => {
    expect(verdicts(statusOf(unknown))).toEqual({
      Applied: 'Unknown NoDecision',
      Available: 'Unknown NoDecision',
      Progressing: 'Unknown NoDecision',
    });
  });
});

describe('readTarget', () => {
  const followed = placement(
    'everywhere',
    {},
    { status: { decisionSlices: [{ name: 'everywhere-0' }, { name: 'everywhere-1' }] } },
  );
  const slice = (index: number, revision: string, ...clusters: string[]) =>
    stored(PlacementDecision, `everywhere-${index}`, {
      decisions: clusters.map((name) => ({ clusterProfileRef: { name } })),
      metadata: {
        namespace: 'apps',
        labels: {
          'multicluster.x-k8s.io/decision-key': 'uid-everywhere',
          'multicluster.x-k8s.io/decision-revision': revision,
        },
      },
    });

  const read = (slices: Stored<PlacementDecision>[], over: Partial<Parameters<typeof readTarget>[0]> = {}) =>
    readTarget({
      placementName: 'everywhere',
      placement: followed,
      slices,
      memory: createDecisionMemory(),
      now: 0,
      ...over,
    });
  const namesOf = (target: Target) => (target.known ? target.clusters.map(({ name }) => name) : target.reason);

  test('PD-21 joins the slices of one revision without doubles', () => {
    expect(namesOf(read([slice(0, '2', 'b', 'a'), slice(1, '2', 'b')]))).toEqual(['b', 'a']);
  });

  test.each([
    { name: 'PD-23 mixed revisions are not known', slices: [slice(0, '2', 'a'), slice(1, '1')], lookAgainAt: 30_000 },
    { name: 'PD-23 a missing slice is not known', slices: [slice(0, '2', 'a')], lookAgainAt: 30_000 },
    { name: 'DL-44 no slice is not known', slices: [], lookAgainAt: undefined },
  ])('$name', ({ slices, lookAgainAt }) => {
    expect(read(slices)).toMatchObject({ known: false, reason: 'NoDecision', lookAgainAt });
  });

  test('PD-23 half an update leaves what was said before, for 30 s', () => {
    const memory = createDecisionMemory();
    const half = [slice(0, '2'), slice(1, '1', 'b')];
    expect(namesOf(read([slice(0, '1', 'a'), slice(1, '1', 'b')], { memory }))).toEqual(['a', 'b']);
    expect(namesOf(read(half, { memory, now: 10 }))).toEqual(['a', 'b']);
    expect(namesOf(read([], { memory, now: 20 }))).toBe('NoDecision');
    expect(namesOf(read(half, { memory, now: 30_009 }))).toEqual(['a', 'b']);
    expect(namesOf(read(half, { memory, now: 30_010 }))).toEqual(['b']);
  });

  test('DL-44 a missing placement is not known', () => {
    expect(read([], { placement: undefined })).toMatchObject({ known: false, reason: 'PlacementNotFound' });
  });
});
