import { join } from 'node:path';
import { kubeBinaries } from '../kube/binaries.ts';
import { type KubeCluster, startEtcd, startKubeCluster } from '../kube/cluster.ts';
import { together } from './together.ts';

/** Real clusters on one etcd. */
export interface Clusters extends AsyncDisposable {
  /** @throws Error for a name that was not started */
  get(name: string): KubeCluster;
}

/** Starts whole clusters under `dir`, all at once; what had started is stopped when one fails. */
export async function startClusters(names: readonly string[], dir: string): Promise<Clusters> {
  const binaries = await kubeBinaries();
  await using cleanup = new AsyncDisposableStack();
  const etcd = cleanup.use(await startEtcd(binaries, join(dir, 'etcd')));
  const clusters = cleanup.use(
    await together(names.map((name) => startKubeCluster({ binaries, etcd, name, dir }))),
  ).all;
  const owned = cleanup.move();
  return {
    get(name) {
      const cluster = clusters.find((each) => each.name === name);
      if (cluster === undefined) throw new Error(`no cluster ${name} was started`);
      return cluster;
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}
