import {
  ClusterRole,
  ConfigMap,
  Event,
  ignoreNotFound,
  type KubeObject,
  Namespace,
  type OwnerReference,
  type Stored,
} from '@quarterdeck/apis';
import { configMap, eventually, namespaceObject, testLogger } from '@quarterdeck/machinery/testing';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { systemUser } from '../../server.ts';
import { createMemoryDatabase } from '../../storage/memory.ts';
import { startTestControllers, type TestServerWithControllers } from '../../testing/controllers.ts';
import { startTestServer } from '../../testing/server.ts';

let running: TestServerWithControllers;
beforeEach(async () => {
  running = await startTestControllers({ logger: testLogger() });
});
afterEach(() => running[Symbol.asyncDispose]());

const reference = (owner: Stored<KubeObject>, more: Partial<OwnerReference> = {}): OwnerReference => ({
  apiVersion: owner.apiVersion,
  kind: owner.kind,
  name: owner.metadata.name,
  uid: owner.metadata.uid,
  ...more,
});
const create = (name: string, owners: OwnerReference[] = [], namespace = 'default') =>
  running.client.create(
    ConfigMap,
    configMap(name, {}, { namespace, ...(owners.length > 0 ? { ownerReferences: owners } : {}) }),
  );
const get = (name: string, namespace = 'default') => ignoreNotFound(running.client.get(ConfigMap, { namespace, name }));
const remove = (name: string, propagationPolicy: 'Background' | 'Foreground' | 'Orphan') =>
  running.client.delete(ConfigMap, { namespace: 'default', name }, { propagationPolicy });
const gone = (...names: string[]) =>
  eventually(async () => (await Promise.all(names.map((name) => get(name)))).every((found) => found === undefined));
/** What would have happened has happened: a later piece of work of the same kind is done. */
async function collectorCaughtUp() {
  const owner = await create('marker-owner');
  await create('marker', [reference(owner)]);
  await remove('marker-owner', 'Background');
  await gone('marker');
}

test('KA-113 background: dependents go when their owner is gone, theirs too, others stay', async () => {
  const owner = await create('owner');
  const child = await create('child', [reference(owner)]);
  await create('grandchild', [reference(child)]);
  await create('other');
  await remove('owner', 'Background');
  await gone('owner', 'child', 'grandchild');
  expect(await get('other')).toBeDefined();
});

test('KA-113 a dependent stays while one of its owners lives, and forgets the other', async () => {
  const [first, second] = [await create('first'), await create('second')];
  await create('child', [reference(first), reference(second)]);
  await remove('first', 'Background');
  await eventually(async () => (await get('child'))?.metadata.ownerReferences?.length === 1);
  expect((await get('child'))?.metadata.ownerReferences).toEqual([reference(second)]);
});

test('KA-113 a dependent that is made for an owner that never was goes', async () => {
  await create('child', [{ apiVersion: 'v1', kind: 'ConfigMap', name: 'never', uid: 'never' }]);
  await gone('child');
});

test('KA-113 an owner of another uid under the name is not the owner', async () => {
  const owner = await create('owner');
  await create('child', [reference(owner, { uid: 'another' })]);
  await gone('child');
  expect(await get('owner')).toBeDefined();
});

test('KA-113 an owner in another namespace is absent, and an event says so', async () => {
  await running.client.create(Namespace, namespaceObject('elsewhere'));
  const owner = await create('owner', [], 'elsewhere');
  await create('child', [reference(owner)]);
  await gone('child');
  const events = await running.client.list(Event, { namespace: 'default' });
  expect(events.items.map(({ reason, involvedObject }) => [reason, involvedObject.name])).toEqual([
    ['OwnerRefInvalidNamespace', 'child'],
  ]);
});

test('KA-113 a cluster-scoped object never goes for a namespaced owner, there or not', async () => {
  const ownerReferences = [{ apiVersion: 'v1', kind: 'ConfigMap', name: 'never', uid: 'never' }];
  const role = {
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'ClusterRole',
    metadata: { name: 'r', ownerReferences },
    rules: [],
  };
  await running.client.create(ClusterRole, role);
  await eventually(async () => {
    const events = await running.client.list(Event, { namespace: 'default' });
    return events.items.some(({ involvedObject }) => involvedObject.name === 'r');
  });
  await collectorCaughtUp();
  expect((await running.client.get(ClusterRole, { name: 'r' })).metadata.ownerReferences).toEqual(ownerReferences);
});

