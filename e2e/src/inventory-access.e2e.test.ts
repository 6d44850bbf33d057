import { spawn } from 'node:child_process';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { buildKubeconfig } from '@quarterdeck/machinery';
import { eventually } from '@quarterdeck/machinery/testing';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type ClientBuild, clientBinary } from './clients/binaries.ts';
import { createToken, startAgentProcess } from './harness/agent.ts';
import { type HubProcess, startHubProcess } from './harness/hub.ts';
import { type Kubectl, kubectl } from './harness/kubectl.ts';
import { configMap, documents, namespace } from './harness/objects.ts';
import { buildPlugins, type PluginName, runPlugin } from './harness/plugins.ts';
import { repository } from './harness/quarterdeck.ts';
import { run } from './harness/run.ts';
import { tempDir } from './harness/temp-dir.ts';
import { kubeBinaries } from './kube/binaries.ts';
import { type KubeCluster, startEtcd, startKubeCluster } from './kube/cluster.ts';
import { commandLineTools } from './kube/tools.ts';

/**
 * Consumers of the inventory on upstream's own libraries reach real members by every access type, with our plugins as
 * single executables; upstream's plugins run beside ours.
 */

const cleanup = new AsyncDisposableStack();
const profiles = 'clusterset-default';
const home = 'consumers';
const members = ['m1', 'm2'] as const;
const clusters = new Map<string, KubeCluster>();
let dir: string;
let elsewhere: string;
let hub: HubProcess;
let admin: Kubectl;
let plugin: (name: PluginName) => string;
let consumer: string;

const account = (name: string, where: string) => ({
  apiVersion: 'v1',
  kind: 'ServiceAccount',
  metadata: { name, namespace: where },
});
const rbac = 'rbac.authorization.k8s.io';
const bind = (name: string, roleName: string, subject: object, where?: string) => ({
  apiVersion: `${rbac}/v1`,
  kind: where === undefined ? 'ClusterRoleBinding' : 'RoleBinding',
  metadata: { name, ...(where === undefined ? {} : { namespace: where }) },
  roleRef: { apiGroup: rbac, kind: where === undefined ? 'ClusterRole' : 'Role', name: roleName },
  subjects: [subject],
});
const role = (name: string, rules: readonly object[], where?: string) => ({
  apiVersion: `${rbac}/v1`,
  kind: where === undefined ? 'ClusterRole' : 'Role',
  metadata: { name, ...(where === undefined ? {} : { namespace: where }) },
  rules,
});
const reader = { kind: 'ServiceAccount', name: 'reader', namespace: 'default' };
const consumerAccount = { kind: 'ServiceAccount', name: 'consumer', namespace: home };

/** What the consumer may do on the hub: nothing beyond what each access type needs. CP-41 */
const consumerRights = [
  role(
    'inventory',
    [{ apiGroups: ['multicluster.x-k8s.io'], resources: ['clusterprofiles'], verbs: ['get', 'list', 'watch'] }],
    profiles,
  ),
  bind('inventory', 'inventory', consumerAccount, profiles),
  role('secrets', [{ apiGroups: [''], resources: ['secrets'], verbs: ['get'] }], home),
  bind('secrets', 'secrets', consumerAccount, home),
  role(
    'own-token',
    [{ apiGroups: [''], resources: ['serviceaccounts/token'], resourceNames: ['consumer'], verbs: ['create'] }],
    home,
  ),
  bind('own-token', 'own-token', consumerAccount, home),
  role('members', [
    { apiGroups: ['quarterdeck.dev'], resources: ['memberclusters/proxy'], resourceNames: members, verbs: ['get'] },
    {
      apiGroups: ['quarterdeck.dev'],
      resources: ['memberclusters/token'],
      resourceNames: members.flatMap((name) => [name, `${name}:default:reader`]),
      verbs: ['create'],
    },
  ]),
  bind('members', 'members', consumerAccount),
];

/** What the administrator of a member sets up for the fleet's consumers. */
const memberRights = [
  account('reader', 'default'),
  bind('reader', 'view', reader),
  bind('consumer', 'view', {
    apiGroup: rbac,
    kind: 'User',
    name: `quarterdeck:system:serviceaccount:${home}:consumer`,
  }),
  configMap('quarterdeck-system/quarterdeck-tunnel', {
    'policy.yaml': 'tokens: [{ namespace: default, name: reader }]\n',
  }),
];

