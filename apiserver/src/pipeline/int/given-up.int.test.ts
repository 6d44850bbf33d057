import { systemClock } from '@quarterdeck/machinery';
import { testLogger } from '@quarterdeck/machinery/testing';
import { expect, test } from 'vitest';
import { createMemoryDatabase, openMemoryStorage } from '../../storage/memory.ts';
import type { Storage } from '../../storage/storage.ts';
import { send } from '../../testing/request.ts';
import { startTestServer } from '../../testing/server.ts';

/** A server whose writes, once it has started, end as told. */
async function serverWith(write: Storage['write']) {
  const storage = openMemoryStorage(createMemoryDatabase(), { clock: systemClock });
  const logger = testLogger();
  const running = await startTestServer({ storage, logger });
  storage.write = write;
  const create = (signal?: AbortSignal) =>
    send(running.server.pipeline, {
      method: 'POST',
      url: '/api/v1/namespaces/default/configmaps',
      body: { metadata: { name: 'a' } },
      ...(signal === undefined ? {} : { signal }),
    });
  return { create, logger, [Symbol.asyncDispose]: () => running[Symbol.asyncDispose]() };
}

test('KA-145 a request whose caller stops or leaves has not failed, and nothing is logged', async () => {
  const begun = Promise.withResolvers<void>();
  await using server = await serverWith(() => {
    begun.resolve();
    return Promise.withResolvers<never>().promise;
  });
  const caller = new AbortController();
  const answer = server.create(caller.signal);
  await begun.promise;
  caller.abort(new Error('the controllers stop'));
  expect((await answer).status).toBe(500);
  expect(server.logger.messages('error')).toEqual([]);
});

test('KA-36 a failure that nobody asked for is logged', async () => {
  await using server = await serverWith(() => Promise.reject(new TypeError('secret detail')));
  expect((await server.create()).status).toBe(500);
  expect(server.logger.messages('error')).toEqual(['request failed']);
});
