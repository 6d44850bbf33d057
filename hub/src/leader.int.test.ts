import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ClusterSet, Lease, Namespace } from '@quarterdeck/apis';
import { removeEmbeddedPostgres, startEmbeddedPostgres } from '@quarterdeck/apiserver';
import { silentLogger, systemClock } from '@quarterdeck/machinery';
import { eventually, testLogger } from '@quarterdeck/machinery/testing';
import { expect, test } from 'vitest';
import { type Hub, startHub } from './main.ts';

const lease = { namespace: 'quarterdeck-system', name: 'quarterdeck-hub' };
const holderOf = async (hub: Hub) => (await hub.adminClient.get(Lease, lease)).spec?.holderIdentity;
const makeSet = (hub: Hub, name: string) =>
  hub.adminClient.create(ClusterSet, {
    apiVersion: 'quarterdeck.dev/v1alpha1',
    kind: 'ClusterSet',
    metadata: { name },
    spec: {},
  });
const namespaceOf = (hub: Hub, set: string) =>
  eventually(() => hub.adminClient.get(Namespace, { name: `clusterset-${set}` }), { timeoutMs: 30_000 });

test('F-19, KA-146 of two hubs on one database one leads, and the other follows when it stops', async () => {
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
      logs[identity].messages().includes('this hub runs the fleet controllers');
    await using one = await start('one');
    await eventually(() => leads('one'));
    await using two = await start('two');
    expect([one.hubUID, one.caHash]).toEqual([two.hubUID, two.caHash]);

    // What is asked of the second is done by the first, and both serve it.
    await makeSet(two, 'blue');
    await namespaceOf(two, 'blue');
    await namespaceOf(one, 'blue');
    expect([await holderOf(one), await holderOf(two), leads('two')]).toEqual(['one', 'one', false]);

    await one.stop();
    await eventually(() => leads('two'), { timeoutMs: 30_000, message: 'the second hub to lead' });
    expect(await holderOf(two)).toBe('two');
    await makeSet(two, 'green');
    await namespaceOf(two, 'green');
  } finally {
    await database[Symbol.asyncDispose]();
    await removeEmbeddedPostgres(dataDir, common);
    await rm(dir, { recursive: true, force: true });
  }
}, 120_000);
