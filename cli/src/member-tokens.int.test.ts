import { spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import {
  apiVersionOf,
  ClusterProfile,
  ClusterRole,
  ClusterRoleBinding,
  ConfigMap,
  type KubeObject,
  MemberCluster,
  Namespace,
  type ResourceType,
  ServiceAccount,
} from '@quarterdeck/apis';
import { buildKubeconfig, createHttpClient, decodeJson, memberTokenRequestKind } from '@quarterdeck/machinery';
import { eventually } from '@quarterdeck/machinery/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { isAvailable, startTestFleet, type TestFleet } from './testing/fleet.ts';

/** Tokens of a member's service accounts, for consumers that reach the member by its own address. */

const cleanup = new AsyncDisposableStack();
let dir: string;
let fleet: TestFleet;
let server: string;
let memberCa: string;

const plugin = fileURLToPath(new URL('../../access/bin/credentials-plugin.mjs', import.meta.url));
const consumer = { namespace: 'default', name: 'consumer' };
const consumerUser = 'system:serviceaccount:default:consumer';
const reader = { namespace: 'default', name: 'reader' };
const rbac = 'rbac.authorization.k8s.io';

interface Spoken extends KubeObject {
  spec?: object;
  status?: { token?: string; expirationTimestamp?: string };
}

const bind = (name: string, role: string, subjects: ClusterRoleBinding['subjects'] = []): ClusterRoleBinding => ({
  apiVersion: apiVersionOf(ClusterRoleBinding),
  kind: ClusterRoleBinding.kind,
  metadata: { name },
  roleRef: { apiGroup: rbac, kind: 'ClusterRole', name: role },
  subjects: [...subjects],
});
const may = (...resourceNames: string[]) => ({
  apiVersion: apiVersionOf(ClusterRole),
  kind: ClusterRole.kind,
  metadata: { name: 'tokens' },
  rules: [{ apiGroups: ['quarterdeck.dev'], resources: ['memberclusters/token'], resourceNames, verbs: ['create'] }],
});
const policy = (text: string) => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { namespace: 'quarterdeck-system', name: 'quarterdeck-tunnel' },
  data: { 'policy.yaml': text },
});

async function consumerToken(): Promise<string> {
  const type = ServiceAccount as unknown as ResourceType<Spoken>;
  const frame = { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenRequest' };
  const answer = await fleet.admin.create(type, { ...frame, metadata: consumer }, { subresource: 'token' });
  return answer.status?.token ?? '';
}

/** As the consumer, by the API. */
async function ask(serviceAccount: object | undefined, clusterName = 'm1'): Promise<Spoken['status']> {
  const options = { baseUrl: fleet.hub.url, tls: { ca: fleet.hub.caPem }, token: await consumerToken() };
  await using client = createHttpClient(options);
  const body = {
    apiVersion: 'quarterdeck.dev/v1alpha1',
    kind: memberTokenRequestKind,
    metadata: { name: clusterName },
    ...(serviceAccount === undefined ? {} : { spec: { serviceAccount } }),
  };
  const type = MemberCluster as unknown as ResourceType<Spoken>;
  return (await client.create(type, body, { subresource: 'token' })).status;
}

/** Runs the plugin as a client of Kubernetes runs it. @param hub what its kubeconfig names as the hub @param more of its environment */
async function runPlugin(hub = { url: fleet.hub.url, caPem: fleet.hub.caPem }, more: Record<string, string> = {}) {
  const kubeconfig = join(dir, 'consumer.kubeconfig');
  const { url, caPem } = hub;
  await writeFile(kubeconfig, buildKubeconfig({ server: url, caPem, user: { token: await consumerToken() } }));
  const info = {
    apiVersion: 'client.authentication.k8s.io/v1',
    kind: 'ExecCredential',
    spec: { interactive: false, cluster: { server, config: { clusterName: 'm1' } } },
  };
  const child = spawn(process.execPath, [plugin, 'token-request', '--service-account', 'default/reader'], {
    env: { PATH: process.env.PATH, KUBECONFIG: kubeconfig, KUBERNETES_EXEC_INFO: JSON.stringify(info), ...more },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
  const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr)]);
  return { code: await ended, stdout, stderr };
}

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'qd-tokens-'));
  cleanup.defer(() => rm(dir, { recursive: true }));
  fleet = cleanup.use(await startTestFleet(['m1', 'm2']));
  const member = fleet.members.members.get('m1');
  const { baseUrl = '', tls } = member?.client ?? {};
  memberCa = String((typeof tls === 'function' ? tls() : tls)?.ca);
  server = baseUrl;
  const onMember = fleet.memberClient('m1');
  await onMember.create(Namespace, { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'quarterdeck-system' } });
  await onMember.create(ConfigMap, policy('tokens: [{ namespace: default, name: reader }]'));
  for (const metadata of [reader, { namespace: 'default', name: 'other' }]) {
    await onMember.create(ServiceAccount, { apiVersion: 'v1', kind: 'ServiceAccount', metadata });
  }
  await onMember.create(ClusterRoleBinding, bind('reader', 'view', [{ kind: 'ServiceAccount', ...reader }]));
  await fleet.admin.create(ServiceAccount, { apiVersion: 'v1', kind: 'ServiceAccount', metadata: consumer });
  const api = { server, certificateAuthorityData: Buffer.from(memberCa).toString('base64') };
  await fleet.join('m1', { tunnel: true, api });
  await fleet.join('m2');
  await isAvailable(fleet.admin, 'm1');
});
afterAll(() => cleanup.disposeAsync());

