import pg from 'pg';

/** What restorePostgres does to history, without emptying the database before. */
export async function rewriteHistory(url: string, schema: string): Promise<void> {
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
