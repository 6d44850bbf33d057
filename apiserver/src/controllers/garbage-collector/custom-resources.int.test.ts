import { ignoreNotFound, type KubeObject, type OwnerReference, resourceType, type Stored } from '@quarterdeck/apis';
import type { JsonObject } from '@quarterdeck/machinery';
import { eventually, testLogger } from '@quarterdeck/machinery/testing';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { startTestControllers, type TestServerWithControllers } from '../../testing/controllers.ts';
import { send } from '../../testing/request.ts';

/** What Kubernetes' own tests ask of its collector, with custom resources for controllers and their pods. */

const group = 'gc.example.com';
const Crews = resourceType<KubeObject>(group, 'v1', 'Crew', 'crews', 'Namespaced');
const Sailors = resourceType<KubeObject>(group, 'v1', 'Sailor', 'sailors', 'Namespaced');
const Fleets = resourceType<KubeObject>(group, 'v1', 'Fleet', 'fleets', 'Cluster');
const all = [Crews, Sailors, Fleets];

let running: TestServerWithControllers;
beforeEach(async () => {
  running = await startTestControllers({ logger: testLogger() });
  await Promise.all(all.map(define));
  await eventually(async () => {
    await Promise.all(all.map((type) => running.client.list(type)));
    return true;
  });
});
afterEach(() => running[Symbol.asyncDispose]());

async function define({ kind, plural, scope }: (typeof all)[number]): Promise<void> {
  const names = { plural, singular: kind.toLowerCase(), kind, listKind: `${kind}List` };
  const schema = { openAPIV3Schema: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true } };
  const body: JsonObject = {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: `${plural}.${group}` },
    spec: { group, scope, names, versions: [{ name: 'v1', served: true, storage: true, schema }] },
  };
  const url = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';
  await send(running.server.pipeline, { method: 'POST', url, body });
}

const reference = (owner: Stored<KubeObject>, more: Partial<OwnerReference> = {}): OwnerReference => {
  const { name, uid } = owner.metadata;
  return { apiVersion: `${group}/v1`, kind: owner.kind, name, uid, blockOwnerDeletion: true, ...more };
};
const create = (type: (typeof all)[number], name: string, ownerReferences: OwnerReference[] = [], more: object = {}) =>
  running.client.create(type, {
    apiVersion: `${group}/v1`,
    kind: type.kind,
    metadata: { name, ...(type.scope === 'Cluster' ? {} : { namespace: 'default' }), ownerReferences, ...more },
  });
const refOf = (type: (typeof all)[number], name: string) =>
  type.scope === 'Cluster' ? { name } : { namespace: 'default', name };
const find = (type: (typeof all)[number], name: string) => ignoreNotFound(running.client.get(type, refOf(type, name)));
const remove = (name: string, propagationPolicy: 'Background' | 'Foreground' | 'Orphan', type = Crews) =>
  running.client.delete(type, refOf(type, name), { propagationPolicy });
const names = async (type: (typeof all)[number]) =>
  (await running.client.list(type)).items.map(({ metadata }) => metadata.name).sort();
const until = (type: (typeof all)[number], want: string[]) =>
  eventually(async () => {
    expect(await names(type)).toEqual(want);
    return true;
  });
const crew = async (name: string, sailors: string[]) => {
  const owner = await create(Crews, name);
  await Promise.all(sailors.map((sailor) => create(Sailors, sailor, [reference(owner, { controller: true })])));
  return owner;
};
/** What would have been collected by now is gone: a later piece of the same work is done. */
async function collectorCaughtUp(): Promise<void> {
  await crew('marker', ['marked']);
  await remove('marker', 'Background');
  await eventually(async () => (await find(Sailors, 'marked')) === undefined);
}

test('KA-113 dependents go with their owner unless they are to be orphaned, in the background too by default', async () => {
  await crew('first', ['a', 'b']);
  await crew('second', ['c']);
  await crew('third', ['d']);
  await remove('first', 'Background');
  await running.client.delete(Crews, refOf(Crews, 'second'));
  await until(Sailors, ['d']);
});

