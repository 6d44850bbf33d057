import {
  annotation,
  ConfigMap,
  Job,
  type Manifest,
  MemberCluster,
  Namespace,
  Secret,
  Work,
  WorkSet,
} from '@quarterdeck/apis';
import { eventually } from '@quarterdeck/machinery/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { deploy, isAvailable, startTestFleet, type TestFleet } from './testing/fleet.ts';
import { startLossyLink } from './testing/lossy-link.ts';
import { isThere } from './testing/work-engine.ts';

/** Works between a whole hub and a real agent, with the rights that it has there. */

const hubNamespace = 'member-m1';
let fleet: TestFleet;
beforeAll(async () => {
  fleet = await startTestFleet(['m1', 'm2']);
  await fleet.join('m1', { token: { labels: { tier: 'one' } } });
  await isAvailable(fleet.admin, 'm1');
});
afterAll(() => fleet[Symbol.asyncDispose]());

const workOf = (name: string, manifests: Manifest[], annotations: Record<string, string> = {}): Work => ({
  apiVersion: 'multicluster.x-k8s.io/v1alpha1',
  kind: 'Work',
  metadata: { name, namespace: hubNamespace, annotations },
  spec: { workload: { manifests } },
});
const configMap = (name: string, namespace = 'default'): Manifest => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name, namespace },
  data: { a: '1' },
});
const conditionOf = async (name: string, type: string) => {
  const { status } = await fleet.admin.get(Work, { namespace: hubNamespace, name });
  return status?.conditions.find((each) => each.type === type);
};
const isGone = (name: string) =>
  eventually(
    async () =>
      (await fleet.admin.list(Work, { namespace: hubNamespace })).items.every(({ metadata }) => metadata.name !== name),
    { timeoutMs: 20_000 },
  );

test('DL-31, RG-20 a Secret of the hub reaches the member by the rights that its agent has', async () => {
  await fleet.admin.create(Secret, {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name: 'db', namespace: hubNamespace },
    data: { password: 'eA==' },
  });
  const login: Manifest = {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name: 'login', namespace: 'default', annotations: { [annotation.secretDataFrom]: 'db' } },
  };
  await fleet.admin.create(Work, workOf('login', [login]));
  const member = fleet.memberClient('m1');
  const made = await eventually(() => isThere(member, Secret, 'login', 'default'), { timeoutMs: 20_000 });
  expect(made.data).toEqual({ password: 'eA==' });
});

test('DL-30 the default executor of a namespace is on the Works of its WorkSets, and told to the agent of a member', async () => {
  await deploy(fleet.admin, 'shop', { tier: 'one' }, [configMap('shop')]);
  const works = async () => (await fleet.admin.get(Work, { namespace: hubNamespace, name: 'shop.shop' })).metadata;
  await eventually(async () => (await works()).annotations?.[annotation.executeAs] === undefined, {
    timeoutMs: 20_000,
  });
  const setDefault = (name: string, executor: string | null) =>
    fleet.admin.patch(
      Namespace,
      { name },
      { type: 'merge', body: { metadata: { annotations: { [annotation.defaultExecutor]: executor } } } },
    );
  await setDefault('shop', 'shop/deployer');
  await eventually(async () => (await works()).annotations?.[annotation.executeAs] === 'shop/deployer');
  // What the WorkSet says itself comes first, and the default is back without it.
  const say = (executeAs: string | null) =>
    fleet.admin.patch(WorkSet, { namespace: 'shop', name: 'shop' }, { type: 'merge', body: { spec: { executeAs } } });
  await say('shop/other');
  await eventually(async () => (await works()).annotations?.[annotation.executeAs] === 'shop/other');
  await say(null);
  await setDefault('shop', null);
  await eventually(async () => (await works()).annotations?.[annotation.executeAs] === undefined);
  // This agent holds no credentials to act as another: so it does nothing, rather than with its own rights.
  await setDefault(hubNamespace, 'ops/least');
  await eventually(
    async () =>
      (await fleet.admin.get(MemberCluster, { name: 'm1' })).metadata.annotations?.[annotation.defaultExecutor] ===
      'ops/least',
  );
  await fleet.admin.create(Work, workOf('least', [configMap('least')]));
  await eventually(async () => (await conditionOf('least', 'Applied'))?.status === 'False');
  expect((await conditionOf('least', 'Applied'))?.message).toContain('it cannot act as ops/least');
  expect(await isThere(fleet.memberClient('m1'), ConfigMap, 'least', 'default')).toBeUndefined();
  await setDefault(hubNamespace, null);
  await eventually(() => isThere(fleet.memberClient('m1'), ConfigMap, 'least', 'default'), { timeoutMs: 20_000 });
}, 60_000);

