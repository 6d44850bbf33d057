import type { JsonObject } from '@quarterdeck/machinery';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { workloadDefinitions } from '../../builtin/workloads/definitions.ts';
import { send, type TestRequest } from '../../testing/request.ts';
import { startTestServer, type TestServer } from '../../testing/server.ts';
import { widgets } from '../../testing/widgets.ts';

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer({ definitions: [...workloadDefinitions, widgets] });
});
afterAll(() => server[Symbol.asyncDispose]());

const call = (request: TestRequest) => send(server.server.pipeline, request);
const configMaps = '/api/v1/namespaces/default/configmaps';
const widgetsUrl = '/apis/x.io/v1/namespaces/default/widgets';
const configMap = (name: string, more: JsonObject = {}): JsonObject => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name },
  ...more,
});
const widget = (name: string, more: JsonObject = {}): JsonObject => ({
  apiVersion: 'x.io/v1',
  kind: 'Widget',
  metadata: { name },
  ...more,
});
const create = (url: string, body: JsonObject, query = '') => call({ method: 'POST', url: `${url}${query}`, body });
const meta = (object: JsonObject) => object.metadata as JsonObject;

describe('create', () => {
  test('KA-42a KA-42b KA-46c the server sets its fields, and drops what clients say of them', async () => {
    const metadata = {
      name: 'fields',
      uid: 'mine',
      creationTimestamp: null,
      deletionTimestamp: '2020-01-01T00:00:00Z',
      generation: 7,
      selfLink: '/x',
    };
    const { status, json } = await create(configMaps, configMap('fields', { metadata, data: { a: 'b' } }));
    const { uid, creationTimestamp, resourceVersion, managedFields, ...rest } = meta(json);
    expect(status).toBe(201);
    expect({ ...json, metadata: rest }).toEqual({
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'fields', namespace: 'default' },
      data: { a: 'b' },
    });
    expect(uid).toMatch(/^[0-9a-f-]{36}$/);
    expect(creationTimestamp).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
    expect(resourceVersion).toMatch(/^[1-9]\d+$/);
    expect(managedFields).toMatchObject([{ manager: 'unknown', operation: 'Update', apiVersion: 'v1' }]);
  });

  test('KA-42c a resourceVersion is refused', async () => {
    const { status, json } = await create(
      configMaps,
      configMap('rv', { metadata: { name: 'rv', resourceVersion: '1' } }),
    );
    expect([status, json.reason]).toEqual([400, 'BadRequest']);
  });

  test.each([{}, { kind: 'ConfigMap' }, { apiVersion: 'v1', kind: '' }])(
    'KA-53 a built-in kind need not be named in the body: %j',
    async (type) => {
      const { status, json } = await call({
        method: 'POST',
        url: `${configMaps}?dryRun=All`,
        body: { ...type, metadata: { name: 'untyped' } },
      });
      expect([status, json.apiVersion, json.kind]).toEqual([201, 'v1', 'ConfigMap']);
    },
  );

  test('KA-53 a custom kind must be named in the body', async () => {
    const { status, json } = await call({ method: 'POST', url: widgetsUrl, body: { metadata: { name: 'untyped' } } });
    expect([status, json.reason]).toEqual([400, 'BadRequest']);
  });

  test('KA-53 the same name twice is 409', async () => {
    await create(configMaps, configMap('twice'));
    const { status, json } = await create(configMaps, configMap('twice'));
    expect(status).toBe(409);
    expect(json).toMatchObject({
      kind: 'Status',
      reason: 'AlreadyExists',
      message: 'configmaps "twice" already exists',
      details: { name: 'twice', kind: 'configmaps' },
    });
  });

  test('KA-45 generateName makes a name of its base and five characters', async () => {
    const base = 'a'.repeat(60);
    const { json } = await create(configMaps, configMap('', { metadata: { generateName: base } }));
    expect(meta(json).name).toMatch(/^a{58}[bcdfghjklmnpqrstvwxz2456789]{5}$/);
  });

  test('KA-45c neither name nor generateName is 422', async () => {
    const { status, json } = await create(configMaps, { apiVersion: 'v1', kind: 'ConfigMap' });
    expect(status).toBe(422);
    expect(json).toMatchObject({
      reason: 'Invalid',
      details: { kind: 'ConfigMap', causes: [{ reason: 'FieldValueRequired', field: 'metadata.name' }] },
    });
  });

  test.each([
    {
      name: "KA-46b a namespace other than the path's",
      body: { metadata: { name: 'n', namespace: 'other' } },
      want: 400,
    },
    { name: 'KA-53 another apiVersion', body: { apiVersion: 'v2' }, want: 400 },
    { name: 'KA-53 another kind', body: { kind: 'Secret' }, want: 400 },
    { name: 'KA-46 a name that is none', body: { metadata: { name: '../x' } }, want: 422 },
    { name: 'KA-47 a label value that is none', body: { metadata: { name: 'n', labels: { a: 'b c' } } }, want: 422 },
    {
      name: 'KA-47 annotations beyond 256 KiB',
      body: { metadata: { name: 'n', annotations: { a: 'x'.repeat(262_144) } } },
      want: 422,
    },
    {
      name: 'KA-48 two controllers',
      body: {
        metadata: {
          name: 'n',
          ownerReferences: [1, 2].map((uid) => ({
            apiVersion: 'v1',
            kind: 'A',
            name: 'a',
            uid: `${uid}`,
            controller: true,
          })),
        },
      },
      want: 422,
    },
    {
      name: 'KA-49 a finalizer of no domain on a built-in kind',
      body: { metadata: { name: 'n', finalizers: ['mine'] } },
      want: 422,
    },
    { name: 'KA-116 a key that is none', body: { data: { 'a b': 'c' } }, want: 422 },
    { name: 'KA-53 a field of the wrong type', body: { data: { a: 1 } }, want: 400 },
    { name: 'KA-63 more than 3 MiB', body: { data: { a: 'x'.repeat(3_200_000) } }, want: 413 },
  ])('$name is refused', async ({ body, want }) => {
    const { status, json } = await create(configMaps, { ...configMap('n'), ...(body as JsonObject) });
    expect([status, json.kind]).toEqual([want, 'Status']);
  });

  test('KA-44 KA-99 a custom kind counts generations and gets its defaults', async () => {
    const { json } = await create(widgetsUrl, widget('w1', { spec: { color: 'red' }, status: { phase: 'x' } }));
    expect(json.spec).toEqual({ color: 'red', size: 3 });
    expect(json.status).toBeUndefined();
    expect(meta(json).generation).toBe(1);
  });

  test('KA-52 integers beyond 2^53 survive', async () => {
    const body =
      '{"apiVersion":"x.io/v1","kind":"Widget","metadata":{"name":"big"},"spec":{"serial":9007199254740993}}';
    await call({ method: 'POST', url: widgetsUrl, body });
    expect((await call({ url: `${widgetsUrl}/big` })).text).toContain('"serial":9007199254740993');
  });

  test('KA-110 in a namespace that is not there: 404 on the namespace', async () => {
    const { status, json } = await create('/api/v1/namespaces/nowhere/configmaps', configMap('a'));
    expect(status).toBe(404);
    expect(json.details).toEqual({ name: 'nowhere', kind: 'namespaces' });
  });
});

