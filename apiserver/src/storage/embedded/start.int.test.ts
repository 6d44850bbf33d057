import { type ChildProcess, spawn } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { silentLogger, systemClock } from '@quarterdeck/machinery';
import { eventually, testLogger } from '@quarterdeck/machinery/testing';
import pg from 'pg';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { contents, create } from '../conformance/harness.ts';
import { backupPostgres } from '../postgres/backup.ts';
import { openPostgresStorage } from '../postgres/open.ts';
import type { Storage } from '../storage.ts';
import { canReach, parsePasswd, type RunAs } from './run-as.ts';
import {
  type EmbeddedPostgres,
  type EmbeddedPostgresOptions,
  removeEmbeddedPostgres,
  runningEmbeddedUrl,
  startEmbeddedPostgres,
} from './start.ts';

const isRoot = process.getuid?.() === 0;
const nobody = parsePasswd(readFileSync('/etc/passwd', 'utf8')).find(({ name }) => name === 'nobody');
const childProgram = fileURLToPath(new URL('../../testing/embedded-child.ts', import.meta.url));
/** Another user can only run this checkout where it can reach it, and Node. */
const others = isRoot && nobody && [childProgram, process.execPath].every((path) => canReach(dirname(path), nobody));

let directory: string;
let dataDir: string;
let sharedDir: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'qd-emb-'));
  chmodSync(directory, 0o755);
  dataDir = join(directory, 'data', 'database');
  sharedDir = join(directory, 'shared');
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

function start(options: Partial<EmbeddedPostgresOptions> = {}): Promise<EmbeddedPostgres> {
  return startEmbeddedPostgres({ dataDir, sharedDir, clock: systemClock, logger: silentLogger, ...options });
}

function open({ url }: { readonly url: string }): Storage {
  return openPostgresStorage({ url, clock: systemClock, logger: silentLogger });
}

interface Child extends AsyncDisposable {
  readonly process: ChildProcess;
  /** The first line that starts with this word, without it. */
  said(word: string): Promise<string>;
  readonly wrote: number[];
  readonly exited: Promise<void>;
}

/** Ended processes that nobody has asked after yet do not count. */
function runs(pid: number): boolean {
  const file = `/proc/${pid}/cmdline`;
  return existsSync(file) && readFileSync(file, 'utf8') !== '';
}

/** A hub in a process of its own, under another name if given. */
function startChild(runAs?: RunAs): Child {
  const child = spawn(process.execPath, [childProgram, dataDir, sharedDir], {
    stdio: ['pipe', 'pipe', 'inherit'],
    cwd: '/',
    ...(runAs && { uid: runAs.uid, gid: runAs.gid }),
  });
  const lines: string[] = [];
  const wrote: number[] = [];
  createInterface({ input: child.stdout }).on('line', (line) => {
    if (line.startsWith('wrote ')) wrote.push(Number(line.slice(6)));
    else lines.push(line);
  });
  const exited = new Promise<void>((resolve) => child.once('close', () => resolve()));
  return {
    process: child,
    wrote,
    exited,
    said: (word) =>
      eventually(() => lines.find((line) => line.startsWith(`${word} `))?.slice(word.length + 1), {
        timeoutMs: 30_000,
      }),
    async [Symbol.asyncDispose]() {
      child.stdin.end();
      await exited;
    },
  };
}

test('KA-148 the first start makes a database, the next ones find it', async () => {
  const first = await start();
  let revision: number;
  {
    await using storage = open(first);
    revision = await create(storage, 'x', 'kept');
  }
  await first[Symbol.asyncDispose]();
  await using second = await start();
  expect({ url: second.url, location: second.location }).toEqual({ url: first.url, location: first.location });
  await using storage = open(second);
  expect((await contents(storage)).rows.map((row) => [row.revision, row.body])).toEqual([[revision, 'kept']]);
  expect(await storage.latestRevision()).toBeGreaterThan(revision);
});

test('F-6 the database is durable, reachable by nobody else, and silent about data', async () => {
  const logger = testLogger();
  await using database = await start({ logger });
  const client = new pg.Client({ connectionString: database.url });
  await client.connect();
  const names = [
    'fsync',
    'synchronous_commit',
    'full_page_writes',
    'listen_addresses',
    'server_encoding',
    'data_checksums',
    'datcollate',
  ];
  const { rows } = await client.query(
    `select name, setting from pg_settings where name = any ($1)
     union all select 'datcollate', datcollate from pg_database where datname = current_database()`,
    [names],
  );
  expect(Object.fromEntries(rows.map(({ name, setting }) => [name, setting]))).toEqual({
    fsync: 'on',
    synchronous_commit: 'on',
    full_page_writes: 'on',
    listen_addresses: '',
    server_encoding: 'UTF8',
    data_checksums: 'on',
    datcollate: 'C',
  });
  await expect(client.query(`select 'do-not-tell'::integer`)).rejects.toThrow();
  await expect(client.query('select $1::text::integer', ['do-not-tell'])).rejects.toThrow();
  await client.end();
  expect(logger.lines.filter((line) => JSON.stringify(line).includes('select'))).toEqual([]);
  const socketDir = new URL(database.url).searchParams.get('host') ?? '';
  expect(statSync(socketDir).mode & 0o777).toBe(0o700);
  expect(statSync(join(database.location, 'pgdata')).mode & 0o777).toBe(0o700);
});

