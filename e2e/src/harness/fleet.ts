import { join } from 'node:path';
import type { KubeCluster } from '../kube/cluster.ts';
import { type AgentProcess, createToken, startAgentProcess } from './agent.ts';
import { type HubProcess, startHubProcess } from './hub.ts';
import { type Kubectl, kubectl } from './kubectl.ts';
import { startClusters } from './members.ts';
import { tempDir } from './temp-dir.ts';
import { together } from './together.ts';

/** One member: a real cluster with its agent process. */
export interface Member extends AsyncDisposable {
  readonly name: string;
  readonly cluster: KubeCluster;
  readonly agent: AgentProcess;
  readonly kubectl: Kubectl;
}

/** A hub process and real members that joined it as users join theirs. */
export interface Fleet extends AsyncDisposable {
  readonly dir: string;
  readonly hub: HubProcess;
  /** On the hub, as administrator. */
  readonly kubectl: Kubectl;
  readonly members: readonly Member[];
  /** @throws Error for a name that is not in the fleet */
  member(name: string): Member;
}

/**
 * @param labels of each member, given by its token: `{ m1: { tier: 'gold' } }`
 * @param agentArgs more flags of the agents
 */
export async function startFleet(
  labels: Readonly<Record<string, Readonly<Record<string, string>>>>,
  agentArgs: (cluster: KubeCluster) => readonly string[] = () => [],
): Promise<Fleet> {
  await using cleanup = new AsyncDisposableStack();
  const dir = cleanup.use(await tempDir()).path;
  const names = Object.keys(labels);
  const clusters = cleanup.use(await startClusters(names, dir));
  const hub = cleanup.use(await startHubProcess({ dataDir: join(dir, 'hub') }));
  const joining = names.map((name) =>
    enrol({ name, labels: labels[name] ?? {}, dir, hub, cluster: clusters.get(name), agentArgs }),
  );
  const members = cleanup.use(await together(joining)).all;
  const onHub = await kubectl({ kubeconfig: hub.kubeconfig, home: dir });
  const owned = cleanup.move();
  return {
    dir,
    hub,
    kubectl: onHub,
    members,
    member(name) {
      const member = members.find((each) => each.name === name);
      if (member === undefined) throw new Error(`no member ${name}`);
      return member;
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

interface Joining {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly dir: string;
  readonly hub: HubProcess;
  readonly cluster: KubeCluster;
  readonly agentArgs: (cluster: KubeCluster) => readonly string[];
}

async function enrol({ name, labels, dir, hub, cluster, agentArgs }: Joining): Promise<Member> {
  const { kubeconfig } = cluster;
  const { token, trust } = await createToken({ kubeconfig: hub.kubeconfig, cluster: name, labels });
  const onMember = await kubectl({ kubeconfig, home: dir });
  const agent = await startAgentProcess({
    clusterName: name,
    hubUrl: hub.url,
    trust,
    token,
    kubeconfig,
    stateDir: join(dir, `agent-${name}`),
    args: agentArgs(cluster),
  });
  return { name, cluster, agent, kubectl: onMember, [Symbol.asyncDispose]: () => agent[Symbol.asyncDispose]() };
}
