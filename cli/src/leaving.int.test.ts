import { leaveFleet } from '@quarterdeck/agent';
import {
  ClusterProfile,
  ClusterProperty,
  ClusterSet,
  ConfigMap,
  Event,
  isForbidden,
  isNotFound,
  type Manifest,
  MemberCluster,
  Namespace,
  Secret,
  Work,
} from '@quarterdeck/apis';
import { createHttpClient, loadKubeconfig } from '@quarterdeck/machinery';
import { eventually } from '@quarterdeck/machinery/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { clientOfAgent, isAvailable, type JoinedAgent, startTestFleet, type TestFleet } from './testing/fleet.ts';

/** How members leave the fleet, and come back: a hub, real agents over TLS, simulated members. */

let fleet: TestFleet;
const names = ['gone', 'kept', 'asks', 'lost', 'dead', 'moves', 'twice', 'again', 'denied'];
const joined = new Map<string, JoinedAgent>();
const within = { timeoutMs: 30_000 };
beforeAll(async () => {
  fleet = await startTestFleet(names);
});
afterAll(async () => {
  await fleet[Symbol.asyncDispose]();
});

async function join(name: string, ...rest: Parameters<TestFleet['join']> extends [string, ...infer R] ? R : never) {
  const agent = await fleet.join(name, ...rest);
  joined.set(name, agent);
  await isAvailable(fleet.admin, name);
  return agent;
}

const text = (annotations: Record<string, string> = {}): Manifest => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name: 'text', namespace: 'default', annotations },
  data: { a: '1' },
});

/** A Work for the member, applied. */
async function bring(name: string, manifest = text()): Promise<void> {
  await fleet.admin.create(Work, {
    apiVersion: 'multicluster.x-k8s.io/v1alpha1',
    kind: 'Work',
    metadata: { name: 'text', namespace: `member-${name}` },
    spec: { workload: { manifests: [manifest] } },
  });
  await eventually(async () => {
    const { status } = await fleet.admin.get(Work, { namespace: `member-${name}`, name: 'text' });
    return status?.conditions.some(({ type, status: is }) => type === 'Applied' && is === 'True');
  }, within);
}

const textOn = async (name: string) => {
  const { items } = await fleet.memberClient(name).list(ConfigMap, { namespace: 'default' });
  return items.find(({ metadata }) => metadata.name === 'text');
};
const change = (name: string, body: object) => fleet.admin.patch(MemberCluster, { name }, { type: 'merge', body });
const hasLeft = (name: string) =>
  eventually(async () => {
    try {
      await fleet.admin.get(MemberCluster, { name });
      return false;
    } catch (error) {
      return isNotFound(error);
    }
  }, within);
const eventsOf = async (name: string) => {
  const { items } = await fleet.admin.list(Event, { namespace: 'default' });
  return items.filter(({ involvedObject }) => involvedObject?.kind === 'MemberCluster' && involvedObject.name === name);
};

test("RG-40 a member's namespace is not deleted while its MemberCluster exists; the answer says what to do", async () => {
  await join('kept');
  // The server's own client is no administrator: policies are not for it.
  await using person = createHttpClient(await loadKubeconfig({ text: await fleet.hub.adminKubeconfig() }));
  await expect(person.delete(Namespace, { name: 'member-kept' })).rejects.toMatchObject({
    code: 403,
    message: expect.stringContaining('the namespace belongs to MemberCluster "kept": delete that'),
  });
  const body = { metadata: { labels: { 'quarterdeck.dev/member-cluster': null } } };
  await expect(person.patch(Namespace, { name: 'member-kept' }, { type: 'merge', body })).rejects.toMatchObject({
    code: 403,
  });
});

