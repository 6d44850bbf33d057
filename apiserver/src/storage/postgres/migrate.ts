import { readdirSync, readFileSync } from 'node:fs';
import { connectionError, IncompatibleSchemaError, StorageConfigurationError } from './errors.ts';
import type { Session } from './session.ts';
import { transact } from './transact.ts';

interface Migration {
  readonly name: string;
  readonly number: number;
  readonly sql: string;
}

const directory = new URL('./migrations/', import.meta.url);

/** `NNNN_name.sql`, in order; append only. Expand in one release, contract in the next: docs/adr/0004. */
const migrations: readonly Migration[] = readdirSync(directory)
  .filter((file) => /^\d{4}_\w+\.sql$/.test(file))
  .sort()
  .map((file) => ({
    name: file.replace(/\.sql$/, ''),
    number: Number(file.slice(0, 4)),
    sql: readFileSync(new URL(file, directory), 'utf8'),
  }));

/** The newest schema this program knows. */
export const schemaVersion = migrations.at(-1)?.number ?? 0;

/**
 * Brings the schema up to date, making it first if need be. Several processes may come at once: an advisory lock lets
 * one work. A newer schema is fine unless it says that programs as old as this one cannot use it (`min_reader`).
 * @throws IncompatibleSchemaError; StorageConfigurationError for a database that is not UTF-8 or not ours to change
 */
export async function migrate(session: Session, schema: string): Promise<void> {
  const [encoding] = await session.query<[string]>({ text: 'show server_encoding' });
  if (encoding?.[0] !== 'UTF8') {
    throw new StorageConfigurationError(`the database's encoding is ${encoding?.[0]}: make one with ENCODING 'UTF8'`);
  }
  try {
    await transact(session, 'begin', () => bringUpToDate(session, schema));
  } catch (cause) {
    throw cause instanceof IncompatibleSchemaError ? cause : connectionError(`schema ${schema}`, cause);
  }
}

/** Another process may be at work, and a migration may take its time. */
const deadlineMs = 10 * 60_000;

async function bringUpToDate(session: Session, schema: string): Promise<void> {
  await session.query({ text: 'set local statement_timeout = 0; set local lock_timeout = 0' });
  await session.query({
    deadlineMs,
    text: `select pg_advisory_xact_lock(hashtext('quarterdeck migrations'), hashtext($1))`,
    values: [schema],
  });
  const applied = await appliedMigrations(session, schema);
  if (applied.size > 0) await refuseIncompatible(session);
  const missing = migrations.filter(({ name }) => !applied.has(name));
  for (const { name, sql } of missing) {
    await session.query({ text: sql, deadlineMs });
    await session.query({ text: 'insert into migrations (name) values ($1)', values: [name] });
  }
  if (missing.length === 0) return;
  await session.query({
    text: 'update meta set schema_version = greatest(schema_version, $1)',
    values: [schemaVersion],
  });
}

/** The names of what was run here before; makes the schema and the table that keeps them when there are none. */
async function appliedMigrations(session: Session, schema: string): Promise<ReadonlySet<string>> {
  const [found] = await session.query<[boolean, boolean]>({
    text: `select exists (select from pg_namespace where nspname = $1), to_regclass(format('%I.migrations', $1::text)) is not null`,
    values: [schema],
  });
  // Only when missing: `create ... if not exists` needs rights that an installation may well withhold.
  if (!found?.[0]) await session.query({ text: `create schema "${schema.replaceAll('"', '""')}"` });
  if (!found?.[1]) {
    await session.query({
      text: 'create table migrations (name text primary key, applied_at timestamptz not null default now())',
    });
  }
  const rows = await session.query<[string]>({ text: 'select name from migrations' });
  return new Set(rows.map(([name]) => name));
}

async function refuseIncompatible(session: Session): Promise<void> {
  const [row] = await session.query<[number, number]>({ text: 'select min_reader, schema_version from meta' });
  const minReader = row?.[0] ?? 0;
  if (minReader <= schemaVersion) return;
  throw new IncompatibleSchemaError(
    `the database's schema is version ${row?.[1]} and needs a program that knows version ${minReader}; ` +
      `this one knows ${schemaVersion}: upgrade it`,
  );
}