test('RG-51 without the right on the hub there is no token: on the member, and on the account', async () => {
  await expect(ask(reader)).rejects.toMatchObject({
    code: 403,
    message: expect.stringContaining('cannot create resource "memberclusters/token"'),
  });
  await fleet.admin.create(ClusterRole, may('m1', 'm2', 'm1:default:other', 'm2:default:reader'));
  await fleet.admin.create(
    ClusterRoleBinding,
    bind('tokens', 'tokens', [{ kind: 'User', apiGroup: rbac, name: consumerUser }]),
  );
  await eventually(async () => (await ask(undefined).catch((error: { code?: number }) => error.code)) === 400);
  await expect(ask(reader)).rejects.toMatchObject({
    code: 403,
    message: expect.stringContaining('memberclusters.quarterdeck.dev "m1:default:reader" is forbidden'),
  });
});

test('RG-51 an account that the administrator of the member did not list is refused', async () => {
  await expect(ask({ namespace: 'default', name: 'other' })).rejects.toMatchObject({
    code: 403,
    message: expect.stringContaining('this member gives no tokens of the service account default/other'),
  });
});

test('KA-24, RG-51 the API says of itself what such a request holds', async () => {
  const document = (await fleet.admin.getRaw('/openapi/v3/apis/quarterdeck.dev/v1alpha1')) as {
    paths: Record<string, { post?: { requestBody?: unknown } }>;
    components: { schemas: Record<string, unknown> };
  };
  const path = document.paths['/apis/quarterdeck.dev/v1alpha1/memberclusters/{name}/token'];
  expect(JSON.stringify(path?.post?.requestBody)).toContain('dev.quarterdeck.v1alpha1.MemberTokenRequest');
  expect(document.components.schemas).toHaveProperty(['dev.quarterdeck.v1alpha1.MemberTokenRequest']);
});

test('RG-50, RG-51 a request that names no account, or a member without a tunnel, says what is wrong', async () => {
  await expect(ask({ namespace: '../kube-system', name: 'x' })).rejects.toMatchObject({
    code: 400,
    message: expect.stringContaining('spec.serviceAccount must name a service account of the member'),
  });
  await expect(ask(reader, 'm2')).rejects.toMatchObject({
    code: 503,
    message: 'm2 has no tunnel to this hub now: its agent is away, or runs without --tunnel',
  });
});

test('RG-51 the profile names the address of the member, and the plugin a token that is good there', async () => {
  const metadata = { namespace: 'clusterset-default', name: 'm1' };
  const providers = await eventually(
    async () => (await fleet.admin.get(ClusterProfile, metadata)).status?.accessProviders,
    { timeoutMs: 30_000 },
  );
  expect(providers?.find(({ name }) => name === 'token-request')).toEqual({
    name: 'token-request',
    cluster: {
      server,
      'certificate-authority-data': Buffer.from(memberCa).toString('base64'),
      extensions: [{ name: 'client.authentication.k8s.io/exec', extension: { clusterName: 'm1' } }],
    },
  });
  const rule = may('m1', 'm1:default:reader');
  await fleet.admin.patch(ClusterRole, { name: 'tokens' }, { type: 'merge', body: { rules: rule.rules } });
  await eventually(async () => (await ask(reader).catch(() => undefined)) !== undefined);
  const before = Date.now();
  const { code, stdout, stderr } = await runPlugin();
  expect([code, stderr]).toEqual([0, '']);
  const { status } = decodeJson(stdout).value as { status: { token: string; expirationTimestamp: string } };
  const lifetime = Date.parse(status.expirationTimestamp) - before;
  expect(lifetime).toBeGreaterThan(590_000);
  expect(lifetime).toBeLessThan(660_000);
  await using member = createHttpClient({ baseUrl: server, tls: { ca: memberCa }, token: status.token });
  expect((await member.get(Namespace, { name: 'default' })).metadata.name).toBe('default');
  await expect(member.delete(ConfigMap, { namespace: 'default', name: 'kube-root-ca.crt' })).rejects.toMatchObject({
    code: 403,
    message: expect.stringContaining('User "system:serviceaccount:default:reader" cannot delete'),
  });
});

test('RG-51, RG-53 beside a Kubernetes hub the plugin asks the port that its environment names, as who it is there', async () => {
  // Stands for that Kubernetes: the plugin takes its identity from there, and has no need to reach it.
  const kubernetes = { url: server, caPem: memberCa };
  const caFile = join(dir, 'port-ca.crt');
  await writeFile(caFile, fleet.hub.caPem);
  const { code, stderr } = await runPlugin(kubernetes, {
    QUARTERDECK_HUB_URL: fleet.hub.url,
    QUARTERDECK_HUB_CA_FILE: caFile,
  });
  expect([code, stderr]).toEqual([0, '']);
  expect((await runPlugin(kubernetes)).code).toBe(1);
});

test('RG-50, RG-51 a policy that lists accounts of Kubernetes itself lets nobody have any', async () => {
  const body = { data: policy('tokens: [{ namespace: kube-system, name: admin }]').data };
  const ref = { namespace: 'quarterdeck-system', name: 'quarterdeck-tunnel' };
  await fleet.memberClient('m1').patch(ConfigMap, ref, { type: 'merge', body });
  const refusal = await eventually(
    async () => {
      const outcome = await ask(reader).catch((error: unknown) => error);
      return outcome instanceof Error ? outcome : undefined;
    },
    { timeoutMs: 30_000 },
  );
  expect(refusal).toMatchObject({ code: 403, message: expect.stringContaining('the policy of this member') });
});
