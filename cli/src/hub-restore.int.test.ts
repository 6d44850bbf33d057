import { copyFile, mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { annotation, ConfigMap, formatTime, type Manifest, MemberCluster, Work } from '@quarterdeck/apis';
import { backupHub, type Hub, removeEmbeddedDatabase, restoreHub, startHub } from '@quarterdeck/hub';
import type { Client } from '@quarterdeck/machinery';
import { eventually } from '@quarterdeck/machinery/testing';
import { expect, test } from 'vitest';
import { conditionOf, isAvailable, startTestFleet } from './testing/fleet.ts';
import { startOneWayLink } from './testing/one-way-link.ts';
import { isThere } from './testing/work-engine.ts';

const namespace = 'member-m1';
const configMap = (name: string, value: string): Manifest => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name, namespace: 'default' },
  data: { value },
});
const send = (hub: Hub, name: string, ...manifests: Manifest[]) =>
  hub.adminClient.create(Work, {
    apiVersion: 'multicluster.x-k8s.io/v1alpha1',
    kind: 'Work',
    metadata: { name, namespace },
    spec: { workload: { manifests } },
  });
const rewrite = (hub: Hub, name: string, ...manifests: Manifest[]) =>
  eventually(async () => {
    const work = await hub.adminClient.get(Work, { namespace, name });
    return await hub.adminClient.update(Work, { ...work, spec: { workload: { manifests } } });
  });
const textOn = async (member: Client, name: string) => (await isThere(member, ConfigMap, name, 'default'))?.data?.value;
const reasonOf = async (hub: Hub, name: string) => {
  const { status } = await hub.adminClient.get(Work, { namespace, name });
  return status?.manifestConditions?.[0]?.conditions.find(({ type }) => type === 'Applied')?.reason;
};

test('RG-10, F-27 a hub that comes back from an old backup is told of, and not followed until that is confirmed', async () => {
  const dir = await mkdtemp(join(tmpdir(), 'qd-restore-'));
  const dirs = { first: join(dir, 'first'), second: join(dir, 'second') };
  const file = join(dir, 'backup');
  await using cleanup = new AsyncDisposableStack();
  cleanup.defer(() => rm(dir, { recursive: true, force: true }));
  for (const each of Object.values(dirs)) cleanup.defer(() => removeEmbeddedDatabase(each).catch(() => {}));
  const fleet = cleanup.use(await startTestFleet(['m1'], { database: { type: 'embedded', dir: dirs.first } }));
  const { hub: first, logger } = fleet;
  const member = fleet.memberClient('m1');
  // The agent dials one address all the time; while a hub is away, its own port may be taken by any connection.
  const link = cleanup.use(await startOneWayLink(first.url));
  await fleet.join('m1', { hubUrl: link.url, agent: { evictionGraceMs: 1_000 } });
  await isAvailable(first.adminClient, 'm1');
  for (const name of ['edited', 'deleted', 'same']) await send(first, name, configMap(name, 'backup'));
  for (const name of ['edited', 'deleted', 'same'])
    await eventually(async () => (await textOn(member, name)) === 'backup', { timeoutMs: 20_000 });

  await backupHub(dirs.first, file);
  await rewrite(first, 'edited', configMap('edited', 'newer'));
  await send(first, 'made', configMap('made', 'newer'));
  await first.adminClient.delete(Work, { namespace, name: 'deleted' });
  await eventually(async () => (await textOn(member, 'edited')) === 'newer', { timeoutMs: 20_000 });
  await eventually(async () => (await textOn(member, 'made')) === 'newer', { timeoutMs: 20_000 });
  await eventually(async () => (await textOn(member, 'deleted')) === undefined, { timeoutMs: 20_000 });
  await first.stop();

  // The key that opens the backup is no part of it.
  await mkdir(dirs.second);
  await copyFile(join(dirs.first, 'encryption-keys.yaml'), join(dirs.second, 'encryption-keys.yaml'));
  await restoreHub(dirs.second, file);
  const database = { type: 'embedded', dir: dirs.second } as const;
  const second = cleanup.use(await startHub({ database, listen: { host: '127.0.0.1', port: 0 }, logger }));
  link.leadTo(second.url);
  const epochOf = async () =>
    (await second.adminClient.get(MemberCluster, { name: 'm1' })).metadata.annotations?.[annotation.hubEpoch] ?? '';
  expect(await epochOf()).toMatch(/^\S+ \d{4}-\d\d-\d\dT[\d:]+Z$/);
  // What is newer on the member stays, what was deleted does not come back, and the hub is told why.
  await eventually(async () => (await reasonOf(second, 'edited')) === 'HubRestored', { timeoutMs: 60_000 });
  await eventually(async () => (await reasonOf(second, 'deleted')) === 'HubRestored', { timeoutMs: 60_000 });
  expect(await textOn(member, 'deleted')).toBeUndefined();
  const follows = () => conditionOf(second.adminClient, 'm1', 'FollowsHub');
  await eventually(async () => (await follows()) === 'False HubRestored', { timeoutMs: 60_000 });
  // It lives, reports, and repairs what it has.
  await isAvailable(second.adminClient, 'm1');
  await member.patch(
    ConfigMap,
    { namespace: 'default', name: 'same' },
    { type: 'merge', body: { data: { value: 'drifted' } } },
  );
  await eventually(async () => (await textOn(member, 'same')) === 'backup', { timeoutMs: 20_000 });
  // A new wish is no older than anything.
  await send(second, 'fresh', configMap('fresh', '1'));
  await eventually(async () => (await textOn(member, 'fresh')) === '1', { timeoutMs: 20_000 });
  expect([await textOn(member, 'edited'), await textOn(member, 'made')]).toEqual(['newer', 'newer']);

  // So is a new generation; but what it does not name may be newer than it, and stays.
  await rewrite(second, 'same', configMap('instead', '1'));
  await eventually(async () => (await textOn(member, 'instead')) === '1', { timeoutMs: 20_000 });
  expect(await textOn(member, 'same')).toBe('backup');

  const [epoch = ''] = (await epochOf()).split(' ');
  const word = { [annotation.restoreConfirmed]: `${formatTime(Date.now())} ${epoch}` };
  await second.adminClient.patch(
    MemberCluster,
    { name: 'm1' },
    { type: 'merge', body: { metadata: { annotations: word } } },
  );
  await eventually(async () => (await textOn(member, 'edited')) === 'backup', { timeoutMs: 20_000 });
  await eventually(async () => (await textOn(member, 'deleted')) === 'backup', { timeoutMs: 20_000 });
  await eventually(async () => (await textOn(member, 'same')) === undefined, { timeoutMs: 20_000 });
  // What this hub does not know is evicted after its grace.
  await eventually(async () => (await textOn(member, 'made')) === undefined, { timeoutMs: 60_000 });
}, 240_000);
