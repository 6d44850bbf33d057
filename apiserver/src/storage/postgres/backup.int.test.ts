import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { silentLogger, systemClock } from '@quarterdeck/machinery';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { sharedTestPostgres, type TestPostgres } from '../../testing/postgres.ts';
import { contents, create, record, remove, update } from '../conformance/harness.ts';
import type { Storage } from '../storage.ts';
import { backupPostgres, restorePostgres } from './backup.ts';
import { openPostgresStorage } from './open.ts';

const clock = systemClock;
let postgres: TestPostgres;
let directory: string;
beforeAll(async () => {
  postgres = await sharedTestPostgres();
  directory = mkdtempSync(join(tmpdir(), 'qd-backup-'));
});
afterAll(async () => {
  rmSync(directory, { recursive: true, force: true });
  await postgres[Symbol.asyncDispose]();
});

function open(schema: string): Storage {
  return openPostgresStorage({ url: postgres.url, schema, clock, logger: silentLogger });
}

test('KA-149 F-27 a backup restored into another database is all of it, as another history', async ({ task }) => {
  const source = postgres.schema(`${task.name} source`);
  const target = postgres.schema(`${task.name} target`);
  const file = join(directory, 'whole.gz');
  await using storage = open(source);
  const one = await create(storage, 'x', '{"text":"ü😀\\n\\u0000"}');
  await Promise.all(Array.from({ length: 500 }, (_, n) => create(storage, `n${n}`)));
  await remove(storage, 'n7', await update(storage, 'n7', 'changed', one + 8));
  await storage.settings.put('ca', 'a secret');
  const before = await contents(storage);
  await using snapshot = await storage.snapshot();

  expect(await backupPostgres({ url: postgres.url, schema: source, clock }, file)).toEqual({
    objects: 500,
    settings: 1,
  });
  expect(statSync(file).mode & 0o777).toBe(0o600);
  expect(await restorePostgres({ url: postgres.url, schema: target, clock }, file)).toEqual({
    objects: 500,
    settings: 1,
  });

  await using restored = open(target);
  const after = await contents(restored);
  expect(after.rows).toEqual(before.rows);
  expect(after.revision).toBeGreaterThan(before.revision);
  expect(await restored.settings.get('ca')).toBe('a secret');
  await using now = await restored.snapshot();
  expect(now.epoch).not.toBe(snapshot.epoch);
  expect(now.compacted).toBeGreaterThan(before.revision);
  using recording = record(restored, before.revision);
  expect(await update(restored, 'x', 'goes on', one)).toBeGreaterThan(after.revision);
  expect(recording.resets).toHaveLength(1);
});

test('KA-149 a restore never goes below what the backup had seen, whatever the clock says', async ({ task }) => {
  const source = postgres.schema(`${task.name} source`);
  const target = postgres.schema(`${task.name} target`);
  const file = join(directory, 'ahead.gz');
  await using storage = open(source);
  const written = await create(storage, 'x');
  await backupPostgres({ url: postgres.url, schema: source, clock }, file);
  const behind = { ...clock, now: () => 1000 };
  await restorePostgres({ url: postgres.url, schema: target, clock: behind }, file);
  await using restored = openPostgresStorage({
    url: postgres.url,
    schema: target,
    clock: behind,
    logger: silentLogger,
  });
  expect(await restored.latestRevision()).toBeGreaterThan(written);
});

test('F-27 a backup is of one moment while writes go on', async ({ task }) => {
  const source = postgres.schema(`${task.name} source`);
  const target = postgres.schema(`${task.name} target`);
  const file = join(directory, 'live.gz');
  await using storage = open(source);
  const pair = (body: string, expected: 'absent' | 'present') => ({
    operations: ['left', 'right'].map((name) => ({
      type: 'put' as const,
      key: { resource: 'configmaps', namespace: 'n', name },
      body,
      expect: expected,
    })),
  });
  await storage.write(pair('0', 'absent'));
  let writing = true;
  const writer = (async () => {
    for (let n = 1; writing; n++) await storage.write(pair(String(n), 'present'));
  })();
  await backupPostgres({ url: postgres.url, schema: source, clock }, file);
  writing = false;
  await writer;
  await restorePostgres({ url: postgres.url, schema: target, clock }, file);
  await using restored = open(target);
  const { rows } = await contents(restored);
  expect(rows[0]?.body).toBe(rows[1]?.body);
});

test('F-27 a database that is not empty is left alone', async ({ task }) => {
  const source = postgres.schema(task.name);
  const file = join(directory, 'full.gz');
  await using storage = open(source);
  await create(storage, 'x');
  await backupPostgres({ url: postgres.url, schema: source, clock }, file);
  await expect(restorePostgres({ url: postgres.url, schema: source, clock }, file)).rejects.toMatchObject({
    name: 'BackupError',
    message: 'the database is not empty: restore into a new one',
  });
});

test.each([
  { name: 'missing', make: () => {}, message: /^there is no file/ },
  { name: 'something else', make: (file: string) => writeFileSync(file, 'hello'), message: /is not a backup/ },
  { name: 'empty', make: (file: string) => writeFileSync(file, ''), message: /cut short|not a backup/ },
  {
    name: 'compressed but none',
    make: (file: string) => writeFileSync(file, gzipSync('{"hello":1}\n')),
    message: /not a backup/,
  },
  { name: 'without its end', make: (file: string) => writeFileSync(file, gzipSync(header)), message: /cut short/ },
  { name: 'cut short', make: (file: string) => truncateSync(copyOf(file), 900), message: /damaged or cut short/ },
])('F-27 a file that is $name is refused and nothing is restored', async ({ name, make, message }) => {
  const source = postgres.schema(`refused source ${name}`);
  const target = postgres.schema(`refused target ${name}`);
  const file = join(directory, `${name}.gz`);
  await using storage = open(source);
  await Promise.all(Array.from({ length: 300 }, (_, n) => create(storage, `n${n}`, String(Math.random()).repeat(20))));
  await backupPostgres({ url: postgres.url, schema: source, clock }, `${file}.whole`);
  make(file);
  await expect(restorePostgres({ url: postgres.url, schema: target, clock }, file)).rejects.toMatchObject({
    name: 'BackupError',
    message: expect.stringMatching(message),
  });
  await using untouched = open(target);
  expect((await contents(untouched)).rows).toEqual([]);
});

const header = `${JSON.stringify({ format: 'quarterdeck-backup/1', epoch: 'e', revision: 1, schemaVersion: 1, at: 1 })}\n`;

function copyOf(file: string): string {
  writeFileSync(file, readFileSync(`${file}.whole`));
  return file;
}

test('F-27 a backup that cannot be written leaves nothing behind', async ({ task }) => {
  const source = postgres.schema(task.name);
  const place = join(directory, 'no', 'such', 'directory.gz');
  await expect(backupPostgres({ url: postgres.url, schema: source, clock }, place)).rejects.toMatchObject({
    code: 'ENOENT',
  });
  expect(readdirSync(directory).filter((name) => name.includes('partial'))).toEqual([]);
});