test.runIf(isRoot)('KA-148 as root in a closed home the database lies where its user can reach it', async () => {
  const home = join(directory, 'home');
  mkdirSync(home, { mode: 0o700 });
  dataDir = join(home, 'database');
  const first = await start();
  expect(dirname(first.location)).toBe(sharedDir);
  expect(['postgres', 'nobody']).toContain(first.runsAs);
  expect(statSync(join(first.location, 'pgdata')).uid).not.toBe(0);
  expect(JSON.parse(readFileSync(join(dataDir, 'location.json'), 'utf8'))).toEqual({ location: first.location });
  await first[Symbol.asyncDispose]();
  await using second = await start();
  expect(second.location).toBe(first.location);
});

test.runIf(isRoot)('KA-148 as root elsewhere the database lies in its data directory', async () => {
  await using database = await start();
  expect(database.location).toBe(join(dataDir, 'postgres'));
  expect(existsSync(sharedDir)).toBe(false);
});

// Skipped where no other user could run this checkout: as an ordinary user, every test here is this one.
test.runIf(others)('KA-148 an ordinary user runs the database under its own name', async () => {
  if (nobody === undefined) return;
  const home = join(directory, 'home');
  mkdirSync(home, { mode: 0o700 });
  chownSync(home, nobody.uid, nobody.gid);
  dataDir = join(home, 'database');
  await using child = startChild(nobody);
  const { location, runsAs } = JSON.parse(await child.said('ready')) as { location: string; runsAs?: string };
  expect({ location, runsAs }).toEqual({ location: join(dataDir, 'postgres'), runsAs: undefined });
  expect(statSync(join(location, 'pgdata')).uid).toBe(nobody.uid);
  await eventually(() => child.wrote.length > 3);
});

test.runIf(others)('KA-148 an ordinary user who may not write there is told so', async () => {
  await using child = startChild(nobody);
  expect(await child.said('failed')).toMatch(/^the data directory .* cannot be written by this user: choose another/);
  expect(existsSync(dataDir)).toBe(false);
});

test('F-19 a second hub on one directory is refused, and told who has it', async () => {
  await using child = startChild();
  await child.said('ready');
  await expect(start()).rejects.toMatchObject({
    name: 'EmbeddedDatabaseError',
    message: `the data directory ${dataDir} is in use by the running process ${child.process.pid}: stop that one first`,
  });
  const before = child.wrote.length;
  await eventually(() => child.wrote.length > before + 3);
});

test('F-1 what a killed hub left running is stopped, and what it acknowledged is there', async () => {
  const child = startChild();
  const { pid } = JSON.parse(await child.said('ready')) as { pid: number };
  await eventually(() => child.wrote.length > 10);
  child.process.kill('SIGKILL');
  await child.exited;
  expect(runs(pid)).toBe(true);
  await using database = await start();
  expect(runs(pid)).toBe(false);
  await using storage = open(database);
  const stored = (await contents(storage)).rows.map((row) => row.revision);
  expect(stored).toEqual(expect.arrayContaining(child.wrote));
  // One more may have been written whose acknowledgement was never told.
  expect(stored.length - child.wrote.length).toBeLessThanOrEqual(1);
});

test('F-3 a server that is killed is started again, at the same place', async () => {
  await using database = await start();
  await using storage = open(database);
  const revision = await create(storage, 'x');
  const { pid } = database;
  process.kill(pid ?? 0, 'SIGKILL');
  await eventually(() => database.pid !== undefined && database.pid !== pid);
  await eventually(async () => (await storage.latestRevision()) > revision);
  expect((await contents(storage)).rows.map((row) => row.revision)).toEqual([revision]);
});

test('F-7 a torn control file is refused with what to do, and the data is left as it was', async () => {
  const database = await start();
  await database[Symbol.asyncDispose]();
  const control = join(database.location, 'pgdata', 'global', 'pg_control');
  truncateSync(control, 100);
  await expect(start()).rejects.toMatchObject({
    name: 'EmbeddedDatabaseError',
    message: expect.stringMatching(/is damaged \(global\/pg_control has 100 bytes, not 8192\): .* restore a backup/),
  });
  expect(statSync(control).size).toBe(100);
});

