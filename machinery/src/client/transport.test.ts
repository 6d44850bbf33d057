import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import { connect as connectHttp2, constants, type Http2ServerResponse } from 'node:http2';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { type ApiError, ConfigMap } from '@quarterdeck/apis';
import { expect, test } from 'vitest';
import { configMap, stored } from '../testing/builders.ts';
import { testAuthority } from '../testing/certificates.ts';
import { collect } from '../testing/collect.ts';
import { startConnectProxy } from '../testing/connect-proxy.ts';
import { eventually } from '../testing/eventually.ts';
import { type Respond, sendJson, startTestHttpServer } from '../testing/http-server.ts';
import { createHttpClient } from './http-client.ts';
import { type ConnectionError, isConnectionError } from './http-errors.ts';
import type { TlsOptions } from './http-options.ts';

const authority = testAuthority();
const object = stored(configMap('a'), 7);
const ref = { namespace: 'default', name: 'a' };

/** Answers gets with an object, and holds watches open after one event. */
const respond: Respond = (request, response) => {
  if (!request.url.includes('watch=true')) return sendJson(response, 200, object);
  const stream = (response as ServerResponse).writeHead(200, { 'content-type': 'application/json' });
  stream.write(`${JSON.stringify({ type: 'ADDED', object })}\n`);
};
const secure = (options: { http2?: boolean; port?: number } = {}) =>
  startTestHttpServer({ respond, tls: { authority }, ...options });
const failureOf = (promise: Promise<unknown>) =>
  promise.then(
    () => expect.unreachable('expected a failure'),
    (error: unknown) => error as ApiError,
  );

test('KA-140b requests share one HTTP/2 connection where the server offers it', async () => {
  await using server = await secure();
  await using client = createHttpClient({ baseUrl: server.url, tls: { ca: authority.cert } });
  const watches = Array.from({ length: 30 }, () => collect(client.watch(ConfigMap)));
  await eventually(() => watches.every(({ items }) => items.length === 1));
  expect(await client.get(ConfigMap, ref)).toEqual(object);
  expect(server.connections()).toBe(1);
  expect(new Set(server.requests.map(({ httpVersion }) => httpVersion))).toEqual(new Set(['2.0']));
});

test('KA-140b more requests than a connection takes open another', async () => {
  await using server = await secure();
  await using client = createHttpClient({ baseUrl: server.url, tls: { ca: authority.cert } });
  const watches = Array.from({ length: 60 }, () => collect(client.watch(ConfigMap)));
  await eventually(() => watches.every(({ items }) => items.length === 1));
  expect(server.connections()).toBe(2);
});

test.each([
  { name: 'the server knows nothing else', http2: false, ask: true },
  { name: 'the client asks for nothing else', http2: true, ask: false },
])('KA-140b HTTP/1.1 when $name', async ({ http2, ask }) => {
  await using server = await secure({ http2 });
  await using client = createHttpClient({ baseUrl: server.url, tls: { ca: authority.cert }, http2: ask });
  const watches = Array.from({ length: 5 }, () => collect(client.watch(ConfigMap)));
  await eventually(() => watches.every(({ items }) => items.length === 1));
  expect(await client.get(ConfigMap, ref)).toEqual(object);
  expect(await client.get(ConfigMap, ref)).toEqual(object);
  expect(server.connections()).toBeGreaterThanOrEqual(6);
  expect(new Set(server.requests.map(({ httpVersion }) => httpVersion))).toEqual(new Set(['1.1']));
});

test('a client that is closed while it connects sends nothing and leaves no connection', async () => {
  await using server = await secure();
  const dialled = Promise.withResolvers<Socket>();
  const gate = createServer((socket) => dialled.resolve(socket.on('error', () => undefined)));
  await once(gate.listen(0, '127.0.0.1'), 'listening');
  const { port } = gate.address() as AddressInfo;
  const client = createHttpClient({ baseUrl: `https://127.0.0.1:${port}`, tls: { ca: authority.cert } });
  const answer = failureOf(client.get(ConfigMap, ref));
  const socket = await dialled.promise;
  await client[Symbol.asyncDispose]();
  const upstream = connect(server.port, '127.0.0.1').on('error', () => undefined);
  const closed = once(socket, 'close');
  socket.pipe(upstream).pipe(socket);
  expect(isConnectionError(await answer)).toBe(true);
  await closed;
  expect(server.requests).toEqual([]);
  upstream.destroy();
  await new Promise((resolve) => gate.close(resolve));
});

