import type { JsonObject } from '@quarterdeck/machinery';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { send, type TestRequest } from '../../testing/request.ts';
import { startTestServer, type TestServer } from '../../testing/server.ts';
import { widgets } from '../../testing/widgets.ts';

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer({ definitions: [widgets] });
  for (const namespace of ['a', 'a-b']) {
    await call({
      method: 'POST',
      url: '/api/v1/namespaces',
      body: { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } },
    });
    for (const name of ['x', 'y', 'z']) {
      const metadata = { name, labels: { name, odd: String(name !== 'y') } };
      const url = `/api/v1/namespaces/${namespace}/configmaps`;
      await call({ method: 'POST', url, body: { apiVersion: 'v1', kind: 'ConfigMap', metadata, data: { a: 'b' } } });
    }
  }
});
afterAll(() => server[Symbol.asyncDispose]());

const call = (request: TestRequest) => send(server.server.pipeline, request);
const names = (list: JsonObject) =>
  (list.items as JsonObject[]).map(({ metadata }) => {
    const { namespace, name } = metadata as JsonObject;
    return `${String(namespace)}/${String(name)}`;
  });
const meta = (object: JsonObject) => object.metadata as JsonObject;
const tableAccept = 'application/json;as=Table;v=v1;g=meta.k8s.io';

