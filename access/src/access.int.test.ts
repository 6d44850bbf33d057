import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import {
  ClusterProfile,
  type KubeObject,
  Namespace,
  type ResourceType,
  Role,
  RoleBinding,
  Secret,
  ServiceAccount,
} from '@quarterdeck/apis';
import { createIssuedCertificate, startHttpListener, systemUser } from '@quarterdeck/apiserver';
import { startTestServer } from '@quarterdeck/apiserver/testing';
import { buildKubeconfig, type Client, createMetrics, systemClock } from '@quarterdeck/machinery';
import { eventually, testLogger } from '@quarterdeck/machinery/testing';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createClusterAccess } from './cluster-access.ts';
import { planConnection } from './connection.ts';
import { type EngagedCluster, followClusters } from './follow-clusters.ts';
import { parseProviderFile } from './provider-file.ts';
import { runPlugin } from './run-plugin.ts';

/** One real server over TLS plays the hub and the member; the plugins are real processes. */

interface TokenRequest extends KubeObject {
  spec: object;
  status?: { token: string };
}

const cleanup = new AsyncDisposableStack();
let dir: string;
let adminClient: Client;
let url: string;
let caPem: string;
let hubKubeconfig: string;

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'qd-access-'));
  cleanup.defer(() => rm(dir, { recursive: true }));
  const { server, pki } = cleanup.use(await startTestServer({ controllers: true }));
  const logger = testLogger();
  const certificate = cleanup.use(
    await createIssuedCertificate({ pki, names: ['127.0.0.1'], clock: systemClock, logger }),
  );
  const listener = cleanup.use(await startHttpListener({ host: '127.0.0.1', port: 0, certificate, logger }));
  listener.mount('', server.pipeline);
  adminClient = server.client(systemUser);
  [url, caPem] = [listener.url, pki.caBundle];
  const kubeconfigOf = async (user: string, group: string) => {
    const { certificate: certPem, key: keyPem } = await pki.issueClient({ user, groups: [group] });
    return buildKubeconfig({ name: 'hub', server: url, caPem, user: { certPem, keyPem } });
  };
  hubKubeconfig = join(dir, 'kubeconfig');
  await writeFile(hubKubeconfig, await kubeconfigOf('consumer', 'system:masters'), { mode: 0o600 });
  await adminClient.create(Secret, {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { namespace: 'default', name: 'm1-kubeconfig' },
    stringData: { value: await kubeconfigOf('argo', 'system:masters') },
  });
  await adminClient.create(Secret, {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { namespace: 'default', name: 'm1' },
    stringData: { token: 'no-token-of-this-server' },
  });
});
afterAll(() => cleanup.disposeAsync());

const program = fileURLToPath(new URL('../bin/credentials-plugin.mjs', import.meta.url));
const providers = (...names: string[]) =>
  parseProviderFile(
    JSON.stringify({
      providers: names.map((name) => ({
        name,
        execConfig: {
          apiVersion: 'client.authentication.k8s.io/v1',
          command: process.execPath,
          args: [program, name],
          provideClusterInfo: true,
        },
      })),
    }),
  );
const environment = () => ({ PATH: process.env.PATH, KUBECONFIG: hubKubeconfig });
const profile = (config: object, provider = 'kubeconfig-secretreader'): ClusterProfile => ({
  apiVersion: 'multicluster.x-k8s.io/v1alpha1',
  kind: 'ClusterProfile',
  metadata: { namespace: 'default', name: 'm1' },
  spec: { clusterManager: { name: 'test' } },
  status: {
    accessProviders: [
      {
        name: provider,
        cluster: {
          server: url,
          'certificate-authority-data': Buffer.from(caPem).toString('base64'),
          extensions: [{ name: 'client.authentication.k8s.io/exec', extension: { ...config } }],
        },
      },
    ],
  },
});
const stored = { name: 'm1-kubeconfig', key: 'value' };

