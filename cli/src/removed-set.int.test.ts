import {
  apiVersionOf,
  ClusterProfile,
  ClusterSet,
  ClusterSetBinding,
  ConfigMap,
  findCondition,
  ignoreNotFound,
  MemberCluster,
  Namespace,
  Placement,
  Work,
} from '@quarterdeck/apis';
import { createHttpClient, loadKubeconfig } from '@quarterdeck/machinery';
import { eventually } from '@quarterdeck/machinery/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { decisionOf, deploy, isAvailable, startTestFleet, type TestFleet, worksOf } from './testing/fleet.ts';

/** What becomes of a ClusterSet, and of what rests on it, when somebody takes it away. */

let fleet: TestFleet;
beforeAll(async () => {
  fleet = await startTestFleet(['m1']);
});
afterAll(async () => {
  await fleet[Symbol.asyncDispose]();
});

const within = { timeoutMs: 20_000 };
const setNamed = (name: string): ClusterSet => ({
  apiVersion: apiVersionOf(ClusterSet),
  kind: ClusterSet.kind,
  metadata: { name },
  spec: {},
});
const namespaceOf = async (name: string) => await ignoreNotFound(fleet.admin.get(Namespace, { name }));

test('RG-12 the namespace of a set is deleted by nobody but the hub, when the set goes', async () => {
  const { admin, hub } = fleet;
  await admin.create(ClusterSet, setNamed('blue'));
  await eventually(async () => (await namespaceOf('clusterset-blue')) !== undefined, within);
  await using person = createHttpClient(await loadKubeconfig({ text: await hub.adminKubeconfig() }));
  await expect(person.delete(Namespace, { name: 'clusterset-blue' })).rejects.toMatchObject({
    code: 403,
    message: expect.stringContaining(
      'the namespace holds the ClusterProfiles of ClusterSet "blue": delete that, and the hub deletes the namespace',
    ),
  });
  await person.delete(ClusterSet, { name: 'blue' });
  await eventually(async () => (await namespaceOf('clusterset-blue')) === undefined, within);
}, 60_000);

test('PL-21 a set that is taken away by force takes nothing along: its binding says so, and all is well when it is there again', async () => {
  const { admin } = fleet;
  await fleet.join('m1');
  await isAvailable(admin, 'm1');
  const manifest = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a', namespace: 'default' } };
  await deploy(admin, 'kept', {}, [manifest]);
  await eventually(async () => (await worksOf(admin, 'kept'))['member-m1'] === 'True', within);
  const bound = async (namespace: string) => {
    const { status } = await admin.get(ClusterSetBinding, { namespace, name: namespace });
    return findCondition(status?.conditions, 'Bound')?.reason;
  };
  const profile = async () =>
    (await admin.get(ClusterProfile, { namespace: 'clusterset-default', name: 'm1' })).metadata.uid;
  const uid = await profile();

  await admin.delete(ClusterSet, { name: 'default' });
  await admin.patch(ClusterSet, { name: 'default' }, { type: 'merge', body: { metadata: { finalizers: [] } } });
  await eventually(async () => (await bound('kept')) === 'ClusterSetRemoved', within);
  // A binding that comes later has never seen the set, and its placement gets nothing.
  await deploy(admin, 'late', {}, [manifest]);
  await eventually(async () => (await bound('late')) === 'ClusterSetNotFound', within);
  expect([await decisionOf(admin, 'kept'), await decisionOf(admin, 'late'), await profile()]).toEqual([
    ['m1'],
    [],
    uid,
  ]);
  expect(await worksOf(admin, 'kept')).toEqual({ 'member-m1': 'True' });

  await admin.create(ClusterSet, setNamed('default'));
  await eventually(async () => (await decisionOf(admin, 'late')).length === 1, within);
  await eventually(async () => (await bound('kept')) === 'Bound', within);
  expect([await decisionOf(admin, 'kept'), await profile()]).toEqual([['m1'], uid]);
}, 90_000);

test('PL-21, CI-11 a name that no set has takes the cluster from nobody: it stays where it is until the name is put right, or the set is made', async () => {
  const { admin } = fleet;
  const manifest = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'b', namespace: 'default' } };
  const workUids = async () =>
    (await admin.list(Work, { labelSelector: 'quarterdeck.dev/workset=kept' })).items.map(
      ({ metadata }) => metadata.uid,
    );
  const copyUid = async () =>
    (await fleet.memberClient('m1').get(ConfigMap, { namespace: 'default', name: 'a' })).metadata.uid;
  const profiles = async () =>
    (await admin.list(ClusterProfile)).items.map(
      ({ metadata }) => `${metadata.namespace}/${metadata.name} ${metadata.uid}`,
    );
  const world = async () => ({
    works: await workUids(),
    copy: await copyUid(),
    profiles: await profiles(),
    decision: await decisionOf(admin, 'kept'),
  });
  const name = (clusterSet: string) =>
    admin.patch(MemberCluster, { name: 'm1' }, { type: 'merge', body: { spec: { clusterSet } } });
  const verdict = async () =>
    findCondition((await admin.get(MemberCluster, { name: 'm1' })).status?.conditions, 'InClusterSet');
  await eventually(async () => (await verdict())?.reason === 'InClusterSet', within);
  const before = await world();
  expect([before.works.length, before.profiles.length]).toEqual([1, 1]);

  await name('defautl');
  await eventually(async () => (await verdict())?.reason === 'NextClusterSetNotFound', within);
  expect((await verdict())?.message).toBe(
    'the ClusterSet "defautl" does not exist; the cluster stays in "default" until it does or spec.clusterSet names one that does, and no placement chooses it anew',
  );
  await deploy(admin, 'mistyped', {}, [manifest]);
  await eventually(
    async () =>
      (await admin.get(Placement, { namespace: 'mistyped', name: 'mistyped' })).status?.conditions !== undefined,
    within,
  );
  expect(await decisionOf(admin, 'mistyped')).toEqual([]);
  expect(await world()).toEqual(before);
  // A set that somebody is in waits for them.
  const members = async () => (await admin.get(ClusterSet, { name: 'default' })).status?.members?.total;
  await eventually(async () => (await members()) === 1, within);

  await name('default');
  await eventually(async () => (await decisionOf(admin, 'mistyped')).length === 1, within);
  expect(await world()).toEqual(before);

  await name('later');
  await eventually(async () => (await verdict())?.reason === 'NextClusterSetNotFound', within);
  await admin.create(ClusterSet, setNamed('later'));
  await eventually(async () => (await decisionOf(admin, 'kept')).length === 0, within);
  await eventually(async () => (await profiles()).every((each) => each.startsWith('clusterset-later/m1 ')), within);
}, 120_000);
