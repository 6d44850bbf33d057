import { systemClock } from '@quarterdeck/machinery';
import { expect, test } from 'vitest';
import { createMemoryDatabase, openMemoryStorage } from '../storage/memory.ts';
import type { Transaction } from '../storage/storage.ts';
import { send } from '../testing/request.ts';
import { startTestServer } from '../testing/server.ts';

test('KA-142 a Lease that is renewed may wait for others; one that is made or changes hands may not', async () => {
  const storage = openMemoryStorage(createMemoryDatabase(), { clock: systemClock });
  const written: (readonly [type: string, unhurried: boolean])[] = [];
  const watched = {
    ...storage,
    write(transaction: Transaction, signal?: AbortSignal) {
      for (const { key, type } of transaction.operations) {
        if (key.resource === 'leases.coordination.k8s.io') written.push([type, transaction.unhurried === true]);
      }
      return storage.write(transaction, signal);
    },
  };
  await using running = await startTestServer({ storage: watched });
  const collection = '/apis/coordination.k8s.io/v1/namespaces/default/leases';
  const ask = async (method: string, url: string, body: object) => {
    const headers = { 'content-type': method === 'PATCH' ? 'application/merge-patch+json' : 'application/json' };
    const { status } = await send(running.server.pipeline, { method, url, headers, body: { ...body } });
    expect(status).toBeLessThan(300);
  };
  const spec = (holderIdentity: string, second: number) => ({
    spec: { holderIdentity, renewTime: `2026-01-01T00:00:0${second}.000000Z` },
  });
  const lease = { apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', metadata: { name: 'm1' } };
  await ask('POST', collection, { ...lease, ...spec('m1', 1) });
  await ask('PATCH', `${collection}/m1`, spec('m1', 2));
  await ask('PATCH', `${collection}/m1`, spec('m2', 3));
  await ask('PATCH', `${collection}/m1`, spec('m2', 4));
  expect(written).toEqual([
    ['put', false],
    ['put', true],
    ['put', false],
    ['put', true],
  ]);
});
