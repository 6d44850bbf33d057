import { CustomResourceDefinition, type KubeObject, resourceType } from '@quarterdeck/apis';
import type { Client, JsonObject, JsonValue } from '@quarterdeck/machinery';
import { eventually } from '@quarterdeck/machinery/testing';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { dataDefinitions } from '../../builtin/definitions.ts';
import { objectAt, objectsAt, stringAt, stringsAt, valueAt } from '../../registry/fields.ts';
import { systemUser } from '../../server.ts';
import { send, type TestRequest } from '../../testing/request.ts';
import { startTestServer, type TestServer } from '../../testing/server.ts';
import { openWatch } from '../../testing/watch.ts';
import { startTestWebhook, type TestWebhook } from '../../testing/webhook.ts';
import { version, widgetCrd, widgetSchema } from '../testdata/widget.ts';

/** A kind whose v1 has `spec.address` ("host:port"), and whose v2 has `spec.host` and `spec.port`; a real webhook converts. */

interface Widget extends KubeObject {
  spec?: JsonObject;
}
const v1 = resourceType<Widget>('ex.test', 'v1', 'Widget', 'widgets', 'Namespaced');
const v2 = resourceType<Widget>('ex.test', 'v2', 'Widget', 'widgets', 'Namespaced');

function convert(object: JsonObject, apiVersion: string): JsonObject {
  const spec = objectAt(object, 'spec');
  const [host = '', port = ''] = stringAt(spec, 'address').split(':');
  const converted = apiVersion === 'ex.test/v1' ? { address: `${spec.host}:${spec.port}` } : { host, port };
  return { ...object, apiVersion, spec: converted };
}

function answerOf(review: JsonObject, change: (object: JsonObject) => JsonValue = (object) => object): JsonObject {
  const uid = stringAt(review, 'request', 'uid');
  const wanted = stringAt(review, 'request', 'desiredAPIVersion');
  const convertedObjects = objectsAt(review, 'request', 'objects').map((object) => change(convert(object, wanted)));
  const response = { uid, result: { status: 'Success' }, convertedObjects };
  return { apiVersion: 'apiextensions.k8s.io/v1', kind: 'ConversionReview', response };
}

const text = { type: 'string' };
const schemas: Record<string, JsonObject> = {
  v1: widgetSchema({ address: text, note: text }),
  v2: widgetSchema({ host: text, port: text, note: text }),
};

let webhook: TestWebhook;
let running: TestServer;
let client: Client;
beforeEach(async () => {
  webhook = await startTestWebhook((review) => answerOf(review), ['converter.default.svc']);
  running = await startTestServer({ controllers: true, definitions: dataDefinitions });
  client = running.server.client(systemUser);
});
afterEach(async () => {
  await running[Symbol.asyncDispose]();
  await webhook[Symbol.asyncDispose]();
});

interface Installed {
  readonly storage?: string;
  readonly clientConfig?: JsonObject;
  readonly versions?: readonly string[];
  readonly more?: Record<string, JsonObject>;
}

function crdOf({ storage = 'v1', clientConfig, versions = ['v1', 'v2'], more = {} }: Installed = {}): JsonObject {
  const { url, caBundle } = webhook;
  const config = clientConfig ?? { url, caBundle };
  return widgetCrd({
    versions: versions.map((name) =>
      version(name, { storage: name === storage, schema: { openAPIV3Schema: schemas[name] ?? {} }, ...more[name] }),
    ),
    spec: {
      conversion:
        versions.length === 1
          ? { strategy: 'None' }
          : { strategy: 'Webhook', webhook: { clientConfig: config, conversionReviewVersions: ['v1'] } },
    },
  });
}

const type = CustomResourceDefinition;

async function install(installed: Installed = {}): Promise<void> {
  await client.create(type, crdOf(installed) as unknown as CustomResourceDefinition);
  await eventually(async () => {
    const { status } = await client.get(type, { name: 'widgets.ex.test' });
    return status?.conditions?.some((each) => each.type === 'Established' && each.status === 'True');
  });
}