test('KA-113 an owner of a kind that is not served may exist: nothing goes', async () => {
  await create('child', [{ apiVersion: 'example.com/v1', kind: 'Widget', name: 'w', uid: 'w' }]);
  await collectorCaughtUp();
  expect(await get('child')).toBeDefined();
});

test('KA-114 foreground: the owner waits for dependents that block it', async () => {
  const owner = await create('owner');
  const block = reference(owner, { blockOwnerDeletion: true });
  await running.client.create(
    ConfigMap,
    configMap('held', {}, { finalizers: ['example.com/hold'], ownerReferences: [block] }),
  );
  await create('free', [block]);
  await create('loose', [reference(owner)]);
  await remove('owner', 'Foreground');
  await gone('free', 'loose');
  await eventually(async () => (await get('held'))?.metadata.deletionTimestamp !== undefined);
  expect((await get('owner'))?.metadata.finalizers).toEqual(['foregroundDeletion']);
  const merge = { type: 'merge', body: { metadata: { finalizers: null } } } as const;
  await running.client.patch(ConfigMap, { namespace: 'default', name: 'held' }, merge);
  await gone('held', 'owner');
});

test('KA-114 foreground: a dependent with another live owner only loses the reference', async () => {
  const [first, second] = [await create('first'), await create('second')];
  await create('child', [reference(first, { blockOwnerDeletion: true }), reference(second)]);
  await remove('first', 'Foreground');
  await gone('first');
  expect((await get('child'))?.metadata.ownerReferences).toEqual([reference(second)]);
});

test('KA-114 foreground: what depends on dependents goes before them', async () => {
  const owner = await create('owner');
  const child = await create('child', [reference(owner, { blockOwnerDeletion: true })]);
  await create('grandchild', [reference(child, { blockOwnerDeletion: true })]);
  await remove('owner', 'Foreground');
  await gone('owner', 'child', 'grandchild');
});

test('KA-114 orphan: dependents stay, without the reference', async () => {
  const owner = await create('owner');
  await create('child', [reference(owner)]);
  await remove('owner', 'Orphan');
  await gone('owner');
  await collectorCaughtUp();
  expect((await get('child'))?.metadata.ownerReferences).toBeUndefined();
});

test.each(['Background', 'Foreground'] as const)('KA-114 a cycle does not block: %s', async (policy) => {
  const a = await create('a');
  const b = await create('b', [reference(a, { blockOwnerDeletion: true })]);
  const c = await create('c', [reference(b, { blockOwnerDeletion: true })]);
  const owners = [reference(c, { blockOwnerDeletion: true })];
  await running.client.update(ConfigMap, { ...a, metadata: { ...a.metadata, ownerReferences: owners } });
  await remove('a', policy);
  await gone('a', 'b', 'c');
});

test('BI-21 an object that owns itself goes when told, and not before', async () => {
  const a = await create('a');
  const own = [reference(a, { blockOwnerDeletion: true })];
  await running.client.update(ConfigMap, { ...a, metadata: { ...a.metadata, ownerReferences: own } });
  await collectorCaughtUp();
  expect(await get('a')).toBeDefined();
  await remove('a', 'Foreground');
  await gone('a');
});

test('KA-115 what was left undone is done after a restart: all state is in the objects', async () => {
  const database = createMemoryDatabase();
  {
    await using idle = await startTestServer({ database });
    const client = idle.server.client(systemUser);
    const owner = await client.create(ConfigMap, configMap('owner'));
    await client.create(ConfigMap, configMap('child', {}, { ownerReferences: [reference(owner)] }));
    await client.delete(ConfigMap, { namespace: 'default', name: 'owner' }, { propagationPolicy: 'Background' });
  }
  await using restarted = await startTestControllers({ database, logger: testLogger() });
  const child = { namespace: 'default', name: 'child' };
  await eventually(async () => (await ignoreNotFound(restarted.client.get(ConfigMap, child))) === undefined);
});

test('KA-115 a thousand dependents go', async () => {
  const owner = await create('owner');
  await Promise.all(Array.from({ length: 1000 }, (_, i) => create(`child-${i}`, [reference(owner)])));
  await remove('owner', 'Background');
  await eventually(async () => {
    const { items } = await running.client.list(ConfigMap, { namespace: 'default' });
    return !items.some(({ metadata }) => metadata.name.startsWith('child-'));
  });
});