test('DL-7 a Work that asks for it is removed when its Jobs are complete, and what ran with it', async () => {
  const job: Manifest = {
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: { name: 'once', namespace: 'default' },
    spec: {
      template: { spec: { restartPolicy: 'Never', containers: [{ name: 'app', image: 'example.test/job:1' }] } },
    },
  };
  const asks = { [annotation.removeAfterCompletion]: '1' };
  await fleet.admin.create(Work, workOf('once', [job, configMap('once')], asks));
  await isGone('once');
  const member = fleet.memberClient('m1');
  expect(await isThere(member, Job, 'once', 'default')).toBeUndefined();
  await fleet.admin.create(Work, workOf('stays', [configMap('stays')], asks));
  await eventually(async () => (await conditionOf('stays', 'Complete'))?.status === 'False');
  expect((await conditionOf('stays', 'Complete'))?.message).toBe('there is no Job or Pod that could end');
}, 60_000);

test('F-34 many Works that are deleted by one call are all withdrawn, each with its finalizer', async () => {
  const count = 100;
  const mark = { 'example.test/mass': 'yes' };
  for (let each = 0; each < count; each++) {
    const work = workOf(`mass-${each}`, [configMap(`mass-${each}`)]);
    await fleet.admin.create(Work, { ...work, metadata: { ...work.metadata, labels: mark } });
  }
  const member = fleet.memberClient('m1');
  const applied = async () =>
    (await member.list(ConfigMap, { namespace: 'default' })).items.filter(({ metadata }) =>
      metadata.name.startsWith('mass-'),
    ).length;
  await eventually(async () => (await applied()) === count, { timeoutMs: 60_000 });
  await fleet.admin.deleteCollection(Work, { namespace: hubNamespace, labelSelector: 'example.test/mass=yes' });
  await eventually(
    async () =>
      (await fleet.admin.list(Work, { namespace: hubNamespace, labelSelector: 'example.test/mass=yes' })).items
        .length === 0,
    { timeoutMs: 60_000 },
  );
  expect(await applied()).toBe(0);
}, 150_000);

test('F-16 over a slow link that loses connections everything arrives, once', async () => {
  const names = Array.from({ length: 12 }, (_, index) => `slow-${index}`);
  /** What happened to each object, as the member saw it. */
  const seen = new Map<string, string[]>();
  const watching = new AbortController();
  const member = fleet.memberClient('m2');
  const watched = (async () => {
    for await (const event of member.watch(ConfigMap, { namespace: 'default', signal: watching.signal })) {
      if (event.type === 'BOOKMARK' || !event.object.metadata.name.startsWith('slow-')) continue;
      const { name } = event.object.metadata;
      seen.set(name, [...(seen.get(name) ?? []), event.type]);
    }
  })().catch(() => {});
  let seed = 7;
  const random = () => {
    seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648;
    return seed / 2_147_483_648;
  };
  await using link = await startLossyLink(fleet.hub.url, { delayMs: 250, loss: 0.05, random });
  await fleet.join('m2', { hubUrl: link.url });
  await eventually(
    async () => (await fleet.admin.get(MemberCluster, { name: 'm2' })).status?.namespace === 'member-m2',
    { timeoutMs: 60_000 },
  );
  for (const name of names) {
    const work = workOf(name, [configMap(name)]);
    await fleet.admin.create(Work, { ...work, metadata: { ...work.metadata, namespace: 'member-m2' } });
  }
  await eventually(
    async () => {
      const { items } = await fleet.admin.list(Work, { namespace: 'member-m2' });
      return items.every(({ status }) =>
        status?.conditions.some((each) => each.type === 'Applied' && each.status === 'True'),
      );
    },
    { timeoutMs: 90_000 },
  );
  expect(Object.fromEntries([...seen].toSorted())).toEqual(
    Object.fromEntries(names.toSorted().map((name) => [name, ['ADDED']])),
  );
  expect(link.losses).toBeGreaterThan(0);
  link.heal();
  watching.abort();
  await watched;
}, 200_000);
