import { mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createMemoryDatabase, dataDefinitions, loadOrCreatePki, openMemoryStorage } from '@quarterdeck/apiserver';
import { fakeClock, testLogger } from '@quarterdeck/machinery/testing';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openEncryption, readEncryption, warnOfGaps } from './encryption.ts';

const clock = fakeClock(Date.parse('2026-11-22T10:00:00Z'));
const unencrypted = 'Secrets are stored unencrypted: name a key file that encrypts them with --encryption-keys';

let dir: string;
let file: string;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'qd-encryption-'));
  file = join(dir, 'encryption-keys.yaml');
});
afterEach(() => rm(dir, { recursive: true }));

/** Where that one resource is served. */
const registryOf = (plural: string) => ({
  byStorageName: (name: string) => (name === plural ? dataDefinitions[0] : undefined),
});

function start() {
  const { settings } = openMemoryStorage(createMemoryDatabase(), { clock });
  const logger = testLogger();
  return { settings, logger, context: { settings, clock, logger } };
}

test('KA-147b a hub that owns its database makes a key at its first start, and keeps to it', async () => {
  const { settings, logger, context } = start();
  const options = { dataDir: dir };
  const { keyring, resources } = await openEncryption(options, context);
  expect([resources, (await stat(file)).mode & 0o777]).toEqual([['secrets'], 0o600]);
  const sealed = keyring.seal('x', 'text');
  expect(sealed).toMatch(/^sealed\.v2:2026-11-22@/);
  await loadOrCreatePki(settings, { clock, keyring });
  for (const again of [await openEncryption(options, context), await readEncryption({ dataDir: dir })]) {
    expect([again.keyring.open('x', sealed, 'x'), again.keyring.isCurrent(sealed)]).toEqual(['text', true]);
  }
  expect(logger.messages()).toEqual([
    'a key file was made that encrypts Secrets at rest: keep a copy of it, apart from backups',
  ]);
});

test('KA-147b a database that was encrypted gets no other key when its own is gone', async () => {
  const { settings, context } = start();
  const options = { dataDir: dir };
  const { keyring } = await openEncryption(options, context);
  await loadOrCreatePki(settings, { clock, keyring });
  await rm(file);
  await expect(openEncryption(options, context)).rejects.toThrow(
    `this database was encrypted, and its key file ${file} is not there: put it back, or name it with --encryption-keys`,
  );
  expect(await readdir(dir)).toEqual([]);
});

test('KA-147b a file that is named counts, and none is made', async () => {
  const { logger, context } = start();
  const named = join(dir, 'named.yaml');
  await writeFile(named, `keys: [{ name: mine, secret: ${Buffer.alloc(32, 1).toString('base64')} }]`, { mode: 0o600 });
  const { keyring } = await openEncryption({ encryptionKeyFile: named, dataDir: dir }, context);
  expect(keyring.seal('x', '')).toMatch(/^sealed\.v2:mine@/);
  expect([await readdir(dir), logger.messages()]).toEqual([['named.yaml'], []]);
});

test('KA-147b with another database nothing is encrypted unless a file is named, and the log says so', async () => {
  const { logger, context } = start();
  const atRest = await openEncryption({}, context);
  warnOfGaps(atRest, { registry: registryOf('secrets'), logger });
  expect([atRest.keyring.canSeal, atRest.resources, logger.messages('warn')]).toEqual([false, [], [unencrypted]]);
});

test('KA-147b a file that names no Secrets is said to leave them unencrypted', async () => {
  const { logger, context } = start();
  const text = `keys: [{ name: a, secret: ${Buffer.alloc(32, 1).toString('base64')} }]\nresources: [configmaps]`;
  await writeFile(file, text, { mode: 0o600 });
  warnOfGaps(await openEncryption({ dataDir: dir }, context), { registry: registryOf('configmaps'), logger });
  expect(logger.messages('warn')).toEqual([unencrypted]);
});

test('KA-147b a resource that nothing serves is told', async () => {
  const { logger } = start();
  const { keyring } = await readEncryption({});
  warnOfGaps({ keyring, resources: ['secrets', 'secretz'] }, { registry: registryOf('secrets'), logger });
  expect(logger.lines).toMatchObject([{ resource: 'secretz' }]);
  expect(logger.messages('warn')).toEqual([
    'the key file names a resource that is not served, so that nothing of it is encrypted',
  ]);
});
