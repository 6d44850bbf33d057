import { bigint, boolean, char, integer, jsonb, pgSchema, primaryKey, text, timestamp, uuid } from './drizzle.cjs';

/**
 * The tables as drizzle sees them, in the schema that the storage was opened with. The SQL files under `migrations/` are
 * what is run; a test compares the two. Hot statements are written by hand (write-batch.ts, poll.ts, snapshot.ts).
 */
export function tablesIn(schema: string) {
  const space = pgSchema(schema);
  return {
    meta: space.table('meta', {
      singleton: boolean('singleton').primaryKey().default(true),
      epoch: uuid('epoch').notNull().defaultRandom(),
      counter: bigint('counter', { mode: 'number' }).notNull().default(0),
      compacted: bigint('compacted', { mode: 'number' }).notNull().default(0),
      systemIdentifier: text('system_identifier'),
      timeline: integer('timeline'),
      schemaVersion: integer('schema_version').notNull().default(0),
      minReader: integer('min_reader').notNull().default(0),
    }),
    objects: space.table(
      'objects',
      {
        resource: text('resource').notNull(),
        namespace: text('namespace').notNull(),
        name: text('name').notNull(),
        revision: bigint('revision', { mode: 'number' }).notNull(),
        body: text('body').notNull(),
      },
      (table) => [primaryKey({ columns: [table.resource, table.namespace, table.name] })],
    ),
    changes: space.table('changes', {
      revision: bigint('revision', { mode: 'number' }).primaryKey(),
      type: char('type', { enum: ['p', 'd', 'm'] }).notNull(),
      resource: text('resource'),
      namespace: text('namespace'),
      name: text('name'),
      at: bigint('at', { mode: 'number' }).notNull(),
      replaced: bigint('replaced', { mode: 'number' }),
      previous: text('previous'),
      body: text('body'),
    }),
    settings: space.table('settings', {
      name: text('name').primaryKey(),
      value: text('value').notNull(),
    }),
    writers: space.table('writers', {
      id: uuid('id').primaryKey(),
      fence: bigint('fence', { mode: 'number' }).notNull(),
      batch: bigint('batch', { mode: 'number' }).notNull().default(0),
      outcome: jsonb('outcome'),
      seen: timestamp('seen', { withTimezone: true }).notNull().defaultNow(),
    }),
  };
}

export type Tables = ReturnType<typeof tablesIn>;