describe('a client for a ClusterProfile', () => {
  test('CP-40, CP-14, CP-30 kubeconfig-secretreader: a client certificate, got at the first request, once', async () => {
    const metrics = createMetrics();
    const logger = testLogger();
    await using access = createClusterAccess({
      providers: providers('secretreader', 'kubeconfig-secretreader'),
      environment: environment(),
      logger,
      metrics,
    });
    const connection = access.connect(profile(stored));
    expect(await metrics.text()).not.toContain('outcome="ok"');
    const reads = await Promise.all([1, 2, 3].map(() => connection.client.get(Namespace, { name: 'default' })));
    expect(reads.map(({ metadata }) => metadata.name)).toEqual(['default', 'default', 'default']);
    expect(await metrics.text()).toContain(
      'fleet_access_credentials_total{provider="kubeconfig-secretreader",outcome="ok"} 1',
    );
  });

  test('CP-39, CP-24 secretreader: a token that the server refuses; the answer is returned, and the plugin runs again', async () => {
    const metrics = createMetrics();
    const logger = testLogger();
    await using access = createClusterAccess({
      providers: providers('secretreader'),
      environment: environment(),
      logger,
      metrics,
    });
    const { client } = access.connect(profile({ clusterName: 'm1' }, 'secretreader'));
    const read = () => client.get(Namespace, { name: 'default' });
    await expect(read()).rejects.toMatchObject({ status: { code: 401 } });
    await expect(read()).rejects.toMatchObject({ status: { code: 401 } });
    expect(await metrics.text()).toContain('provider="secretreader",outcome="ok"} 2');
  });

  test('CP-8, CP-39 what a plugin says on failure reaches the caller', async () => {
    const logger = testLogger();
    await using access = createClusterAccess({
      providers: providers('secretreader'),
      environment: environment(),
      logger,
    });
    const { client } = access.connect(profile({ clusterName: 'absent' }, 'secretreader'));
    await expect(client.get(Namespace, { name: 'default' })).rejects.toThrow(
      'ended with exit code 1: [secretreader] there is no Secret default/absent',
    );
  });
});

describe('the plugin of the tunnel', () => {
  const asService = async (name: string): Promise<string> => {
    const metadata = { namespace: 'default', name };
    await adminClient.create(ServiceAccount, { apiVersion: 'v1', kind: 'ServiceAccount', metadata });
    const answer = await adminClient.create(
      ServiceAccount as unknown as ResourceType<TokenRequest>,
      { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenRequest', metadata, spec: {} },
      { subresource: 'token' },
    );
    const path = join(dir, `${name}.kubeconfig`);
    await writeFile(path, buildKubeconfig({ server: url, caPem, user: { token: answer.status?.token ?? '' } }));
    return path;
  };
  const run = (kubeconfig: string, config: object) => {
    const plan = planConnection(profile(config, 'quarterdeck-tunnel'), providers('quarterdeck-tunnel'));
    return runPlugin(plan.plugin, {
      environment: { PATH: process.env.PATH, KUBECONFIG: kubeconfig },
      logger: testLogger(),
    });
  };

  test('RG-51 it makes a token of the consumer for one member, for ten minutes', async () => {
    const kubeconfig = await asService('argo');
    await expect(run(kubeconfig, { clusterName: 'm1' })).rejects.toThrow(
      '[quarterdeck-tunnel] serviceaccounts "argo" is',
    );
    const frame = { apiVersion: 'rbac.authorization.k8s.io/v1', metadata: { namespace: 'default', name: 'own-token' } };
    await adminClient.create(Role, {
      ...frame,
      kind: 'Role',
      rules: [{ apiGroups: [''], resources: ['serviceaccounts/token'], resourceNames: ['argo'], verbs: ['create'] }],
    });
    await adminClient.create(RoleBinding, {
      ...frame,
      kind: 'RoleBinding',
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: 'own-token' },
      subjects: [{ kind: 'ServiceAccount', namespace: 'default', name: 'argo' }],
    });
    const credential = await run(kubeconfig, { clusterName: 'm1' });
    const [, payload = ''] = (credential.token ?? '').split('.');
    const claims = JSON.parse(Buffer.from(payload, 'base64url').toString('utf8')) as Record<string, unknown>;
    expect([claims.sub, claims.aud, Number(claims.exp) - Number(claims.iat)]).toEqual([
      'system:serviceaccount:default:argo',
      ['quarterdeck.dev/memberclusters/m1/proxy'],
      600,
    ]);
    await expect(run(kubeconfig, {})).rejects.toThrow('[quarterdeck-tunnel] clusterName is missing');
  });

  test('RG-51 a consumer that is no service account is told to be one', async () => {
    await expect(run(hubKubeconfig, { clusterName: 'm1' })).rejects.toThrow(
      '[quarterdeck-tunnel] the hub knows this consumer as "consumer", which is no service account',
    );
  });
});

