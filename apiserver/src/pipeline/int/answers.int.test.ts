import type { JsonObject } from '@quarterdeck/machinery';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { send, type TestRequest } from '../../testing/request.ts';
import { startTestServer, type TestServer } from '../../testing/server.ts';
import { widgets } from '../../testing/widgets.ts';

/** Answers that the recordings of a real server taught us, each beside the code that gives it. */

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer({ definitions: [widgets] });
});
afterAll(() => server[Symbol.asyncDispose]());

const configMaps = '/api/v1/namespaces/default/configmaps';
const parts = '/apis/x.io/v1/namespaces/default/widgets';
const call = (request: TestRequest) => send(server.server.pipeline, request);
const create = (name: string, rest: JsonObject = {}) =>
  call({ method: 'POST', url: configMaps, body: { metadata: { name }, ...rest } });
const apply = (url: string, body: JsonObject) =>
  call({ method: 'PATCH', url, headers: { 'content-type': 'application/apply-patch+yaml' }, body });
const scale = (replicas?: number): JsonObject => ({
  apiVersion: 'autoscaling/v1',
  kind: 'Scale',
  metadata: { name: 'w' },
  spec: replicas === undefined ? {} : { replicas },
});

test('KA-65 KA-71 a Scale is applied: the parent takes the replicas, and the manager owns them there', async () => {
  await call({ method: 'POST', url: parts, body: { apiVersion: 'x.io/v1', kind: 'Widget', metadata: { name: 'w' } } });
  const { status, json } = await apply(`${parts}/w/scale?fieldManager=scaler`, scale(4));
  expect([status, json.kind, json.spec]).toEqual([200, 'Scale', { replicas: 4 }]);

  const { json: parent } = await call({ url: `${parts}/w` });
  const entries = (parent.metadata as { managedFields: JsonObject[] }).managedFields;
  expect(entries.find(({ manager }) => manager === 'scaler')).toMatchObject({
    operation: 'Apply',
    apiVersion: 'x.io/v1',
    subresource: 'scale',
    fieldsV1: { 'f:spec': { 'f:replicas': {} } },
  });

  const other = await apply(`${parts}/w/scale?fieldManager=other`, scale(5));
  expect([other.status, other.json.reason]).toEqual([409, 'Conflict']);

  await apply(`${parts}/w/scale?fieldManager=scaler`, scale());
  const { json: released } = await call({ url: `${parts}/w` });
  expect(released.spec).toBeUndefined();
});

test('KA-61d an apply refuses unknown fields whatever fieldValidation says', async () => {
  const body = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'unknown' }, odd: 1 };
  const answers = await Promise.all(
    ['Ignore', 'Warn', 'Strict'].map((level) =>
      apply(`${configMaps}/unknown?fieldManager=m&fieldValidation=${level}`, body),
    ),
  );
  expect(answers.map(({ status, json }) => [status, json.message])).toEqual(
    answers.map(() => [
      400,
      'failed to create typed patch object (/unknown; /v1, Kind=ConfigMap): .odd: field not declared in schema',
    ]),
  );
});

test('KA-78 the last applied configuration is rewritten as it was applied, without a namespace it did not name', async () => {
  const annotation = 'kubectl.kubernetes.io/last-applied-configuration';
  await create('migrated', { metadata: { name: 'migrated', annotations: { [annotation]: '{}' } } });
  const config = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'migrated' }, data: { a: 'b' } };
  const { json } = await apply(`${configMaps}/migrated?fieldManager=kubectl&force=true`, config);
  const { annotations } = json.metadata as { annotations: Record<string, string> };
  expect(annotations[annotation]).toBe(
    '{"apiVersion":"v1","data":{"a":"b"},"kind":"ConfigMap","metadata":{"name":"migrated"}}\n',
  );
});

test('KA-59 a deleted collection is answered as it was before', async () => {
  await create('held', { metadata: { name: 'held', labels: { set: 'held' }, finalizers: ['a.io/b'] } });
  const { json } = await call({ method: 'DELETE', url: `${configMaps}?labelSelector=set=held` });
  const [item] = json.items as { metadata: JsonObject }[];
  expect(item?.metadata).toMatchObject({ name: 'held' });
  expect(item?.metadata.deletionTimestamp).toBeUndefined();
});

test('KA-46 an update must name its object', async () => {
  await create('nameless');
  const { status, json } = await call({ method: 'PUT', url: `${configMaps}/nameless`, body: { metadata: {} } });
  expect([status, json.message]).toEqual([
    400,
    'the name of the object (nameless based on URL) was undeterminable: name must be provided',
  ]);
});

test.each([
  {
    what: 'two owners that control',
    metadata: { ownerReferences: [owner('1', true), owner('2', true)] },
    field: 'metadata.ownerReferences',
  },
  {
    what: 'an owner of no version',
    metadata: { ownerReferences: [{ ...owner('1'), apiVersion: 'a/b/c' }] },
    field: 'metadata.ownerReferences.apiVersion',
  },
  {
    what: 'an Event that owns',
    metadata: { ownerReferences: [{ ...owner('1'), kind: 'Event' }] },
    field: 'metadata.ownerReferences',
  },
  { what: 'a finalizer without a domain', metadata: { finalizers: ['plain'] }, field: 'metadata.finalizers[0]' },
  {
    what: 'both propagations',
    metadata: { finalizers: ['orphan', 'foregroundDeletion'] },
    field: 'metadata.finalizers',
  },
])('KA-48 KA-49 refused: $what', async ({ metadata, field }) => {
  const { status, json } = await create('x', { metadata: { name: 'x', ...metadata } });
  expect([status, json.details]).toMatchObject([422, { causes: [{ field }] }]);
});

function owner(uid: string, controller?: boolean): JsonObject {
  return { apiVersion: 'v1', kind: 'ConfigMap', name: 'o', uid, ...(controller === undefined ? {} : { controller }) };
}

test('KA-37 406 says what there is, or that its parameters do not fit', async () => {
  const unknown = await call({ url: configMaps, headers: { accept: 'text/html' } });
  expect(unknown.json.message).toContain('406: Not Acceptable\n\nAvailable representations: application/json');
  const odd = await call({ url: configMaps, headers: { accept: 'application/json;as=Odd;v=v1;g=meta.k8s.io' } });
  expect(odd.json.message).toContain('only the following media types are accepted');
});