test("RG-40 the member's own deletionPolicy overrides that of a Work, whatever removes it", async () => {
  await join('gone');
  await bring('gone', text({ 'quarterdeck.dev/deletion-policy': 'Orphan' }));
  await change('gone', { spec: { deletionPolicy: 'Delete' } });
  await fleet.admin.delete(MemberCluster, { name: 'gone' });
  await hasLeft('gone');
  expect(await textOn('gone')).toBeUndefined();

  await bring('kept');
  const before = await textOn('kept');
  await fleet.admin.delete(MemberCluster, { name: 'kept' });
  // Somebody deletes the Work while the member leaves: what it brought stays all the same.
  await fleet.admin.delete(Work, { namespace: 'member-kept', name: 'text' }).catch(() => {});
  await hasLeft('kept');
  expect((await textOn('kept'))?.metadata.uid).toBe(before?.metadata.uid);
});

test('RG-40 a member leaves by its own wish, and its membership property goes with it', async () => {
  const { store } = await join('asks');
  await bring('asks');
  const properties = async () =>
    (await fleet.memberClient('asks').list(ClusterProperty)).items.map((each) => each.metadata.name);
  await eventually(async () => (await properties()).includes('clusterset.k8s.io'), within);
  const told: string[] = [];
  const options = {
    clusterName: 'asks',
    hubUrl: fleet.hub.url,
    store,
    onProgress: (message: string) => void told.push(message),
  };
  expect(await leaveFleet(options, AbortSignal.timeout(30_000))).toBe(true);
  await hasLeft('asks');
  expect(told.length).toBeGreaterThan(0);
  expect(await textOn('asks')).toBeDefined();
  await eventually(async () => !(await properties()).includes('clusterset.k8s.io'), within);
  expect(await properties()).toEqual(['cluster.clusterset.k8s.io']);
  // Somebody who was denied is refused in the same words, and has not left: nothing is claimed.
  const again = leaveFleet(options, AbortSignal.timeout(30_000));
  await expect(again).rejects.toThrow('nothing was done: asks has left or was removed already, or it is denied');
});

test('RG-40, RG-22 a denied member that asks to leave is not told that it has', async () => {
  const { store } = await join('denied');
  const deny = { type: 'merge', body: { spec: { acceptance: 'Denied' } } } as const;
  await fleet.admin.patch(MemberCluster, { name: 'denied' }, deny);
  // Its rights go a moment after.
  await using asAgent = await clientOfAgent(fleet.hub, { store });
  const isRefused = () => asAgent.get(MemberCluster, { name: 'denied' }).then(() => false, isForbidden);
  await eventually(isRefused, within);
  const options = { clusterName: 'denied', hubUrl: fleet.hub.url, store, onProgress: () => {} };
  await expect(leaveFleet(options, AbortSignal.timeout(30_000))).rejects.toThrow('or it is denied');
  expect((await fleet.admin.get(MemberCluster, { name: 'denied' })).metadata.deletionTimestamp).toBeUndefined();
});

test('RG-41 a lost member is removed by force, what may be left on it is listed, and when it returns nothing is made anew', async () => {
  const { agent, store } = await join('lost');
  await bring('lost');
  const before = await textOn('lost');
  await agent.stop();
  await fleet.admin.delete(MemberCluster, { name: 'lost' });
  await eventually(async () => {
    const { status } = await fleet.admin.get(MemberCluster, { name: 'lost' });
    return status?.conditions?.some(({ type, reason }) => type === 'Leaving' && reason === 'WithdrawingWorks');
  }, within);
  await change('lost', { metadata: { annotations: { 'quarterdeck.dev/force-removal': 'true' } } });
  await hasLeft('lost');
  const warnings = (await eventsOf('lost')).filter(({ type }) => type === 'Warning');
  expect(warnings.map(({ reason, message }) => [reason, message])).toEqual([
    ['RemovedByForce', 'removed without its agent; may be left on it: ConfigMap default/text'],
  ]);

  const again = await join('lost');
  await bring('lost');
  const after = await textOn('lost');
  expect([after?.metadata.uid, after?.metadata.ownerReferences?.length]).toEqual([before?.metadata.uid, 1]);
  expect(again.store).not.toBe(store);
});

test('RG-41 a member that leaves by force from the start is gone with its Works, which wait for nobody', async () => {
  const { agent } = await join('dead');
  await bring('dead');
  await agent.stop();
  await change('dead', { metadata: { annotations: { 'quarterdeck.dev/force-removal': 'true' } } });
  await fleet.admin.delete(MemberCluster, { name: 'dead' });
  await hasLeft('dead');
  expect((await fleet.admin.list(Work, { namespace: 'member-dead' })).items).toEqual([]);
}, 60_000);