test('KA-114 orphans stay, all of them, without a reference to what is gone', async () => {
  const sailors = Array.from({ length: 100 }, (_, index) => `s${String(index).padStart(3, '0')}`);
  await crew('crew', sailors);
  await remove('crew', 'Orphan');
  await until(Crews, []);
  await collectorCaughtUp();
  const { items } = await running.client.list(Sailors);
  expect(items.map(({ metadata }) => [metadata.name, metadata.ownerReferences])).toEqual(
    sailors.map((name) => [name, undefined]),
  );
});

test('KA-114 in the foreground an owner is kept around until all that blocks it is gone', async () => {
  const owner = await crew('crew', ['a', 'b']);
  const finalizers = ['example.com/hold'];
  await create(Sailors, 'held', [reference(owner)], { finalizers });
  await remove('crew', 'Foreground');
  await until(Sailors, ['held']);
  const waiting = await find(Crews, 'crew');
  expect([waiting?.metadata.finalizers, waiting?.metadata.deletionTimestamp]).toEqual([
    ['foregroundDeletion'],
    expect.any(String),
  ]);
  const body = { metadata: { finalizers: null } };
  await running.client.patch(Sailors, refOf(Sailors, 'held'), { type: 'merge', body });
  await until(Sailors, []);
  await until(Crews, []);
});

test('KA-114 a dependent with a valid owner stays when another that waits for its dependents goes', async () => {
  const leaving = await crew('leaving', ['a', 'b']);
  const staying = await create(Crews, 'staying');
  await create(Sailors, 'shared', [reference(leaving), reference(staying)]);
  await remove('leaving', 'Foreground');
  await until(Crews, ['staying']);
  await until(Sailors, ['shared']);
  expect((await find(Sailors, 'shared'))?.metadata.ownerReferences).toEqual([reference(staying)]);
});

test('KA-114 a circle of dependencies does not block', async () => {
  const [a, b, c] = [await create(Sailors, 'a'), await create(Sailors, 'b'), await create(Sailors, 'c')];
  const owned = (one: Stored<KubeObject>, owner: Stored<KubeObject>) => {
    const body = { metadata: { ownerReferences: [reference(owner) as unknown as JsonObject] } };
    return running.client.patch(Sailors, refOf(Sailors, one.metadata.name), { type: 'merge', body });
  };
  await owned(a, c);
  await owned(b, a);
  await owned(c, b);
  await collectorCaughtUp();
  expect(await names(Sailors)).toEqual(['a', 'b', 'c']);
  await remove('a', 'Foreground', Sailors);
  await until(Sailors, []);
});

test('KA-113 the whole tree goes, whatever its scopes, and orphaning its root keeps the rest whole', async () => {
  const plant = async (name: string) => {
    const fleet = await create(Fleets, name);
    const owner = await create(Crews, `${name}-crew`, [reference(fleet, { controller: true })]);
    await create(Sailors, `${name}-sailor`, [reference(owner, { controller: true })]);
  };
  await plant('gone');
  await plant('kept');
  await remove('gone', 'Background', Fleets);
  await until(Sailors, ['kept-sailor']);
  await remove('kept', 'Orphan', Fleets);
  await until(Fleets, []);
  await collectorCaughtUp();
  expect(await names(Crews)).toEqual(['kept-crew']);
  const [rest] = (await running.client.list(Sailors)).items;
  expect(rest?.metadata.ownerReferences).toHaveLength(1);
  expect((await find(Crews, 'kept-crew'))?.metadata.ownerReferences).toBeUndefined();
});

test('KA-114 an owner told to orphan and an owner told to cascade: what both own goes with the last', async () => {
  const [first, second] = [await create(Crews, 'first'), await create(Crews, 'second')];
  await create(Sailors, 'both', [reference(first), reference(second)]);
  await remove('first', 'Orphan');
  await until(Crews, ['second']);
  expect((await find(Sailors, 'both'))?.metadata.ownerReferences).toEqual([reference(second)]);
  await remove('second', 'Background');
  await until(Sailors, []);
});

test('KA-114 a kind that is defined later is collected as soon as it is served', async () => {
  const owner = await create(Crews, 'crew');
  const Boats = resourceType<KubeObject>(group, 'v1', 'Boat', 'boats', 'Namespaced');
  await define(Boats as (typeof all)[number]);
  await eventually(async () => (await running.client.list(Boats)).items.length === 0);
  await create(Boats as (typeof all)[number], 'boat', [reference(owner)]);
  await remove('crew', 'Background');
  await until(Boats as (typeof all)[number], []);
});
