import type { JsonObject, JsonValue } from '@quarterdeck/machinery';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { send, type TestRequest } from '../../testing/request.ts';
import { startTestServer, type TestServer } from '../../testing/server.ts';

/**
 * Nothing pretends: each option on each verb has its effect or is refused. What Kubernetes defines as unknown to a verb
 * is ignored there as it is by kube-apiserver (KA-8), and the table says so.
 */
let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server[Symbol.asyncDispose]());

const call = (request: TestRequest) => send(server.server.pipeline, request);
const collection = '/api/v1/namespaces/default/configmaps';
const item = `${collection}/it`;
const object: JsonObject = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'it' }, data: { a: '1' } };

beforeEach(async () => {
  await call({ method: 'DELETE', url: item });
  await call({ method: 'POST', url: collection, body: object });
});

const merge = { 'content-type': 'application/merge-patch+json' };
const requests = {
  create: { method: 'POST', url: collection, body: { ...object, metadata: { name: 'new' } } },
  update: { method: 'PUT', url: item, body: { ...object, data: { a: '2' } } },
  patch: { method: 'PATCH', url: item, headers: merge, body: { data: { a: '2' } } },
  delete: { method: 'DELETE', url: item },
  deletecollection: { method: 'DELETE', url: collection },
  get: { method: 'GET', url: item },
  list: { method: 'GET', url: collection },
} as const;
type VerbName = keyof typeof requests;

const ask = async (verb: VerbName, query: string) => {
  const request: TestRequest = requests[verb];
  return call({ ...request, url: `${request.url}?${query}` });
};

describe('refusals', () => {
  test.each<[VerbName, string, number]>([
    ['create', 'dryRun=Some', 422],
    ['update', 'dryRun=Some', 422],
    ['patch', 'dryRun=Some', 422],
    ['delete', 'dryRun=Some', 422],
    ['deletecollection', 'dryRun=Some', 422],
    ['create', 'fieldValidation=Loose', 422],
    ['update', 'fieldValidation=Loose', 422],
    ['patch', 'fieldValidation=Loose', 422],
    ['create', `fieldManager=${'x'.repeat(129)}`, 422],
    ['update', 'fieldManager=%01', 422],
    ['create', 'force=true', 422],
    ['update', 'force=true', 422],
    ['patch', 'force=true', 422],
    ['patch', 'force=perhaps', 400],
    ['delete', 'propagationPolicy=Sometimes', 422],
    ['delete', 'propagationPolicy=Orphan&orphanDependents=true', 422],
    ['delete', 'gracePeriodSeconds=-1', 422],
    ['delete', 'gracePeriodSeconds=soon', 400],
    ['delete', 'orphanDependents=perhaps', 400],
    ['deletecollection', 'propagationPolicy=Sometimes', 422],
    ['deletecollection', 'labelSelector=a+b', 400],
    ['get', 'resourceVersion=abc', 400],
    ['list', 'resourceVersion=abc', 400],
    ['list', 'limit=many', 400],
    ['list', 'continue=forged', 400],
    ['list', 'watch=perhaps', 400],
    ['list', 'watch=1&timeoutSeconds=soon', 400],
    ['list', 'watch=1&allowWatchBookmarks=perhaps', 400],
    ['list', 'watch=1&continue=x', 422],
    ['list', 'includeObject=Some', 200],
    ['list', 'timeout=never', 400],
  ])('KA-8 KA-60 KA-61 %s with ?%s is %s', async (verb, query, want) => {
    expect((await ask(verb, query)).status).toBe(want);
  });

  test.each<[string, JsonValue, number]>([
    ['another kind', { apiVersion: 'v1', kind: 'ConfigMap' }, 400],
    ['an unknown policy', { kind: 'DeleteOptions', apiVersion: 'v1', propagationPolicy: 'Sometimes' }, 422],
    ['a grace period that is none', { kind: 'DeleteOptions', apiVersion: 'v1', gracePeriodSeconds: 'soon' }, 422],
    ['a dry run that is none', { kind: 'DeleteOptions', apiVersion: 'v1', dryRun: ['Some'] }, 422],
    [
      'the way around broken objects',
      { kind: 'DeleteOptions', apiVersion: 'v1', ignoreStoreReadErrorWithClusterBreakingPotential: true },
      422,
    ],
  ])('KA-57c a delete with %s is refused', async (_name, body, want) => {
    expect((await call({ method: 'DELETE', url: item, body })).status).toBe(want);
  });

  test.each<[string, Record<string, string>, number]>([
    ['CBOR', { 'content-type': 'application/cbor' }, 415],
    ['plain text', { 'content-type': 'text/plain' }, 415],
    ['junk after the type', { 'content-type': 'application/json junk' }, 415],
    ['a content encoding', { 'content-encoding': 'gzip' }, 415],
    ['a length that is wrong', { 'content-length': '5' }, 400],
  ])('KA-27 KA-35 BI-15 a body with %s is refused', async (_name, headers, want) => {
    expect((await call({ method: 'POST', url: collection, body: object, headers })).status).toBe(want);
  });

  test.each([
    ['truncated JSON', '{"apiVersion":"v1",'],
    ['a list', '[]'],
    ['a lone surrogate', '{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"s"},"data":{"a":"\\ud800"}}'],
    ['nothing at all', ''],
  ])('BI-1 BI-6 a body of %s is 400', async (_name, body) => {
    expect((await call({ method: 'POST', url: collection, body })).status).toBe(400);
  });
});