async function startMember(name: string): Promise<void> {
  const cluster = clusters.get(name);
  if (cluster === undefined) throw new Error(`no cluster ${name}`);
  const onMember = await kubectl({ kubeconfig: cluster.kubeconfig, home: dir });
  await onMember.ok(['apply', '-f', join(repository, 'deploy/member-rights.yaml')]);
  await onMember.ok(['apply', '-f', join(repository, 'deploy/member-tunnel.yaml')]);
  const pod = {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: `pod-of-${name}`, namespace: 'default' },
    spec: { serviceAccountName: 'reader', containers: [{ name: 'c', image: 'none' }] },
  };
  await onMember.ok('apply -f -', { input: documents(...memberRights, pod) });
  const token = await onMember.ok('create token reader -n default --duration=1h');
  const caPem = await readFile(cluster.caFile, 'utf8');
  const kubeconfig = buildKubeconfig({ server: cluster.url, caPem, user: { token } });
  for (const [secret, data] of Object.entries({ [name]: { token }, [`${name}-kubeconfig`]: { value: kubeconfig } })) {
    const metadata = { name: secret, namespace: home };
    await admin.ok('apply -f -', {
      input: documents({ apiVersion: 'v1', kind: 'Secret', metadata, stringData: data }),
    });
  }
}

async function joinMember(name: string) {
  const cluster = clusters.get(name);
  if (cluster === undefined) throw new Error(`no cluster ${name}`);
  const { token, trust } = await createToken({ kubeconfig: hub.kubeconfig, cluster: name });
  cleanup.use(
    await startAgentProcess({
      clusterName: name,
      hubUrl: hub.url,
      trust,
      token,
      kubeconfig: cluster.kubeconfig,
      stateDir: join(dir, `agent-${name}`),
      args: ['--tunnel', '--api-url', cluster.url, '--api-ca-file', cluster.caFile],
    }),
  );
}

/** What another manager of access writes into a profile, beside ours. */
async function addSecretAccess(name: string): Promise<void> {
  const cluster = clusters.get(name);
  const ca = await readFile(cluster?.caFile ?? '', 'base64');
  const entry = (type: string, extension: object) => ({
    op: 'add',
    path: '/status/accessProviders/-',
    value: {
      name: type,
      cluster: {
        server: cluster?.url,
        'certificate-authority-data': ca,
        extensions: [{ name: 'client.authentication.k8s.io/exec', extension }],
      },
    },
  });
  const patch = [
    entry('secretreader', { clusterName: name }),
    entry('kubeconfig-secretreader', { name: `${name}-kubeconfig`, key: 'value' }),
  ];
  const object = ['clusterprofile', name, '-n', profiles];
  await eventually(
    async () =>
      (await admin(['get', ...object, '-o', 'jsonpath={.status.accessProviders[*].name}'])).stdout ===
      'quarterdeck-tunnel token-request',
    { timeoutMs: 60_000, message: `the access types of ${name}` },
  );
  await admin.ok(['patch', ...object, '--subresource=status', '--type=json', '-p', JSON.stringify(patch)]);
}

/** What a plugin gives; beside it upstream's print an empty spec, which clients do not read. */
const statusOf = (stdout: string): unknown => (stdout === '' ? undefined : JSON.parse(stdout).status);

const accessTypes: readonly PluginName[] = [
  'quarterdeck-tunnel',
  'token-request',
  'secretreader',
  'kubeconfig-secretreader',
];
const argsOf: Partial<Record<PluginName, readonly string[]>> = {
  'token-request': ['--service-account', 'default/reader'],
};

async function providerFile(name: string, command: (type: PluginName) => string): Promise<string> {
  const path = join(dir, `${name}.json`);
  const providers = accessTypes.map((type) => ({
    name: type,
    execConfig: {
      apiVersion: 'client.authentication.k8s.io/v1',
      command: command(type),
      args: argsOf[type] ?? [],
      provideClusterInfo: true,
    },
  }));
  await writeFile(path, JSON.stringify({ providers }));
  return path;
}

async function startConsumer(program: string, providers: string) {
  const args = [program, '-kubeconfig', consumer, '-namespace', profiles, '-providers', providers];
  const child = spawn(await clientBinary('inventory'), args, {
    cwd: elsewhere,
    env: { KUBECONFIG: consumer },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  cleanup.defer(() => void child.kill('SIGKILL'));
  const said = { stdout: '', stderr: '' };
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    said.stdout += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    said.stderr += text;
  });
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
  return {
    said: (text: string) =>
      eventually(() => said.stderr.includes(text), { timeoutMs: 90_000, message: `${text} in ${said.stderr}` }),
    tell: (line: string) => void child.stdin.write(`${line}\n`),
    async result(): Promise<unknown> {
      const code = await ended;
      if (code !== 0) throw new Error(`${program} ended with ${code}: ${said.stderr}`);
      return JSON.parse(said.stdout);
    },
  };
}

