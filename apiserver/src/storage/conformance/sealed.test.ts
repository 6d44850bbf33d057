import { silentLogger, systemClock } from '@quarterdeck/machinery';
import { afterAll, beforeAll } from 'vitest';
import { sharedTestPostgres, type TestPostgres } from '../../testing/postgres.ts';
import { createKeyring } from '../at-rest/keyring.ts';
import { sealedStorage } from '../at-rest/sealed-storage.ts';
import { createMemoryDatabase, openMemoryStorage } from '../memory.ts';
import { openPostgresStorage } from '../postgres/open.ts';
import type { Storage } from '../storage.ts';
import { rewriteHistory } from './rewrite-history.ts';
import { storageConformance } from './suite.ts';

let postgres: TestPostgres;
beforeAll(async () => {
  postgres = await sharedTestPostgres();
});
afterAll(() => postgres[Symbol.asyncDispose]());

/** All that the suite writes is sealed. */
function sealed(storage: Storage): Storage {
  const keyring = createKeyring({ keys: [{ name: 'test', secret: Buffer.alloc(32, 7) }], source: 'this test' });
  return sealedStorage(storage, { keyring, resources: ['configmaps'] });
}

storageConformance('memory, sealed', {
  runs: { bodies: 200, histories: 100 },
  async createHarness() {
    const database = createMemoryDatabase();
    return {
      open: () => sealed(openMemoryStorage(database, { clock: systemClock })),
      rewrite: async () => database.rewrite(),
      async [Symbol.asyncDispose]() {},
    };
  },
});

storageConformance('PostgreSQL, sealed', {
  runs: { bodies: 20, histories: 8 },
  async createHarness(testName) {
    const { url } = postgres;
    const schema = postgres.schema(testName);
    return {
      open: () => sealed(openPostgresStorage({ url, schema, clock: systemClock, logger: silentLogger })),
      rewrite: () => rewriteHistory(url, schema),
      async [Symbol.asyncDispose]() {},
    };
  },
});