async function change(installed: Installed): Promise<void> {
  const stored = await client.get(type, { name: 'widgets.ex.test' });
  const { spec } = crdOf(installed) as unknown as CustomResourceDefinition;
  const updated = await client.update(type, { ...stored, spec: { ...stored.spec, ...spec } });
  const generation = updated.metadata.generation ?? 0;
  // The definition follows the CRD; what is served tells when.
  await eventually(async () => {
    const definition = running.server.registry.get('ex.test', 'widgets');
    const names = definition?.versions.map(({ name }) => name).sort() ?? [];
    const wanted = [...(installed.versions ?? ['v1', 'v2'])].sort();
    const isThere = generation > 0 && definition?.storageVersion === (installed.storage ?? 'v1');
    return isThere && names.join() === wanted.join() ? true : undefined;
  });
}

const widget = (name: string, spec: JsonObject, apiVersion = 'ex.test/v1'): Widget => ({
  apiVersion,
  kind: 'Widget',
  metadata: { name, namespace: 'default' },
  spec,
});
const at = (name: string) => ({ name, namespace: 'default' });
const inDefault = { namespace: 'default' };
const ask = (request: TestRequest) => send(running.server.pipeline, request);
const path = (apiVersion: string, name = '') =>
  `/apis/ex.test/${apiVersion}/namespaces/default/widgets${name === '' ? '' : `/${name}`}`;

test('KA-106b an object is written in one version and read in another', async () => {
  await install();
  await client.create(v1, widget('a', { address: 'h:1' }));
  expect(webhook.reviews).toEqual([]);
  const seen = await client.get(v2, at('a'));
  expect([seen.apiVersion, seen.spec]).toEqual(['ex.test/v2', { host: 'h', port: '1' }]);
  const [review = {}] = webhook.reviews;
  expect({ ...review, request: { ...objectAt(review, 'request'), uid: '' } }).toMatchObject({
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'ConversionReview',
    request: { uid: '', desiredAPIVersion: 'ex.test/v2', objects: [{ apiVersion: 'ex.test/v1', kind: 'Widget' }] },
  });
  await client.get(v2, at('a'));
  expect(webhook.reviews).toHaveLength(1);
  const created = await client.create(v2, widget('b', { host: 'i', port: '2' }, 'ex.test/v2'));
  expect([created.apiVersion, created.spec]).toEqual(['ex.test/v2', { host: 'i', port: '2' }]);
  expect((await client.get(v1, at('b'))).spec).toEqual({ address: 'i:2' });
});

test('KA-106b an update in another version than the stored one is stored in the stored one', async () => {
  await install();
  await client.create(v1, widget('a', { address: 'h:1' }));
  const seen = await client.get(v2, at('a'));
  const updated = await client.update(v2, { ...seen, spec: { host: 'h', port: '9' } });
  expect(updated.spec).toEqual({ host: 'h', port: '9' });
  expect((await client.get(v1, at('a'))).spec).toEqual({ address: 'h:9' });
  const patched = await client.patch(v2, at('a'), { type: 'merge', body: { spec: { host: 'z' } } });
  expect(patched.spec).toEqual({ host: 'z', port: '9' });
  const again = await client.patch(v2, at('a'), { type: 'merge', body: { spec: { host: 'z' } } });
  expect(again.metadata.resourceVersion).toBe(patched.metadata.resourceVersion);
  await client.delete(v2, at('a'));
  expect((await client.list(v1, inDefault)).items).toEqual([]);
});