describe('running a plugin', () => {
  async function script(body: string): Promise<string> {
    const path = join(dir, `plugin-${Math.random().toString(36).slice(2)}`);
    await writeFile(path, `#!/bin/sh\n${body}\n`);
    await chmod(path, 0o755);
    return path;
  }
  const call = (command: string, over: object = {}) => ({
    apiVersion: 'client.authentication.k8s.io/v1' as const,
    command,
    args: [],
    env: [],
    ...over,
  });
  const logger = testLogger();
  const run = (plugin: ReturnType<typeof call>, timeoutMs = 10_000) =>
    runPlugin(plugin, { environment: { PATH: process.env.PATH, MODE: 'inherited' }, logger, timeoutMs });
  const credential = (token: string) =>
    `echo '{"apiVersion":"client.authentication.k8s.io/v1","kind":"ExecCredential","status":{"token":"'${token}'"}}'`;

  test('CP-19 configured variables win over inherited ones, and nothing over the input', async () => {
    const command = await script(`case "$KUBERNETES_EXEC_INFO" in *ExecCredential*) ${credential('"$MODE"')};; esac`);
    const env = [
      { name: 'MODE', value: 'configured' },
      { name: 'KUBERNETES_EXEC_INFO', value: 'forged' },
    ];
    expect(await run(call(command, { env }))).toEqual({ token: 'configured' });
    expect(await run(call(command))).toEqual({ token: 'inherited' });
  });

  test('CP-20 no standard input; standard error goes to the log', async () => {
    const command = await script(`echo "looking around" >&2; read line || ${credential('none')}`);
    expect(await run(call(command))).toEqual({ token: 'none' });
    expect(logger.lines).toContainEqual(expect.objectContaining({ line: 'looking around' }));
  });

  test('CP-38 a plugin that everybody may rewrite is not run, by path or by name', async () => {
    const command = await script(credential('forged'));
    await chmod(command, 0o757);
    await expect(run(call(command))).rejects.toThrow('may be written by everybody on this machine');
    const env = [{ name: 'PATH', value: dir }];
    await expect(run(call(basename(command), { env }))).rejects.toThrow(`${command} may be written by everybody`);
    await chmod(command, 0o755);
    expect(await run(call(command))).toEqual({ token: 'forged' });
  });

  test.each([
    { name: 'a plugin that is not there', body: undefined, message: 'is not installed, or not on PATH' },
    {
      name: 'a plugin that fails',
      body: 'echo "no such user" >&2; exit 3',
      message: 'ended with exit code 3: no such user',
    },
    { name: 'a plugin that says nothing', body: 'exit 0', message: 'its output is no JSON' },
    { name: 'a plugin that hangs', body: 'exec sleep 3600', message: 'took longer than 0.3 s' },
    { name: 'what a plugin waits for', body: 'sleep 120; exit 0', message: 'took longer than 0.3 s' },
    { name: 'what a plugin leaves behind', body: 'sleep 120 & exit 0', message: 'took longer than 0.3 s' },
    { name: 'a plugin that never stops talking', body: 'exec yes', message: 'wrote more than 1048576 bytes' },
    { name: 'what a plugin lets talk', body: 'yes & wait', message: 'wrote more than 1048576 bytes' },
  ])('CP-21, CP-29 $name', async ({ body, message }) => {
    const command = body === undefined ? '/nowhere/plugin' : await script(body);
    const timeoutMs = body?.includes('sleep') === true ? 300 : 60_000;
    await expect(run(call(command), timeoutMs)).rejects.toThrow(message);
  });
});

