import { type AgentState, memoryStateStore } from '@quarterdeck/agent';
import {
  apiVersionOf,
  CertificateSigningRequest,
  ClusterProperty,
  ClusterRole,
  ClusterRoleBinding,
  formatTime,
  type KubeObject,
  MemberCluster,
  memberAccountName,
  Namespace,
  type ResourceType,
  Role,
  RoleBinding,
  Secret,
  ServiceAccount,
  tunnelRights,
  Work,
} from '@quarterdeck/apis';
import { createHttpClient, type HttpClient, loadKubeconfig, proxyPath } from '@quarterdeck/machinery';
import { eventually } from '@quarterdeck/machinery/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  accept,
  clientOfAgent,
  conditionOf,
  isAvailable,
  type JoinedAgent,
  startTestFleet,
  type TestFleet,
} from './testing/fleet.ts';

/** Agents that prove by a token of a service account of the hub who they are. */

let fleet: TestFleet;
beforeAll(async () => {
  fleet = await startTestFleet(['m1', 'renewing', 'denied', 'old', 'new', 'reached', 'pending', 'forced', 'astray'], {
    agentIdentity: 'token',
  });
});
afterAll(async () => {
  await fleet[Symbol.asyncDispose]();
});
const within = { timeoutMs: 40_000 };

const accountOf = async (name: string) => {
  const { status } = await fleet.admin.get(MemberCluster, { name });
  return { namespace: `member-${name}`, name: memberAccountName(status?.clusterUID ?? '') };
};

/** A watch of the member's Works under the agent's identity: it is open when this resolves, and ends when `ended` does. */
async function watching(agentClient: HttpClient, namespace: string): Promise<{ readonly ended: Promise<void> }> {
  const opened = Promise.withResolvers<void>();
  const initial = {
    sendInitialEvents: true,
    resourceVersionMatch: 'NotOlderThan',
    allowWatchBookmarks: true,
    timeoutSeconds: 3_600,
  } as const;
  const ended = (async () => {
    for await (const _event of agentClient.watch(Work, { namespace, ...initial })) opened.resolve();
  })();
  ended.catch(opened.reject);
  await opened.promise;
  return { ended };
}

test('RG-7, RG-2 an agent joins by a token of an account of its own, its member says so, and the join token is spent', async () => {
  const { admin } = fleet;
  const { store, token } = await fleetAgent('m1');
  const state = await store.load();
  expect(Object.keys(state).sort()).toEqual(['hubCa', 'token', 'tokenAccount', 'tokenExpires', 'tokenIssued']);
  expect(state.tokenAccount).toBe((await accountOf('m1')).name);
  const { status } = await eventually(async () => {
    const found = await admin.get(MemberCluster, { name: 'm1' });
    return found.status?.agent !== undefined && found;
  }, within);
  expect(status?.agent).toMatchObject({
    identity: 'Token',
    trustedCAs: [fleet.hub.caHash],
    certificateExpires: state.tokenExpires,
  });
  expect(status?.agent?.certificateIssuer).toBeUndefined();
  await eventually(async () => {
    const { items } = await admin.list(Secret, { namespace: 'kube-system' });
    return items.every(({ metadata }) => metadata.name !== `bootstrap-token-${token.split('.')[0]}`);
  }, within);
}, 60_000);

test('RG-7, RG-1 whoever was let in may fetch the token of its own account, and of no other of that namespace', async () => {
  const { admin } = fleet;
  const { namespace, name } = await accountOf('m1');
  const bound = await admin.get(RoleBinding, { namespace, name: 'quarterdeck:member-token' });
  const { items } = await admin.list(CertificateSigningRequest);
  const requesters = items.filter(
    ({ metadata, spec }) => metadata.name.includes('-m1-') && spec.signerName === 'quarterdeck.dev/agent-token',
  );
  const { clusterUID } = (await admin.get(MemberCluster, { name: 'm1' })).status ?? {};
  expect(bound.subjects?.map((subject) => subject.name)).toEqual([
    `quarterdeck:member:m1:${clusterUID}`,
    name,
    ...requesters.map(({ spec }) => spec.username),
  ]);
  await admin.create(ServiceAccount, {
    apiVersion: 'v1',
    kind: 'ServiceAccount',
    metadata: { namespace, name: 'other' },
  });
  await using agentClient = await clientOfAgent(fleet.hub, await fleetAgent('m1'));
  await expect(tokenOf(agentClient, { namespace, name: 'other' })).rejects.toMatchObject({ code: 403 });
  await expect(tokenOf(agentClient, { namespace: 'kube-system', name: 'default' })).rejects.toMatchObject({
    code: 403,
  });
  expect((await tokenOf(agentClient, { namespace, name })).status?.token).toMatch(/^ey/);
}, 60_000);

