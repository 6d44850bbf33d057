import {
  AppliedWork,
  annotation,
  conditionType,
  isConditionTrue,
  MemberCluster,
  memberNamespaceName,
  Namespace,
  Work,
  WorkReport,
} from '@quarterdeck/apis';
import {
  type Client,
  type Clock,
  createInformer,
  type Informer,
  type Logger,
  type Metrics,
  systemClock,
} from '@quarterdeck/machinery';
import { runHeartbeat } from './controllers/heartbeat/heartbeat.ts';
import { runMemberStatus } from './controllers/member-status/controller.ts';
import { runProperties } from './controllers/properties/properties.ts';
import { appliedWorkIndex, workController, worksOfLabel } from './controllers/work/controller.ts';
import { type LinkOptions, startLink } from './link/link.ts';
import type { StateStore } from './link/state-store.ts';
import { createDiscovery } from './member/discovery.ts';
import { installMemberKinds } from './member/install.ts';
import { createWatchers } from './member/watchers.ts';
import { agentVersion } from './version.ts';

export interface AgentOptions {
  readonly clusterName: string;
  readonly hubUrl: string;
  readonly trust: LinkOptions['trust'];
  /** The bootstrap token, asked for whenever one is needed. */
  readonly token: () => Promise<string | undefined>;
  /** The member cluster's API, with the rights that Works may use. */
  readonly memberClient: Client;
  readonly store: StateStore;
  readonly logger: Logger;
  readonly metrics: Metrics;
  /** Default: the real one. */
  readonly clock?: Clock;
}

/** One agent. A process may hold a thousand: there is no state outside this object. */
export interface Agent extends AsyncDisposable {
  /** Resolves when the member has joined and its Works are being watched; rejects when it cannot join. */
  readonly ready: Promise<void>;
  stop(): Promise<void>;
}

/** Starts an agent: joins, then keeps heartbeat, status, properties and Works, until stopped. */
export function startAgent(options: AgentOptions): Agent {
  const { clusterName, memberClient, clock = systemClock } = options;
  const logger = options.logger.child({ cluster: clusterName });
  const stopping = new AbortController();
  const { signal } = stopping;
  // The namespace kube-system is in every cluster, and lives as long as it. RG-4, AB-16
  const clusterUID = once(
    async () => (await memberClient.get(Namespace, { name: 'kube-system' }, { signal })).metadata.uid,
  );
  const link = startLink({ ...options, clock, logger, clusterUID }, signal);
  const running: Promise<unknown>[] = [link.stopped];

  const ready = (async () => {
    const { hubClient } = await link.joined;
    await retry(() => installMemberKinds({ memberClient, clock, logger }, signal), { clock, logger, signal });
    const member = createInformer(hubClient, MemberCluster, {
      fieldSelector: `metadata.name=${clusterName}`,
      clock,
      logger,
    });
    running.push(member.start(signal));
    const { hubNamespace, hubUID } = await registered(member, clusterName, clock, signal);
    const common = { hubClient, memberClient, clusterName, member, clock, logger };
    running.push(
      runHeartbeat({ ...common, hubNamespace }, signal),
      runMemberStatus({ ...common, agentVersion }, signal),
      runProperties({ ...common, clusterUID: await clusterUID() }, signal),
      startWorks({ ...options, clock, logger, hubClient, hubNamespace, hubUID }, signal),
    );
  })();
  ready.catch(() => {}); // told to whoever awaits it

  const stop = async () => {
    stopping.abort(new Error('the agent is stopping'));
    await Promise.allSettled(running);
  };
  return { ready, stop, [Symbol.asyncDispose]: stop };
}

/**
 * Joins and stops: the certificate is in the store afterwards. For `agent join`.
 * @throws RequestDeniedError when the hub refuses the token or the request; it is not asked again
 */
export async function joinOnce(options: AgentOptions, signal: AbortSignal): Promise<void> {
  const { memberClient, clock = systemClock } = options;
  const logger = options.logger.child({ cluster: options.clusterName });
  const stopping = new AbortController();
  const clusterUID = async () => (await memberClient.get(Namespace, { name: 'kube-system' }, { signal })).metadata.uid;
  const link = startLink(
    { ...options, clock, logger, clusterUID, onRefusal: 'fail' },
    AbortSignal.any([signal, stopping.signal]),
  );
  try {
    await link.joined;
  } finally {
    stopping.abort(new Error('joined'));
    await link.stopped;
  }
}

interface WorksOptions extends AgentOptions {
  readonly hubClient: Client;
  readonly hubNamespace: string;
  readonly hubUID: string;
  readonly clock: Clock;
}

function startWorks(options: WorksOptions, signal: AbortSignal): Promise<void> {
  const { hubClient, memberClient, hubNamespace, clock, logger } = options;
  const common = { clock, logger };
  const works = createInformer(hubClient, Work, { ...common, namespace: hubNamespace });
  const reports = createInformer(hubClient, WorkReport, { ...common, namespace: hubNamespace });
  const appliedWorks = createInformer(memberClient, AppliedWork, { ...common, index: appliedWorkIndex });
  const discovery = createDiscovery({ memberClient, clock });
  const watchers = createWatchers({
    memberClient,
    ...common,
    signal,
    onChange: (value) => {
      for (const key of worksOfLabel(appliedWorks, value)) controller.enqueue(key);
    },
  });
  const controller = workController({ ...options, discovery, watchers, works, appliedWorks, reports });
  controller.start(signal);
  for (const informer of [works, reports, appliedWorks]) void informer.start(signal);
  return controller.stopped;
}

/** The hub makes the namespace before it lets an agent in; until it is written down there is nothing to read. */
async function registered(member: Informer<MemberCluster>, clusterName: string, clock: Clock, signal: AbortSignal) {
  await member.synced;
  for (;;) {
    const found = member.get(clusterName);
    const hubUID = found?.metadata.annotations?.[annotation.hubUID];
    if (hubUID !== undefined && isConditionTrue(found?.status?.conditions, conditionType.MemberCluster.Accepted)) {
      return { hubNamespace: found?.status?.namespace ?? memberNamespaceName(clusterName), hubUID };
    }
    await clock.sleep(200, signal);
  }
}

interface RetryOptions {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly signal: AbortSignal;
}

/** The member may be away while the agent starts. */
async function retry<T>(attempt: () => Promise<T>, { clock, logger, signal }: RetryOptions): Promise<T> {
  for (;;) {
    try {
      return await attempt();
    } catch (error) {
      if (signal.aborted) throw error;
      logger.warn(
        { reason: error instanceof Error ? error.message : String(error) },
        'the member is not ready for the agent; trying again',
      );
      await clock.sleep(2_000, signal);
    }
  }
}

/** Asks once, and again only after a failure. */
function once<T>(ask: () => Promise<T>): () => Promise<T> {
  let answer: Promise<T> | undefined;
  return () => {
    answer ??= ask().catch((error: unknown) => {
      answer = undefined;
      throw error;
    });
    return answer;
  };
}
