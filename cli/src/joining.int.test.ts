import {
  AcceptanceRule,
  CertificateSigningRequest,
  ClusterRoleBinding,
  Event,
  ignoreNotFound,
  type KubeObject,
  MemberCluster,
  Namespace,
  type ResourceType,
  RoleBinding,
  ServiceAccount,
  ValidatingAdmissionPolicy,
  ValidatingAdmissionPolicyBinding,
  Work,
} from '@quarterdeck/apis';
import type { Client } from '@quarterdeck/machinery';
import { eventually } from '@quarterdeck/machinery/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { clientOfAgent, conditionOf, isAvailable, startTestFleet, type TestFleet } from './testing/fleet.ts';

/** How clusters come into the fleet without a person, and how one takes the place of another. */

let fleet: TestFleet;
/** Of whom the rules name. */
let token: string;
beforeAll(async () => {
  fleet = await startTestFleet(['edge-1', 'edge-2', 'core-1', 'core-2', 'core-3', 'core-4', 'old', 'new']);
  token = await provisionerToken(fleet.admin);
});
afterAll(async () => {
  await fleet[Symbol.asyncDispose]();
});

const within = { timeoutMs: 40_000 };
const rbac = 'rbac.authorization.k8s.io';
const provisioner = 'system:serviceaccount:infra:provisioner';

/** A token of a service account of the hub that may ask for certificates, as some provisioner has. */
async function provisionerToken(admin: Client): Promise<string> {
  await admin.create(Namespace, { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'infra' } });
  const account = { namespace: 'infra', name: 'provisioner' };
  await admin.create(ServiceAccount, { apiVersion: 'v1', kind: 'ServiceAccount', metadata: account });
  await admin.create(ClusterRoleBinding, {
    apiVersion: `${rbac}/v1`,
    kind: 'ClusterRoleBinding',
    metadata: { name: 'infra:provisioner' },
    roleRef: { apiGroup: rbac, kind: 'ClusterRole', name: 'quarterdeck:bootstrap' },
    subjects: [{ kind: 'ServiceAccount', ...account }],
  });
  const type = ServiceAccount as unknown as ResourceType<KubeObject & { status?: { token: string } }>;
  const request = { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenRequest', metadata: account };
  return (await admin.create(type, request, { subresource: 'token' })).status?.token ?? '';
}

const rule = (spec: Partial<AcceptanceRule['spec']>): AcceptanceRule => ({
  apiVersion: 'quarterdeck.dev/v1alpha1',
  kind: 'AcceptanceRule',
  metadata: { name: 'edge' },
  spec: {
    requesters: [{ kind: 'User', name: provisioner }],
    clusterNames: ['edge-*'],
    signerNames: ['kubernetes.io/kube-apiserver-client'],
    clusterSet: 'default',
    maxClusters: 1,
    ...spec,
  },
});

test('RG-3, RG-5 a rule accepts by requester and name as many clusters as it may; the others wait, visibly', async () => {
  const { admin } = fleet;
  const taints = [{ key: 'edge', effect: 'PreferNoSchedule' as const }];
  await admin.create(AcceptanceRule, rule({ labels: { tier: 'edge' }, taints }));
  await fleet.join('edge-1', { useToken: token });
  await isAvailable(admin, 'edge-1');
  const member = await admin.get(MemberCluster, { name: 'edge-1' });
  expect([member.metadata.labels, member.spec.taints?.map(({ key, effect }) => [key, effect])]).toEqual([
    { tier: 'edge' },
    [['edge', 'PreferNoSchedule']],
  ]);
  expect(member.status?.conditions?.find(({ type }) => type === 'Accepted')?.message).toBe(
    'accepted by the AcceptanceRule edge',
  );

  await fleet.join('edge-2', { useToken: token });
  await fleet.join('core-1', { useToken: token });
  const events = async () => (await admin.list(Event, { namespace: 'default' })).items;
  await eventually(
    async () =>
      (await events()).some(
        ({ reason, message }) =>
          reason === 'NotExpected' &&
          message === 'no join token and no AcceptanceRule lets system:serviceaccount:infra:provisioner join as core-1',
      ),
    within,
  );
  const names = async () => (await admin.list(MemberCluster)).items.map(({ metadata }) => metadata.name);
  expect(await names()).toEqual(['edge-1']);
  const { items: requests } = await admin.list(CertificateSigningRequest);
  expect(requests.filter(({ status }) => (status?.conditions ?? []).length === 0)).toHaveLength(2);

  await admin.patch(AcceptanceRule, { name: 'edge' }, { type: 'merge', body: { spec: { maxClusters: 2 } } });
  await isAvailable(admin, 'edge-2');
  expect(await names()).toEqual(['edge-1', 'edge-2']);
}, 90_000);

test('RG-8, RG-3 whom a rule names, becomes no cluster that has joined, however well it knows who that is', async () => {
  const { admin } = fleet;
  await fleet.join('core-2', { token: { clusterPattern: 'core-2' } });
  await isAvailable(admin, 'core-2');
  await admin.create(AcceptanceRule, {
    ...rule({ clusterNames: ['*'], maxClusters: 100 }),
    metadata: { name: 'all' },
  });
  // Whoever says so is that cluster, as far as a request tells: an agent that holds nothing but the token.
  await fleet.join('core-2', { useToken: token });
  const reason =
    'MemberCluster core-2 has joined already, and the AcceptanceRule all is for new ones; for this one: quarterdeck token create --cluster core-2';
  await eventually(() => fleet.logger.lines.some((line) => line.reason === reason), within);
  const { items: requests } = await admin.list(CertificateSigningRequest);
  const asked = requests.filter(({ spec, metadata }) => {
    return spec.username === provisioner && metadata.name.startsWith('quarterdeck-core-2-');
  });
  expect(asked.map(({ status }) => [status?.certificate, status?.conditions?.map(({ type }) => type)])).toEqual([
    [undefined, ['Denied']],
  ]);
  const { items } = await admin.list(Event, { namespace: 'default' });
  expect(items.flatMap(({ reason, message }) => (reason === 'JoinRefused' ? [message] : []))).toEqual([reason]);
  await admin.delete(AcceptanceRule, { name: 'all' });
}, 60_000);

