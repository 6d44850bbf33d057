import { silentLogger, systemClock } from '@quarterdeck/machinery';
import { testLogger } from '@quarterdeck/machinery/testing';
import pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { sharedTestPostgres, type TestPostgres } from '../../testing/postgres.ts';
import { contents, create } from '../conformance/harness.ts';
import type { Storage } from '../storage.ts';
import { getTableConfig } from './drizzle.cjs';
import { openPostgresStorage } from './open.ts';
import { tablesIn } from './schema.ts';

let postgres: TestPostgres;
let client: pg.Client;
beforeAll(async () => {
  postgres = await sharedTestPostgres();
  client = new pg.Client({ connectionString: postgres.url });
  await client.connect();
});
afterAll(async () => {
  await client.end();
  await postgres[Symbol.asyncDispose]();
});

function open(schema: string, url = postgres.url): Storage {
  return openPostgresStorage({ url, schema, clock: systemClock, logger: silentLogger });
}

test('KA-148 many processes may start at once on an empty database', async ({ task }) => {
  const schema = postgres.schema(task.name);
  await using stack = new AsyncDisposableStack();
  const storages = Array.from({ length: 6 }, () => stack.use(open(schema)));
  const revisions = await Promise.all(storages.map((storage, n) => create(storage, `n${n}`)));
  expect(new Set(revisions).size).toBe(6);
  await using another = open(schema);
  expect((await contents(another)).rows).toHaveLength(6);
});

test('F-28 a program starts on a newer schema that allows it, and refuses one that does not', async ({ task }) => {
  const schema = postgres.schema(task.name);
  await using first = open(schema);
  await create(first, 'x');
  const meta = `${client.escapeIdentifier(schema)}.meta`;
  await client.query(`update ${meta} set schema_version = 99`);
  await using second = open(schema);
  expect((await contents(second)).rows).toHaveLength(1);
  await client.query(`update ${meta} set min_reader = 98`);
  await using third = open(schema);
  await expect(third.snapshot()).rejects.toMatchObject({
    name: 'IncompatibleSchemaError',
    message: expect.stringMatching(/schema is version 99 and needs a program that knows version 98.*upgrade it$/),
  });
});

test('F-28 the tables are those that drizzle knows', async ({ task }) => {
  const schema = postgres.schema(task.name);
  await using storage = open(schema);
  await storage.latestRevision();
  const { rows } = await client.query<{ table: string; column: string; type: string; required: boolean }>(
    `select c.table_name as table, c.column_name as column, c.is_nullable = 'NO' as required,
       case c.udt_name when 'int8' then 'bigint' when 'int4' then 'integer' when 'bool' then 'boolean'
         when 'timestamptz' then 'timestamp with time zone' when 'char' then 'char' else c.udt_name end as type
     from information_schema.columns c where c.table_schema = $1 and c.table_name <> 'migrations'
     order by c.table_name, c.ordinal_position`,
    [schema],
  );
  const known = Object.values(tablesIn(schema))
    .map(getTableConfig)
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap((table) => {
      const keys = table.primaryKeys.flatMap((primaryKey) => primaryKey.columns.map((column) => column.name));
      return table.columns.map((column) => ({
        table: table.name,
        column: column.name,
        required: column.notNull || keys.includes(column.name),
        type: column.getSQLType().replace(/\(\d+\)$/, ''),
      }));
    });
  expect(known).toEqual(rows.map(({ table, column, required, type }) => ({ table, column, required, type })));
});

const secret = 'hunter2-do-not-tell';

test.each([
  {
    name: 'nothing listens there',
    url: () => `postgres://u:${secret}@127.0.0.1:1/x`,
    error: 'StorageUnavailableError',
    message: /^cannot reach PostgreSQL at 127.0.0.1:1\/x \(ECONNREFUSED\)/,
  },
  {
    name: 'there is no such database',
    url: () => withDatabase('nowhere'),
    error: 'StorageConfigurationError',
    message: /has no such database: check the database URL$/,
  },
  {
    name: 'there is no such user',
    url: () => postgres.url.replace('quarterdeck@', `nobody:${secret}@`),
    error: 'StorageConfigurationError',
    message: /refused this user: check the database URL$/,
  },
  {
    name: 'the URL is none',
    url: () => `postgres://u:${secret}@:bad:port/x`,
    error: 'StorageUnavailableError',
    message: /^cannot reach PostgreSQL at the given URL/,
  },
])('KA-148 when $name, one line says so, without the password', async ({ url, error, message }) => {
  const logger = testLogger();
  await using storage = openPostgresStorage({ url: url(), schema: 'unused', clock: systemClock, logger });
  const failure = await storage.snapshot().then(
    () => undefined,
    (cause: Error) => cause,
  );
  expect(failure).toMatchObject({ name: error, message: expect.stringMatching(message) });
  expect(failure?.message).not.toContain('\n');
  expect(JSON.stringify([failure, logger.lines, String(failure?.cause), failure?.stack])).not.toContain(secret);
});

function withDatabase(name: string): string {
  const url = new URL(postgres.url);
  url.pathname = `/${name}`;
  return url.href;
}

test('BI-6 a database that is not UTF-8 is refused', async () => {
  await client.query(`create database latin encoding 'LATIN1' locale 'C' template template0`);
  await using storage = open('quarterdeck', withDatabase('latin'));
  await expect(storage.snapshot()).rejects.toMatchObject({
    name: 'StorageConfigurationError',
    message: "the database's encoding is LATIN1: make one with ENCODING 'UTF8'",
  });
});

test('KA-148 a user without rights on the schema is told so', async ({ task }) => {
  const schema = postgres.schema(task.name);
  await client.query('create role visitor login');
  await using storage = open(schema, postgres.url.replace('quarterdeck@', 'visitor@'));
  await expect(storage.snapshot()).rejects.toMatchObject({
    name: 'StorageConfigurationError',
    message: expect.stringContaining('does not give this user the rights needed'),
  });
});

test('KA-148 a user with rights on a schema made for it needs none on the database', async ({ task }) => {
  const schema = postgres.schema(task.name);
  await client.query(`create role tenant login; create schema ${schema} authorization tenant`);
  await using storage = open(schema, postgres.url.replace('quarterdeck@', 'tenant@'));
  expect(await create(storage, 'x')).toBeGreaterThan(0);
});

test('RL-1 a server that was told to forget is told to remember', async ({ task }) => {
  const schema = postgres.schema(task.name);
  await client.query(`create role careless login superuser; alter role careless set synchronous_commit = off`);
  await using storage = open(schema, postgres.url.replace('quarterdeck@', 'careless@'));
  await create(storage, 'x');
  await client.query(
    `create function ${schema}.level() returns trigger language plpgsql as $$ begin
       if current_setting('synchronous_commit') <> 'on' then raise exception 'not durable'; end if;
       return new;
     end $$;
     create trigger level before insert on ${schema}.objects for each row execute function ${schema}.level();`,
  );
  expect(await create(storage, 'y')).toBeGreaterThan(0);
});
