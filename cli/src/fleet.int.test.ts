import {
  ApiError,
  CertificateSigningRequest,
  ClusterProfile,
  ClusterProperty,
  ClusterRole,
  ConfigMap,
  Lease,
  type Manifest,
  MemberCluster,
  Namespace,
  Secret,
  ServiceAccount,
  Work,
  WorkReport,
  WorkSet,
} from '@quarterdeck/apis';
import { eventually } from '@quarterdeck/machinery/testing';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  accept,
  clientOfAgent,
  conditionOf,
  decisionOf,
  deploy,
  isAvailable,
  type JoinedAgent,
  label,
  startTestFleet,
  type TestFleet,
  worksOf,
} from './testing/fleet.ts';

let fleet: TestFleet;
const joined = new Map<string, JoinedAgent>();
const agentOf = (name: string): JoinedAgent => {
  const found = joined.get(name);
  if (found === undefined) throw new Error(`${name} has not joined`);
  return found;
};

beforeAll(async () => {
  fleet = await startTestFleet(['m1', 'm2', 'm3', 'm4']);
  for (const name of ['m1', 'm2']) joined.set(name, await fleet.join(name, { token: { labels: { tier: name } } }));
  for (const name of ['m1', 'm2']) await isAvailable(fleet.admin, name);
});
afterAll(() => fleet[Symbol.asyncDispose]());

const manifests = (name: string): Manifest[] => [
  { apiVersion: 'v1', kind: 'Namespace', metadata: { name } },
  { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'text', namespace: name }, data: { text: 'hello' } },
];
const textOn = (member: string, namespace: string) =>
  fleet.memberClient(member).get(ConfigMap, { namespace, name: 'text' });
const outcome = (call: Promise<unknown>) =>
  call.then(
    () => 'allowed',
    (error: unknown) => (error instanceof ApiError ? error.code : Promise.reject(error)),
  );

describe('joining', () => {
  test('RG-1, RG-2 the token gives set and labels, and is spent at the first heartbeat', async () => {
    const found = await fleet.admin.get(MemberCluster, { name: 'm1' });
    expect([found.spec, found.metadata.labels]).toEqual([
      { acceptance: 'Accepted', clusterSet: 'default' },
      { tier: 'm1' },
    ]);
    const id = agentOf('m1').token.slice(0, 6);
    const ref = { namespace: 'kube-system', name: `bootstrap-token-${id}` };
    await eventually(async () => (await outcome(fleet.admin.get(Secret, ref))) === 404);
  });

  test('RG-4 the same cluster under another name is denied, and so is another cluster under its name', async () => {
    const twin = await fleet.join('m1', { as: 'm1-again' });
    const impostor = await fleet.join('m3', { as: 'm2' });
    const denials = await eventually(async () => {
      const { items } = await fleet.admin.list(CertificateSigningRequest);
      const texts = items.flatMap(({ status }) =>
        (status?.conditions ?? []).flatMap(({ type, message }) => (type === 'Denied' ? [message] : [])),
      );
      return texts.length === 2 && texts.sort();
    });
    expect(denials).toEqual([
      expect.stringContaining('another cluster is registered as MemberCluster m2; to let this one take the name over'),
      'this cluster is registered as MemberCluster m1 already',
    ]);
    await Promise.all([twin.agent.stop(), impostor.agent.stop()]);
  });

  test('RG-2 a token for one name is no token for another', async () => {
    const other = await fleet.join('m3', { token: { clusterPattern: 'x-*' } });
    const denied = await eventually(async () => {
      const { items } = await fleet.admin.list(CertificateSigningRequest);
      return items.flatMap(({ status }) => status?.conditions ?? []).find(({ message }) => message?.includes('x-*'));
    });
    expect(denied).toMatchObject({ type: 'Denied', message: 'the token is for clusters named x-*, not m3' });
    await other.agent.stop();
  });

  test('RG-3, RG-5 a pending member waits until somebody accepts it', async () => {
    const waiting = await fleet.join('m4', { token: { acceptance: 'Pending' } });
    await eventually(async () => (await conditionOf(fleet.admin, 'm4', 'Joined')) === 'False AwaitingAcceptance');
    expect(await outcome(fleet.admin.get(Namespace, { name: 'member-m4' }))).toBe(404);
    await accept(fleet.admin, 'm4', 'Accepted');
    await waiting.agent.ready;
    joined.set('m4', waiting);
    await isAvailable(fleet.admin, 'm4');
  });

  test('AB-16, AB-29, CI-15 the member gets its identity and its set, and its profile shows them', async () => {
    const { items } = await eventually(async () => {
      const list = await fleet.memberClient('m1').list(ClusterProperty);
      return list.items.length === 2 && list;
    });
    const { uid } = (await fleet.memberClient('m1').get(Namespace, { name: 'kube-system' })).metadata;
    const properties = items.map(({ metadata, spec }) => [metadata.name, spec?.value]).sort();
    expect(properties).toEqual([
      ['cluster.clusterset.k8s.io', uid],
      ['clusterset.k8s.io', 'default'],
    ]);
    await eventually(async () => {
      const profile = await fleet.admin.get(ClusterProfile, { namespace: 'clusterset-default', name: 'm1' });
      expect(profile.status?.properties?.map(({ name, value }) => [name, value])).toEqual(properties);
      expect(profile.status?.conditions?.map(({ type, status }) => [type, status])).toEqual([
        ['Joined', 'True'],
        ['ControlPlaneHealthy', 'True'],
        ['quarterdeck.dev/PropertiesComplete', 'True'],
        ['quarterdeck.dev/ClusterSetConsistent', 'True'],
      ]);
      return true;
    });
  });

  test('AB-31 a property that somebody deletes on the member comes back', async () => {
    const member = fleet.memberClient('m4');
    await eventually(async () => (await member.list(ClusterProperty)).items.length === 2);
    await accept(fleet.admin, 'm4', 'Pending');
    await eventually(async () => (await outcome(member.get(ClusterProperty, { name: 'clusterset.k8s.io' }))) === 404);
    await accept(fleet.admin, 'm4', 'Accepted');
    await eventually(async () => (await member.list(ClusterProperty)).items.length === 2, { timeoutMs: 30_000 });
  }, 60_000);
});