test('RG-40, AB-21 a member that moves to another set takes its profile and its membership along, and keeps its Works', async () => {
  await join('moves');
  await bring('moves');
  const before = await textOn('moves');
  await fleet.admin.create(ClusterSet, {
    apiVersion: 'quarterdeck.dev/v1alpha1',
    kind: 'ClusterSet',
    metadata: { name: 'edge' },
    spec: {},
  });
  await change('moves', { spec: { clusterSet: 'edge' } });
  await eventually(async () => {
    const { items } = await fleet.admin.list(ClusterProfile);
    const places = items.filter(({ metadata }) => metadata.name === 'moves').map(({ metadata }) => metadata.namespace);
    return places.join() === 'clusterset-edge';
  }, within);
  await eventually(async () => {
    const { items } = await fleet.memberClient('moves').list(ClusterProperty);
    return items.find(({ metadata }) => metadata.name === 'clusterset.k8s.io')?.spec?.value === 'edge';
  }, within);
  expect((await textOn('moves'))?.metadata.uid).toBe(before?.metadata.uid);
});

test('RG-11, F-18 two agents of one identity on one cluster: the second one waits, and takes over', async () => {
  const { agent, store } = await join('twice');
  await fleet.join('twice', { useToken: 'none.none', store });
  await eventually(
    () =>
      fleet.logger
        .messages('warn')
        .includes('another agent of this cluster acts; this one does nothing and waits for its turn'),
    within,
  );
  await bring('twice');
  await agent.stop();
  await fleet.admin.patch(
    Work,
    { namespace: 'member-twice', name: 'text' },
    { type: 'merge', body: { spec: { workload: { manifests: [{ ...text(), data: { a: '2' } }] } } } },
  );
  await eventually(async () => (await textOn('twice'))?.data?.a === '2', { timeoutMs: 60_000 });
}, 90_000);

test('RG-8 an agent that has lost its certificate joins again with a new token, which is spent', async () => {
  const { agent } = await join('again');
  await agent.stop();
  // As after 40 s of silence, which is what an expired certificate means for the hub.
  await eventually(async () => {
    const member = await fleet.admin.get(MemberCluster, { name: 'again' });
    const conditions = member.status?.conditions?.map((each) =>
      each.type === 'HubLeaseCurrent'
        ? { ...each, status: 'True' as const, lastTransitionTime: '2026-01-01T00:00:00Z' }
        : each,
    );
    return await fleet.admin.update(
      MemberCluster,
      { ...member, status: { ...member.status, ...(conditions === undefined ? {} : { conditions }) } },
      { subresource: 'status' },
    );
  });
  const tokens = async () =>
    (
      await fleet.admin.list(Secret, { namespace: 'kube-system', fieldSelector: 'type=bootstrap.kubernetes.io/token' })
    ).items.filter(({ data }) =>
      Buffer.from(data?.['quarterdeck-bound-to'] ?? '', 'base64')
        .toString()
        .startsWith('again/'),
    );
  await eventually(async () => (await tokens()).length === 0, within);
  await fleet.join('again');
  await eventually(async () => (await tokens()).length === 1, within);
  await eventually(async () => {
    const member = await fleet.admin.get(MemberCluster, { name: 'again' });
    const lease = member.status?.conditions?.find(({ type }) => type === 'HubLeaseCurrent');
    const lost = {
      ...lease,
      status: 'False' as const,
      reason: 'LeaseNotRenewed',
      type: 'HubLeaseCurrent',
      message: '',
      lastTransitionTime: '2026-01-01T00:00:00Z',
    };
    const conditions = (member.status?.conditions ?? []).map((each) => (each.type === 'HubLeaseCurrent' ? lost : each));
    return await fleet.admin.update(
      MemberCluster,
      { ...member, status: { ...member.status, conditions } },
      { subresource: 'status' },
    );
  });
  await eventually(async () => (await tokens()).length === 0, within);
}, 90_000);
