import { spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { memoryStateStore, startAgent } from '@quarterdeck/agent';
import {
  ClusterRole,
  ClusterRoleBinding,
  type KubeObject,
  Namespace,
  type ResourceType,
  ServiceAccount,
  tunnelRights,
} from '@quarterdeck/apis';
import { type Hub, startHub } from '@quarterdeck/hub';
import {
  buildKubeconfig,
  createHttpClient,
  createMetrics,
  loadKubeconfig,
  proxyForUrl,
  proxyPath,
} from '@quarterdeck/machinery';
import { type ConnectProxy, eventually, startConnectProxy, testLogger } from '@quarterdeck/machinery/testing';
import { type SimulatedFleet, type SimulatedMember, startSimulatedFleet } from '@quarterdeck/simulator';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createJoinToken } from './join-token.ts';
import { isAvailable } from './testing/fleet.ts';

/** A hub that only a proxy knows the way to: its name is in no DNS. */

const name = 'hub.invalid';
const cleanup = new AsyncDisposableStack();
let dir: string;
let hub: Hub;
let hubUrl: string;
let proxy: ConnectProxy;
let environment: Record<string, string>;
let members: SimulatedFleet;
let member: SimulatedMember;

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'qd-proxies-'));
  cleanup.defer(() => rm(dir, { recursive: true }));
  const logger = testLogger();
  hub = cleanup.use(
    await startHub({
      database: { type: 'memory' },
      listen: { host: '127.0.0.1', port: 0 },
      tlsSans: [name],
      logger,
    }),
  );
  hubUrl = `https://${name}:${new URL(hub.url).port}`;
  proxy = cleanup.use(await startConnectProxy({ hosts: { [name]: '127.0.0.1' } }));
  environment = { HTTPS_PROXY: proxy.url.replace('//', '//fleet:s3cret@'), NO_PROXY: 'elsewhere.invalid' };
  members = cleanup.use(await startSimulatedFleet({ names: ['m1', 'm9'], nodes: 1 }));
  member = members.members.get('m1') as SimulatedMember;
});
afterAll(() => cleanup.disposeAsync());

const token = (clusterPattern: string) =>
  createJoinToken(hub.adminClient, {
    clusterPattern,
    clusterSet: 'default',
    labels: {},
    acceptance: 'Accepted',
    reusable: false,
    ttlMs: 600_000,
  });

/** Runs a program of ours in an environment that knows the proxy, and nothing else. */
async function runNode(program: string, args: readonly string[], env: Record<string, string> = {}) {
  const path = fileURLToPath(new URL(program, import.meta.url));
  const child = spawn(process.execPath, [path, ...args], {
    env: { PATH: process.env.PATH, ...environment, ...env },
    cwd: dir,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
  const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr)]);
  return { code: await ended, stdout, stderr };
}

/** Everything went by the proxy, as whoever the proxy knows. */
function expectSeen(): void {
  const { port } = new URL(hubUrl);
  expect(new Set(proxy.seen.map(({ target, authorization }) => `${target} ${authorization}`))).toEqual(
    new Set([`${name}:${port} Basic ${btoa('fleet:s3cret')}`]),
  );
  proxy.seen.length = 0;
}

test('RG-55, RG-52 an agent joins, reports and carries the tunnel through the proxy', async () => {
  const client = member.inProcessClient;
  await client.create(Namespace, { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'quarterdeck-system' } });
  const kinds: Record<string, ResourceType> = { ServiceAccount, ClusterRole, ClusterRoleBinding };
  for (const object of tunnelRights) {
    const type = kinds[object.kind ?? ''];
    if (type !== undefined) await client.create(type, object as KubeObject);
  }
  const forMember = await token('m1');
  const agent = startAgent({
    clusterName: 'm1',
    hubUrl,
    proxy: proxyForUrl(hubUrl, environment) ?? '',
    trust: { caHash: hub.caHash },
    token: () => Promise.resolve(forMember),
    memberClient: client,
    tunnel: { member: member.client },
    store: memoryStateStore(),
    logger: testLogger(),
    metrics: createMetrics(),
  });
  await using _stopped = { [Symbol.asyncDispose]: () => agent.stop() };
  await isAvailable(hub.adminClient, 'm1');
  const admin = await loadKubeconfig({ text: await hub.adminKubeconfig() });
  await using through = createHttpClient({ ...admin, baseUrl: `${hub.url}${proxyPath('m1')}` });
  await eventually(
    async () =>
      ((await through.getRaw('/version').catch(() => ({}))) as { gitVersion?: string }).gitVersion !== undefined,
    { timeoutMs: 20_000, message: 'the tunnel' },
  );
  expectSeen();
});

test('RG-55 the command joins by the proxy of its environment', async () => {
  const kubeconfig = join(dir, 'member.kubeconfig');
  await writeFile(kubeconfig, members.members.get('m9')?.kubeconfig ?? '', { mode: 0o600 });
  const joined = await runNode('../bin/quarterdeck.mjs', [
    ...['agent', 'join', '--cluster-name', 'm9', '--hub', hubUrl, '--ca-hash', hub.caHash],
    ...['--token', await token('m9'), '--kubeconfig', kubeconfig, '--log-level', 'silent'],
  ]);
  expect(joined).toMatchObject({ code: 0, stdout: expect.stringContaining(`m9 has joined ${hubUrl}`) });
  expectSeen();
});

test('RG-55, CP-10 a plugin reaches the hub by it; NO_PROXY counts', async () => {
  const kubeconfig = join(dir, 'consumer.kubeconfig');
  const { tls } = await loadKubeconfig({ text: await hub.adminKubeconfig() });
  const { cert: certPem = '', key: keyPem = '' } = (typeof tls === 'function' ? tls() : tls) ?? {};
  await writeFile(kubeconfig, buildKubeconfig({ server: hubUrl, caPem: hub.caPem, user: { certPem, keyPem } }));
  const info = {
    apiVersion: 'client.authentication.k8s.io/v1',
    kind: 'ExecCredential',
    spec: { cluster: { server: 'https://m1.invalid', config: { clusterName: 'm1' } } },
  };
  const env = { KUBECONFIG: kubeconfig, KUBERNETES_EXEC_INFO: JSON.stringify(info) };
  const plugin = '../../access/bin/credentials-plugin.mjs';
  const asked = await runNode(plugin, ['secretreader'], env);
  expect([asked.code, asked.stderr]).toEqual([1, '[secretreader] there is no Secret default/m1\n']);
  expectSeen();
  const direct = await runNode(plugin, ['secretreader'], { ...env, NO_PROXY: '.invalid' });
  expect(direct.code).toBe(1);
  expect(direct.stderr).not.toContain('there is no Secret');
  expect(proxy.seen).toEqual([]);
});