beforeAll(async () => {
  dir = cleanup.use(await tempDir()).path;
  elsewhere = join(dir, 'elsewhere');
  await mkdir(elsewhere);
  const binaries = await kubeBinaries();
  const etcd = cleanup.use(await startEtcd(binaries, join(dir, 'etcd')));
  for (const name of members) {
    clusters.set(name, cleanup.use(await startKubeCluster({ binaries, etcd, name, dir, parts: 'api' })));
  }
  hub = cleanup.use(await startHubProcess({ dataDir: join(dir, 'hub') }));
  admin = await kubectl({ kubeconfig: hub.kubeconfig, home: dir });
  plugin = await buildPlugins(join(dir, 'plugins'));
  await eventually(async () => (await admin(['get', 'namespace', profiles])).code === 0, { timeoutMs: 30_000 });
  await admin.ok('apply -f -', { input: documents(namespace(home), account('consumer', home), ...consumerRights) });
  const token = await admin.ok(['create', 'token', 'consumer', '-n', home, '--duration=1h']);
  const caPem = Buffer.from(
    await admin.ok(['config', 'view', '--raw', '-o', 'jsonpath={.clusters[0].cluster.certificate-authority-data}']),
    'base64',
  ).toString('utf8');
  consumer = join(dir, 'consumer.kubeconfig');
  await writeFile(consumer, buildKubeconfig({ server: hub.url, caPem, user: { token }, namespace: home }), {
    mode: 0o600,
  });
  for (const name of members) await startMember(name);
  await joinMember('m1');
  await addSecretAccess('m1');
}, 600_000);
afterAll(() => cleanup.disposeAsync());

describe('our plugins as single executables', () => {
  test('RG-54, CP-39 they run with an empty PATH, from anywhere, with nothing beside them', async () => {
    const surroundings = { env: { PATH: '', KUBECONFIG: consumer }, cwd: elsewhere };
    const read = await runPlugin(plugin('secretreader'), { ...surroundings, config: { clusterName: 'm1' } });
    const token = await admin.ok(['get', 'secret', 'm1', '-n', home, '-o', 'jsonpath={.data.token}']);
    expect(read).toEqual({
      code: 0,
      stderr: '',
      stdout: `{"apiVersion":"client.authentication.k8s.io/v1","kind":"ExecCredential","status":{"token":"${Buffer.from(token, 'base64').toString('utf8')}"}}\n`,
    });
    for (const name of ['quarterdeck-tunnel', 'token-request'] as const) {
      const args = argsOf[name] ?? [];
      const made = await runPlugin(plugin(name), { ...surroundings, args, config: { clusterName: 'm1' } });
      expect([name, made.code, made.stderr]).toEqual([name, 0, '']);
      expect(made.stdout).toMatch(/"status":\{"token":"ey[^"]+","expirationTimestamp":"[^"]+"\}\}\n$/);
    }
  });

  test('RG-54 what the environment says to Node.js they do not hear', async () => {
    const env = { PATH: '', NODE_OPTIONS: '--no-such-option' };
    const outcome = await runPlugin(plugin('secretreader'), { env, cwd: elsewhere, config: { clusterName: 'm1' } });
    expect([outcome.code, outcome.stdout, outcome.stderr]).toEqual([
      1,
      '',
      '[secretreader] neither a pod with a service account nor KUBECONFIG: there is no way to the hub\n',
    ]);
  });
});

describe("upstream's plugins beside ours", () => {
  const upstream: readonly { readonly name: PluginName; readonly build: ClientBuild }[] = [
    { name: 'secretreader', build: 'upstream-secretreader' },
    { name: 'kubeconfig-secretreader', build: 'upstream-kubeconfig-secretreader' },
  ];
  const configs: Readonly<Record<string, readonly { readonly config: object; readonly code: number }[]>> = {
    secretreader: [
      { config: { clusterName: 'm1' }, code: 0 },
      { config: { clusterName: 'none' }, code: 1 },
      { config: { clusterName: 'm1-kubeconfig' }, code: 1 },
      { config: {}, code: 1 },
    ],
    'kubeconfig-secretreader': [
      { config: { name: 'm1-kubeconfig', key: 'value' }, code: 0 },
      { config: { name: 'm1-kubeconfig', key: 'value', namespace: home, context: 'quarterdeck' }, code: 0 },
      { config: { name: 'm1-kubeconfig', key: 'value', context: 'none' }, code: 1 },
      { config: { name: 'm1-kubeconfig', key: 'none' }, code: 1 },
      { config: { name: 'm1-kubeconfig', key: 'value', namespace: 'default' }, code: 1 },
      { config: { name: 'm1', key: 'token' }, code: 1 },
      { config: { name: 'm1-kubeconfig' }, code: 1 },
    ],
  };

  test.each(upstream)('CP-39, CP-40, CP-41 $name: equal credentials, equal refusals', async ({ name, build }) => {
    const theirs = await clientBinary(build);
    for (const { config, code } of configs[name] ?? []) {
      const outcomes = await Promise.all(
        [plugin(name), theirs].map((path) =>
          runPlugin(path, { config, env: { KUBECONFIG: consumer }, cwd: elsewhere }),
        ),
      );
      const [own, other] = outcomes.map((each) => ({ code: each.code, status: statusOf(each.stdout) }));
      expect({ config, ...own }).toEqual({ config, ...other });
      expect({ config, code: own?.code }).toEqual({ config, code });
      for (const { stderr } of outcomes) expect(stderr.startsWith(`[${name}] `)).toBe(code !== 0);
    }
  });
});