const agents = new Map<string, JoinedAgent>();
/** One that runs, made when it is first asked for. */
async function fleetAgent(name: string, options: Parameters<TestFleet['join']>[1] = {}): Promise<JoinedAgent> {
  const known = agents.get(name) ?? (await fleet.join(name, options));
  agents.set(name, known);
  await isAvailable(fleet.admin, options.as ?? name);
  return known;
}

interface TokenRequest {
  readonly status?: { readonly token: string };
}
async function tokenOf(by: HttpClient, account: { namespace: string; name: string }): Promise<TokenRequest> {
  const request = { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenRequest', metadata: account, spec: {} };
  return (await by.create(ServiceAccount, request as ServiceAccount, { subresource: 'token' })) as TokenRequest;
}

test('RG-6, RG-7, RG-8 a token is renewed by itself in the last third of its life, and one that has expired needs a new join token', async () => {
  const { admin } = fleet;
  const first = await fleetAgent('renewing');
  await first.agent.stop();
  const hour = 3_600_000;
  const kept = await first.store.load();
  const aged = (issued: number, expires: number): AgentState => ({
    ...kept,
    tokenIssued: formatTime(Date.now() + issued),
    tokenExpires: formatTime(Date.now() + expires),
  });

  const renewing = memoryStateStore(aged(-100 * hour, 0.1 * hour));
  const second = await fleet.join('renewing', { store: renewing, agent: { token: () => Promise.resolve(undefined) } });
  const { token } = await eventually(async () => {
    const state = await renewing.load();
    return state.token !== kept.token && state;
  }, within);
  expect(token).toMatch(/^ey/);
  await second.agent.stop();

  const expired = memoryStateStore(aged(-100 * hour, -hour));
  let joinToken: string | undefined;
  const third = await fleet.join('renewing', { store: expired, agent: { token: () => Promise.resolve(joinToken) } });
  await eventually(
    () => fleet.logger.messages('error').some((text) => text.includes('needs a bootstrap token')),
    within,
  );
  joinToken = third.token;
  const joined = await eventually(async () => {
    const state = await expired.load();
    return state.token !== kept.token && state;
  }, within);
  expect(joined.tokenAccount).toBe(kept.tokenAccount);
  await isAvailable(admin, 'renewing');
}, 120_000);

test('RG-7, RG-22 denying cuts an agent with a token off at once, and accepting brings it back without a new one', async () => {
  const { admin } = fleet;
  const agent = await fleetAgent('denied');
  await using agentClient = await clientOfAgent(fleet.hub, agent);
  const namespace = 'member-denied';
  const account = await accountOf('denied');
  const { ended } = await watching(agentClient, namespace);
  await accept(admin, 'denied', 'Denied');
  await ended;
  await expect(agentClient.list(Work, { namespace })).rejects.toMatchObject({ code: 403 });
  // Its rights go one after the other, this one last.
  await eventually(async () => {
    await expect(tokenOf(agentClient, account)).rejects.toMatchObject({ code: 403 });
    return true;
  }, within);
  await accept(admin, 'denied', 'Accepted');
  await eventually(async () => (await agentClient.list(Work, { namespace })).items.length === 0, within);
}, 60_000);

test('RG-7, RG-40 the token of a member that was deleted is good for nothing', async () => {
  const { admin } = fleet;
  const { agent, store } = await fleetAgent('denied');
  await using agentClient = await clientOfAgent(fleet.hub, { store });
  const { ended } = await watching(agentClient, 'member-denied');
  await admin.delete(MemberCluster, { name: 'denied' });
  await ended.catch(() => {}); // by the end of its rights, or of who it is
  await eventually(async () => (await exists('denied')) === false, within);
  await expect(agentClient.get(MemberCluster, { name: 'denied' })).rejects.toMatchObject({ code: 401 });
  await agent.stop();
}, 60_000);

const exists = async (name: string) =>
  (await fleet.admin.list(MemberCluster)).items.some(({ metadata }) => metadata.name === name);

test('RG-4, RG-7 the token of a replaced cluster is good for nothing, what it has open ends, and its account goes', async () => {
  const { admin } = fleet;
  const before = await fleetAgent('old', { as: 'swapped' });
  await using old = await clientOfAgent(fleet.hub, before);
  const namespace = 'member-swapped';
  const accountBefore = await accountOf('swapped');
  const { ended } = await watching(old, namespace);
  const { uid } = (await fleet.memberClient('new').get(Namespace, { name: 'kube-system' })).metadata;
  const annotations = { 'quarterdeck.dev/replace-by': uid };
  await admin.patch(MemberCluster, { name: 'swapped' }, { type: 'merge', body: { metadata: { annotations } } });
  const after = await fleet.join('new', { as: 'swapped' });
  await ended.catch(() => {});
  await after.agent.ready;
  await eventually(async () => {
    const { items } = await admin.list(ServiceAccount, { namespace });
    return items.every(({ metadata }) => metadata.name !== accountBefore.name);
  }, within);
  await expect(old.list(Work, { namespace })).rejects.toMatchObject({ code: 401 });
  await using current = await clientOfAgent(fleet.hub, after);
  await eventually(async () => (await current.list(Work, { namespace })).items.length === 0, within);
  const bound = await admin.get(RoleBinding, { namespace, name: 'quarterdeck:member' });
  expect(bound.subjects?.map(({ name }) => name)).toEqual([
    `quarterdeck:member:swapped:${uid}`,
    memberAccountName(uid),
  ]);
}, 90_000);

test('RG-7, RG-3 the make is told before acceptance: a request for a token waits like one for a certificate', async () => {
  const { admin } = fleet;
  await fleet.join('pending', { token: { acceptance: 'Pending' } });
  const waits = await eventually(async () => {
    const { items } = await admin.list(CertificateSigningRequest);
    return items.find(
      ({ metadata, spec, status }) =>
        metadata.name.startsWith('quarterdeck-pending-') &&
        spec.signerName === 'quarterdeck.dev/agent-token' &&
        (status?.conditions ?? []).length === 0,
    );
  }, within);
  expect(waits?.spec.username).toMatch(/^system:bootstrap:/);
  await eventually(async () => (await conditionOf(admin, 'pending', 'Accepted')) === 'False AcceptancePending', within);
  await accept(admin, 'pending', 'Accepted');
  await isAvailable(admin, 'pending');
}, 60_000);

test('RG-7, RG-50 the tunnel of an agent with a token', async () => {
  const { admin } = fleet;
  const member = fleet.memberClient('reached');
  const kinds: readonly ResourceType[] = [ServiceAccount, ClusterRole, ClusterRoleBinding, Role, RoleBinding];
  await member.create(Namespace, { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'quarterdeck-system' } });
  for (const object of tunnelRights) {
    const type = kinds.find(({ kind }) => kind === object.kind);
    if (type !== undefined) await member.create(type, object as KubeObject);
  }
  await fleetAgent('reached', { tunnel: true });
  const rbac = 'rbac.authorization.k8s.io';
  await member.create(ClusterRoleBinding, {
    apiVersion: apiVersionOf(ClusterRoleBinding),
    kind: ClusterRoleBinding.kind,
    metadata: { name: 'hub-admin' },
    roleRef: { apiGroup: rbac, kind: 'ClusterRole', name: 'cluster-admin' },
    subjects: [{ kind: 'User', apiGroup: rbac, name: 'quarterdeck:quarterdeck:admin' }],
  });
  const connection = await loadKubeconfig({ text: await fleet.hub.adminKubeconfig() });
  await using through = createHttpClient({ ...connection, baseUrl: `${fleet.hub.url}${proxyPath('reached')}` });
  const { metadata } = await eventually(() => through.get(Namespace, { name: 'kube-system' }), within);
  expect(metadata.uid).toBe((await admin.get(MemberCluster, { name: 'reached' })).status?.clusterUID);
}, 60_000);

