import {
  allKinds,
  CustomResourceDefinition,
  crdOf,
  ignoreNotFound,
  isConflict,
  isInvalid,
  isNotFound,
  type KubeObject,
  resourceType,
  type Stored,
} from '@quarterdeck/apis';
import type { Client, JsonObject } from '@quarterdeck/machinery';
import { eventually } from '@quarterdeck/machinery/testing';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { systemUser } from '../server.ts';
import { send } from '../testing/request.ts';
import { startTestServer, type TestServer } from '../testing/server.ts';
import { openWatch } from '../testing/watch.ts';
import { version, type WidgetOverrides, widgetCrd, widgetSchema } from './testdata/widget.ts';

interface Widget extends KubeObject {
  spec?: JsonObject;
  status?: JsonObject;
}
const Widget = resourceType<Widget>('ex.test', 'v1', 'Widget', 'widgets', 'Namespaced');

let running: TestServer;
let client: Client;
beforeEach(async () => {
  running = await startTestServer({ controllers: true });
  client = running.server.client(systemUser);
});
afterEach(() => running[Symbol.asyncDispose]());

const crdOfWidgets = (overrides?: WidgetOverrides) => widgetCrd(overrides) as unknown as CustomResourceDefinition;
const widget = (name: string, spec: JsonObject = {}, metadata: Partial<Widget['metadata']> = {}): Widget => ({
  apiVersion: 'ex.test/v1',
  kind: 'Widget',
  metadata: { name, namespace: 'default', ...metadata },
  spec,
});
const get = (name = 'widgets.ex.test') => ignoreNotFound(client.get(CustomResourceDefinition, { name }));

async function established(name = 'widgets.ex.test'): Promise<Stored<CustomResourceDefinition>> {
  return eventually(async () => {
    const crd = await get(name);
    return crd?.status?.conditions?.some(({ type, status }) => type === 'Established' && status === 'True')
      ? crd
      : undefined;
  });
}

async function install(overrides?: WidgetOverrides): Promise<Stored<CustomResourceDefinition>> {
  await client.create(CustomResourceDefinition, crdOfWidgets(overrides));
  return established();
}

async function refusal(promise: Promise<unknown>): Promise<string[]> {
  const error = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!isInvalid(error)) throw new Error('not refused as invalid', { cause: error });
  const { details } = (error as { status: { details?: { causes?: { field?: string; message?: string }[] } } }).status;
  return (details?.causes ?? []).map(({ field, message }) => `${field}: ${message}`);
}

test('KA-95, KA-10 a kind is served once its names are accepted, and discovered once it is established', async () => {
  await using quiet = await startTestServer(); // nobody writes the status but this test
  const ask = async (url: string) => (await send(quiet.server.pipeline, { url })).status;
  const admin = quiet.server.client(systemUser);
  await admin.create(CustomResourceDefinition, crdOfWidgets());
  const { names } = crdOfWidgets().spec;
  const condition = (type: string) => ({
    type,
    status: 'True' as const,
    reason: 'Said',
    message: '',
    lastTransitionTime: '2026-01-01T00:00:00Z',
  });
  const say = (...conditions: readonly string[]) =>
    admin.patch(
      CustomResourceDefinition,
      { name: 'widgets.ex.test' },
      { type: 'merge', body: { status: { acceptedNames: { ...names }, conditions: conditions.map(condition) } } },
      { subresource: 'status' },
    );
  await say('NamesAccepted');
  await eventually(async () => (await ask('/apis/ex.test/v1/namespaces/default/widgets')) === 200);
  expect(await ask('/apis/ex.test')).toBe(404);
  expect(await ask('/apis/ex.test/v1')).toBe(404);
  await say('NamesAccepted', 'Established');
  await eventually(async () => (await ask('/apis/ex.test/v1')) === 200);
  expect(await ask('/apis/ex.test')).toBe(200);
});

test('KA-95 a kind can be used as soon as its CRD says Established', async () => {
  const crd = await install();
  expect(crd.status?.acceptedNames).toEqual({
    plural: 'widgets',
    singular: 'widget',
    kind: 'Widget',
    listKind: 'WidgetList',
  });
  const created = await client.create(Widget, widget('a', { a: 'x', unknown: 1 }), { fieldValidation: 'Ignore' });
  expect([created.metadata.generation, created.spec]).toEqual([1, { a: 'x' }]);
});

test('KA-97 an instance is judged by its schema', async () => {
  const spec = { a: { type: 'string', maxLength: 3 }, n: { type: 'integer', default: 7 } };
  await install({ version: { schema: { openAPIV3Schema: widgetSchema(spec) } } });
  expect(await refusal(client.create(Widget, widget('a', { a: 'long' })))).toEqual([
    'spec.a: Too long: may not be more than 3 bytes',
  ]);
  const created = await client.create(Widget, widget('b', { a: null, n: null } as JsonObject));
  expect(created.spec).toEqual({ n: 7 });
});

