import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type HubProcess, startHubProcess } from './harness/hub.ts';
import { type Kubectl, kubectl } from './harness/kubectl.ts';
import { type TempDir, tempDir } from './harness/temp-dir.ts';

/** Keys of a hub are replaced as docs/encryption-at-rest.md says, with nothing but its file and kubectl. */

const cleanup = new AsyncDisposableStack();
let dir: TempDir;
let keyFile: string;
let hub: HubProcess;
let onHub: Kubectl;

beforeAll(async () => {
  dir = cleanup.use(await tempDir());
  keyFile = join(dir.path, 'keys.yaml');
  await writeKeys(1);
  hub = cleanup.use(
    await startHubProcess({
      dataDir: join(dir.path, 'hub'),
      args: ['--encryption-keys', keyFile, '--log-level', 'debug'],
    }),
  );
  onHub = await kubectl({ kubeconfig: hub.kubeconfig, home: dir.path });
});
afterAll(() => cleanup.disposeAsync());

const secretOf = (fill: number) => Buffer.alloc(32, fill).toString('base64');

/** The first of these encrypts. */
async function writeKeys(...fills: readonly number[]): Promise<void> {
  const keys = fills.map((fill) => `  - { name: key-${fill}, secret: ${secretOf(fill)} }\n`);
  await writeFile(keyFile, `keys:\n${keys.join('')}`, { mode: 0o600 });
}

async function restartWith(...fills: readonly number[]): Promise<void> {
  await hub.kill('SIGTERM');
  await writeKeys(...fills);
  await hub.restart();
}

const password = () => onHub.ok(['get', 'secret', 'db', '-o', 'jsonpath={.data.password}']);

test('KA-147b, SEC-12 a key is replaced by the file and kubectl replace, and told in no log', async () => {
  await onHub.ok(['create', 'secret', 'generic', 'db', '--from-literal=password=correct-horse-battery']);
  await restartWith(2, 1);
  // As long as something needs the first key, there is no start without it.
  await hub.kill('SIGTERM');
  await writeKeys(2);
  await expect(hub.restart()).rejects.toThrow(
    /quarterdeck: secrets \S+ is encrypted with key key-1@[0-9a-f]{12}, which is not in \S+keys\.yaml: give the file that holds it with --encryption-keys/,
  );
  await writeKeys(2, 1);
  await hub.restart();
  const replace = async () => {
    const input = await onHub.ok('get secrets -A -o json');
    return (await onHub.ok('replace -f -', { input })).split('\n');
  };
  expect(await replace()).toContain('secret/db replaced');
  await restartWith(2);
  expect(Buffer.from(await password(), 'base64').toString()).toBe('correct-horse-battery');
  const log = await readFile(hub.logFile, 'utf8');
  const hidden = ['correct-horse-battery', await password(), secretOf(1), secretOf(2)];
  expect(hidden.filter((text) => log.includes(text))).toEqual([]);
}, 240_000);
