import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ConfigMap, type Manifest, MemberCluster, Work, WorkSet } from '@quarterdeck/apis';
import { type Hub, removeEmbeddedDatabase, startHub } from '@quarterdeck/hub';
import { eventually } from '@quarterdeck/machinery/testing';
import { expect, test } from 'vitest';
import { deploy, isAvailable, startTestFleet, worksOf } from './testing/fleet.ts';
import { startOneWayLink } from './testing/one-way-link.ts';

const manifests: Manifest[] = [
  { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'web' } },
  { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'text', namespace: 'web' }, data: { text: 'hello' } },
];

test('RG-9, RG-31 a hub that stops and starts again finds its fleet, and nothing is made anew', async () => {
  const dir = await mkdtemp(join(tmpdir(), 'qd-restart-'));
  const database = { type: 'embedded', dir } as const;
  await using cleanup = new AsyncDisposableStack();
  cleanup.defer(() => rm(dir, { recursive: true, force: true }));
  cleanup.defer(() => removeEmbeddedDatabase(dir));
  const fleet = cleanup.use(await startTestFleet(['m1'], { database }));
  const { hub: first, logger } = fleet;
  const member = fleet.memberClient('m1');
  // The agent dials one address all the time; while a hub is away, its own port may be taken by any connection.
  const link = cleanup.use(await startOneWayLink(first.url));
  await fleet.join('m1', { hubUrl: link.url, token: { labels: { app: 'web' } } });
  await isAvailable(first.adminClient, 'm1');
  await deploy(first.adminClient, 'web', { app: 'web' }, manifests);
  await eventually(async () => (await worksOf(first.adminClient, 'web'))['member-m1'] === 'True');
  const objects = async (hub: Hub) => [
    first.hubUID === hub.hubUID,
    (await hub.adminClient.get(MemberCluster, { name: 'm1' })).metadata.uid,
    (await hub.adminClient.get(Work, { namespace: 'member-m1', name: 'web.web' })).metadata.uid,
    (await member.get(ConfigMap, { namespace: 'web', name: 'text' })).metadata.uid,
  ];
  const before = await objects(first);
  await first.stop();
  // What the member loses while the hub is away comes back without it.
  await member.delete(ConfigMap, { namespace: 'web', name: 'text' });
  const repaired = await eventually(() => member.get(ConfigMap, { namespace: 'web', name: 'text' }));

  const second = cleanup.use(await startHub({ database, listen: { host: '127.0.0.1', port: 0 }, logger }));
  link.leadTo(second.url);
  const changed = manifests.map((manifest) =>
    manifest.kind === 'ConfigMap' ? { ...manifest, data: { text: 'again' } } : manifest,
  );
  await eventually(async () => {
    const workSet = await second.adminClient.get(WorkSet, { namespace: 'web', name: 'web' });
    return await second.adminClient.update(WorkSet, {
      ...workSet,
      spec: { ...workSet.spec, workload: { manifests: changed } },
    });
  });
  await eventually(
    async () => (await member.get(ConfigMap, { namespace: 'web', name: 'text' })).data?.text === 'again',
    { timeoutMs: 45_000, message: 'the agent to come back' },
  );
  expect(await objects(second)).toEqual([...before.slice(0, 3), repaired.metadata.uid]);
  expect((await second.adminClient.get(MemberCluster, { name: 'm1' })).spec.taints).toBeUndefined();
}, 120_000);