test('KA-106b a list converts in one review what is stored in other versions, in its order', async () => {
  await install({ versions: ['v1'] });
  for (const name of ['a', 'c']) await client.create(v1, widget(name, { address: `${name}:1` }));
  await change({ storage: 'v2' });
  await client.create(v2, widget('b', { host: 'b', port: '1' }, 'ex.test/v2'));
  const before = webhook.reviews.length;
  const { items } = await client.list(v2, inDefault);
  expect(items.map(({ metadata, spec }) => [metadata.name, spec])).toEqual([
    ['a', { host: 'a', port: '1' }],
    ['b', { host: 'b', port: '1' }],
    ['c', { host: 'c', port: '1' }],
  ]);
  const asked = webhook.reviews.slice(before).map((review) => objectsAt(review, 'request', 'objects').length);
  expect(asked).toEqual([2]);
});

test('KA-106b, KA-56 a write that changes nothing brings an object to the version that is stored now', async () => {
  await install({ versions: ['v1'] });
  const created = await client.create(v1, widget('a', { address: 'h:1' }));
  await change({ storage: 'v2' });
  const seen = await client.get(v2, at('a'));
  expect(seen.metadata.resourceVersion).toBe(created.metadata.resourceVersion);
  const rewritten = await client.update(v2, seen);
  expect(rewritten.metadata.resourceVersion).not.toBe(seen.metadata.resourceVersion);
  const again = await client.update(v2, rewritten);
  expect(again.metadata.resourceVersion).toBe(rewritten.metadata.resourceVersion);
  const asked = webhook.reviews.length;
  // A new server knows nothing yet: what it reads needs no webhook any more.
  webhook.answer = () => ({ status: 500, text: 'down' });
  await client.get(v2, at('a'));
  expect(webhook.reviews).toHaveLength(asked);
});

test('KA-106b a version that left the CRD leaves no trace in what is served', async () => {
  await install({ storage: 'v2' });
  await client.create(v2, widget('a', { host: 'h', port: '1' }, 'ex.test/v2'));
  const crd = await client.get(type, { name: 'widgets.ex.test' });
  expect(stringsAt(crd as unknown as JsonObject, 'status', 'storedVersions')).toEqual(['v2']);
  await change({ storage: 'v2', versions: ['v2'] });
  const { text: served } = await ask({ url: path('v2', 'a') });
  expect(served.match(/"apiVersion":"ex.test\/v2"/g)).toHaveLength(2); // its own, and its manager's
  expect((await client.get(v2, at('a'))).spec).toEqual({ host: 'h', port: '1' });
});

test('KA-106b a watch shows every event in its version, the first state too', async () => {
  await install();
  await client.create(v1, widget('a', { address: 'h:1' }));
  await using watch = await openWatch(running.server.pipeline, { url: `${path('v2')}?watch=true` });
  const seen = async () => {
    const event = await watch.next();
    return [event?.type, stringAt(event?.object ?? {}, 'apiVersion'), objectAt(event?.object ?? {}, 'spec')];
  };
  expect(await seen()).toEqual(['ADDED', 'ex.test/v2', { host: 'h', port: '1' }]);
  await client.patch(v1, at('a'), { type: 'merge', body: { spec: { address: 'h:2' } } });
  expect(await seen()).toEqual(['MODIFIED', 'ex.test/v2', { host: 'h', port: '2' }]);
  await client.delete(v1, at('a'));
  expect(await seen()).toEqual(['DELETED', 'ex.test/v2', { host: 'h', port: '2' }]);
});

test('KA-106b a watch whose events cannot be converted ends with the reason', async () => {
  await install();
  await using watch = await openWatch(running.server.pipeline, { url: `${path('v2')}?watch=true` });
  webhook.answer = () => ({ status: 500, text: 'down' });
  await client.create(v1, widget('a', { address: 'h:1' }));
  const event = await watch.next();
  expect([event?.type, event?.object.code, event?.object.message]).toEqual([
    'ERROR',
    500,
    `conversion webhook for ex.test/v1, Kind=Widget failed: Post "${webhook.url}?timeout=30s": the answer was 500 Internal Server Error: down`,
  ]);
  expect(await watch.next()).toBeUndefined();
});