test.each([true, false])('a client survives a restart of its server (HTTP/2: %s)', async (http2) => {
  const first = await secure({ http2 });
  await using client = createHttpClient({ baseUrl: first.url, tls: { ca: authority.cert } });
  const watch = collect(client.watch(ConfigMap));
  await eventually(() => watch.items.length === 1);
  await first.close();
  expect(isConnectionError(await watch.ended)).toBe(true);
  expect(isConnectionError(await failureOf(client.get(ConfigMap, ref)))).toBe(true);
  await using second = await secure({ http2, port: first.port });
  expect(await client.get(ConfigMap, ref)).toEqual(object);
  expect(second.requests).toHaveLength(1);
});

test('a server that comes back without HTTP/2 is found out', async () => {
  const first = await secure();
  await using client = createHttpClient({ baseUrl: first.url, tls: { ca: authority.cert } });
  await client.get(ConfigMap, ref);
  await first.close();
  await using second = await secure({ http2: false, port: first.port });
  const watches = await eventually(async () => {
    const tries = Array.from({ length: 3 }, () => collect(client.watch(ConfigMap)));
    await eventually(() => tries.every(({ items, isEnded }) => items.length === 1 || isEnded()));
    return tries.every(({ isEnded }) => !isEnded()) && tries;
  });
  expect(watches).toHaveLength(3);
  expect(second.requests.at(-1)?.httpVersion).toBe('1.1');
});

test('a client certificate is shown, and a new one is used without cutting what runs on the old', async () => {
  await using server = await secure();
  const certificate = (name: string): TlsOptions => ({ ca: authority.cert, ...authority.issue(name) });
  let tls = certificate('first');
  await using client = createHttpClient({ baseUrl: server.url, tls: () => tls });
  const watch = collect(client.watch(ConfigMap));
  await eventually(() => watch.items.length === 1);
  await client.get(ConfigMap, ref);
  tls = certificate('second');
  await client.get(ConfigMap, ref);
  await client.get(ConfigMap, ref);
  expect(server.requests.map(({ clientName }) => clientName)).toEqual(['first', 'first', 'second', 'second']);
  expect(watch.isEnded()).toBe(false);
  expect(server.connections()).toBe(2);
});

test('a server of another authority is refused, unless asked otherwise', async () => {
  await using server = await secure();
  await using strict = createHttpClient({ baseUrl: server.url, tls: { ca: testAuthority('other').cert } });
  const error = await failureOf(strict.get(ConfigMap, ref));
  expect(isConnectionError(error)).toBe(true);
  expect((error.cause as ConnectionError).code).toMatch(/CERT|SIGNATURE|ISSUER/);
  expect(server.requests).toEqual([]);
  await using lax = createHttpClient({ baseUrl: server.url, insecure: true });
  expect(await lax.get(ConfigMap, ref)).toEqual(object);
});

test('another name than the URL has can be verified', async () => {
  await using server = await startTestHttpServer({ respond, tls: { authority, name: 'hub.example' } });
  const named = (serverName: string) =>
    createHttpClient({ baseUrl: server.url, tls: { ca: authority.cert, serverName } });
  await using right = named('hub.example');
  expect(await right.get(ConfigMap, ref)).toEqual(object);
  await using wrong = named('other.example');
  expect((await failureOf(wrong.get(ConfigMap, ref))).message).toContain("does not match certificate's altnames");
});

