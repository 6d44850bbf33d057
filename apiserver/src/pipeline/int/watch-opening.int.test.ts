import { eventually, fakeClock } from '@quarterdeck/machinery/testing';
import { expect, test } from 'vitest';
import { createMemoryDatabase, openMemoryStorage } from '../../storage/memory.ts';
import { open, send } from '../../testing/request.ts';
import { startTestServer, type TestServerOptions } from '../../testing/server.ts';
import { openWatch } from '../../testing/watch.ts';

/** What a watch waits for before it begins, and for how long: nobody tells its client anything meanwhile. */

const url = '/api/v1/namespaces/default/configmaps?watch=true';
const late = {
  status: 504,
  retryAfter: '1',
  json: {
    kind: 'Status',
    apiVersion: 'v1',
    metadata: {},
    status: 'Failure',
    reason: 'Timeout',
    code: 504,
    message: 'Timeout: the watch could not be opened within the time for it, please try again',
    details: { retryAfterSeconds: 1 },
  },
};

/** A server whose storage, once told to, does not say what is newest; `asked` are those who wait for it. */
async function serverWith(options: TestServerOptions = {}) {
  const clock = fakeClock();
  const storage = openMemoryStorage(createMemoryDatabase(), { clock });
  const { latestRevision } = storage;
  const asked = new Set<AbortSignal>();
  const running = await startTestServer({ ...options, storage, clock });
  return {
    clock,
    asked,
    pipeline: running.server.pipeline,
    hang() {
      storage.latestRevision = (signal) => {
        const { promise, reject } = Promise.withResolvers<never>();
        if (signal === undefined) throw new Error('nobody could call this off');
        asked.add(signal);
        signal.addEventListener('abort', () => {
          asked.delete(signal);
          reject(signal.reason as Error);
        });
        return promise;
      };
    },
    recover() {
      storage.latestRevision = latestRevision;
    },
    [Symbol.asyncDispose]: () => running[Symbol.asyncDispose](),
  };
}

const told = async (answer: Promise<Awaited<ReturnType<typeof send>>>) => {
  const { status, headers, json } = await answer;
  return { status, retryAfter: headers['retry-after'], json };
};

test.each(['', '&timeout=300s', '&sendInitialEvents=true&resourceVersionMatch=NotOlderThan'])(
  'KA-140d, KA-92 a watch for which the storage never answers is 504 after a minute, to be tried again %s',
  async (query) => {
    await using server = await serverWith();
    server.hang();
    const answer = told(send(server.pipeline, { url: url + query }));
    await eventually(() => server.asked.size === 1);
    await server.clock.advance(59_999);
    expect(server.asked.size).toBe(1);
    await server.clock.advance(1);
    expect(await answer).toEqual(late);
    // Nobody goes on waiting for what nobody will get.
    expect(server.asked.size).toBe(0);
    server.recover();
    await using seen = await openWatch(server.pipeline, { url });
    expect(seen.status).toBe(200);
  },
);

test('KA-140d so is one whose caller cannot be told from others in that time', async () => {
  const authenticators = [{ name: 'never', authenticate: () => Promise.withResolvers<never>().promise }];
  await using server = await serverWith({ authenticators });
  const answer = told(send(server.pipeline, { url, user: null, headers: { authorization: 'Bearer x' } }));
  await server.clock.advance(60_000);
  expect(await answer).toEqual(late);
});

test('KA-140d a watch that is open has no deadline but its own, and its client may leave', async () => {
  await using server = await serverWith();
  const client = new AbortController();
  const response = await open(server.pipeline, { url: `${url}&timeoutSeconds=600`, signal: client.signal });
  const chunks = (response.body as AsyncIterable<Uint8Array>)[Symbol.asyncIterator]();
  const body = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a' } };
  const first = chunks.next();
  await server.clock.advance(120_000);
  await send(server.pipeline, { method: 'POST', url: '/api/v1/namespaces/default/configmaps', body });
  const { value } = await first;
  expect(Buffer.from(value as Uint8Array).toString()).toContain('"ADDED"');
  const last = chunks.next();
  client.abort(new Error('the client left'));
  expect((await last).done).toBe(true);
});

test('KA-140d a client that leaves before its watch is open is waited for by nothing', async () => {
  await using server = await serverWith();
  server.hang();
  const client = new AbortController();
  const answer = send(server.pipeline, { url, signal: client.signal });
  await eventually(() => server.asked.size === 1);
  client.abort(new Error('the client left'));
  await answer;
  expect(server.asked.size).toBe(0);
});