describe('lists', () => {
  test('KA-80 items are sorted by key, in a list of their kind', async () => {
    const { json } = await call({ url: '/api/v1/configmaps' });
    expect(names(json)).toEqual(['a-b/x', 'a-b/y', 'a-b/z', 'a/x', 'a/y', 'a/z']);
    expect([json.kind, json.apiVersion]).toEqual(['ConfigMapList', 'v1']);
    expect(meta(json)).toEqual({ resourceVersion: String(server.server.store.revision) });
  });

  test('KA-82 items of a built-in kind leave their type to the list, those of a custom kind name it', async () => {
    const typesOf = async (url: string) => {
      const { json } = await call({ url });
      return (json.items as JsonObject[]).map(({ apiVersion, kind }) => [apiVersion, kind]);
    };
    const none = [undefined, undefined];
    expect(await typesOf('/api/v1/namespaces/a/configmaps')).toEqual([none, none, none]);
    expect(await typesOf('/api/v1/namespaces/a/configmaps?pretty=true')).toEqual([none, none, none]);
    const body = { apiVersion: 'x.io/v1', kind: 'Widget', metadata: { name: 'typed' } };
    await call({ method: 'POST', url: '/apis/x.io/v1/namespaces/a/widgets', body });
    expect(await typesOf('/apis/x.io/v1/namespaces/a/widgets')).toContainEqual(['x.io/v1', 'Widget']);
  });

  test('KA-52 an empty list has items', async () => {
    expect((await call({ url: '/api/v1/namespaces/default/secrets' })).json.items).toEqual([]);
  });

  test.each([
    ['labelSelector=name%3Dx', ['a/x']],
    ['labelSelector=name+in+(x,y),odd!%3Dtrue', ['a/y']],
    ['labelSelector=!name', []],
    ['fieldSelector=metadata.name%3Dz', ['a/z']],
    ['fieldSelector=metadata.namespace!%3Da', []],
  ])('KA-81 ?%s', async (query, want) => {
    expect(names((await call({ url: `/api/v1/namespaces/a/configmaps?${query}` })).json)).toEqual(want);
  });

  test.each(['labelSelector=a+b', 'labelSelector=%3D', 'fieldSelector=data.a%3Db', 'fieldSelector=metadata.name'])(
    'KA-81 BI-9 BI-10 ?%s is 400',
    async (query) => {
      const { status, json } = await call({ url: `/api/v1/configmaps?${query}` });
      expect([status, json.reason]).toEqual([400, 'BadRequest']);
    },
  );

  test('KA-81 custom kinds select by the fields they name', async () => {
    const url = '/apis/x.io/v1/namespaces/a/widgets';
    for (const [name, color] of [
      ['r', 'red'],
      ['g', 'green'],
    ] as const) {
      await call({
        method: 'POST',
        url,
        body: { apiVersion: 'x.io/v1', kind: 'Widget', metadata: { name }, spec: { color } },
      });
    }
    expect(names((await call({ url: `${url}?fieldSelector=spec.color%3Dred` })).json)).toEqual(['a/r']);
  });

  test("KA-82 pages answer from the first page's revision", async () => {
    const url = '/api/v1/namespaces/a/configmaps?limit=2';
    const first = (await call({ url })).json;
    expect(names(first)).toEqual(['a/x', 'a/y']);
    expect(meta(first)).toMatchObject({ remainingItemCount: 1, continue: expect.any(String) });
    const created = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'zz' } };
    await call({ method: 'POST', url: '/api/v1/namespaces/a/configmaps', body: created });
    const second = (await call({ url: `${url}&continue=${String(meta(first).continue)}` })).json;
    expect(names(second)).toEqual(['a/z']);
    expect(meta(second)).toEqual({ resourceVersion: meta(first).resourceVersion });
    await call({ method: 'DELETE', url: '/api/v1/namespaces/a/configmaps/zz' });
  });

  test('KA-82 with a selector nobody counts what remains', async () => {
    const { json } = await call({ url: '/api/v1/configmaps?limit=1&labelSelector=name' });
    expect(meta(json)).toEqual({ resourceVersion: expect.any(String), continue: expect.any(String) });
  });

  test('BI-12 a token of another list is 400', async () => {
    const token = meta((await call({ url: '/api/v1/configmaps?limit=1' })).json).continue;
    expect((await call({ url: `/api/v1/namespaces/a/configmaps?continue=${String(token)}` })).status).toBe(400);
    expect((await call({ url: `/api/v1/secrets?continue=${String(token)}` })).status).toBe(400);
    expect((await call({ url: `/api/v1/configmaps?continue=${String(token)}&resourceVersion=5` })).status).toBe(400);
    expect((await call({ url: `/api/v1/configmaps?continue=${String(token)}&resourceVersion=0` })).status).toBe(200);
  });

  test.each([
    { name: 'match without a version', query: 'resourceVersionMatch=Exact', want: 422 },
    { name: 'an unknown match', query: 'resourceVersion=5&resourceVersionMatch=Newer', want: 422 },
    { name: 'Exact with 0', query: 'resourceVersion=0&resourceVersionMatch=Exact', want: 422 },
    { name: 'sendInitialEvents', query: 'sendInitialEvents=true', want: 422 },
    { name: 'a version that is none', query: 'resourceVersion=abc', want: 400 },
    { name: 'a negative limit', query: 'limit=-1', want: 400 },
    { name: 'any version', query: 'resourceVersion=0', want: 200 },
    { name: 'a compacted version, exactly', query: 'resourceVersion=1&resourceVersionMatch=Exact', want: 410 },
    { name: 'an old version, not older', query: 'resourceVersion=1&resourceVersionMatch=NotOlderThan', want: 200 },
    { name: 'an old version with a limit, as of old', query: 'resourceVersion=1&limit=1', want: 410 },
  ])('KA-83 $name is $want', async ({ query, want }) => {
    expect((await call({ url: `/api/v1/configmaps?${query}` })).status).toBe(want);
  });

  test('KA-40 a version ahead of the server is 504 with its cause', async () => {
    const { status, json, headers } = await call({
      url: `/api/v1/configmaps?resourceVersion=${Number.MAX_SAFE_INTEGER}`,
    });
    expect([status, headers['retry-after']]).toEqual([504, '1']);
    expect(json.details).toMatchObject({ causes: [{ reason: 'ResourceVersionTooLarge' }], retryAfterSeconds: 1 });
  });
});