describe('effects', () => {
  test('KA-60 dryRun changes nothing, on each write', async () => {
    const before = (await call({ url: item })).json;
    for (const verb of ['create', 'update', 'patch', 'delete', 'deletecollection'] as const) {
      expect((await ask(verb, 'dryRun=All')).status).toBeLessThan(300);
    }
    expect((await call({ url: item })).json).toEqual(before);
    expect((await call({ url: `${collection}/new` })).status).toBe(404);
  });

  test('KA-72 fieldManager is recorded, on each write', async () => {
    await call({ method: 'DELETE', url: `${collection}/new` });
    for (const verb of ['create', 'update', 'patch'] as const) {
      await call({ method: 'PUT', url: item, body: object });
      const { json } = await ask(verb, `fieldManager=by-${verb}`);
      const managers = (json.metadata as { managedFields: { manager: string }[] }).managedFields;
      expect(managers.map(({ manager }) => manager)).toContain(`by-${verb}`);
    }
    await call({ method: 'DELETE', url: `${collection}/new` });
  });

  test('KA-61 fieldValidation has its three meanings, on each write', async () => {
    const bad = { nonsense: 1 };
    for (const verb of ['update', 'patch'] as const) {
      const request = requests[verb];
      const outcome = async (value: string) => {
        const body = { ...request.body, ...bad } as JsonObject;
        const { status, headers } = await call({ ...request, body, url: `${request.url}?fieldValidation=${value}` });
        return [status, headers.warning !== undefined];
      };
      expect(await outcome('Ignore')).toEqual([200, false]);
      expect(await outcome('Warn')).toEqual([200, true]);
      expect(await outcome('Strict')).toEqual([verb === 'patch' ? 422 : 400, false]);
    }
  });

  test('KA-27 a body may be YAML', async () => {
    const body = 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: from-yaml}\ndata: {a: "1"}\n';
    const { status, json } = await call({
      method: 'POST',
      url: collection,
      body,
      headers: { 'content-type': 'application/yaml' },
    });
    expect([status, json.data]).toEqual([201, { a: '1' }]);
  });

  test('BI-5 keys of Object.prototype are data', async () => {
    const body =
      '{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"proto"},"data":{"__proto__":"x","constructor":"y"}}';
    await call({ method: 'POST', url: collection, body });
    expect((await call({ url: `${collection}/proto` })).text).toContain('"data":{"__proto__":"x","constructor":"y"}');
  });
});