describe('rights of an agent', () => {
  test('RG-20, SEC-3 with its own certificate an agent reads and does only its own', async () => {
    await using agent = await clientOfAgent(fleet.hub, agentOf('m1'));
    const mine = { namespace: 'member-m1' };
    const theirs = { namespace: 'member-m2' };
    const merge = { type: 'merge' as const, body: { metadata: { labels: { a: 'b' } } } };
    const lease = { name: 'quarterdeck-agent' };
    const own: [string, Promise<unknown>][] = [
      ['own registration', agent.get(MemberCluster, { name: 'm1' })],
      ['own registration by list', agent.list(MemberCluster, { fieldSelector: 'metadata.name=m1' })],
      ['own works', agent.list(Work, mine)],
      ['own reports', agent.list(WorkReport, mine)],
      ['own lease', agent.get(Lease, { ...mine, ...lease })],
    ];
    for (const [what, call] of own) expect([what, await outcome(call)]).toEqual([what, 'allowed']);
    const foreign: [string, () => Promise<unknown>][] = [
      ['every registration', () => agent.list(MemberCluster)],
      ['another registration', () => agent.get(MemberCluster, { name: 'm2' })],
      ['another status', () => agent.patch(MemberCluster, { name: 'm2' }, merge, { subresource: 'status' })],
      ['its own labels', () => agent.patch(MemberCluster, { name: 'm1' }, merge)],
      ['its own deletion', () => agent.delete(MemberCluster, { name: 'm1' })],
      ['works of another', () => agent.list(Work, theirs)],
      ['works of all', () => agent.list(Work)],
      [
        'a work of its own making',
        () =>
          agent.create(Work, {
            apiVersion: 'multicluster.x-k8s.io/v1alpha1',
            kind: 'Work',
            metadata: { ...mine, name: 'x' },
          }),
      ],
      ['reports of another', () => agent.list(WorkReport, theirs)],
      ['the lease of another', () => agent.get(Lease, { ...theirs, ...lease })],
      ['renewing the lease of another', () => agent.patch(Lease, { ...theirs, ...lease }, merge)],
      ['another lease of its namespace', () => agent.get(Lease, { ...mine, name: 'other' })],
      ['secrets of its namespace', () => agent.list(Secret, mine)],
      ['secrets', () => agent.list(Secret)],
      ['join tokens', () => agent.list(Secret, { namespace: 'kube-system' })],
      ['tokens of service accounts', () => agent.list(ServiceAccount, mine)],
      ['config maps', () => agent.list(ConfigMap, mine)],
      ['namespaces', () => agent.list(Namespace)],
      ['roles', () => agent.list(ClusterRole)],
      ['profiles', () => agent.list(ClusterProfile)],
      ['requests of all', () => agent.list(CertificateSigningRequest)],
    ];
    for (const [what, call] of foreign) expect([what, await outcome(call())]).toEqual([what, 403]);
  });

  test('RG-20 of its registration a member states only its own part of the status', async () => {
    await using agent = await clientOfAgent(fleet.hub, agentOf('m1'));
    const body = { status: { clusterUID: 'another' } };
    const refused = agent.patch(MemberCluster, { name: 'm1' }, { type: 'merge', body }, { subresource: 'status' });
    await expect(refused).rejects.toMatchObject({ code: 403 });
  });
});

