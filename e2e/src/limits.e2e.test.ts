import { readFile } from 'node:fs/promises';
import { type ClientHttp2Session, connect, constants } from 'node:http2';
import { join } from 'node:path';
import { ConfigMap } from '@quarterdeck/apis';
import { createHttpClient, type HttpClient, loadKubeconfig, systemClock } from '@quarterdeck/machinery';
import { eventually } from '@quarterdeck/machinery/testing';
import { expect, test } from 'vitest';
import { createToken, startAgentProcess } from './harness/agent.ts';
import { databasePid, type HubProcess, startHubProcess } from './harness/hub.ts';
import { kubectl } from './harness/kubectl.ts';
import { startClusters } from './harness/members.ts';
import { sender } from './harness/send.ts';
import { tempDir } from './harness/temp-dir.ts';

/** A hub that may have little: of what it cannot take it says so, and goes on. */

const configMaps = '/api/v1/namespaces/default/configmaps';
const configMap = (name: string, text: string) => ({
  apiVersion: 'v1' as const,
  kind: 'ConfigMap' as const,
  metadata: { name, namespace: 'default' },
  data: { text },
});

const clientOf = async (hub: HubProcess): Promise<HttpClient> =>
  createHttpClient({ ...(await loadKubeconfig({ path: hub.kubeconfig })), clock: systemClock });

/** A connection of an administrator that asks nothing yet; undefined when it was refused. */
async function connected(hub: HubProcess): Promise<ClientHttp2Session | undefined> {
  const { tls } = await loadKubeconfig({ path: hub.kubeconfig });
  if (typeof tls !== 'object') throw new Error('the kubeconfig names no certificate');
  const { ca = [], cert = '', key = '' } = tls;
  const session = connect(hub.url, { ca: [ca].flat(), cert, key });
  return await new Promise((resolve) => {
    session.once('remoteSettings', () => resolve(session));
    session.on('error', () => resolve(undefined));
    session.once('close', () => resolve(undefined));
  });
}

/** The status of a list that nobody reads: the answer is under way until the session ends. */
function statusOf(session: ClientHttp2Session, path: string, headers: Record<string, string> = {}): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const stream = session.request({ ...headers, [constants.HTTP2_HEADER_PATH]: path });
    stream.once('response', (answer) => resolve(answer[constants.HTTP2_HEADER_STATUS]));
    stream.once('error', reject);
  });
}

test('F-31 a hub with a small heap refuses the lists it has no room for, and goes on', async () => {
  await using cleanup = new AsyncDisposableStack();
  const dir = cleanup.use(await tempDir()).path;
  const hub = cleanup.use(await startHubProcess({ dataDir: join(dir, 'hub'), limits: { heapMb: 256 } }));
  const { pid } = hub;
  const client = cleanup.use(await clientOf(hub));
  for (let index = 0; index < 40; index += 1) {
    await client.create(ConfigMap, configMap(`large-${index}`, 'x'.repeat(900_000)));
  }
  const session = await connected(hub);
  if (session === undefined) throw new Error('not connected');
  cleanup.defer(() => session.destroy());

  const asked = Array.from({ length: 150 }, () => statusOf(session, configMaps));
  const yaml = Array.from({ length: 20 }, () => statusOf(session, configMaps, { accept: 'application/yaml' }));
  const answers = await Promise.all(asked);
  expect(new Set(answers)).toEqual(new Set([200, 429]));
  expect(new Set(await Promise.all(yaml))).toEqual(new Set([429]));
  // What is small is served meanwhile, and what is being watched goes on.
  expect((await client.get(ConfigMap, { namespace: 'default', name: 'large-0' })).data?.text).toHaveLength(900_000);
  await client.create(ConfigMap, configMap('small', 'x'));

  session.destroy();
  await eventually(async () => (await client.list(ConfigMap, { namespace: 'default' })).items.length >= 41);
  expect(hub.pid).toBe(pid);
  expect(await readFile(hub.logFile, 'utf8')).not.toContain('out of memory');
});

test('F-32 a hub without file descriptors for more connections refuses them, and takes new ones when others go', async () => {
  await using cleanup = new AsyncDisposableStack();
  const dir = cleanup.use(await tempDir()).path;
  const clusters = cleanup.use(await startClusters(['m1'], dir));
  const hub = cleanup.use(await startHubProcess({ dataDir: join(dir, 'hub'), limits: { openFiles: 256 } }));
  const { pid } = hub;
  const { kubeconfig } = clusters.get('m1');
  const { token, trust } = await createToken({ kubeconfig: hub.kubeconfig, cluster: 'm1' });
  const stateDir = join(dir, 'agent');
  const agent = cleanup.use(
    await startAgentProcess({ clusterName: 'm1', hubUrl: hub.url, trust, token, kubeconfig, stateDir }),
  );
  const client = cleanup.use(await clientOf(hub));
  await client.create(ConfigMap, configMap('before', 'x'));

  const sessions = await Promise.all(Array.from({ length: 300 }, () => connected(hub)));
  const held = sessions.filter((session) => session !== undefined);
  cleanup.defer(() => {
    for (const session of held) session.destroy();
  });
  expect(held.length).toBeLessThan(160);
  expect(held.length).toBeGreaterThan(100);

  // There are descriptors left for a database server and the connections to it.
  process.kill(await databasePid(hub.dataDir), 'SIGKILL');
  await eventually(() => client.create(ConfigMap, configMap('during', 'x')), { timeoutMs: 30_000 });
  await agent.kill('SIGKILL');
  const back = agent.restart();

  for (const session of held) session.destroy();
  await back;
  const send = await sender(hub.kubeconfig);
  expect((await send({ method: 'GET', path: `${configMaps}/during` })).code).toBe(200);
  const onHub = await kubectl({ kubeconfig: hub.kubeconfig, home: dir });
  await onHub.ok('wait --for=condition=Joined membercluster/m1 --timeout=30s');
  expect(hub.pid).toBe(pid);
  const lines = (await readFile(hub.logFile, 'utf8'))
    .split('\n')
    .filter((line) => line.includes('connections are refused'));
  expect(lines.length).toBeGreaterThan(0);
  expect(lines.length).toBeLessThan(5);
});
