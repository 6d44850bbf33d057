import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { Agent } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ensureClientCa } from '../kube/client-ca.ts';
import { kubeBinaries, startEtcd, startKubeCluster } from '../kube/index.ts';
import { startProcess } from '../kube/process.ts';
import type { Target } from './exchange.ts';

/** The controllers that our server has too; with others, objects would change that ours leaves alone. */
const controllers = [
  'namespace-controller',
  'garbage-collector-controller',
  'serviceaccount-controller',
  'root-ca-certificate-publisher-controller',
  'clusterrole-aggregation-controller',
];

/** A real kube-apiserver with etcd and those controllers, in a folder of its own. */
export async function startRealServer(progress: (line: string) => void): Promise<Target & AsyncDisposable> {
  const stack = new AsyncDisposableStack();
  const dir = await mkdtemp(join(tmpdir(), 'recordings-'));
  stack.defer(() => rm(dir, { recursive: true, force: true }));
  const binaries = await kubeBinaries(progress);
  const etcd = stack.use(await startEtcd(binaries, join(dir, 'etcd')));
  const cluster = stack.use(await startKubeCluster({ binaries, etcd, name: 'recorded', dir, parts: 'control-plane' }));
  const home = join(dir, 'recorded');
  const ca = await ensureClientCa(home);
  const manager = await startProcess(binaries.controllerManager, {
    logFile: join(home, 'controller-manager.log'),
    args: [
      ...['--kubeconfig', cluster.kubeconfig, '--leader-elect=false', '--secure-port', '0'],
      ...['--controllers', controllers.join(','), '--use-service-account-credentials=false'],
      ...['--service-account-private-key-file', join(home, 'service-account.key')],
      ...['--root-ca-file', cluster.caFile],
      ...['--cluster-signing-cert-file', ca.certFile, '--cluster-signing-key-file', ca.keyFile],
    ],
  });
  stack.defer(() => manager.stop());
  const agent = new Agent({ keepAlive: true, ca: await readFile(cluster.caFile) });
  stack.defer(() => agent.destroy());
  return {
    url: cluster.url,
    headers: { authorization: `Bearer ${cluster.token}` },
    agent,
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  };
}
