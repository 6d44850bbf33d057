import { silentLogger, systemClock } from '@quarterdeck/machinery';
import { afterAll, beforeAll } from 'vitest';
import { sharedTestPostgres, type TestPostgres } from '../../testing/postgres.ts';
import { openPostgresStorage } from '../postgres/open.ts';
import { rewriteHistory } from './rewrite-history.ts';
import { storageConformance } from './suite.ts';

let postgres: TestPostgres;
beforeAll(async () => {
  postgres = await sharedTestPostgres();
});
afterAll(() => postgres[Symbol.asyncDispose]());

storageConformance('PostgreSQL', {
  runs: { bodies: 40, histories: 15 },
  async createHarness(testName) {
    const schema = postgres.schema(testName);
    return {
      open: () => openPostgresStorage({ url: postgres.url, schema, clock: systemClock, logger: silentLogger }),
      rewrite: () => rewriteHistory(postgres.url, schema),
      async [Symbol.asyncDispose]() {},
    };
  },
});