test('KA-106b, KA-81 fields and labels are selected as they are shown', async () => {
  const more = { v2: { selectableFields: [{ jsonPath: '.spec.host' }] } };
  await install({ more });
  webhook.answer = (review) =>
    answerOf(review, (object) => ({
      ...object,
      metadata: { ...objectAt(object, 'metadata'), labels: { made: 'yes' } },
    }));
  for (const name of ['a', 'b']) await client.create(v1, widget(name, { address: `${name}:1` }));
  const names = async (query: string) => {
    const { json } = await ask({ url: `${path('v2')}?${query}` });
    return objectsAt(json, 'items').map((item) => stringAt(item, 'metadata', 'name'));
  };
  expect(await names('fieldSelector=spec.host%3Db')).toEqual(['b']);
  expect(await names('labelSelector=made%3Dyes')).toEqual(['a', 'b']);
  expect(await names('labelSelector=made%3Dno')).toEqual([]);
});

test('KA-106b, KA-79 who applies in one version owns its fields in the other', async () => {
  await install();
  const apply = (version: string, manager: string, spec: JsonObject, query = '') =>
    ask({
      method: 'PATCH',
      url: `${path(version, 'a')}?fieldManager=${manager}${query}`,
      headers: { 'content-type': 'application/apply-patch+yaml' },
      body: { apiVersion: `ex.test/${version}`, kind: 'Widget', metadata: { name: 'a' }, spec },
    });
  expect((await apply('v1', 'one', { address: 'h:1', note: 'n' })).status).toBe(201);
  webhook.answer = (review) =>
    answerOf(review, (object) => ({ ...object, spec: { ...objectAt(object, 'spec'), note: 'n' } }));
  const conflict = await apply('v2', 'two', { host: 'other', port: '1' });
  expect([conflict.status, conflict.json.message]).toEqual([
    409,
    'Apply failed with 1 conflict: conflict with "one": .spec.address',
  ]);
  const forced = await apply('v2', 'two', { host: 'other', port: '1' }, '&force=true');
  expect([forced.status, forced.json.spec]).toEqual([200, { host: 'other', port: '1', note: 'n' }]);
  const owners = objectsAt(forced.json, 'metadata', 'managedFields').map((entry) => [
    entry.manager,
    entry.apiVersion,
    entry.fieldsV1,
  ]);
  expect(owners).toEqual([
    ['one', 'ex.test/v1', { 'f:spec': { 'f:note': {} } }],
    ['two', 'ex.test/v2', { 'f:spec': { 'f:host': {}, 'f:port': {} } }],
  ]);
});

test('KA-79 KA-56 an apply that says what is there changes nothing, though its version has defaults that the webhook does not show', async () => {
  const spec = { host: text, port: text, note: { ...text, default: 'none' } };
  await install({ more: { v2: { schema: { openAPIV3Schema: widgetSchema(spec) } } } });
  const apply = (body: JsonObject) =>
    ask({
      method: 'PATCH',
      url: `${path('v2', 'a')}?fieldManager=one`,
      headers: { 'content-type': 'application/apply-patch+yaml' },
      body: { apiVersion: 'ex.test/v2', kind: 'Widget', metadata: { name: 'a' }, spec: body },
    });
  const first = await apply({ host: 'h', port: '1' });
  const again = await apply({ host: 'h', port: '1' });
  const changed = await apply({ host: 'h', port: '2' });
  const seen = ({ status, json }: typeof first) => [
    status,
    valueAt(json, 'metadata', 'generation'),
    json.spec,
    stringAt(json, 'metadata', 'resourceVersion') === stringAt(first.json, 'metadata', 'resourceVersion'),
  ];
  expect([first, again, changed].map(seen)).toEqual([
    [201, 1, { host: 'h', port: '1' }, true],
    [200, 1, { host: 'h', port: '1' }, true],
    [200, 2, { host: 'h', port: '2' }, false],
  ]);
});