describe('field validation', () => {
  const body = '{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"NAME"},"dta":{},"data":{"a":"1","a":"2"}}';
  const named = (name: string) => body.replace('NAME', name);

  test('KA-61a Strict refuses with everything that is wrong', async () => {
    const { status, json } = await call({
      method: 'POST',
      url: `${configMaps}?fieldValidation=Strict`,
      body: named('strict'),
    });
    expect(status).toBe(400);
    expect(json.message).toContain('unknown field "dta"');
    expect(json.message).toContain('duplicate field "data.a"');
  });

  test('KA-61b Warn is the default: a Warning each, and the object is stored without the field', async () => {
    const { status, json, headers } = await call({ method: 'POST', url: configMaps, body: named('warn') });
    expect(status).toBe(201);
    expect(json).not.toHaveProperty('dta');
    expect(headers.warning).toEqual(['299 - "unknown field \\"dta\\""', '299 - "duplicate field \\"data.a\\""']);
  });

  test('KA-61c Ignore says nothing', async () => {
    const { status, headers } = await call({
      method: 'POST',
      url: `${configMaps}?fieldValidation=Ignore`,
      body: named('ignore'),
    });
    expect([status, headers.warning]).toEqual([201, undefined]);
  });

  test('KA-98 unknown fields stay in an open corner of a custom kind only', async () => {
    const spec = { open: { any: { thing: 1 } }, unknown: 1 };
    const { json } = await create(widgetsUrl, widget('open', { spec }));
    expect(json.spec).toEqual({ open: { any: { thing: 1 } }, size: 3 });
  });
});

