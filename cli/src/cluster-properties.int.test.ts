import {
  ClusterProfile,
  ClusterProperty,
  ClusterSet,
  conditionType,
  MemberCluster,
  Namespace,
} from '@quarterdeck/apis';
import { eventually } from '@quarterdeck/machinery/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { isAvailable, startTestFleet, type TestFleet } from './testing/fleet.ts';

/** Who a cluster is in its set, and who says so: a hub, real agents over TLS, simulated members. */

let fleet: TestFleet;
beforeAll(async () => {
  fleet = await startTestFleet(['own', 'odd', 'renamed', 'forced']);
});
afterAll(async () => {
  await fleet[Symbol.asyncDispose]();
});

const within = { timeoutMs: 60_000 };
const id = 'cluster.clusterset.k8s.io';
const set = 'clusterset.k8s.io';

/** Before the agent comes, as somebody at the member may. */
async function give(member: string, name: string, value: string): Promise<void> {
  const client = fleet.memberClient(member);
  const object = { apiVersion: 'about.k8s.io/v1beta1', kind: 'ClusterProperty', metadata: { name }, spec: { value } };
  await eventually(async () => {
    await client.apply(ClusterProperty, object, { fieldManager: 'somebody', force: true });
    return true;
  }, within);
}
const properties = async (member: string) => {
  const { items } = await fleet.memberClient(member).list(ClusterProperty);
  return Object.fromEntries(items.map(({ metadata, spec }) => [metadata.name, spec?.value]));
};
const inSet = async (name: string) => {
  const { status } = await fleet.admin.get(MemberCluster, { name });
  const found = status?.conditions?.find(({ type }) => type === conditionType.MemberCluster.InClusterSet);
  return { verdict: `${found?.status} ${found?.reason}`, message: found?.message, clusterId: status?.clusterId };
};
const until = (name: string, verdict: string) =>
  eventually(async () => (await inSet(name)).verdict === verdict, { ...within, message: `${name} to be ${verdict}` });

test('AB-5, AB-6 what others say of the cluster is left alone, the older name of the id too', async () => {
  await fleet.join('own');
  await isAvailable(fleet.admin, 'own');
  await give('own', 'id.k8s.io', 'something-else');
  await give('own', 'fingerprint.example.com', 'abc');
  await until('own', 'True InClusterSet');
  const { uid } = (await fleet.memberClient('own').get(Namespace, { name: 'kube-system' })).metadata;
  await eventually(async () => (await properties('own'))[set] === 'default', within);
  expect(await properties('own')).toEqual({
    [id]: uid,
    [set]: 'default',
    'id.k8s.io': 'something-else',
    'fingerprint.example.com': 'abc',
  });
});

test('AB-28, AB-27c an id that cannot be one is not rewritten: the hub says what to do, and the cluster is no member', async () => {
  await fleet.join('odd');
  await isAvailable(fleet.admin, 'odd');
  await until('odd', 'True InClusterSet');
  await give('odd', id, 'A_b');
  await until('odd', 'False InvalidClusterId');
  expect((await inSet('odd')).message).toContain('change it on the member');
  await eventually(async () => (await properties('odd'))[set] === undefined, within);
  expect(await properties('odd')).toEqual({ [id]: 'A_b' });
}, 120_000);

test('AB-30, AB-12 a changed id is leaving and joining', async () => {
  await fleet.join('renamed');
  await isAvailable(fleet.admin, 'renamed');
  await until('renamed', 'True InClusterSet');
  await eventually(async () => (await properties('renamed'))[set] === 'default', within);
  const before = await fleet.memberClient('renamed').get(ClusterProperty, { name: set });
  await give('renamed', id, 'another');
  await eventually(async () => (await inSet('renamed')).clusterId === 'another', within);
  await until('renamed', 'True InClusterSet');
  await eventually(async () => (await properties('renamed'))[set] === 'default', within);
  // Deleted and made again: whoever watches it sees two memberships. AB-19
  const after = await fleet.memberClient('renamed').get(ClusterProperty, { name: set });
  expect(after.metadata.uid).not.toBe(before.metadata.uid);
  const profile = await fleet.admin.get(ClusterProfile, { namespace: 'clusterset-default', name: 'renamed' });
  expect(profile.metadata.name).toBe('renamed');
}, 120_000);

test('AB-22, RG-41 a member that was removed without its agent learns it by refusals, and takes the membership off its cluster', async () => {
  const { agent, store } = await fleet.join('forced');
  await isAvailable(fleet.admin, 'forced');
  await eventually(async () => (await properties('forced'))[set] === 'default', within);
  await agent.stop();
  await fleet.admin.patch(
    MemberCluster,
    { name: 'forced' },
    { type: 'merge', body: { metadata: { annotations: { 'quarterdeck.dev/force-removal': 'true' } } } },
  );
  await fleet.admin.delete(MemberCluster, { name: 'forced' });
  const isGone = async () =>
    !(await fleet.admin.list(MemberCluster)).items.some(({ metadata }) => metadata.name === 'forced');
  await eventually(isGone, within);
  expect((await properties('forced'))[set]).toBe('default');
  // The same certificate, which the hub knows and lets do nothing; it has no token to come back with.
  await fleet.join('forced', { store, useToken: 'none.none' });
  await eventually(async () => (await properties('forced'))[set] === undefined, { timeoutMs: 200_000 });
  expect(Object.keys(await properties('forced'))).toEqual([id]);
}, 240_000);

test('AB-27, AB-29 a cluster that is moved to a set that is not there stays in its own, and is in the other as soon as it is made', async () => {
  const move = { type: 'merge', body: { spec: { clusterSet: 'later' } } } as const;
  await fleet.admin.patch(MemberCluster, { name: 'own' }, move);
  await until('own', 'True NextClusterSetNotFound');
  expect((await inSet('own')).message).toContain(
    'the ClusterSet "later" does not exist; the cluster stays in "default"',
  );
  expect((await properties('own'))[set]).toBe('default');
  const later = { apiVersion: 'quarterdeck.dev/v1alpha1', kind: 'ClusterSet', metadata: { name: 'later' }, spec: {} };
  await fleet.admin.create(ClusterSet, later);
  await until('own', 'True InClusterSet');
  await eventually(async () => (await properties('own'))[set] === 'later', within);
}, 120_000);