describe('forms', () => {
  test('KA-32 a Table has a row for each object, with its metadata', async () => {
    const { json, headers } = await call({ url: '/api/v1/namespaces/a/configmaps', headers: { accept: tableAccept } });
    expect(headers['content-type']).toBe('application/json');
    expect([json.kind, json.apiVersion]).toEqual(['Table', 'meta.k8s.io/v1']);
    expect((json.columnDefinitions as JsonObject[]).map(({ name }) => name)).toEqual(['Name', 'Data', 'Age']);
    const rows = json.rows as JsonObject[];
    expect(rows.map(({ cells }) => cells)).toEqual(
      ['x', 'y', 'z'].map((name) => [name, 1, expect.stringMatching(/^\d+s$/)]),
    );
    expect(rows[0]?.object).toMatchObject({ kind: 'PartialObjectMetadata', metadata: { name: 'x' } });
  });

  test.each([
    ['None', undefined],
    ['Object', 'ConfigMap'],
  ])('KA-32 includeObject=%s', async (include, kind) => {
    const url = `/api/v1/namespaces/a/configmaps/x?includeObject=${include}`;
    const { json } = await call({ url, headers: { accept: tableAccept } });
    const [row] = json.rows as { object?: JsonObject }[];
    expect(row?.object?.kind).toBe(kind);
  });

  test('KA-107 an absent value of a custom column stays empty', async () => {
    const body = { apiVersion: 'x.io/v1', kind: 'Widget', metadata: { name: 'plain' } };
    const url = '/apis/x.io/v1/namespaces/a/widgets';
    await call({ method: 'POST', url, body });
    const { json } = await call({ url: `${url}/plain`, headers: { accept: tableAccept } });
    const [row] = json.rows as { cells: unknown[] }[];
    expect(row?.cells.slice(0, 2)).toEqual(['plain', null]);
  });

  test('KA-33 metadata alone, of one and of many', async () => {
    const partial = (as: string) => ({ accept: `application/json;as=${as};v=v1;g=meta.k8s.io` });
    const one = await call({ url: '/api/v1/namespaces/a/configmaps/x', headers: partial('PartialObjectMetadata') });
    expect(one.json).toMatchObject({
      kind: 'PartialObjectMetadata',
      apiVersion: 'meta.k8s.io/v1',
      metadata: { name: 'x' },
    });
    expect(one.json).not.toHaveProperty('data');
    const many = await call({ url: '/api/v1/namespaces/a/configmaps', headers: partial('PartialObjectMetadataList') });
    expect([many.json.kind, names(many.json)]).toEqual(['PartialObjectMetadataList', ['a/x', 'a/y', 'a/z']]);
    const wrong = await call({ url: '/api/v1/namespaces/a/configmaps', headers: partial('PartialObjectMetadata') });
    expect(wrong.status).toBe(406);
  });

  test('KA-34 reviews have no Table', async () => {
    const body = { apiVersion: 'authentication.k8s.io/v1', kind: 'SelfSubjectReview' };
    const url = '/apis/authentication.k8s.io/v1/selfsubjectreviews';
    expect((await call({ method: 'POST', url, body, headers: { accept: tableAccept } })).status).toBe(406);
    expect((await call({ method: 'POST', url, body })).json).toMatchObject({
      status: { userInfo: { username: 'system:apiserver' } },
    });
  });

  test('KA-31a KA-31b YAML and indented JSON on request', async () => {
    const url = '/api/v1/namespaces/a/configmaps/x';
    const yaml = await call({ url, headers: { accept: 'application/yaml' } });
    expect([yaml.headers['content-type'], yaml.text]).toEqual([
      'application/yaml',
      expect.stringContaining('kind: ConfigMap\n'),
    ]);
    const pretty = await call({ url: `${url}?pretty=true` });
    expect(pretty.text.startsWith('{\n  "apiVersion": "v1",\n')).toBe(true);
  });

  test('KA-31c large answers are compressed for who can read it', async () => {
    const data = { a: 'x'.repeat(200_000) };
    const url = '/api/v1/namespaces/a-b/configmaps';
    await call({
      method: 'POST',
      url,
      body: { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'large' }, data },
    });
    const anonymous = await call({ url: `${url}/large`, user: null, headers: { 'accept-encoding': 'gzip' } });
    expect([anonymous.status, anonymous.headers['content-encoding']]).toEqual([403, undefined]);
    const plain = await call({ url: `${url}/large`, headers: { 'accept-encoding': 'gzip' } });
    expect(plain.headers['content-encoding']).toBeUndefined();
    await call({ method: 'DELETE', url: `${url}/large` });
  });
});

