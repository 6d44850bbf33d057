import { join } from 'node:path';
import type { KubeCluster } from '../kube/cluster.ts';
import { type AgentProcess, createToken, startAgentProcess } from './agent.ts';
import { type Kubectl, kubectl } from './kubectl.ts';
import { startClusters } from './members.ts';
import { startQuarterdeck } from './quarterdeck.ts';
import { tempDir } from './temp-dir.ts';
import { together } from './together.ts';

/** A real Kubernetes cluster as the hub, with real members that joined it. */
export interface KubeFleet extends AsyncDisposable {
  readonly dir: string;
  /** Of an administrator of the hub. */
  readonly kubeconfig: string;
  /** On the hub, as administrator. */
  readonly kubectl: Kubectl;
  /** @throws Error for a name that is not in the fleet */
  member(name: string): KubeMember;
}

export interface KubeMember {
  readonly cluster: KubeCluster;
  readonly kubectl: Kubectl;
}

/**
 * Starts it; resolves when all members are available.
 * @param labels of each member, given by its token: `{ m1: { tier: 'gold' } }`
 * @param hubArgs more flags of the hub program
 */
export async function startKubeFleet(
  labels: Readonly<Record<string, Readonly<Record<string, string>>>>,
  hubArgs: readonly string[] = [],
): Promise<KubeFleet> {
  await using cleanup = new AsyncDisposableStack();
  const dir = cleanup.use(await tempDir()).path;
  const names = Object.keys(labels);
  const clusters = cleanup.use(await startClusters(['hub', ...names], dir));
  const { kubeconfig, url } = clusters.get('hub');
  const hub = await kubectl({ kubeconfig, home: dir });
  const { process } = await startQuarterdeck({
    args: ['hub', '--kubeconfig', kubeconfig, ...hubArgs],
    logFile: join(dir, 'hub.log'),
    ready: /hub controllers run against /,
  });
  cleanup.defer(() => process.stop());
  const joining = names.map(async (name): Promise<AgentProcess> => {
    const { token, trust } = await createToken({ kubeconfig, cluster: name, labels: labels[name] ?? {} });
    return await startAgentProcess({
      clusterName: name,
      hubUrl: url,
      trust,
      token,
      kubeconfig: clusters.get(name).kubeconfig,
      stateDir: join(dir, `agent-${name}`),
    });
  });
  cleanup.use(await together(joining));
  await hub.ok('wait --for=condition=Available membercluster --all --timeout=90s');
  const members = new Map<string, KubeMember>();
  for (const name of names) {
    const cluster = clusters.get(name);
    members.set(name, { cluster, kubectl: await kubectl({ kubeconfig: cluster.kubeconfig, home: join(dir, name) }) });
  }
  const owned = cleanup.move();
  return {
    dir,
    kubeconfig,
    kubectl: hub,
    member(name) {
      const found = members.get(name);
      if (found === undefined) throw new Error(`no member ${name}`);
      return found;
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}