describe('update', () => {
  test('KA-55 a stale resourceVersion is 409', async () => {
    const { json } = await create(configMaps, configMap('stale'));
    const url = `${configMaps}/stale`;
    await call({ method: 'PUT', url, body: { ...json, data: { a: '1' } } });
    const { status, json: failure } = await call({ method: 'PUT', url, body: { ...json, data: { a: '2' } } });
    expect([status, failure.reason]).toEqual([409, 'Conflict']);
    expect(failure.message).toContain('the object has been modified');
  });

  test('KA-55b without a resourceVersion the last write wins for core kinds, custom kinds refuse', async () => {
    await create(configMaps, configMap('last'));
    const core = await call({
      method: 'PUT',
      url: `${configMaps}/last`,
      body: configMap('last', { data: { a: 'b' } }),
    });
    expect([core.status, core.json.data]).toEqual([200, { a: 'b' }]);
    await create(widgetsUrl, widget('last'));
    const custom = await call({ method: 'PUT', url: `${widgetsUrl}/last`, body: widget('last') });
    expect(custom.status).toBe(422);
    expect(custom.json.details).toMatchObject({ causes: [{ field: 'metadata.resourceVersion' }] });
  });

  test('KA-55c PUT of a missing object is 404, of a missing lease creates it', async () => {
    expect((await call({ method: 'PUT', url: `${configMaps}/missing`, body: configMap('missing') })).status).toBe(404);
    const lease = { apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', metadata: { name: 'l' }, spec: {} };
    const url = '/apis/coordination.k8s.io/v1/namespaces/default/leases/l';
    expect((await call({ method: 'PUT', url, body: lease })).status).toBe(201);
  });

  test('KA-50 another uid is 409, server fields are kept', async () => {
    const { json } = await create(configMaps, configMap('kept'));
    const url = `${configMaps}/kept`;
    const other = await call({ method: 'PUT', url, body: configMap('kept', { metadata: { name: 'kept', uid: 'x' } }) });
    expect([other.status, other.json.reason]).toEqual([409, 'Conflict']);
    const metadata = { name: 'kept', creationTimestamp: '2001-01-01T00:00:00Z', labels: { a: 'b' } };
    const updated = await call({ method: 'PUT', url, body: configMap('kept', { metadata }) });
    expect(meta(updated.json)).toMatchObject({
      uid: meta(json).uid,
      creationTimestamp: meta(json).creationTimestamp,
      labels: { a: 'b' },
    });
  });

  test('KA-56 a no-op update leaves resourceVersion and managedFields', async () => {
    const { json } = await create(configMaps, configMap('noop', { data: { a: 'b' } }));
    const updated = await call({ method: 'PUT', url: `${configMaps}/noop?fieldManager=other`, body: json });
    expect(updated.json).toEqual(json);
  });

  test('KA-44 the generation counts changes of the spec, not of metadata or status', async () => {
    const first = await create(widgetsUrl, widget('gen', { spec: { size: 1 } }));
    const url = `${widgetsUrl}/gen`;
    const labelled = await call({
      method: 'PUT',
      url,
      body: { ...first.json, metadata: { ...meta(first.json), labels: { a: 'b' } } },
    });
    expect(meta(labelled.json).generation).toBe(1);
    const changed = await call({ method: 'PUT', url, body: { ...labelled.json, spec: { size: 2 } } });
    expect(meta(changed.json).generation).toBe(2);
    const ruled = await call({
      method: 'PUT',
      url: `${url}/status`,
      body: { ...changed.json, status: { phase: 'ok' } },
    });
    expect(meta(ruled.json).generation).toBe(2);
  });

  test('KA-64 BI-19 each of object and status ignores the other half', async () => {
    const first = await create(widgetsUrl, widget('halves', { spec: { size: 1 } }));
    const url = `${widgetsUrl}/halves`;
    const main = await call({ method: 'PUT', url, body: { ...first.json, status: { phase: 'no' } } });
    expect(main.json).toEqual(first.json);
    const metadata = { ...meta(first.json), labels: { a: 'b' } };
    const sub = await call({
      method: 'PUT',
      url: `${url}/status`,
      body: { ...first.json, metadata, spec: { size: 9 }, status: { phase: 'yes' } },
    });
    expect(sub.json).toMatchObject({ spec: { size: 1 }, status: { phase: 'yes' } });
    expect(meta(sub.json).labels).toBeUndefined();
  });

  test("KA-49 BI-21 the last finalizer's removal deletes; none can be added meanwhile", async () => {
    const metadata = { name: 'final', finalizers: ['x.io/a', 'x.io/b'] };
    await create(configMaps, configMap('final', { metadata }));
    const url = `${configMaps}/final`;
    const deleted = await call({ method: 'DELETE', url });
    expect(meta(deleted.json)).toMatchObject({ deletionGracePeriodSeconds: 0, finalizers: ['x.io/a', 'x.io/b'] });
    const again = await call({ method: 'DELETE', url });
    expect(again.json).toEqual(deleted.json);
    const patch = (finalizers: string[]) =>
      call({
        method: 'PATCH',
        url,
        headers: { 'content-type': 'application/merge-patch+json' },
        body: { metadata: { finalizers } },
      });
    expect((await patch(['x.io/a', 'x.io/b', 'x.io/c'])).json).toMatchObject({
      code: 422,
      details: { causes: [{ reason: 'FieldValueForbidden', field: 'metadata.finalizers' }] },
    });
    expect((await patch(['x.io/b'])).status).toBe(200);
    expect((await call({ url })).status).toBe(200);
    expect((await patch([])).status).toBe(200);
    expect((await call({ url })).status).toBe(404);
  });
});

describe('delete', () => {
  test('KA-57 what is gone at once answers with a Status', async () => {
    const { json } = await create(configMaps, configMap('gone'));
    const { status, json: answer } = await call({ method: 'DELETE', url: `${configMaps}/gone` });
    expect(status).toBe(200);
    expect(answer).toEqual({
      kind: 'Status',
      apiVersion: 'v1',
      metadata: {},
      status: 'Success',
      details: { name: 'gone', kind: 'configmaps', uid: meta(json).uid },
    });
  });

  test('KA-57b BI-20 preconditions that do not hold are 409', async () => {
    await create(configMaps, configMap('pre'));
    for (const preconditions of [{ uid: 'x' }, { resourceVersion: '1' }]) {
      const body = { apiVersion: 'v1', kind: 'DeleteOptions', preconditions };
      const { status, json } = await call({ method: 'DELETE', url: `${configMaps}/pre`, body });
      expect([status, json.reason]).toEqual([409, 'Conflict']);
    }
  });

  test.each([
    ['Foreground', ['foregroundDeletion']],
    ['Orphan', ['orphan']],
  ])('KA-58 propagationPolicy %s adds its finalizer', async (policy, finalizers) => {
    const name = policy.toLowerCase();
    await create(configMaps, configMap(name));
    const { json } = await call({ method: 'DELETE', url: `${configMaps}/${name}?propagationPolicy=${policy}` });
    expect(meta(json)).toMatchObject({ finalizers, deletionGracePeriodSeconds: 0 });
    const background = { apiVersion: 'v1', kind: 'DeleteOptions', propagationPolicy: 'Background' };
    await call({ method: 'DELETE', url: `${configMaps}/${name}`, body: background });
    expect((await call({ url: `${configMaps}/${name}` })).status).toBe(404);
  });

  test('KA-58 orphanDependents says the same as the policies Orphan and Background', async () => {
    await create(configMaps, configMap('orphaning'));
    const url = `${configMaps}/orphaning`;
    const { json } = await call({ method: 'DELETE', url: `${url}?orphanDependents=true` });
    expect(meta(json).finalizers).toEqual(['orphan']);
    await call({ method: 'DELETE', url: `${url}?orphanDependents=false` });
    expect((await call({ url })).status).toBe(404);
  });

  test('KA-44 a generation is counted when deletion begins, and only then', async () => {
    await create(widgetsUrl, widget('ending', { metadata: { name: 'ending', finalizers: ['example.com/x'] } }));
    const url = `${widgetsUrl}/ending`;
    const first = await call({ method: 'DELETE', url });
    const second = await call({ method: 'DELETE', url });
    expect([meta(first.json).generation, meta(second.json).generation]).toEqual([2, 2]);
  });

  test('KA-57a KA-58 a second delete by the same policy changes nothing, whatever the order of finalizers', async () => {
    const finalizers = ['foregroundDeletion', 'example.com/x'];
    await create(configMaps, configMap('again', { metadata: { name: 'again', finalizers } }));
    const url = `${configMaps}/again`;
    const first = await call({ method: 'DELETE', url: `${url}?propagationPolicy=Foreground` });
    const second = await call({ method: 'DELETE', url: `${url}?propagationPolicy=Foreground` });
    expect(meta(first.json).finalizers).toEqual(finalizers);
    expect(second.json).toEqual(first.json);
  });

  test('KA-59 a collection goes by selector and answers with what went', async () => {
    for (const name of ['c1', 'c2'])
      await create(configMaps, configMap(name, { metadata: { name, labels: { set: 'c' } } }));
    const { status, json } = await call({ method: 'DELETE', url: `${configMaps}?labelSelector=set%3Dc` });
    expect(status).toBe(200);
    expect((json.items as JsonObject[]).map((item) => meta(item).name)).toEqual(['c1', 'c2']);
    expect((await call({ url: `${configMaps}?labelSelector=set%3Dc` })).json.items).toEqual([]);
  });

  test('KA-109 some namespaces stay', async () => {
    const { status, json } = await call({ method: 'DELETE', url: '/api/v1/namespaces/kube-system' });
    expect([status, json.reason]).toEqual([403, 'Forbidden']);
  });

  test('KA-110 KA-111c a namespace terminates, takes nothing new, and goes with its finalizer', async () => {
    await create('/api/v1/namespaces', { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'bye' } });
    const { json } = await call({ method: 'DELETE', url: '/api/v1/namespaces/bye' });
    expect(json).toMatchObject({
      kind: 'Namespace',
      status: { phase: 'Terminating' },
      spec: { finalizers: ['kubernetes'] },
    });
    const refused = await create('/api/v1/namespaces/bye/configmaps', configMap('late'));
    expect(refused.json).toMatchObject({
      code: 403,
      details: { causes: [{ reason: 'NamespaceTerminating', field: 'metadata.namespace' }] },
    });
    const body = { ...json, spec: {} };
    expect((await call({ method: 'PUT', url: '/api/v1/namespaces/bye/finalize', body })).status).toBe(200);
    expect((await call({ url: '/api/v1/namespaces/bye' })).status).toBe(404);
  });
});

describe('dry run', () => {
  test('KA-60a a create shows the object without resourceVersion and stores nothing', async () => {
    const { status, json } = await create(configMaps, configMap('dry'), '?dryRun=All');
    expect([status, meta(json).resourceVersion]).toEqual([201, undefined]);
    expect(meta(json).uid).toMatch(/-/);
    expect((await call({ url: `${configMaps}/dry` })).status).toBe(404);
  });

  test('KA-60b update, patch and delete change nothing', async () => {
    const { json } = await create(configMaps, configMap('wet', { data: { a: '1' } }));
    const url = `${configMaps}/wet`;
    const put = await call({ method: 'PUT', url: `${url}?dryRun=All`, body: configMap('wet', { data: { a: '2' } }) });
    expect(put.json.data).toEqual({ a: '2' });
    await call({ method: 'DELETE', url: `${url}?dryRun=All` });
    await call({ method: 'DELETE', url, body: { apiVersion: 'v1', kind: 'DeleteOptions', dryRun: ['All'] } });
    expect((await call({ url })).json).toEqual(json);
  });

  test('KA-60c another value is 422', async () => {
    expect((await create(configMaps, configMap('odd'), '?dryRun=yes')).status).toBe(422);
  });
});