describe('following the clusters of an inventory', () => {
  test('CP-42, CP-43, CP-44 engages ready clusters, survives what does not matter, reconnects, lets go', async () => {
    const logger = testLogger();
    const kind = ClusterProfile;
    const inventory = await startInventory();
    await using _stop = inventory;
    await using access = createClusterAccess({
      providers: providers('kubeconfig-secretreader'),
      environment: environment(),
      logger,
    });
    const engaged: EngagedCluster[] = [];
    const stopping = new AbortController();
    const following = followClusters(
      { hubClient: inventory.client, access, engage: (cluster) => void engaged.push(cluster), logger },
      stopping.signal,
    );
    const setStatus = async (change: (status: NonNullable<ClusterProfile['status']>) => object) => {
      const now = await inventory.client.get(kind, { namespace: 'default', name: 'm1' });
      await inventory.client.update(
        kind,
        { ...now, status: change(now.status ?? {}) },
        { fieldManager: 'test', subresource: 'status' },
      );
    };
    const { status, ...spec } = profile(stored);
    await inventory.client.create(kind, spec, { fieldManager: 'test' });
    await setStatus(() => ({ ...status, conditions: [healthy('Unknown')] }));
    expect(engaged).toEqual([]);
    await setStatus((now) => ({ ...now, conditions: [healthy('True')] }));
    await eventually(() => engaged.length === 1, { message: 'the healthy cluster to be engaged' });
    expect([engaged[0]?.key, engaged[0]?.signal.aborted]).toEqual(['default/m1', false]);

    await setStatus((now) => ({ ...now, conditions: [healthy('False')], version: { kubernetes: '1.36.0' } }));
    await setStatus(() => ({ ...profile({ ...stored, context: 'hub' }).status, conditions: [healthy('True')] }));
    await eventually(() => engaged.length === 2, { message: 'the cluster to be engaged anew' });
    expect([engaged[0]?.signal.aborted, engaged[1]?.signal.aborted]).toEqual([true, false]);
    expect((await engaged[1]?.connection.client.get(Namespace, { name: 'default' }))?.kind).toBe('Namespace');

    await inventory.client.delete(kind, { namespace: 'default', name: 'm1' });
    await eventually(() => engaged[1]?.signal.aborted, { message: 'the deleted cluster to be let go' });
    stopping.abort(new Error('done'));
    await following;
    expect(engaged).toHaveLength(2);
  });
});

test.each([
  { what: 'at one address', properties: [], warned: true },
  { what: 'that say to be different ones', properties: ['one', 'two'], warned: false },
])('CI-9 two profiles of clusters $what are two targets; warned of: $warned', async ({ properties, warned }) => {
  const logger = testLogger();
  const inventory = await startInventory();
  await using _stop = inventory;
  const file = providers('kubeconfig-secretreader');
  await using access = createClusterAccess({ providers: file, environment: environment(), logger });
  const engaged: string[] = [];
  const stopping = new AbortController();
  const engage = ({ key }: EngagedCluster) => void engaged.push(key);
  const following = followClusters({ hubClient: inventory.client, access, engage, logger }, stopping.signal);
  for (const [index, name] of ['m1', 'm2'].entries()) {
    const { status, ...made } = profile(stored);
    const id = properties[index];
    const said = id === undefined ? [] : [idOf(id), { name: 'clusterset.k8s.io', value: 'default' }];
    const object = { ...made, metadata: { ...made.metadata, name } };
    const created = await inventory.client.create(ClusterProfile, object, { fieldManager: 'test' });
    await inventory.client.update(
      ClusterProfile,
      { ...created, status: { ...status, properties: said, conditions: [healthy('True')] } },
      { fieldManager: 'test', subresource: 'status' },
    );
  }
  await eventually(() => engaged.length === 2, { message: 'both clusters to be engaged' });
  stopping.abort(new Error('done'));
  await following;
  const warnings = logger.lines.filter(({ msg }) => msg === 'two profiles lead to one cluster: both are worked with');
  expect(warnings.length).toBe(warned ? 1 : 0);
});

const idOf = (value: string) => ({ name: 'cluster.clusterset.k8s.io', value });

const healthy = (status: 'True' | 'False' | 'Unknown') => ({
  type: 'ControlPlaneHealthy',
  status,
  reason: 'Test',
  message: '',
  lastTransitionTime: '2026-01-01T00:00:00Z',
});

/** A hub with the kind ClusterProfile. */
async function startInventory(): Promise<AsyncDisposable & { readonly client: Client }> {
  const { startHub } = await import('@quarterdeck/hub');
  const hub = await startHub({
    database: { type: 'memory' },
    listen: { host: '127.0.0.1', port: 0 },
    logger: testLogger(),
  });
  return { client: hub.adminClient, [Symbol.asyncDispose]: () => hub.stop() };
}