test('KA-106b a webhook gets objects without their revision, and hears how long it is waited for', async () => {
  await install();
  await client.create(v1, widget('a', { address: 'h:1' }));
  await client.get(v2, at('a'));
  const [{ method, path: asked, headers, review } = { review: {} }] = webhook.requests;
  const [sent = {}] = objectsAt(review, 'request', 'objects');
  expect([method, asked, headers?.accept, Object.keys(objectAt(sent, 'metadata')).includes('resourceVersion')]).toEqual(
    ['POST', '/convert?timeout=30s', 'application/json, */*', false],
  );
});

const failed = 'conversion webhook for ex.test/v1, Kind=Widget failed:';
const returned = 'conversion webhook for ex.test/v1, Kind=Widget returned';
const meta = (object: JsonObject, more: JsonObject): JsonObject => ({
  ...object,
  metadata: { ...objectAt(object, 'metadata'), ...more },
});

test.each<{ name: string; answer: (review: JsonObject) => JsonValue; want: string }>([
  {
    name: 'a failure',
    answer: (review) => {
      const answer = answerOf(review);
      return { ...answer, response: { ...objectAt(answer, 'response'), result: { status: 'Failed', message: 'no' } } };
    },
    want: `${failed} no`,
  },
  {
    name: 'a failure without words',
    answer: (review) => {
      const answer = answerOf(review);
      return { ...answer, response: { ...objectAt(answer, 'response'), result: {} } };
    },
    want: `${failed} response.result.status was '', not 'Success'`,
  },
  {
    name: 'another uid',
    answer: (review) => {
      const answer = answerOf(review);
      return { ...answer, response: { ...objectAt(answer, 'response'), uid: 'x' } };
    },
    want: `${failed} expected response.uid="<uid>", got "x"`,
  },
  {
    name: 'another type',
    answer: (review) => ({ ...answerOf(review), kind: 'Other' }),
    want: `${failed} expected webhook response of apiextensions.k8s.io/v1, Kind=ConversionReview, got apiextensions.k8s.io/v1, Kind=Other`,
  },
  {
    name: 'no response',
    answer: (review) => ({ ...answerOf(review), response: null }),
    want: `${failed} no response provided`,
  },
  {
    name: 'fewer objects',
    answer: (review) => {
      const answer = answerOf(review);
      return { ...answer, response: { ...objectAt(answer, 'response'), convertedObjects: [] } };
    },
    want: `${returned} 0 objects, expected 1`,
  },
  {
    name: 'the version unchanged',
    answer: (review) => answerOf(review, (object) => ({ ...object, apiVersion: 'ex.test/v1' })),
    want: `${returned} invalid object at index 0: invalid groupVersion (expected ex.test/v2, received ex.test/v1)`,
  },
  {
    name: 'another kind',
    answer: (review) => answerOf(review, (object) => ({ ...object, kind: 'Gadget' })),
    want: `${returned} invalid object at index 0: invalid kind (expected Widget, received Gadget)`,
  },
  {
    name: 'another name',
    answer: (review) => answerOf(review, (object) => meta(object, { name: 'z' })),
    want: `${returned} invalid object: must have the same name: a != z`,
  },
  {
    name: 'no metadata',
    answer: (review) => answerOf(review, ({ metadata: _gone, ...object }) => object),
    want: `${returned} invalid object: must have the same name: a != `,
  },
  {
    name: 'labels that are none',
    answer: (review) => answerOf(review, (object) => meta(object, { labels: { a: 1 } })),
    want: `${returned} invalid metadata: metadata.labels[a] is not a string`,
  },
  {
    name: 'a label that is none',
    answer: (review) => answerOf(review, (object) => meta(object, { labels: { 'not a key': 'x' } })),
    want: `${returned} invalid metadata: metadata.labels: Invalid value: "not a key": `,
  },
  {
    name: 'an annotation that is none',
    answer: (review) => answerOf(review, (object) => meta(object, { annotations: { 'not a key': 'x' } })),
    want: `${returned} invalid metadata: metadata.annotations: Invalid value: "not a key": `,
  },
  {
    name: 'no object',
    answer: (review) => answerOf(review, () => 'x'),
    want: `${returned} invalid object at index 0: it is not an object`,
  },
  { name: 'no JSON', answer: () => ({ status: 200, text: 'hello' }), want: `${failed} Post "<url>?timeout=30s": ` },
  {
    name: 'an error',
    answer: () => ({ status: 503, text: 'later' }),
    want: `${failed} Post "<url>?timeout=30s": the answer was 503 Service Unavailable: later`,
  },
])('KA-106b a webhook that answers with $name makes the request fail with 500', async ({ answer, want }) => {
  await install();
  await client.create(v1, widget('a', { address: 'h:1' }));
  webhook.answer = answer;
  const { status, json } = await ask({ url: path('v2', 'a') });
  const uid = stringAt(webhook.reviews.at(-1) ?? {}, 'request', 'uid');
  const said = stringAt(json, 'message').replaceAll(uid, '<uid>').replaceAll(webhook.url, '<url>');
  expect([status, json.reason]).toEqual([500, 'InternalError']);
  expect(said.startsWith(want) && (want.endsWith(': ') || said === want), said).toBe(true);
});

