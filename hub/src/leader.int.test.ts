import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ClusterSet, Lease, Namespace } from '@quarterdeck/apis';
import {
  apiControllersLease,
  createApiServer,
  loadOrCreatePki,
  openPostgresStorage,
  removeEmbeddedPostgres,
  sealedStorage,
  startEmbeddedPostgres,
  systemUser,
} from '@quarterdeck/apiserver';
import { silentLogger, systemClock } from '@quarterdeck/machinery';
import { eventually, testLogger } from '@quarterdeck/machinery/testing';
import { expect, test } from 'vitest';
import { readEncryption } from './encryption.ts';
import { type Hub, startHub } from './main.ts';

const lease = { namespace: 'quarterdeck-system', name: 'quarterdeck-hub' };
const holderOf = async (hub: Hub, ref = lease) => (await hub.adminClient.get(Lease, ref)).spec?.holderIdentity;
const makeSet = (hub: Hub, name: string) =>
  hub.adminClient.create(ClusterSet, {
    apiVersion: 'quarterdeck.dev/v1alpha1',
    kind: 'ClusterSet',
    metadata: { name },
    spec: {},
  });
const namespaceOf = (hub: Hub, set: string) =>
  eventually(() => hub.adminClient.get(Namespace, { name: `clusterset-${set}` }), { timeoutMs: 30_000 });

test('F-19, KA-146b of two hubs on one database one leads, and the other follows when it stops', async () => {
  const dir = await mkdtemp(join(tmpdir(), 'qd-leader-'));
  const common = { clock: systemClock, logger: silentLogger };
  const dataDir = join(dir, 'postgres');
  const database = await startEmbeddedPostgres({ dataDir, ...common });
  try {
    const logs = { one: testLogger(), two: testLogger() };
    const start = (identity: 'one' | 'two') =>
      startHub({
        database: { type: 'postgres', url: database.url },
        listen: { host: '127.0.0.1', port: 0 },
        identity,
        logger: logs[identity],
      });
    const leads = (identity: 'one' | 'two') =>
      ['this hub runs the fleet controllers', 'this server runs the controllers of the API'].every((text) =>
        logs[identity].messages().includes(text),
      );
    const holders = async (hub: Hub) => [await holderOf(hub), await holderOf(hub, apiControllersLease)];
    await using one = await start('one');
    await eventually(() => leads('one'));
    await using two = await start('two');
    expect([one.hubUID, one.caHash]).toEqual([two.hubUID, two.caHash]);

    // What is asked of the second is done by the first, and both serve it.
    await makeSet(two, 'blue');
    await namespaceOf(two, 'blue');
    await namespaceOf(one, 'blue');
    expect([...(await holders(one)), ...(await holders(two))]).toEqual(['one', 'one', 'one', 'one']);
    expect(logs.two.messages().filter((text) => text.startsWith('this '))).toEqual([]);

    await one.stop();
    await eventually(() => leads('two'), { timeoutMs: 30_000, message: 'the second hub to lead' });
    expect(await holders(two)).toEqual(['two', 'two']);
    await makeSet(two, 'green');
    await namespaceOf(two, 'green');
  } finally {
    await database[Symbol.asyncDispose]();
    await removeEmbeddedPostgres(dataDir, common);
    await rm(dir, { recursive: true, force: true });
  }
}, 120_000);

test('F-19 a hub that owns its database does not wait for the Leases of a killed one', async () => {
  const dir = await mkdtemp(join(tmpdir(), 'qd-leader-'));
  const common = { clock: systemClock, logger: silentLogger };
  const logger = testLogger();
  const start = (identity: string) =>
    startHub({
      database: { type: 'embedded', dir },
      listen: { host: '127.0.0.1', port: 0 },
      identity,
      logger,
    });
  /** As if the hub of this identity had been killed: what it held stays held. */
  const killedAs = async (identity: string) => {
    const hub = await start(identity);
    await eventually(async () =>
      (await Promise.all([holderOf(hub), holderOf(hub, apiControllersLease)])).every(Boolean),
    );
    const held = await Promise.all([lease, apiControllersLease].map((ref) => hub.adminClient.get(Lease, ref)));
    await hub.stop();
    await using database = await startEmbeddedPostgres({ dataDir: join(dir, 'postgres'), ...common });
    await using postgres = openPostgresStorage({ url: database.url, ...common });
    const atRest = await readEncryption({ dataDir: dir });
    const storage = sealedStorage(postgres, atRest);
    const pki = await loadOrCreatePki(storage.settings, { ...common, keyring: atRest.keyring });
    const server = createApiServer({ storage, pki, issuer: 'https://hub.test' });
    await server.start();
    const client = server.client(systemUser);
    for (const { metadata, spec } of held) {
      const found = await client.get(Lease, metadata);
      // For longer than this test runs: who waits for it to be free waits in vain.
      await client.update(Lease, { ...found, spec: { ...spec, leaseDurationSeconds: 3_600 } });
    }
    await server.stop();
  };
  try {
    await killedAs('first');
    await using second = await start('second');
    const led = async () => [await holderOf(second), await holderOf(second, apiControllersLease)];
    const wanted = 'embedded-database/second';
    await eventually(async () => (await led()).every((holder) => holder === wanted), { timeoutMs: 30_000 });
    await makeSet(second, 'blue');
    await namespaceOf(second, 'blue');
  } finally {
    await removeEmbeddedPostgres(join(dir, 'postgres'), common);
    await rm(dir, { recursive: true, force: true });
  }
}, 120_000);