test('KA-104 a rule about a change runs on update', async () => {
  const immutable = {
    type: 'string',
    'x-kubernetes-validations': [{ rule: 'self == oldSelf', message: 'is immutable' }],
  };
  await install({ version: { schema: { openAPIV3Schema: widgetSchema({ a: immutable, b: { type: 'string' } }) } } });
  const created = await client.create(Widget, widget('a', { a: 'x' }));
  const other = await client.update(Widget, { ...created, spec: { a: 'x', b: 'y' } });
  expect(await refusal(client.update(Widget, { ...other, spec: { a: 'z' } }))).toEqual([
    'spec.a: Invalid value: "z": is immutable',
  ]);
});

test('KA-104 rules run beside harmless errors; beside errors of type, limit or absence they are skipped', async () => {
  const rules = [{ rule: 'self == oldSelf', message: 'is immutable' }];
  const spec = {
    a: { type: 'string', 'x-kubernetes-validations': rules },
    n: { type: 'integer', minimum: 1 },
    s: { type: 'string', maxLength: 1 },
  };
  await install({ version: { schema: { openAPIV3Schema: widgetSchema(spec) } } });
  const created = await client.create(Widget, widget('a', { a: 'x', n: 1 }));
  expect(await refusal(client.update(Widget, { ...created, spec: { a: 'z', n: 0 } }))).toEqual([
    'spec.n: Invalid value: 0: spec.n in body should be greater than or equal to 1',
    'spec.a: Invalid value: "z": is immutable',
  ]);
  expect(await refusal(client.update(Widget, { ...created, spec: { a: 'z', n: 1, s: 'long' } }))).toEqual([
    'spec.s: Too long: may not be more than 1 byte',
    '<nil>: Invalid value: null: some validation rules were not checked because the object was invalid; correct the existing errors to complete validation',
  ]);
});

test('KA-105 an object that a stricter schema refuses can still be changed elsewhere', async () => {
  const crd = await install({
    version: { schema: { openAPIV3Schema: widgetSchema({ a: { type: 'string' }, b: { type: 'string' } }) } },
  });
  const created = await client.create(Widget, widget('a', { a: 'long', b: 'x' }));
  const strict = widgetSchema({ a: { type: 'string', maxLength: 3 }, b: { type: 'string' } });
  const next = structuredClone(crd) as CustomResourceDefinition;
  next.spec.versions = next.spec.versions.map((own) => ({ ...own, schema: { openAPIV3Schema: strict } }));
  await client.update(CustomResourceDefinition, next);
  await eventually(() =>
    refusal(client.create(Widget, widget('b', { a: 'long' }), { dryRun: true })).catch(() => undefined),
  );
  const updated = await client.update(Widget, { ...created, spec: { a: 'long', b: 'y' } });
  expect(updated.spec).toEqual({ a: 'long', b: 'y' });
  expect(await refusal(client.update(Widget, { ...updated, spec: { a: 'longer', b: 'y' } }))).toEqual([
    'spec.a: Too long: may not be more than 3 bytes',
  ]);
});

test('KA-95 a CRD goes after its instances; one that is held holds it, and no new one comes in', async () => {
  await install();
  await client.create(Widget, widget('free'));
  const held = await client.create(Widget, widget('held', {}, { finalizers: ['example.com/hold'] }));
  await client.delete(CustomResourceDefinition, { name: 'widgets.ex.test' });
  await eventually(async () => (await client.list(Widget, { namespace: 'default' })).items.length === 1);
  const terminating = (await get())?.status?.conditions?.find(({ type }) => type === 'Terminating');
  expect([terminating?.status, terminating?.reason]).toEqual(['True', 'InstanceDeletionInProgress']);
  const refused = await eventually(async () => {
    const answer = await send(running.server.pipeline, {
      method: 'POST',
      url: '/apis/ex.test/v1/namespaces/default/widgets?dryRun=All',
      body: widget('new') as unknown as JsonObject,
    });
    return answer.status === 405 ? answer : undefined;
  });
  expect(refused.json.reason).toBe('MethodNotAllowed');
  const current = await client.get(Widget, { namespace: 'default', name: 'held' });
  const { finalizers: _, ...metadata } = current.metadata;
  await client.update(Widget, { ...current, metadata });
  await eventually(async () => (await get()) === undefined);
  expect(isNotFound(await client.list(Widget).catch((error: unknown) => error))).toBe(true);
  expect(held.metadata.name).toBe('held');
});

test('KA-95 a name that another kind of the group has is refused until it is free', async () => {
  await install();
  const gadgets = widgetCrd({
    metadata: { name: 'gadgets.ex.test' },
    names: { plural: 'gadgets', kind: 'Widget', singular: 'gadget' },
  });
  await client.create(CustomResourceDefinition, gadgets as unknown as CustomResourceDefinition);
  const conflicting = await eventually(async () => {
    const crd = await get('gadgets.ex.test');
    return crd?.status?.conditions?.find(({ type, status }) => type === 'NamesAccepted' && status === 'False');
  });
  expect([conflicting.reason, conflicting.message]).toEqual(['ListKindConflict', '"WidgetList" is already in use']);
  await client.delete(CustomResourceDefinition, { name: 'widgets.ex.test' });
  await established('gadgets.ex.test');
});