test('KA-106b of metadata the webhook changes labels and annotations, and nothing else', async () => {
  await install();
  const { metadata } = await client.create(v1, widget('a', { address: 'h:1' }));
  webhook.answer = (review) =>
    answerOf(review, (object) =>
      meta(object, {
        labels: { l: 'x' },
        annotations: { a: 'y' },
        finalizers: ['z/z'],
        generation: 7,
        creationTimestamp: '2001-01-01T00:00:00Z',
      }),
    );
  const seen = await client.get(v2, at('a'));
  const { managedFields: _theirs, ...shown } = seen.metadata;
  const { managedFields: _ours, ...kept } = metadata;
  expect(shown).toEqual({ ...kept, labels: { l: 'x' }, annotations: { a: 'y' } });
});

test('KA-106b what cannot be converted is not stored', async () => {
  await install();
  webhook.answer = () => ({ status: 500, text: 'down' });
  await expect(client.create(v2, widget('a', { host: 'h', port: '1' }, 'ex.test/v2'))).rejects.toThrow('down');
  expect((await client.list(v1, inDefault)).items).toEqual([]);
});

test('KA-106b only a certificate of the configured authority is talked to', async () => {
  await using other = await startTestWebhook((review) => answerOf(review));
  await install({ clientConfig: { url: webhook.url, caBundle: other.caBundle } });
  await client.create(v1, widget('a', { address: 'h:1' }));
  const { status, json } = await ask({ url: path('v2', 'a') });
  expect([status, json.message]).toEqual([
    500,
    `${failed} Post "${webhook.url}?timeout=30s": unable to verify the first certificate`,
  ]);
  expect(webhook.reviews).toEqual([]);
});

test('KA-106b a service is reached where it leads, under its own name', async () => {
  const service = { namespace: 'default', name: 'converter', path: '/convert', port: webhook.port };
  await install({ clientConfig: { service, caBundle: webhook.caBundle } });
  await client.create(v1, widget('a', { address: 'h:1' }));
  const { status, json } = await ask({ url: path('v2', 'a') });
  expect([status, json.message]).toEqual([
    500,
    `${failed} Post "https://converter.default.svc:${webhook.port}/convert?timeout=30s": service "default/converter" does not exist on this hub`,
  ]);
  await ask({
    method: 'POST',
    url: '/api/v1/namespaces/default/services',
    body: { metadata: { name: 'converter' }, spec: { type: 'ExternalName', externalName: 'localhost' } },
  });
  expect((await client.get(v2, at('a'))).spec).toEqual({ host: 'h', port: '1' });
});
