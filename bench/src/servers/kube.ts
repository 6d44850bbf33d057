import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { freePorts, kubeBinaries, startKubeCluster } from '@quarterdeck/e2e/kube';
import { processTable } from './cpu-time.ts';
import { answer, start } from './process.ts';

/** A real kube-apiserver on an etcd that writes to disk as etcd does by default. */
export interface KubePeer extends AsyncDisposable {
  readonly kubeconfig: string;
  /** CA that the server trusts for client certificates. */
  readonly clientCa: { readonly certFile: string; readonly keyFile: string };
  /** Of kube-apiserver and etcd. */
  readonly pids: readonly number[];
}

/** @throws KubeUnavailableError when the binaries are neither there nor can be built */
export async function startKube(dir: string, say: (line: string) => void): Promise<KubePeer> {
  const binaries = await kubeBinaries(say);
  await mkdir(dir, { recursive: true });
  await using cleanup = new AsyncDisposableStack();
  const [clientPort, peerPort] = await freePorts(2);
  const url = `http://127.0.0.1:${clientPort}`;
  const peerUrl = `http://127.0.0.1:${peerPort}`;
  const logFile = join(dir, 'etcd.log');
  const etcd = cleanup.use(
    await start(
      binaries.etcd,
      [
        ...['--data-dir', join(dir, 'etcd'), '--log-level', 'warn', '--quota-backend-bytes', String(8 * 2 ** 30)],
        ...['--listen-client-urls', url, '--advertise-client-urls', url],
        ...['--listen-peer-urls', peerUrl, '--initial-advertise-peer-urls', peerUrl],
        ...['--initial-cluster', `default=${peerUrl}`],
      ],
      logFile,
    ),
  );
  await answer(etcd, () => isHealthy(url), { what: 'etcd', logFile });
  const shared = { url, [Symbol.asyncDispose]: () => Promise.resolve() };
  const cluster = cleanup.use(
    await startKubeCluster({ binaries, etcd: shared, name: 'peer', dir, parts: 'control-plane' }),
  );
  const ours = (await processTable()).filter(({ parent }) => parent === process.pid);
  const owned = cleanup.move();
  return {
    kubeconfig: cluster.kubeconfig,
    clientCa: { certFile: join(dir, 'peer', 'client-ca.crt'), keyFile: join(dir, 'peer', 'client-ca.key') },
    pids: ours.filter(({ name }) => name === 'etcd' || name === 'kube-apiserver').map(({ pid }) => pid),
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

async function isHealthy(url: string): Promise<true | undefined> {
  const response = await fetch(`${url}/health`).catch(() => undefined);
  return response?.ok === true && (await response.text()).includes('true') ? true : undefined;
}