describe('delivery', () => {
  test('PL-20, DL-40 a decision follows a label, and the Works with it', async () => {
    await deploy(fleet.admin, 'web', { app: 'web' }, manifests('web'));
    await label(fleet.admin, 'm1', { app: 'web' });
    await eventually(async () => (await worksOf(fleet.admin, 'web'))['member-m1'] === 'True');
    expect((await textOn('m1', 'web')).data).toEqual({ text: 'hello' });
    await label(fleet.admin, 'm2', { app: 'web' });
    await label(fleet.admin, 'm1', { app: null });
    await eventually(async () => {
      expect(await decisionOf(fleet.admin, 'web')).toEqual(['m2']);
      expect(await worksOf(fleet.admin, 'web')).toEqual({ 'member-m2': 'True' });
      return true;
    });
    expect(await outcome(textOn('m1', 'web'))).toBe(404);
  });

  test('DL-40 one cluster that cannot take its Work does not hold up the others', async () => {
    const taken = {
      apiVersion: 'multicluster.x-k8s.io/v1alpha1',
      kind: 'Work',
      metadata: { namespace: 'member-m1', name: 'partly.partly' },
    };
    await fleet.admin.create(Work, taken);
    await label(fleet.admin, 'm1', { app: 'partly' });
    await label(fleet.admin, 'm4', { app: 'partly' });
    await deploy(fleet.admin, 'partly', { app: 'partly' }, manifests('partly'));
    await eventually(async () => {
      const { status } = await fleet.admin.get(WorkSet, { namespace: 'partly', name: 'partly' });
      expect(status?.clusters).toEqual({ desired: 2, applied: 1, available: 1, failed: 1 });
      expect(status?.problems?.map(({ clusterName, reason }) => [clusterName, reason])).toEqual([
        ['m1', 'WorkConflict'],
      ]);
      return true;
    });
    await fleet.admin.delete(WorkSet, { namespace: 'partly', name: 'partly' });
    await fleet.admin.delete(Work, { namespace: 'member-m1', name: 'partly.partly' });
    await eventually(async () => (await outcome(textOn('m4', 'partly'))) === 404);
  });

  test('PL-6 a ClusterProfile that somebody deletes is made again, and nothing is withdrawn meanwhile', async () => {
    const { uid } = (await textOn('m2', 'web')).metadata;
    const ref = { namespace: 'clusterset-default', name: 'm2' };
    const before = await fleet.admin.get(ClusterProfile, ref);
    const work = (await fleet.admin.get(Work, { namespace: 'member-m2', name: 'web.web' })).metadata.uid;
    await fleet.admin.delete(ClusterProfile, ref);
    await eventually(async () => (await fleet.admin.get(ClusterProfile, ref)).metadata.uid !== before.metadata.uid);
    await eventually(async () => (await fleet.admin.get(ClusterProfile, ref)).status?.conditions?.length === 4);
    expect((await textOn('m2', 'web')).metadata.uid).toBe(uid);
    expect((await fleet.admin.get(Work, { namespace: 'member-m2', name: 'web.web' })).metadata.uid).toBe(work);
  });

  test('RG-22 denial ends reports at once; the agent may still withdraw, and then nothing more', async () => {
    await using agent = await clientOfAgent(fleet.hub, agentOf('m2'));
    await accept(fleet.admin, 'm2', 'Denied');
    await eventually(async () => (await outcome(textOn('m2', 'web'))) === 404, { message: 'the withdrawal' });
    await eventually(async () => (await outcome(agent.list(Work, { namespace: 'member-m2' }))) === 403);
    // Its rights go one after the other.
    await eventually(async () => (await outcome(agent.get(MemberCluster, { name: 'm2' }))) === 403);
    expect(await decisionOf(fleet.admin, 'web')).toEqual([]);
    await accept(fleet.admin, 'm2', 'Accepted');
    await eventually(async () => (await worksOf(fleet.admin, 'web'))['member-m2'] === 'True', { timeoutMs: 50_000 });
    expect((await textOn('m2', 'web')).data).toEqual({ text: 'hello' });
  }, 90_000);
});

describe('leaving', () => {
  test('RG-40, RG-41 a member leaves whole, keeps what ran on it, and knows it again when it returns', async () => {
    const { uid } = (await textOn('m2', 'web')).metadata;
    await fleet.admin.delete(MemberCluster, { name: 'm2' });
    await eventually(
      async () => {
        expect(await outcome(fleet.admin.get(MemberCluster, { name: 'm2' }))).toBe(404);
        return true;
      },
      { timeoutMs: 30_000 },
    );
    expect(await outcome(fleet.admin.get(Namespace, { name: 'member-m2' }))).toBe(404);
    expect(await outcome(fleet.admin.get(ClusterRole, { name: 'quarterdeck:member:m2' }))).toBe(404);
    expect(await outcome(fleet.admin.get(ClusterProfile, { namespace: 'clusterset-default', name: 'm2' }))).toBe(404);
    expect((await textOn('m2', 'web')).metadata).toMatchObject({ uid });
    await agentOf('m2').agent.stop();

    joined.set('m2', await fleet.join('m2', { token: { labels: { app: 'web' } } }));
    await eventually(async () => (await worksOf(fleet.admin, 'web'))['member-m2'] === 'True', { timeoutMs: 30_000 });
    const again = await textOn('m2', 'web');
    expect([again.metadata.uid, again.metadata.ownerReferences?.length]).toEqual([uid, 1]);
  }, 90_000);
});