test('KA-106 versions differ in name only, and an unserved one is gone', async () => {
  const crd = await install({ versions: [version('v1', { storage: true }), version('v2')] });
  const created = await client.create(Widget, widget('a', { a: 'x' }));
  const V2 = resourceType<Widget>('ex.test', 'v2', 'Widget', 'widgets', 'Namespaced');
  const read = await client.get(V2, { namespace: 'default', name: 'a' });
  expect(read).toEqual({ ...created, apiVersion: 'ex.test/v2' });
  const next = structuredClone(crd) as CustomResourceDefinition;
  next.spec.versions = next.spec.versions.map((own) => (own.name === 'v2' ? { ...own, served: false } : own));
  await client.update(CustomResourceDefinition, next);
  await eventually(async () =>
    isNotFound(await client.get(V2, { namespace: 'default', name: 'a' }).catch((error: unknown) => error)),
  );
  expect((await client.get(Widget, { namespace: 'default', name: 'a' })).spec).toEqual({ a: 'x' });
});

test('KA-107 a version selects by the fields that it names, and by no others', async () => {
  const schema = { openAPIV3Schema: widgetSchema({ a: { type: 'string' } }) };
  await install({
    versions: [
      version('v1', { storage: true, schema, selectableFields: [{ jsonPath: '.spec.a' }] }),
      version('v2', { schema }),
    ],
  });
  for (const name of ['x', 'y']) await client.create(Widget, widget(name, { a: name }));
  const list = (version: string) =>
    send(running.server.pipeline, { url: `/apis/ex.test/${version}/widgets?fieldSelector=spec.a%3Dx` });
  const names = (await list('v1')).json.items as JsonObject[];
  expect(names.map(({ metadata }) => (metadata as JsonObject).name)).toEqual(['x']);
  const refused = await list('v2');
  expect([refused.status, refused.json.message]).toEqual([400, 'field label not supported: spec.a']);
});

test('KA-108 a change of the schema leaves running watches alone', async () => {
  const crd = await install();
  await using watch = await openWatch(running.server.pipeline, { url: '/apis/ex.test/v1/widgets?watch=true' });
  await client.create(Widget, widget('a'));
  expect(await watch.take(1)).toEqual(['ADDED a']);
  const next = structuredClone(crd) as CustomResourceDefinition;
  const wider = { openAPIV3Schema: widgetSchema({ a: { type: 'string' }, b: { type: 'string' } }) };
  next.spec.versions = next.spec.versions.map((own) => ({ ...own, schema: wider }));
  await client.update(CustomResourceDefinition, next);
  await eventually(async () => {
    const created = await client.create(Widget, widget('b', { b: 'x' }), { dryRun: true, fieldValidation: 'Ignore' });
    return created.spec?.b === 'x';
  });
  await client.create(Widget, widget('b', { b: 'x' }));
  expect(await watch.take(1)).toEqual(['ADDED b']);
});

test('KA-108 a write that changes no definition replaces none', async () => {
  const crd = await install();
  const changes: string[] = [];
  using _listening = running.server.registry.onChange(({ current }) => changes.push(current?.plural ?? ''));
  await client.update(CustomResourceDefinition, { ...crd, metadata: { ...crd.metadata, labels: { a: 'b' } } });
  const marker = widgetCrd({ metadata: { name: 'markers.ex.test' }, names: { plural: 'markers', kind: 'Marker' } });
  await client.create(CustomResourceDefinition, marker as unknown as CustomResourceDefinition);
  await established('markers.ex.test');
  expect(changes).not.toContain('widgets');
  expect(changes).toContain('markers');
});

test('KA-94 a stale CRD does not overwrite a newer one', async () => {
  const crd = await install();
  const labelled = { ...crd, metadata: { ...crd.metadata, labels: { a: 'b' } } };
  await client.update(CustomResourceDefinition, labelled);
  const error = await client.update(CustomResourceDefinition, labelled).catch((reason: unknown) => reason);
  expect(isConflict(error)).toBe(true);
});

test('KA-95 every kind of this product is established from its own CRD', async () => {
  for (const kind of allKinds) await client.create(CustomResourceDefinition, crdOf(kind));
  for (const kind of allKinds) await established(crdOf(kind).metadata.name);
});

test('KA-95 a client may replace the conditions, even by one without a type; the kind is established again', async () => {
  await install();
  const patched = await send(running.server.pipeline, {
    method: 'PATCH',
    url: '/apis/apiextensions.k8s.io/v1/customresourcedefinitions/widgets.ex.test/status',
    headers: { 'content-type': 'application/json-patch+json' },
    body: [{ op: 'add', path: '/status/conditions', value: [{ message: 'patched' }] }],
  });
  expect(patched.status).toBe(200);
  expect((patched.json.status as JsonObject).conditions).toEqual([{ message: 'patched', type: '', status: '' }]);
  await established();
});