describe('every response', () => {
  test("KA-9 has an audit id of its own or the request's, and is not cached", async () => {
    const given = await call({ url: '/api/v1/configmaps', headers: { 'audit-id': 'mine' } });
    expect([given.headers['audit-id'], given.headers['cache-control']]).toEqual(['mine', 'no-cache, private']);
    expect((await call({ url: '/nope' })).headers['audit-id']).toMatch(/^[0-9a-f-]{36}$/);
  });

  test.each([
    { name: 'an unknown path', url: '/nope', want: [404, 'NotFound'] },
    { name: 'an unknown group', url: '/apis/none.io/v1/things', want: [404, 'NotFound'] },
    { name: 'an unknown resource', url: '/api/v1/things', want: [404, 'NotFound'] },
    { name: 'an unknown subresource', url: '/api/v1/namespaces/a/configmaps/x/status', want: [404, 'NotFound'] },
    { name: 'a namespaced kind without its namespace', url: '/api/v1/configmaps/x', want: [404, 'NotFound'] },
    {
      name: 'a cluster kind in a namespace',
      url: '/apis/rbac.authorization.k8s.io/v1/namespaces/a/clusterroles',
      want: [404, 'NotFound'],
    },
    {
      name: 'a method that no resource knows',
      method: 'PROPFIND',
      url: '/api/v1/configmaps',
      want: [405, 'MethodNotAllowed'],
    },
    {
      name: 'POST to an object',
      method: 'POST',
      url: '/api/v1/namespaces/a/configmaps/x',
      want: [405, 'MethodNotAllowed'],
    },
    {
      name: 'PUT to a collection',
      method: 'PUT',
      url: '/api/v1/namespaces/a/configmaps',
      want: [405, 'MethodNotAllowed'],
    },
    {
      name: 'a verb the kind has not',
      url: '/apis/authentication.k8s.io/v1/tokenreviews',
      want: [405, 'MethodNotAllowed'],
    },
  ])('KA-7 $name is $want', async ({ method, url, want }) => {
    const { status, json } = await call({ method: method ?? 'GET', url });
    expect([status, json.reason]).toEqual(want);
  });

  test('KA-5 HEAD answers without a body', async () => {
    const { status, text } = await call({ method: 'HEAD', url: '/api/v1/configmaps' });
    expect([status, text]).toEqual([200, '']);
  });

  test('KA-39 a refusal names user, verb, resource and place', async () => {
    const user = { name: 'eve', groups: ['system:authenticated'] };
    const { status, json } = await call({ url: '/api/v1/namespaces/a/secrets', user });
    expect([status, json.reason]).toEqual([403, 'Forbidden']);
    expect(json.message).toBe(
      'secrets is forbidden: User "eve" cannot list resource "secrets" in API group "" in the namespace "a"',
    );
  });

  test('KA-17 version and health serve anonymous callers, resources do not', async () => {
    for (const url of ['/version', '/healthz', '/livez', '/readyz'])
      expect((await call({ url, user: null })).status).toBe(200);
    expect((await call({ url: '/api/v1/configmaps', user: null })).status).toBe(403);
  });

  test('KA-8b a bad timeout is 400', async () => {
    expect((await call({ url: '/api/v1/configmaps?timeout=soon' })).status).toBe(400);
    expect((await call({ url: '/api/v1/configmaps?timeout=32s' })).status).toBe(200);
  });
});
