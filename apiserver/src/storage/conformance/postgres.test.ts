import { silentLogger, systemClock } from '@quarterdeck/machinery';
import pg from 'pg';
import { afterAll, beforeAll } from 'vitest';
import { sharedTestPostgres, type TestPostgres } from '../../testing/postgres.ts';
import { openPostgresStorage } from '../postgres/open.ts';
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

/** What restorePostgres does to history, without emptying the database before. */
async function rewriteHistory(url: string, schema: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await client.query(`
      set search_path = ${client.escapeIdentifier(schema)};
      begin;
      update meta set epoch = gen_random_uuid(), counter = counter + 1000, compacted = counter + 1000;
      delete from changes;
      commit;`);
  } finally {
    await client.end();
  }
}
