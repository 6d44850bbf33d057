import { type ApiError, ConfigMap, Namespace, ServiceAccount } from '@quarterdeck/apis';
import { afterAll, beforeEach, expect, test } from 'vitest';
import { configMap, stored } from '../testing/builders.ts';
import { type FakeClock, fakeClock } from '../testing/fake-clock.ts';
import { type Respond, sendJson, startTestHttpServer } from '../testing/http-server.ts';
import { createHttpClient, type HttpClient } from './http-client.ts';
import { isConnectionError } from './http-errors.ts';
import type { HttpClientOptions } from './http-options.ts';

let respond: Respond = () => undefined;
let count = 0;
const server = await startTestHttpServer({
  respond: (request, response) => {
    count++;
    respond(request, response);
  },
});
afterAll(() => server.close());
beforeEach(() => {
  count = 0;
});

const ref = { namespace: 'default', name: 'a' };
const object = stored(configMap('a', { k: 'v' }), 7);
const connect = (options: Partial<HttpClientOptions> = {}): HttpClient =>
  createHttpClient({ baseUrl: server.url, ...options });
const failureOf = (promise: Promise<unknown>) =>
  promise.then(
    () => expect.unreachable('expected a failure'),
    (error: unknown) => error as ApiError,
  );

/** Moves the clock over short pauses, never over the time limit of a call. */
async function pumping<T>(clock: FakeClock, promise: Promise<T>): Promise<T> {
  let isSettled = false;
  const settle = promise.finally(() => {
    isSettled = true;
  });
  settle.catch(() => undefined);
  while (!isSettled) {
    const due = clock.nextTimerAt();
    const isPause = due !== undefined && due - clock.monotonic() < 10_000;
    await (isPause ? clock.advance(due - clock.monotonic()) : clock.settle());
  }
  return settle;
}

const deleteOptions = (more: object = {}) => ({
  apiVersion: 'v1',
  kind: 'DeleteOptions',
  propagationPolicy: 'Background',
  ...more,
});

