import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { type JsonObject, silentLogger, systemClock } from '@quarterdeck/machinery';
import { eventually } from '@quarterdeck/machinery/testing';
import pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { stringAt } from '../../registry/fields.ts';
import { sharedTestPostgres, type TestPostgres } from '../../testing/postgres.ts';
import { send } from '../../testing/request.ts';
import { startTestServer, type TestServer } from '../../testing/server.ts';
import { contents } from '../conformance/harness.ts';
import { backupPostgres, restorePostgres } from '../postgres/backup.ts';
import { openPostgresStorage } from '../postgres/open.ts';
import { createKeyring, type Keyring } from './keyring.ts';
import { sealedStorage } from './sealed-storage.ts';

const clock = systemClock;
let postgres: TestPostgres;
let client: pg.Client;
let directory: string;
beforeAll(async () => {
  postgres = await sharedTestPostgres();
  client = new pg.Client({ connectionString: postgres.url });
  await client.connect();
  directory = mkdtempSync(join(tmpdir(), 'qd-at-rest-'));
});
afterAll(async () => {
  rmSync(directory, { recursive: true, force: true });
  await client.end();
  await postgres[Symbol.asyncDispose]();
});

/** The first of these seals. */
const ring = (...fills: readonly number[]): Keyring =>
  createKeyring({
    keys: fills.map((fill) => ({ name: `key-${fill}`, secret: Buffer.alloc(32, fill) })),
    source: '/etc/keys.yaml',
  });

const raw = (schema: string) => openPostgresStorage({ url: postgres.url, schema, clock, logger: silentLogger });

/** A server process with these keys. */
const startServer = (schema: string, keyring: Keyring): Promise<TestServer> =>
  startTestServer({ storage: open(schema, keyring) });

const open = (schema: string, keyring: Keyring) => sealedStorage(raw(schema), { keyring, resources: ['secrets'] });

/** Why a server with these keys does not start. */
async function refusal(schema: string, keyring: Keyring): Promise<string> {
  await using storage = open(schema, keyring);
  const error: unknown = await startTestServer({ storage }).catch((cause: unknown) => cause);
  if (error instanceof Error) return error.message;
  throw new Error('it started');
}

const secrets = '/api/v1/namespaces/default/secrets';
const base64 = (text: string): string => Buffer.from(text).toString('base64');
const secret = (name: string, password: string): JsonObject => ({
  apiVersion: 'v1',
  kind: 'Secret',
  metadata: { name, annotations: { note: `it is ${password}` } },
  data: { password: base64(password) },
});
const ask = ({ server }: TestServer, method: string, url: string, body?: JsonObject) =>
  send(server.pipeline, { method, url, ...(body === undefined ? {} : { body }) });
const passwordOf = async (server: TestServer, name: string) => {
  const { status, json } = await ask(server, 'GET', `${secrets}/${name}`);
  return status === 200 ? Buffer.from(stringAt(json, 'data', 'password'), 'base64').toString() : status;
};
const versionOf = (object: JsonObject): string => stringAt(object, 'metadata', 'resourceVersion');

/** Every table of the schema, each row as text. */
async function everything(schema: string): Promise<Record<string, string>> {
  const { rows } = await client.query<{ name: string }>(
    'select table_name as name from information_schema.tables where table_schema = $1',
    [schema],
  );
  const texts: Record<string, string> = {};
  for (const { name } of rows) {
    const table = `${client.escapeIdentifier(schema)}.${client.escapeIdentifier(name)}`;
    const found = await client.query<{ row: string }>(`select t::text as row from ${table} t`);
    texts[name] = found.rows.map(({ row }) => row).join('\n');
  }
  return texts;
}

/** Ids of the keys that bodies of Secrets are sealed with; `plain` for one that is not. */
async function keysInUse(schema: string): Promise<string[]> {
  const { rows } = await client.query<{ body: string }>(
    `select body from ${client.escapeIdentifier(schema)}.objects where resource = 'secrets'`,
  );
  return rows.map(({ body }) => /^sealed\.v2:(key-\d)@/.exec(body)?.[1] ?? 'plain').sort();
}

test('KA-147b, SEC-12b nothing of a Secret stands in a table, the log, a notification or a backup', async ({
  task,
}) => {
  const schema = postgres.schema(task.name);
  const notified: string[] = [];
  const listener = new pg.Client({ connectionString: postgres.url });
  await listener.connect();
  listener.on('notification', ({ payload = '' }) => void notified.push(payload));
  await listener.query(`listen ${client.escapeIdentifier(schema)}`);
  try {
    await using a = await startServer(schema, ring(1));
    await using b = await startServer(schema, ring(1));
    const passwords = ['first-password', 'second-password', 'third-password'];
    for (const name of ['kept', 'deleted']) {
      await ask(a, 'POST', secrets, secret(name, passwords[0] ?? ''));
      await ask(b, 'PUT', `${secrets}/${name}`, secret(name, passwords[1] ?? ''));
      await ask(a, 'PUT', `${secrets}/${name}`, secret(name, passwords[2] ?? ''));
    }
    await ask(b, 'DELETE', `${secrets}/deleted`);
    expect([await passwordOf(a, 'kept'), await passwordOf(b, 'kept')]).toEqual(['third-password', 'third-password']);
    expect([await passwordOf(a, 'deleted'), await passwordOf(b, 'deleted')]).toEqual([404, 404]);

    const file = join(directory, 'sealed.gz');
    await backupPostgres({ url: postgres.url, schema, clock }, file);
    const tables = await everything(schema);
    expect(Object.keys(tables).sort()).toEqual(['changes', 'meta', 'migrations', 'objects', 'settings', 'writers']);
    await eventually(() => notified.length > 0);
    const places: Record<string, string> = {
      ...tables,
      backup: gunzipSync(readFileSync(file)).toString('utf8'),
      notified: notified.join('\n'),
    };
    expect(places.changes).toContain('sealed.v2:key-1@');
    expect(places.backup).toContain('sealed.v2:key-1@');
    for (const [place, text] of Object.entries(places)) {
      for (const password of passwords) {
        expect([place, text.includes(password), text.includes(base64(password))]).toEqual([place, false, false]);
      }
    }
  } finally {
    await listener.end();
  }
});

