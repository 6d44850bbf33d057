import type { ServerResponse } from 'node:http';
import { type ApiError, ConfigMap, isExpired } from '@quarterdeck/apis';
import { afterAll, expect, test } from 'vitest';
import { configMap, stored } from '../testing/builders.ts';
import { collect, take } from '../testing/collect.ts';
import { eventually } from '../testing/eventually.ts';
import { fakeClock } from '../testing/fake-clock.ts';
import { type Respond, sendJson, startTestHttpServer } from '../testing/http-server.ts';
import { createHttpClient } from './http-client.ts';
import { isConnectionError } from './http-errors.ts';

let respond: Respond = () => undefined;
const server = await startTestHttpServer({ respond: (request, response) => respond(request, response) });
afterAll(() => server.close());
const connect = () => createHttpClient({ baseUrl: server.url });
const all = <T>(source: AsyncIterable<T>) => take(source, Number.POSITIVE_INFINITY);

const object = stored(configMap('a'), 7);
const line = (type: string, of: unknown) => `${JSON.stringify({ type, object: of })}\n`;
const begin = (response: unknown): ServerResponse =>
  (response as ServerResponse).writeHead(200, { 'content-type': 'application/json' });

test('KA-85 KA-91 events come as they are sent, until the server ends the stream', async () => {
  await using client = connect();
  let stream: ServerResponse | undefined;
  respond = (_, response) => {
    stream = begin(response);
    stream.flushHeaders();
  };
  const seen = collect(
    client.watch(ConfigMap, { namespace: 'x', resourceVersion: '5', allowWatchBookmarks: true, timeoutSeconds: 9 }),
  );
  await eventually(() => stream !== undefined);
  expect(server.requests.at(-1)?.url).toBe(
    '/api/v1/namespaces/x/configmaps?watch=true&resourceVersion=5&allowWatchBookmarks=true&timeoutSeconds=9',
  );
  stream?.write(line('ADDED', object));
  await eventually(() => seen.items.length === 1);
  const half = line('DELETED', object);
  stream?.write(half.slice(0, 20));
  stream?.end(half.slice(20));
  expect(await seen.ended).toBeUndefined();
  expect(seen.items).toEqual([
    { type: 'ADDED', object },
    { type: 'DELETED', object },
  ]);
});

test('KA-90 the parameters of a WatchList', async () => {
  await using client = connect();
  respond = (_, response) => void begin(response).end();
  await all(
    client.watch(ConfigMap, { sendInitialEvents: true, resourceVersionMatch: 'NotOlderThan', fieldSelector: 'a=b' }),
  );
  expect(server.requests.at(-1)?.url).toBe(
    '/api/v1/configmaps?watch=true&fieldSelector=a%3Db&resourceVersionMatch=NotOlderThan&sendInitialEvents=true',
  );
});

const expired = { apiVersion: 'v1', kind: 'Status', metadata: {}, status: 'Failure', reason: 'Expired', code: 410 };

test.each<{ name: string; answer: Respond }>([
  { name: 'the answer', answer: (_, response) => sendJson(response, 410, expired) },
  { name: 'an event', answer: (_, response) => void begin(response).write(line('ERROR', expired)) },
])('KA-86 KA-87 an expired revision is told by $name', async ({ answer }) => {
  await using client = connect();
  respond = answer;
  const error = await collect(client.watch(ConfigMap)).ended;
  expect(isExpired(error)).toBe(true);
  expect((error as ApiError).status).toEqual(expired);
});

test('a stream that breaks is an error, not an end', async () => {
  await using client = connect();
  respond = (_, response) => {
    begin(response).write(line('ADDED', object), () => response.destroy());
  };
  const seen = collect(client.watch(ConfigMap));
  expect(isConnectionError(await seen.ended)).toBe(true);
  expect(seen.items).toEqual([{ type: 'ADDED', object }]);
});

test('a stream that ends within an event is an error', async () => {
  await using client = connect();
  respond = (_, response) => void begin(response).end(`${line('ADDED', object)}{"type"`);
  expect((await collect(client.watch(ConfigMap)).ended) as Error).toMatchObject({
    message: expect.stringContaining('the stream was cut off'),
  });
});

test('a reader that leaves ends the request', async () => {
  await using client = connect();
  const closed = Promise.withResolvers<void>();
  respond = (_, response) => {
    response.on('close', () => closed.resolve());
    begin(response).write(line('ADDED', object));
  };
  expect(await take(client.watch(ConfigMap), 1)).toEqual([{ type: 'ADDED', object }]);
  await closed.promise;
});

test('an aborted watch rejects with the reason, and a running one outlives the time limit of calls', async () => {
  const clock = fakeClock();
  await using client = createHttpClient({ baseUrl: server.url, clock });
  let stream: ServerResponse | undefined;
  respond = (_, response) => {
    stream = begin(response);
    stream.write(line('ADDED', object));
  };
  const controller = new AbortController();
  const seen = collect(client.watch(ConfigMap, { signal: controller.signal }));
  await eventually(() => seen.items.length === 1);
  await clock.advance(3_600_000);
  stream?.write(line('MODIFIED', object));
  await eventually(() => seen.items.length === 2);
  const reason = new Error('enough');
  controller.abort(reason);
  expect(await seen.ended).toBe(reason);
});

test('a watch whose answer does not begin in time fails with Timeout', async () => {
  const clock = fakeClock();
  await using client = createHttpClient({ baseUrl: server.url, clock });
  const asked = Promise.withResolvers<void>();
  respond = () => asked.resolve();
  const seen = collect(client.watch(ConfigMap));
  await asked.promise;
  await clock.advance(60_000);
  expect((await seen.ended) as ApiError).toMatchObject({ reason: 'Timeout' });
});

test('closing the client ends its watches with an error', async () => {
  const client = connect();
  respond = (_, response) => void begin(response).write(line('ADDED', object));
  const seen = collect(client.watch(ConfigMap));
  await eventually(() => seen.items.length === 1);
  await client.close();
  expect(isConnectionError(await seen.ended)).toBe(true);
});
