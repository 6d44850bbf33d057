import { copyFile, mkdir, mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { Secret } from '@quarterdeck/apis';
import {
  createApiServer,
  loadOrCreatePki,
  openPostgresStorage,
  startEmbeddedPostgres,
  systemUser,
} from '@quarterdeck/apiserver';
import { silentLogger, systemClock } from '@quarterdeck/machinery';
import { testLogger } from '@quarterdeck/machinery/testing';
import { expect, test } from 'vitest';
import { backupHub, embeddedDir, removeEmbeddedDatabase, restoreHub } from './database.ts';
import { startHub } from './main.ts';
import { rotateHubCa } from './registration/ca-rotation.ts';

const common = { clock: systemClock, logger: silentLogger };
const base64 = (text: string) => Buffer.from(text).toString('base64');
const secret = (name: string, password: string) =>
  ({
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name, namespace: 'default' },
    data: { password: base64(password) },
  }) as const;

/** Directories of hubs with an embedded database, gone with all that is in them at the end. */
async function dataDirs() {
  const dir = await mkdtemp(join(tmpdir(), 'qd-encryption-'));
  const stack = new AsyncDisposableStack();
  stack.defer(() => rm(dir, { recursive: true, force: true }));
  return {
    file: join(dir, 'backup'),
    make: (name: string) => {
      const made = join(dir, name);
      stack.defer(() => removeEmbeddedDatabase(made).catch(() => {}));
      return made;
    },
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  };
}

const keysIn = (dataDir: string) => join(dataDir, 'encryption-keys.yaml');
const start = (dir: string, logger = testLogger()) =>
  startHub({ database: { type: 'embedded', dir }, listen: { host: '127.0.0.1', port: 0 }, logger });

/** Files below a directory in which one of the texts stands. */
async function filesWith(dir: string, texts: readonly string[]): Promise<string[]> {
  const found: string[] = [];
  for (const entry of await readdir(dir, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const content = await readFile(join(entry.parentPath, entry.name), 'latin1');
    if (texts.some((text) => content.includes(text))) found.push(entry.name);
  }
  return found;
}

test('KA-147b, DL-31, SEC-12b a hub encrypts what is on its disk and in its backups, which need its key', async () => {
  await using dirs = await dataDirs();
  const [first, second] = [dirs.make('first'), dirs.make('second')];
  const hub = await start(first);
  const { caHash, databaseLocation = '' } = hub;
  await hub.adminClient.create(Secret, secret('db', 'correct-horse-battery'));
  await backupHub(first, dirs.file);
  await hub.stop();
  expect((await stat(keysIn(first))).mode & 0o777).toBe(0o600);
  // As the server has written them all to its files when it stopped.
  const hidden = ['correct-horse-battery', base64('correct-horse-battery'), 'PRIVATE KEY'];
  expect(await filesWith(databaseLocation, ['sealed.v2:'])).not.toEqual([]);
  expect(await filesWith(databaseLocation, hidden)).toEqual([]);
  const backup = gunzipSync(await readFile(dirs.file)).toString('utf8');
  expect(hidden.filter((text) => backup.includes(text))).toEqual([]);
  expect((await rotateHubCa({ database: { dataDir: first } })).signing).toBe(caHash);

  await expect(restoreHub(second, dirs.file)).rejects.toThrow(/ is encrypted with key .*; nothing was restored$/);
  await mkdir(second, { recursive: true });
  await copyFile(keysIn(first), keysIn(second));
  await restoreHub(second, dirs.file);
  await rm(keysIn(second));
  await expect(start(second)).rejects.toThrow(`its key file ${keysIn(second)} is not there: put it back`);
  await copyFile(keysIn(first), keysIn(second));
  await using restored = await start(second);
  const found = await restored.adminClient.get(Secret, { namespace: 'default', name: 'db' });
  expect([found.data?.password, restored.caHash]).toEqual([base64('correct-horse-battery'), caHash]);
}, 240_000);

test('KA-147b data from before is read, and encrypted when it is written', async () => {
  await using dirs = await dataDirs();
  const dir = dirs.make('data');
  const withDatabase = async <T>(use: (storage: ReturnType<typeof openPostgresStorage>) => Promise<T>): Promise<T> => {
    await using database = await startEmbeddedPostgres({ dataDir: embeddedDir(dir), ...common });
    await using storage = openPostgresStorage({ url: database.url, ...common });
    return await use(storage);
  };
  const bodies = () =>
    withDatabase(async (storage) => {
      await using snapshot = await storage.snapshot();
      const rows = [];
      for await (const page of snapshot.rows) rows.push(...page);
      return rows
        .filter(({ key }) => key.resource === 'secrets' && key.namespace === 'default')
        .map(({ body }) => body.slice(0, 10));
    });
  await withDatabase(async (storage) => {
    const pki = await loadOrCreatePki(storage.settings, common);
    const server = createApiServer({ storage, pki, issuer: 'https://hub.test' });
    await server.start();
    await server.client(systemUser).create(Secret, secret('db', 'from-before'));
    await server.stop();
  });
  expect(await bodies()).toEqual([',"name":"d']);
  {
    await using hub = await start(dir);
    const found = await hub.adminClient.get(Secret, { namespace: 'default', name: 'db' });
    expect(found.data?.password).toBe(base64('from-before'));
    expect((await hub.adminClient.update(Secret, found)).data).toEqual(found.data);
  }
  expect(await bodies()).toEqual(['sealed.v2:']);
}, 240_000);