test("CP-42, CP-43, CP-44 a multicluster-runtime program follows members that come and go, and upstream's library lists pods by every access type", async () => {
  const ours = await providerFile('ours', plugin);
  const following = await startConsumer('fleet', ours);
  await following.said(`engaged ${profiles}/m1`);
  const onM1 = await kubectl({ kubeconfig: clusters.get('m1')?.kubeconfig ?? '', home: dir });
  await onM1.ok('apply -f -', { input: documents(configMap('default/followed', { value: 'one' })) });
  await following.said(`saw one of ${profiles}/m1`);

  await joinMember('m2');
  await following.said(`engaged ${profiles}/m2`);
  const onM2 = await kubectl({ kubeconfig: clusters.get('m2')?.kubeconfig ?? '', home: dir });
  await onM2.ok('apply -f -', { input: documents(configMap('default/followed', { value: 'two' })) });
  await following.said(`saw two of ${profiles}/m2`);

  await addSecretAccess('m2');
  const byEachType = (name: string) => Object.fromEntries(accessTypes.map((type) => [type, [`pod-of-${name}`]]));
  const wanted = { m1: byEachType('m1'), m2: byEachType('m2') };
  expect(await (await startConsumer('access', ours)).result()).toEqual(wanted);
  const theirs = new Map<PluginName, string>([
    ['secretreader', await clientBinary('upstream-secretreader')],
    ['kubeconfig-secretreader', await clientBinary('upstream-kubeconfig-secretreader')],
  ]);
  const mixed = await providerFile('mixed', (name) => theirs.get(name) ?? plugin(name));
  expect(await (await startConsumer('access', mixed)).result()).toEqual(wanted);

  await admin.ok('delete membercluster m2 --wait=false');
  await following.said(`left ${profiles}/m2`);
  await onM1.ok(['patch', 'configmap', 'followed', '--type=merge', '-p', '{"data":{"value":"three"}}']);
  await following.said(`saw three of ${profiles}/m1`);
  following.tell('done');
  expect(await following.result()).toEqual({
    engaged: [`${profiles}/m1`],
    values: { [`${profiles}/m1`]: 'three', [`${profiles}/m2`]: 'two' },
  });
}, 300_000);

test('RG-51 kubectl with the same plugin, from a kubeconfig that names it', async () => {
  const info = {
    apiVersion: 'client.authentication.k8s.io/v1',
    command: plugin('quarterdeck-tunnel'),
    interactiveMode: 'Never',
    provideClusterInfo: true,
  };
  const profile = await admin.json<{ status: { accessProviders: { name: string; cluster: object }[] } }>(
    `get clusterprofile m1 -n ${profiles}`,
  );
  const cluster = profile.status.accessProviders.find(({ name }) => name === 'quarterdeck-tunnel')?.cluster;
  const config = {
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: 'm1', cluster }],
    users: [{ name: 'm1', user: { exec: info } }],
    contexts: [{ name: 'm1', context: { cluster: 'm1', user: 'm1' } }],
  };
  const file = join(dir, 'exec.kubeconfig');
  await writeFile(file, JSON.stringify(config));
  const outcome = await run(
    (await commandLineTools('v35')).kubectl,
    ['--kubeconfig', file, '--context', 'm1', 'get', 'pods', '-o', 'name'],
    {
      env: { HOME: elsewhere, KUBECONFIG: consumer },
      cwd: elsewhere,
    },
  );
  expect(outcome).toEqual({ code: 0, stdout: 'pod/pod-of-m1\n', stderr: '' });
});