test.each<{
  name: string;
  call: (client: HttpClient) => Promise<unknown>;
  method: string;
  url: string;
  type?: string;
  body?: unknown;
}>([
  {
    name: 'get',
    call: (client) => client.get(ConfigMap, ref, { resourceVersion: '5' }),
    method: 'GET',
    url: '/api/v1/namespaces/default/configmaps/a?resourceVersion=5',
  },
  {
    name: 'get of a subresource',
    call: (client) => client.get(Namespace, { name: 'n' }, { subresource: 'status' }),
    method: 'GET',
    url: '/api/v1/namespaces/n/status',
  },
  {
    name: 'list',
    call: (client) =>
      client.list(ConfigMap, {
        namespace: 'x',
        labelSelector: 'a=b',
        limit: 5,
        continue: 't',
        resourceVersionMatch: 'Exact',
      }),
    method: 'GET',
    url: '/api/v1/namespaces/x/configmaps?labelSelector=a%3Db&limit=5&continue=t&resourceVersionMatch=Exact',
  },
  {
    name: 'create',
    call: (client) => client.create(ConfigMap, configMap('a'), { fieldManager: 'me', dryRun: true }),
    method: 'POST',
    url: '/api/v1/namespaces/default/configmaps?fieldManager=me&fieldValidation=Strict&dryRun=All',
    type: 'application/json',
    body: configMap('a'),
  },
  {
    name: 'create of a subresource',
    call: (client) =>
      client.create(
        ServiceAccount,
        { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenRequest', metadata: ref },
        { subresource: 'token' },
      ),
    method: 'POST',
    url: '/api/v1/namespaces/default/serviceaccounts/a/token?fieldValidation=Strict',
    type: 'application/json',
    body: { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenRequest', metadata: ref },
  },
  {
    name: 'update',
    call: (client) => client.update(ConfigMap, object, { fieldValidation: 'Warn' }),
    method: 'PUT',
    url: '/api/v1/namespaces/default/configmaps/a?fieldValidation=Warn',
    type: 'application/json',
    body: object,
  },
  {
    name: 'update of a subresource',
    call: (client) => client.update(ConfigMap, object, { subresource: 'status' }),
    method: 'PUT',
    url: '/api/v1/namespaces/default/configmaps/a/status?fieldValidation=Strict',
    type: 'application/json',
    body: object,
  },
  {
    name: 'JSON patch',
    call: (client) => client.patch(ConfigMap, ref, { type: 'json', body: [] }),
    method: 'PATCH',
    url: '/api/v1/namespaces/default/configmaps/a?fieldValidation=Strict',
    type: 'application/json-patch+json',
    body: [],
  },
  {
    name: 'merge patch',
    call: (client) => client.patch(ConfigMap, ref, { type: 'merge', body: { data: null } }),
    method: 'PATCH',
    url: '/api/v1/namespaces/default/configmaps/a?fieldValidation=Strict',
    type: 'application/merge-patch+json',
    body: { data: null },
  },
  {
    name: 'strategic merge patch',
    call: (client) => client.patch(ConfigMap, ref, { type: 'strategic', body: {} }),
    method: 'PATCH',
    url: '/api/v1/namespaces/default/configmaps/a?fieldValidation=Strict',
    type: 'application/strategic-merge-patch+json',
    body: {},
  },
  {
    name: 'apply',
    call: (client) => client.apply(ConfigMap, configMap('a'), { fieldManager: 'me', force: true }),
    method: 'PATCH',
    url: '/api/v1/namespaces/default/configmaps/a?fieldManager=me&fieldValidation=Strict&force=true',
    type: 'application/apply-patch+yaml',
    body: configMap('a'),
  },
  {
    name: 'delete',
    call: (client) =>
      client.delete(ConfigMap, ref, {
        preconditions: { uid: 'u' },
        gracePeriodSeconds: 0,
        propagationPolicy: 'Orphan',
        dryRun: true,
      }),
    method: 'DELETE',
    url: '/api/v1/namespaces/default/configmaps/a',
    type: 'application/json',
    body: deleteOptions({
      propagationPolicy: 'Orphan',
      preconditions: { uid: 'u' },
      gracePeriodSeconds: 0,
      dryRun: ['All'],
    }),
  },
  {
    name: 'deleteCollection',
    call: (client) => client.deleteCollection(ConfigMap, { namespace: 'x', labelSelector: 'a' }),
    method: 'DELETE',
    url: '/api/v1/namespaces/x/configmaps?labelSelector=a',
    type: 'application/json',
    body: deleteOptions(),
  },
  { name: 'raw', call: (client) => client.getRaw('/version?x=y'), method: 'GET', url: '/version?x=y' },
])('KA-5 KA-6 the request of $name', async ({ call, method, url, type, body }) => {
  await using client = connect({ token: 't', userAgent: 'agent/1' });
  respond = (_, response) => sendJson(response, 200, { ...object, items: [] });
  await call(client);
  const seen = server.requests.at(-1);
  expect({ method: seen?.method, url: seen?.url, type: seen?.headers['content-type'] }).toEqual({ method, url, type });
  expect(seen?.body === '' ? undefined : JSON.parse(seen?.body ?? '')).toEqual(body);
  expect(seen?.headers).toMatchObject({
    accept: 'application/json',
    authorization: 'Bearer t',
    'user-agent': 'agent/1',
  });
});

test('DL-2, CI-16 an apply is JSON and YAML at once: what YAML refuses or takes for line breaks goes by its number', async () => {
  await using client = connect();
  respond = (_, response) => sendJson(response, 200, object);
  const odd = { ...configMap('a'), data: { k: 'a \x7f\x80\x85 \u2028\u2029 \ufeff\ufffe\uffff \u{1f6a2} "é\n b' } };
  await client.apply(ConfigMap, odd, { fieldManager: 'me' });
  const body = server.requests.at(-1)?.body ?? '';
  expect(JSON.parse(body)).toEqual(odd);
  expect(body).not.toMatch(/[\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]/);
  expect(body).toContain('\u{1f6a2} \\"é\\n');
});

test('the URL may have a path of its own', async () => {
  await using client = createHttpClient({ baseUrl: `${server.url}/clusters/one/` });
  respond = (_, response) => sendJson(response, 200, object);
  await client.get(ConfigMap, ref);
  expect(server.requests.at(-1)?.url).toBe('/clusters/one/api/v1/namespaces/default/configmaps/a');
});

test('KA-126 another user is asked for by headers', async () => {
  await using client = connect({ impersonate: { user: 'u', groups: ['g', 'h'], uid: '1' } });
  respond = (_, response) => sendJson(response, 200, object);
  await client.get(ConfigMap, ref);
  expect(server.requests.at(-1)?.headers).toMatchObject({
    'impersonate-user': 'u',
    'impersonate-group': 'g, h',
    'impersonate-uid': '1',
  });
});

test('a token provider is asked for each request', async () => {
  let tokens = 0;
  await using client = connect({ token: () => Promise.resolve(`t${++tokens}`) });
  respond = (_, response) => sendJson(response, 200, object);
  await client.get(ConfigMap, ref);
  await client.get(ConfigMap, ref);
  expect(server.requests.slice(-2).map(({ headers }) => headers.authorization)).toEqual(['Bearer t1', 'Bearer t2']);
});

test('KA-80 list items get the kind that a server left out', async () => {
  await using client = connect();
  const { apiVersion, kind, ...bare } = object;
  const list = { apiVersion: 'v1', kind: 'ConfigMapList', metadata: { resourceVersion: '9' } };
  respond = (_, response) => sendJson(response, 200, { ...list, items: [bare, object] });
  expect(await client.list(ConfigMap)).toEqual({ ...list, items: [object, object] });
  expect([apiVersion, kind]).toEqual(['v1', 'ConfigMap']);
  respond = (_, response) => sendJson(response, 200, { ...list, items: null });
  expect((await client.list(ConfigMap)).items).toEqual([]);
});

test.each([
  { name: 'a Status', answer: { apiVersion: 'v1', kind: 'Status', metadata: {}, status: 'Success' }, waits: false },
  { name: 'the object that was removed', answer: object, waits: false },
  {
    name: 'the object that waits',
    answer: { ...object, metadata: { ...object.metadata, deletionTimestamp: '2026-01-01T00:00:00Z' } },
    waits: true,
  },
])('KA-57 delete answered with $name', async ({ answer, waits }) => {
  await using client = connect();
  respond = (_, response) => sendJson(response, 200, answer);
  expect(await client.delete(ConfigMap, ref)).toEqual(waits ? answer : undefined);
});

test('KA-62 warnings are handed on', async () => {
  const warnings: string[] = [];
  await using client = connect({ onWarning: (text) => warnings.push(text) });
  respond = (_, response) => sendJson(response, 200, object, { warning: ['299 - "old"', '299 - "odd"'] });
  await client.get(ConfigMap, ref);
  expect(warnings).toEqual(['old', 'odd']);
});

test('KA-139 429 is repeated after the pause the server asks for, for writes too', async () => {
  const clock = fakeClock();
  await using client = connect({ clock });
  respond = (_, response) => {
    if (count < 3) sendJson(response, 429, {}, { 'retry-after': '2' });
    else sendJson(response, 201, object);
  };
  expect(await pumping(clock, client.create(ConfigMap, configMap('a')))).toEqual(object);
  expect({ count, waited: clock.monotonic() }).toEqual({ count: 3, waited: 4000 });
});

test('KA-139 after ten repetitions the answer stands', async () => {
  const clock = fakeClock();
  await using client = connect({ clock });
  respond = (_, response) => sendJson(response, 429, {}, { 'retry-after': '1' });
  const error = await failureOf(pumping(clock, client.get(ConfigMap, ref)));
  expect({ reason: error.reason, count }).toEqual({ reason: 'TooManyRequests', count: 11 });
});

test('KA-41 503 is repeated for reads, not for writes', async () => {
  const clock = fakeClock();
  await using client = connect({ clock });
  respond = (_, response) => {
    if (count === 1) sendJson(response, 503, {}, { 'retry-after': '1' });
    else sendJson(response, 200, object);
  };
  expect(await pumping(clock, client.get(ConfigMap, ref))).toEqual(object);
  count = 0;
  const error = await failureOf(client.update(ConfigMap, object));
  expect({ reason: error.reason, count }).toEqual({ reason: 'ServiceUnavailable', count: 1 });
});

test('SEC-15 redirects are not followed', async () => {
  await using other = await startTestHttpServer({ respond: (_, response) => sendJson(response, 200, object) });
  await using client = connect({ token: 'secret' });
  respond = (_, response) => sendJson(response, 307, {}, { location: `${other.url}/` });
  const error = await failureOf(client.get(ConfigMap, ref));
  expect({ code: error.code, message: error.message }).toEqual({
    code: 307,
    message: expect.stringContaining('redirects are never followed'),
  });
  expect(other.requests).toEqual([]);
});

test('a call that is not answered in time fails with Timeout', async () => {
  const clock = fakeClock();
  await using client = connect({ clock });
  const asked = Promise.withResolvers<void>();
  respond = () => asked.resolve();
  const call = failureOf(client.get(ConfigMap, ref));
  await asked.promise;
  await clock.advance(60_000);
  const error = await call;
  expect({ code: error.code, isConnectionError: isConnectionError(error) }).toEqual({
    code: 504,
    isConnectionError: true,
  });
  expect(clock.pendingTimers()).toBe(0);
});

test('an aborted call rejects with the reason', async () => {
  await using client = connect();
  const controller = new AbortController();
  const reason = new Error('enough');
  respond = () => controller.abort(reason);
  expect(await failureOf(client.get(ConfigMap, ref, { signal: controller.signal }))).toBe(reason);
});

test('a read is repeated once when its connection breaks, a write never', async () => {
  await using client = connect();
  respond = (_, response) => {
    if (count === 1) response.destroy();
    else sendJson(response, 200, object);
  };
  expect(await client.get(ConfigMap, ref)).toEqual(object);
  count = 0;
  const error = await failureOf(client.update(ConfigMap, object));
  expect({ code: error.code, isConnectionError: isConnectionError(error), count }).toEqual({
    code: 503,
    isConnectionError: true,
    count: 1,
  });
});

test('a server that is not there is told by address', async () => {
  await using gone = await startTestHttpServer({ respond: () => undefined });
  await gone.close();
  await using client = createHttpClient({ baseUrl: gone.url });
  const error = await failureOf(client.getRaw('/version'));
  expect(error.message).toBe(`GET ${gone.url}/version: connect ECONNREFUSED 127.0.0.1:${gone.port}`);
});

test('a closed client fails calls', async () => {
  const client = connect();
  await client.close();
  expect((await failureOf(client.get(ConfigMap, ref))).message).toContain('the client is closed');
});

test('text answers come as text', async () => {
  await using client = connect();
  respond = (_, response) => response.end('ok');
  expect(await client.getRaw('/readyz')).toBe('ok');
  expect((await failureOf(client.getRaw('readyz'))).reason).toBe('BadRequest');
});