test('RG-4 the certificate of a replaced cluster is good for nothing, and what it has open ends', async () => {
  const { admin } = fleet;
  const before = await fleet.join('old', { as: 'm1' });
  await isAvailable(admin, 'm1');
  await using old = await clientOfAgent(fleet.hub, before);
  const namespace = 'member-m1';
  const opened = Promise.withResolvers<void>();
  const ended = (async () => {
    const initial = {
      sendInitialEvents: true,
      resourceVersionMatch: 'NotOlderThan',
      allowWatchBookmarks: true,
      timeoutSeconds: 3_600,
    } as const;
    for await (const _event of old.watch(Work, { namespace, ...initial })) opened.resolve();
  })();
  ended.catch(opened.reject);
  await opened.promise;

  const { uid } = (await fleet.memberClient('new').get(Namespace, { name: 'kube-system' })).metadata;
  await admin.patch(
    MemberCluster,
    { name: 'm1' },
    { type: 'merge', body: { metadata: { annotations: { 'quarterdeck.dev/replace-by': uid } } } },
  );
  const after = await fleet.join('new', { as: 'm1' });
  await ended;
  await expect(old.list(Work, { namespace })).rejects.toMatchObject({ code: 403 });
  await expect(old.get(MemberCluster, { name: 'm1' })).rejects.toMatchObject({ code: 403 });
  await using current = await clientOfAgentWhenJoined(after);
  await eventually(async () => (await current.list(Work, { namespace })).items.length === 0, within);
  expect((await admin.get(MemberCluster, { name: 'm1' })).status?.clusterUID).toBe(uid);
  const bound = await admin.get(RoleBinding, { namespace, name: 'quarterdeck:member' });
  expect(bound.subjects?.map(({ name }) => name)).toEqual([`quarterdeck:member:m1:${uid}`]);
  await eventually(async () => {
    const { items } = await admin.list(Event, { namespace: 'default' });
    expect(items.filter(({ reason }) => reason === 'Replaced').map(({ type }) => type)).toEqual(['Warning']);
    return true;
  }, within);
  await eventually(async () => (await conditionOf(admin, 'm1', 'Available')) === 'True Available', within);
}, 90_000);

test('RG-5 why a cluster that is not registered was refused stands in an event of its request', async () => {
  const { admin } = fleet;
  await fleet.join('core-1', { as: 'typo', token: { clusterPattern: 'core-1' } });
  await isRefused('typo', /^the token is for clusters named core-1, not typo$/);
  expect(await ignoreNotFound(admin.get(MemberCluster, { name: 'typo' }))).toBeUndefined();
}, 60_000);

test('RG-5 a token that gives what no MemberCluster may have is refused, and not waited for without end', async () => {
  const { admin } = fleet;
  await fleet.join('core-3', { as: 'odd', token: { labels: { 'a/b/c': '1' } } });
  const refused =
    /^the hub cannot register the cluster as its token or AcceptanceRule says: MemberCluster.* "odd" is invalid: metadata.labels: /;
  await isRefused('odd', refused);
  expect(await ignoreNotFound(admin.get(MemberCluster, { name: 'odd' }))).toBeUndefined();
}, 60_000);

test('RG-5 a cluster that a policy of the hub does not take hears it, with the words of the policy', async () => {
  const { admin } = fleet;
  const policy = { apiVersion: 'admissionregistration.k8s.io/v1', metadata: { name: 'sites' } };
  await admin.create(ValidatingAdmissionPolicy, {
    ...policy,
    kind: 'ValidatingAdmissionPolicy',
    spec: {
      matchConstraints: {
        resourceRules: [
          { apiGroups: ['quarterdeck.dev'], apiVersions: ['*'], operations: ['CREATE'], resources: ['memberclusters'] },
        ],
      },
      validations: [{ expression: "object.metadata.name != 'nowhere'", message: 'no such site', reason: 'Forbidden' }],
    },
  });
  await admin.create(ValidatingAdmissionPolicyBinding, {
    ...policy,
    kind: 'ValidatingAdmissionPolicyBinding',
    spec: { policyName: 'sites', validationActions: ['Deny'] },
  });
  await fleet.join('core-4', { as: 'nowhere' });
  await isRefused(
    'nowhere',
    /^the hub cannot register the cluster as its token or AcceptanceRule says: .* no such site/,
  );
  await admin.delete(ValidatingAdmissionPolicyBinding, { name: 'sites' });
  await admin.delete(ValidatingAdmissionPolicy, { name: 'sites' });
}, 60_000);

/** Until an event of its request says so. */
async function isRefused(name: string, reason: RegExp): Promise<void> {
  const told = async () => {
    const { items } = await fleet.admin.list(Event, { namespace: 'default' });
    return items.some(
      (event) =>
        event.reason === 'JoinRefused' &&
        event.involvedObject?.kind === 'CertificateSigningRequest' &&
        event.involvedObject.name?.startsWith(`quarterdeck-${name}-`) === true &&
        reason.test(event.message ?? ''),
    );
  };
  await eventually(told, within);
}

async function clientOfAgentWhenJoined(agent: Awaited<ReturnType<TestFleet['join']>>) {
  await agent.agent.ready;
  return await clientOfAgent(fleet.hub, agent);
}