test('F-7 damage that only PostgreSQL sees is told in its words', async () => {
  const database = await start();
  await database[Symbol.asyncDispose]();
  writeFileSync(join(database.location, 'pgdata', 'global', 'pg_control'), Buffer.alloc(8192, 1));
  await expect(start()).rejects.toMatchObject({
    name: 'EmbeddedDatabaseError',
    message: expect.stringMatching(/does not start \(.+\): if its files are damaged.* restore a backup/),
  });
});

test('KA-148 data of another PostgreSQL is left alone', async () => {
  const database = await start();
  await database[Symbol.asyncDispose]();
  writeFileSync(join(database.location, 'pgdata', 'PG_VERSION'), '12\n');
  await expect(start()).rejects.toMatchObject({
    message: expect.stringContaining('was made by PostgreSQL 12, this is 18'),
  });
});

test('KA-148 a directory with files of others is refused and left as it was', async () => {
  mkdirSync(dataDir, { recursive: true });
  writeFileSync(join(dataDir, 'thesis.txt'), 'years of work');
  await expect(start()).rejects.toMatchObject({
    name: 'EmbeddedDatabaseError',
    message: `the data directory ${dataDir} holds files that are not ours (thesis.txt): choose an empty one with --data-dir`,
  });
  await expect(removeEmbeddedPostgres(dataDir, { clock: systemClock, logger: silentLogger })).rejects.toThrow(
    'not ours',
  );
  expect(readdirSync(dataDir)).toEqual(['thesis.txt']);
});

test('KA-148 a file in place of the directory is refused', async () => {
  mkdirSync(dirname(dataDir));
  writeFileSync(dataDir, '');
  await expect(start()).rejects.toMatchObject({
    message: `the data directory ${dataDir} is not a directory: choose another with --data-dir`,
  });
});

test('KA-148 a start that was cut short leaves nothing in the way of the next', async () => {
  const database = await start();
  await database[Symbol.asyncDispose]();
  const pgdata = join(database.location, 'pgdata');
  rmSync(pgdata, { recursive: true });
  mkdirSync(`${pgdata}.new`);
  writeFileSync(join(`${pgdata}.new`, 'PG_VERSION'), '18\n');
  await using again = await start();
  await using storage = open(again);
  expect(await create(storage, 'x')).toBeGreaterThan(0);
  expect(existsSync(`${pgdata}.new`)).toBe(false);
});

test('KA-148 a location that is gone is not replaced by an empty one', async () => {
  const database = await start();
  await database[Symbol.asyncDispose]();
  rmSync(database.location, { recursive: true });
  await expect(start()).rejects.toMatchObject({
    message: expect.stringMatching(/which is gone: restore it, or remove .* to start empty/),
  });
});

test('KA-148 a path too long for a socket is no hindrance', async () => {
  dataDir = join(directory, 'd'.repeat(100), 'database');
  await using database = await start();
  const socketDir = new URL(database.url).searchParams.get('host') ?? '';
  expect(socketDir.length).toBeLessThan(93);
  await using storage = open(database);
  expect(await create(storage, 'x')).toBeGreaterThan(0);
  await storage[Symbol.asyncDispose]();
  await database[Symbol.asyncDispose]();
  expect(existsSync(socketDir)).toBe(false);
});

test('KA-148 the socket goes where it is told to', async () => {
  const runtimeDir = join(directory, 'run');
  await using database = await start({ runtimeDir });
  expect(dirname(new URL(database.url).searchParams.get('host') ?? '')).toBe(runtimeDir);
});

test('F-27 a backup is made while a hub runs, and not after it', async () => {
  const file = join(directory, 'backup.gz');
  {
    await using child = startChild();
    await child.said('ready');
    await eventually(() => child.wrote.length > 3);
    const url = runningEmbeddedUrl(dataDir) ?? '';
    expect((await backupPostgres({ url, clock: systemClock }, file)).objects).toBeGreaterThan(3);
  }
  expect(runningEmbeddedUrl(dataDir)).toBeUndefined();
});

test('KA-148 a data directory is removed with all it points to, not while it is in use', async () => {
  const options = { clock: systemClock, logger: silentLogger };
  const database = await start();
  await expect(removeEmbeddedPostgres(dataDir, options)).rejects.toThrow(
    `in use by the running process ${process.pid}`,
  );
  await database[Symbol.asyncDispose]();
  await removeEmbeddedPostgres(dataDir, options);
  expect([existsSync(dataDir), existsSync(database.location)]).toEqual([false, false]);
  await removeEmbeddedPostgres(dataDir, options);
});