test('RG-41, AB-22 a member with a token that was removed by force learns it from the hub; one whose account alone is gone keeps its membership', async () => {
  const { admin } = fleet;
  const set = 'clusterset.k8s.io';
  const membership = async (name: string) =>
    (await fleet.memberClient(name).list(ClusterProperty)).items.find(({ metadata }) => metadata.name === set)?.spec
      ?.value;
  const states = new Map<string, AgentState>();
  for (const name of ['forced', 'astray']) {
    const { agent, store } = await fleetAgent(name);
    await eventually(async () => (await membership(name)) === 'default', within);
    await agent.stop();
    states.set(name, await store.load());
  }
  const annotations = { 'quarterdeck.dev/force-removal': 'true' };
  await admin.patch(MemberCluster, { name: 'forced' }, { type: 'merge', body: { metadata: { annotations } } });
  await admin.delete(MemberCluster, { name: 'forced' });
  await eventually(async () => (await exists('forced')) === false, within);
  // The hub makes it again, and that is another one: the token of the first is good for nothing.
  await admin.delete(ServiceAccount, await accountOf('astray'));
  // Neither has a token to come back with.
  for (const name of ['forced', 'astray']) {
    await fleet.join(name, { store: memoryStateStore(states.get(name)), useToken: 'none.none' });
  }
  await eventually(async () => (await membership('forced')) === undefined, { timeoutMs: 200_000 });
  // The other one was refused as long, and so it tries to come back.
  const triesToReturn = ({ cluster, msg }: Record<string, unknown>) =>
    cluster === 'astray' && String(msg).includes('does not accept the bootstrap token');
  await eventually(() => fleet.logger.lines.some(triesToReturn), { timeoutMs: 60_000 });
  expect(await membership('astray')).toBe('default');
}, 240_000);
