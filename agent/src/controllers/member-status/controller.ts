import {
  ApiError,
  agentFieldManager,
  apiVersionOf,
  ClusterProperty,
  conditionType,
  findCondition,
  isNotFound,
  isUnauthorized,
  MemberCluster,
  MemberClusterReason,
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
import { withDeadline } from '../../deadline.ts';
import type { AgentIdentity } from '../../link/identity.ts';
import type { MemberKinds } from '../../member/install.ts';
import type { Tunnel } from '../../tunnel/tunnel.ts';
import { createWaker } from '../../waker.ts';
import { createCounting } from './counting.ts';
import { type DampedHealth, observeHealth } from './damped-health.ts';
import { type ControlPlaneHealth, decide, type MemberApi, type Report } from './decide.ts';
import { createStatusPace, type News } from './pace.ts';

export interface MemberStatusOptions {
  readonly hubClient: Client;
  readonly memberClient: Client;
  readonly clusterName: string;
  readonly agentVersion: string;
  /** Whether another agent of the cluster speaks for it. Default: never. RG-11 */
  readonly isStandby?: () => boolean;
  readonly identity: Pick<AgentIdentity, 'describe'>;
  /** Undefined: the agent carries none. */
  readonly tunnel?: Pick<Tunnel, 'isServed'>;
  /** Where consumers reach the member by themselves. Absent: they do not. RG-51 */
  readonly api?: MemberApi;
  readonly kinds: Pick<MemberKinds, 'problem'>;
  /** The agent's own MemberCluster. */
  readonly member: Informer<MemberCluster>;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Of what is said to the hub. Default: `logger`. */
  readonly hubLogger?: Logger;
}

/** How often the member is looked at, at least. What the hub was not told yet is told by a later look. CI-27 */
const periodMs = 10_000;

/** A member that takes longer to say that it is well is not well. */
const answerWithinMs = 5_000;
/** Changes of nodes and properties that come together are one report. */
const gatherMs = 1_000;

/**
 * Reports version, nodes, capacity, properties and health of the member, also while it does not answer. Ends with the
 * signal. RG-20, RG-30, RG-32, F-23
 */
export async function runMemberStatus(options: MemberStatusOptions, signal: AbortSignal): Promise<void> {
  const { hubClient, memberClient, clusterName, agentVersion, identity, member, clock, logger } = options;
  const { hubLogger = logger } = options;
  const nodes = createInformer(memberClient, Node, { clock, logger });
  const properties = createInformer(memberClient, ClusterProperty, { clock, logger });
  const waker = createWaker(clock);
  nodes.subscribe(() => waker.wake());
  properties.subscribe(() => waker.wake());
  const unsubscribe = member.subscribe(({ object, old }) => {
    if (isLost(old?.status) && !isLost(object.status)) waker.wake();
  });
  const running = [nodes.start(signal), properties.start(signal)];
  const counting = createCounting(options);
  const pace = createStatusPace();
  let health: DampedHealth | undefined;
  await member.synced.catch(() => {});
  // The first report had better be whole; a member that does not answer is reported all the same.
  const first = Promise.all([nodes.synced, properties.synced]);
  await Promise.race([first, clock.sleep(gatherMs, signal)]).catch(() => {});
  while (!signal.aborted) {
    const startedAt = clock.monotonic();
    try {
      const [answer, kubernetesVersion] = await withDeadline(clock, answerWithinMs, signal, (within) =>
        Promise.all([readHealth(memberClient, within), readVersion(memberClient, within)]),
      );
      health = observeHealth(health, answer, clock.monotonic());
      const seen = {
        kubernetesVersion,
        agentVersion,
        identity: identity.describe(),
        tunnel: options.tunnel === undefined ? false : options.tunnel.isServed,
        api: options.api,
        nodes: nodes.hasSynced() ? nodes.list() : undefined,
        ...(await counting.latest(signal)),
        properties: properties.hasSynced() ? properties.list() : undefined,
        missingKind: options.kinds.problem,
        health: health.reported,
      };
      const before = member.get(clusterName)?.status;
      const status = decide(seen, before, clock.now());
      const news = newsIn(status, before);
      const isSilent = isLost(before) || options.isStandby?.() === true;
      if (news !== undefined && !isSilent && pace.mayTell(news, clock.monotonic())) {
        await report(hubClient, clusterName, status, signal);
        pace.told(clock.monotonic());
      }
    } catch (error) {
      if (signal.aborted) break;
      const reason = error instanceof Error ? error.message : String(error);
      if (isNotFound(error)) logger.warn({ reason }, 'the hub does not know this member');
      // A hub does not apply what it does not know, even in part. F-29
      else if (reason.includes('field not declared in schema'))
        logger.warn({ reason }, 'the hub is older than this agent and refuses its status: upgrade the hub first');
      else {
        const refusal = error instanceof ApiError ? { kind: 'status', code: error.code } : {};
        hubLogger.warn({ reason, ...refusal }, 'the member status did not reach the hub');
      }
    }
    // Counted from the start, so that a member which does not answer is looked at as often.
    await waker.wait(Math.max(0, periodMs - (clock.monotonic() - startedAt)), signal);
    await clock.sleep(gatherMs, signal).catch(() => {});
  }
  unsubscribe();
  await Promise.all(running);
}

/**
 * Whether contact counts as lost on the hub, which then takes no word of health: it would make Unknown of it again. The heartbeat
 * comes first. RG-30
 */
function isLost(status: MemberClusterStatus | undefined): boolean {
  const { HubLeaseCurrent } = conditionType.MemberCluster;
  return findCondition(status?.conditions, HubLeaseCurrent)?.reason === MemberClusterReason.LeaseNotRenewed;
}

const unauthorizedRemedy =
  'the member does not take the credential of its own agent: give that another one (--kubeconfig, or its service account)';

async function readHealth(memberClient: Client, signal: AbortSignal): Promise<ControlPlaneHealth> {
  try {
    await memberClient.getRaw('/readyz', { signal });
    return { status: 'True', message: '' };
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    const remedy = isUnauthorized(error) ? `; ${unauthorizedRemedy}` : '';
    return { status: 'False', message: `/readyz of the member: ${reason}${remedy}` };
  }
}

/** Undefined while the member does not answer: health says so already. */
async function readVersion(memberClient: Client, signal: AbortSignal): Promise<string | undefined> {
  try {
    const { gitVersion } = (await memberClient.getRaw('/version', { signal })) as { gitVersion?: string };
    return gitVersion?.replace(/^v/, '');
  } catch {
    return undefined;
  }
}

/** Undefined: the hub knows all of it. Compares only what the agent writes. */
function newsIn(report: Report, before: MemberClusterStatus | undefined): News | undefined {
  if (before === undefined) return 'Verdict';
  const { conditions, ...rest } = report;
  const { ControlPlaneHealthy } = conditionType.MemberCluster;
  const healthOf = (of: MemberClusterStatus) => findCondition(of.conditions, ControlPlaneHealthy)?.status;
  if (healthOf(report) !== healthOf(before) || !isEqual(report.agent, before.agent)) return 'Verdict';
  const mine = Object.fromEntries(Object.keys(rest).map((key) => [key, before[key as keyof MemberClusterStatus]]));
  const isKnown =
    isEqual(rest, mine) &&
    conditions.every((condition) => before.conditions?.some((old) => isEqual(condition, old)) === true);
  return isKnown ? undefined : 'Details';
}

const isEqual = (a: unknown, b: unknown): boolean => equalValues(a as JsonValue, b as JsonValue);

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