test('RG-55 connections go through the proxy, TLS inside', async () => {
  await using server = await secure();
  await using proxy = await startConnectProxy();
  await using client = createHttpClient({
    baseUrl: server.url,
    tls: { ca: authority.cert },
    proxy: `http://user:p%40ss@127.0.0.1:${proxy.port}`,
  });
  expect(await client.get(ConfigMap, ref)).toEqual(object);
  expect(server.requests[0]?.httpVersion).toBe('2.0');
  expect(proxy.seen).toEqual([{ target: `127.0.0.1:${server.port}`, authorization: `Basic ${btoa('user:p@ss')}` }]);
  await client.close();
});

test('RG-55 a proxy that refuses is named', async () => {
  await using server = await secure();
  await using proxy = await startConnectProxy({ verdict: 403 });
  const options = { baseUrl: server.url, proxy: `http://127.0.0.1:${proxy.port}` };
  await using client = createHttpClient(options);
  const error = await failureOf(client.get(ConfigMap, ref));
  expect(error.message).toContain(`proxy 127.0.0.1:${proxy.port} answered 403 to CONNECT`);
  expect(() => createHttpClient({ ...options, baseUrl: 'http://127.0.0.1:1' })).toThrow(
    'a proxy is only used for https',
  );
});

test('F-13 a request that is given up waits for no connection', async () => {
  const dialled = Promise.withResolvers<Socket>();
  const silent = createServer((socket) => dialled.resolve(socket.on('error', () => undefined)));
  await once(silent.listen(0, '127.0.0.1'), 'listening');
  const baseUrl = `https://127.0.0.1:${(silent.address() as AddressInfo).port}`;
  const settings = { tls: { ca: authority.cert }, http2: false, connectTimeoutMs: 3_600_000 };
  const client = createHttpClient({ baseUrl, ...settings });
  const given = new AbortController();
  const begun = failureOf(client.get(ConfigMap, ref, { signal: given.signal }));
  const socket = await dialled.promise;
  given.abort(new Error('given up'));
  expect((await begun).message).toBe('given up');
  socket.destroy();
  await client[Symbol.asyncDispose]();
  silent.close();
});

test('F-13 a request that is given up is cancelled, also in the turn of the event loop that began it', async () => {
  const codes: number[] = [];
  await using server = await startTestHttpServer({
    respond: (request, response) => {
      if (request.body === '') return sendJson(response, 200, object);
      const { stream } = response as Http2ServerResponse;
      stream.on('close', () => codes.push(stream.rstCode));
    },
    tls: { authority },
  });
  await using client = createHttpClient({ baseUrl: server.url, tls: { ca: authority.cert } });
  await client.get(ConfigMap, ref);

  const given = new AbortController();
  const begun = failureOf(client.update(ConfigMap, object, { signal: given.signal }));
  await eventually(() => server.requests.length === 2);
  given.abort(new Error('given up'));
  expect((await begun).message).toBe('given up');
  await eventually(() => codes.length === 1);
  expect(codes).toEqual([constants.NGHTTP2_CANCEL]);

  // Both timers are due when the loop comes back to them, as in a process that was held: its body is not on its way yet.
  const late = new AbortController();
  const failed = Promise.withResolvers<ApiError>();
  setTimeout(() => void failureOf(client.update(ConfigMap, object, { signal: late.signal })).then(failed.resolve), 1);
  setTimeout(() => late.abort(new Error('too late')), 2);
  const held = performance.now() + 20;
  while (performance.now() < held);
  expect((await failed.promise).message).toBe('too late');
  expect(await client.get(ConfigMap, ref)).toEqual(object);
});

test('F-13 the error of a stream that nobody listens to any more does not end the process', async () => {
  await using server = await secure();
  const session = connectHttp2(server.url, { ca: authority.cert });
  session.on('error', () => undefined);
  const stream = session.request({ ':path': '/' });
  session.destroy(new Error('given up'));
  // Without `once`, which listens to errors too: one that is not handled fails the run.
  await new Promise((resolve) => stream.on('close', resolve));
  expect(stream.destroyed).toBe(true);
});
