import {
  agentFieldManager,
  apiVersionOf,
  ClusterProperty,
  isNotFound,
  MemberCluster,
  type MemberClusterStatus,
  Node,
  type Stored,
} from '@quarterdeck/apis';
import {
  type Client,
  type Clock,
  createInformer,
  equalValues,
  type Informer,
  type JsonValue,
  type Logger,
} from '@quarterdeck/machinery';
import { type DampedHealth, observeHealth } from './damped-health.ts';
import { type ControlPlaneHealth, decide } from './decide.ts';

export interface MemberStatusOptions {
  readonly hubClient: Client;
  readonly memberClient: Client;
  readonly clusterName: string;
  readonly agentVersion: string;
  /** The agent's own MemberCluster. */
  readonly member: Informer<MemberCluster>;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** How often the member is looked at; it bounds writes to the hub as well, which happen on change only. CI-27 */
const periodMs = 10_000;

/** Reports version, nodes, capacity, properties and health of the member. Ends with the signal. RG-20, RG-32 */
export async function runMemberStatus(options: MemberStatusOptions, signal: AbortSignal): Promise<void> {
  const { hubClient, memberClient, clusterName, agentVersion, member, clock, logger } = options;
  const nodes = createInformer(memberClient, Node, { clock, logger });
  const properties = createInformer(memberClient, ClusterProperty, { clock, logger });
  void nodes.start(signal);
  void properties.start(signal);
  let wake = () => {};
  for (const each of [nodes, properties] as Informer<Node | ClusterProperty>[]) each.subscribe(() => wake());
  let health: DampedHealth | undefined;
  let sent: unknown;
  await Promise.all([nodes.synced, properties.synced, member.synced]).catch(() => {});
  while (!signal.aborted) {
    const started = clock.now();
    try {
      health = observeHealth(health, await readHealth(memberClient, signal), started);
      const before = member.get(clusterName)?.status;
      const kubernetesVersion = await readVersion(memberClient, signal);
      const seen = {
        kubernetesVersion,
        agentVersion,
        nodes: nodes.list(),
        properties: properties.list(),
        health: health.reported,
      };
      const status = decide(seen, before, started);
      if (!sameReport(status, before) || sent === undefined) {
        await report(hubClient, clusterName, status, signal);
        sent = status;
      }
    } catch (error) {
      if (signal.aborted) return;
      const reason = error instanceof Error ? error.message : String(error);
      if (isNotFound(error)) logger.warn({ reason }, 'the hub does not know this member');
      else logger.warn({ reason }, 'the member status did not reach the hub');
    }
    // A change of nodes or properties is reported within a second, not at the next look.
    const changed = new Promise<void>((resolve) => {
      wake = resolve;
    });
    await Promise.race([changed.then(() => clock.sleep(1_000, signal)), clock.sleep(periodMs, signal)]).catch(() => {});
  }
}

async function readHealth(memberClient: Client, signal: AbortSignal): Promise<ControlPlaneHealth> {
  try {
    await memberClient.getRaw('/readyz', { signal });
    return { status: 'True', message: '' };
  } catch (error) {
    if (signal.aborted) throw error;
    return {
      status: 'False',
      message: `/readyz of the member: ${error instanceof Error ? error.message : String(error)}`,
    };
  }
}

async function readVersion(memberClient: Client, signal: AbortSignal): Promise<string | undefined> {
  const { gitVersion } = (await memberClient.getRaw('/version', { signal })) as { gitVersion?: string };
  return gitVersion?.replace(/^v/, '');
}

type Report = ReturnType<typeof decide>;

/** Compares only what the agent writes. */
function sameReport(report: Report, before: MemberClusterStatus | undefined): boolean {
  if (before === undefined) return false;
  const { conditions, ...rest } = report;
  const mine = Object.fromEntries(Object.keys(rest).map((key) => [key, before[key as keyof MemberClusterStatus]]));
  return (
    equalValues(rest as unknown as JsonValue, mine as unknown as JsonValue) &&
    conditions.every((condition) =>
      before.conditions?.some((old) => equalValues(condition as unknown as JsonValue, old as unknown as JsonValue)),
    )
  );
}

/** By server-side apply: the hub's conditions and fields in the same status are not touched. */
async function report(
  hubClient: Client,
  clusterName: string,
  status: Report,
  signal: AbortSignal,
): Promise<Stored<MemberCluster>> {
  const object = {
    apiVersion: apiVersionOf(MemberCluster),
    kind: MemberCluster.kind,
    metadata: { name: clusterName },
    status,
  };
  return await hubClient.apply(MemberCluster, object, {
    fieldManager: agentFieldManager,
    force: true,
    subresource: 'status',
    signal,
  });
}