test('KA-147b, KA-56 a write that changes nothing brings a Secret under the present key, and only then is one', async ({
  task,
}) => {
  const schema = postgres.schema(task.name);
  {
    await using plain = await startTestServer({ storage: raw(schema) });
    await ask(plain, 'POST', secrets, secret('db', 'from-before'));
    await ask(plain, 'POST', secrets, { ...secret('fixed', 'never-changes'), immutable: true });
  }
  expect(await keysInUse(schema)).toEqual(['plain', 'plain']);
  /** As `kubectl get secrets -A -o json | kubectl replace -f -` does. */
  const replaceAll = async (server: TestServer) => {
    const { json } = await ask(server, 'GET', '/api/v1/secrets');
    const items = json.items as JsonObject[];
    const answers = await Promise.all(
      items.map((item) =>
        ask(server, 'PUT', `${secrets}/${stringAt(item, 'metadata', 'name')}`, {
          apiVersion: 'v1',
          kind: 'Secret',
          ...item,
        }),
      ),
    );
    expect(answers.map(({ status }) => status)).toEqual([200, 200]);
    return answers.map((answer, index) => versionOf(answer.json) !== versionOf(items[index] ?? {}));
  };
  {
    await using server = await startServer(schema, ring(1));
    expect(await passwordOf(server, 'db')).toBe('from-before');
    expect(await replaceAll(server)).toEqual([true, true]);
    expect(await keysInUse(schema)).toEqual(['key-1', 'key-1']);
    expect(await replaceAll(server)).toEqual([false, false]);
  }
  {
    await using server = await startServer(schema, ring(2, 1));
    const patch = {
      headers: { 'content-type': 'application/merge-patch+json' },
      method: 'PATCH',
      url: `${secrets}/db`,
      body: {},
    };
    const { json } = await send(server.server.pipeline, patch);
    expect(await keysInUse(schema)).toEqual(['key-1', 'key-2']);
    expect(versionOf((await send(server.server.pipeline, patch)).json)).toBe(versionOf(json));
    expect(await replaceAll(server)).toEqual([false, true]);
    expect(await keysInUse(schema)).toEqual(['key-2', 'key-2']);
  }
  await using server = await startServer(schema, ring(2));
  expect([await passwordOf(server, 'db'), await passwordOf(server, 'fixed')]).toEqual(['from-before', 'never-changes']);
});

test('KA-147b two processes whose keys are being replaced read each other', async ({ task }) => {
  const schema = postgres.schema(task.name);
  await using older = await startServer(schema, ring(1, 2));
  await using newer = await startServer(schema, ring(2, 1));
  await ask(older, 'POST', secrets, secret('one', 'by-the-older'));
  await ask(newer, 'POST', secrets, secret('two', 'by-the-newer'));
  expect(await keysInUse(schema)).toEqual(['key-1', 'key-2']);
  expect([await passwordOf(newer, 'one'), await passwordOf(older, 'two')]).toEqual(['by-the-older', 'by-the-newer']);
});

test('KA-147b a server without the key of a Secret does not start, and says which it misses', async ({ task }) => {
  const schema = postgres.schema(task.name);
  {
    await using server = await startServer(schema, ring(1));
    await ask(server, 'POST', secrets, secret('db', 'password'));
  }
  expect(await refusal(schema, ring(2))).toMatch(
    /^secrets default\/db is encrypted with key key-1@[0-9a-f]{12}, which is not in \/etc\/keys\.yaml: give the file that holds it with --encryption-keys$/,
  );
  expect(await refusal(schema, ring())).toMatch(/, and no key is given: give the file/);
  await using server = await startServer(schema, ring(2, 1));
  expect(await passwordOf(server, 'db')).toBe('password');
});

test('KA-147b, KA-149 a backup is restored with its keys, and not at all without them', async ({ task }) => {
  const source = postgres.schema(`${task.name} source`);
  const target = postgres.schema(`${task.name} target`);
  const file = join(directory, 'keys.gz');
  {
    await using server = await startServer(source, ring(1));
    await ask(server, 'POST', secrets, secret('db', 'password'));
  }
  await backupPostgres({ url: postgres.url, schema: source, clock }, file);
  const options = { url: postgres.url, schema: target, clock };
  for (const keyring of [undefined, ring(2)]) {
    await expect(
      restorePostgres({ ...options, ...(keyring === undefined ? {} : { keyring }) }, file),
    ).rejects.toMatchObject({
      name: 'BackupError',
      message: expect.stringMatching(/^secrets default\/db is encrypted with key key-1@.*; nothing was restored$/),
    });
  }
  {
    await using untouched = raw(target);
    expect((await contents(untouched)).rows).toEqual([]);
  }
  await restorePostgres({ ...options, keyring: ring(2, 1) }, file);
  await using server = await startServer(target, ring(2, 1));
  expect([await passwordOf(server, 'db'), await keysInUse(target)]).toEqual(['password', ['key-1']]);
});
