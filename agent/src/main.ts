import { randomUUID } from 'node:crypto';
import { ignoreNotFound, MemberCluster, Namespace } from '@quarterdeck/apis';
import {
  type Client,
  type Clock,
  createInformer,
  type HttpClientOptions,
  type Logger,
  type Metrics,
  systemClock,
} from '@quarterdeck/machinery';
import type { KnownHub, WorkCache } from './cache/work-cache.ts';
import { runHeartbeat } from './controllers/heartbeat/heartbeat.ts';
import { runMemberStatus } from './controllers/member-status/controller.ts';
import type { MemberApi } from './controllers/member-status/decide.ts';
import { runProperties } from './controllers/properties/properties.ts';
import { followHubWord } from './controllers/work/hub-word.ts';
import type { Leaving } from './controllers/work/withdraw.ts';
import { type Acting, startActing } from './link/acting.ts';
import type { AgentIdentity } from './link/identity.ts';
import { startLink } from './link/link.ts';
import type { LinkOptions } from './link/options.ts';
import { registered } from './link/registered.ts';
import { createStanding } from './link/standing.ts';
import type { StateStore } from './link/state-store.ts';
import { defaultExecutor } from './member/default-executor.ts';
import { installMemberKinds } from './member/install.ts';
import { createHubPauses } from './pauses.ts';
import { openTunnels, type TunnelAddress } from './tunnel/open-tunnels.ts';
import { agentVersion } from './version.ts';
import { runWorks } from './works.ts';

export interface AgentOptions {
  readonly clusterName: string;
  readonly hubUrl: string;
  /** URL of an HTTP proxy on the way to the hub. Absent: none. RG-55 */
  readonly proxy?: string;
  readonly trust: LinkOptions['trust'];
  /** Lifetime of the certificates to ask for, seconds; the hub may give less. Absent: the signer decides. RG-6 */
  readonly expirationSeconds?: number;
  /** The bootstrap token, asked for whenever one is needed. */
  readonly token: () => Promise<string | undefined>;
  /** The member cluster's API, with the agent's own rights. */
  readonly memberClient: Client;
  /** The member cluster's API as another user; absent: Works are executed with the agent's own rights. DL-30 */
  readonly clientAs?: (userName: string) => Client;
  /** Who Works are executed as: `namespace/name`, or `none` for the agent itself. Default: what the install made. DL-30 */
  readonly executor?: string;
  /** Default 3,600,000. DL-8 */
  readonly evictionGraceMs?: number | 'never';
  /** Keeps the last known state over restarts; absent: nothing is kept. F-14 */
  readonly workCache?: WorkCache;
  /**
   * Carry requests of users of the hub to the member's API, reached like this; `api`: where consumers reach it by themselves,
   * with tokens that the agent makes. Absent: nobody is let through. RG-50, RG-51
   */
  readonly tunnel?: {
    readonly member: HttpClientOptions;
    readonly api?: MemberApi;
    /** Where tunnels are taken, each of them one. Default: the hub itself. RG-52, RG-53 */
    readonly at?: readonly TunnelAddress[];
  };
  readonly store: StateStore;
  readonly logger: Logger;
  readonly metrics: Metrics;
  /**
   * How this process is told from others, on the Lease by which the agents of one cluster agree who acts, and how it knows
   * that another one has ended for certain. Default: an identity of its own, and nobody is known to be gone. RG-11
   */
  readonly process?: { readonly identity: string; readonly isGone: (holder: string) => boolean };
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
    const identity = await link.joined;
    const { hubClient } = identity;
    const pauses = createHubPauses(clock);
    const member = createInformer(hubClient, MemberCluster, {
      fieldSelector: `metadata.name=${clusterName}`,
      clock,
      pause: pauses.pause,
      logger,
    });
    running.push(member.start(signal));
    const { workCache, hubUrl } = options;
    const known = await knownHub(workCache, hubUrl);
    // An identity that the hub does not know has expired, which ends no membership; one that may do nothing was removed.
    const removal = createStanding(clock, () => {});
    const heard = (isTaken: boolean, isKnown: boolean) => {
      identity.heard(isTaken);
      if (isTaken) pauses.hubHeard();
      if (isKnown) removal.heard(isTaken);
    };
    const asking = { hubClient, memberClient, clusterName, clock, heard, removal };
    const registering = registered(member, asking, signal);
    const { hubNamespace, hubUID } = await orKnown(registering, known, { clock, logger, signal });
    const common = { hubClient, memberClient, clusterName, member, clock, logger };
    // First what the hub must hear in any case: that the agent lives, and how the member is, even if it is down.
    let tunnel: ReturnType<typeof openTunnel>;
    const tunnelState = {
      get isServed() {
        return tunnel?.isServed;
      },
    };
    let acting: Acting | undefined;
    const { identity: name = `${clusterName}/${randomUUID()}`, isGone } = options.process ?? {};
    const isStandby = () => acting?.isStandby() === true;
    running.push(
      runHeartbeat({ ...common, hubNamespace, heard, isStandby, agentName: name }, signal),
      runMemberStatus(
        {
          ...common,
          isStandby,
          agentVersion,
          identity,
          ...(options.tunnel === undefined ? {} : { tunnel: tunnelState }),
          ...(options.tunnel?.api === undefined ? {} : { api: options.tunnel.api }),
        },
        signal,
      ),
    );
    const uid = await retry(
      async () => {
        await installMemberKinds({ memberClient, clock, logger }, signal);
        return await clusterUID();
      },
      { clock, logger, signal },
    );
    const isLeaving = leavingOf({ hubClient, clusterName });
    const executorClient = await retry(() => defaultExecutor({ ...defaultExecutorOptions(options), logger }, signal), {
      clock,
      logger,
      signal,
    });
    const word = followHubWord({ hubClient, clusterName, member, clock });
    const registeredAt = () => {
      const at = Date.parse(member.get(clusterName)?.metadata.creationTimestamp ?? '');
      return Number.isNaN(at) ? undefined : at;
    };
    const act = async (term: AbortSignal) => {
      const cache =
        workCache === undefined
          ? {}
          : { cache: { store: workCache, hubUrl, known: await knownHub(workCache, hubUrl) } };
      const works = runWorks(
        {
          ...options,
          ...cache,
          ...word,
          pauses,
          registeredAt,
          executorClient,
          clock,
          logger,
          hubClient,
          hubNamespace,
          hubUID,
          isLeaving,
        },
        term,
      );
      // One agent carries it, or two would take it from each other. RG-11
      tunnel = openTunnel({ ...options, clock, logger }, identity, term);
      await Promise.all([
        runProperties({ ...common, clusterUID: uid, isRemoved: removal.isOutcast }, term),
        works,
        tunnel?.stopped,
      ]);
    };
    const about = { memberClient, clock, logger, identity: name, ...(isGone === undefined ? {} : { isGone }) };
    acting = startActing({ ...about, act }, signal);
    running.push(acting.stopped);
  })();
  ready.catch(() => {}); // told to whoever awaits it

  const stop = async () => {
    stopping.abort(new Error('the agent is stopping'));
    await Promise.allSettled([ready]); // until then it may still start something
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

/** Undefined: the agent was not asked to carry one. */
function openTunnel(options: AgentOptions & { readonly clock: Clock }, identity: AgentIdentity, signal: AbortSignal) {
  const { tunnel, ...others } = options;
  if (tunnel === undefined) return undefined;
  const { member, at = [] } = tunnel;
  return openTunnels({ ...others, member, at, tls: identity.tls, token: identity.token }, signal);
}

interface Registration {
  readonly hubClient: Client;
  readonly clusterName: string;
}

/**
 * Whether the member leaves the fleet, and by which policy. Asked when something is about to be taken off it, so the hub has the last word: a
 * Work's deletion may be seen before that of the member which caused it. RG-40
 */
function leavingOf({ hubClient, clusterName }: Registration) {
  return async (signal: AbortSignal): Promise<Leaving> => {
    const now = await ignoreNotFound(hubClient.get(MemberCluster, { name: clusterName }, { signal }));
    // One that is gone left without a word that could be believed: nothing is deleted.
    if (now === undefined) return 'Orphan';
    return now.metadata.deletionTimestamp === undefined ? false : (now.spec.deletionPolicy ?? 'Orphan');
  };
}

/** What was kept of this very hub. */
async function knownHub(cache: WorkCache | undefined, hubUrl: string): Promise<KnownHub | undefined> {
  const known = await cache?.load();
  return known?.hubUrl === hubUrl ? known : undefined;
}

/** A hub that answers soon has the word; one that does not is known from before, if it is. F-14 */
const hubPatienceMs = 5_000;

async function orKnown(
  registering: Promise<Pick<KnownHub, 'hubNamespace' | 'hubUID'>>,
  known: KnownHub | undefined,
  { clock, logger, signal }: RetryOptions,
): Promise<Pick<KnownHub, 'hubNamespace' | 'hubUID'>> {
  if (known === undefined) return await registering;
  registering.catch(() => {}); // it may come later than it is waited for
  const answer = await Promise.race([registering, clock.sleep(hubPatienceMs, signal).then(() => undefined)]);
  if (answer === undefined) logger.warn({}, 'the hub is away; the member is kept as it was last asked for');
  return answer ?? known;
}

const defaultExecutorOptions = ({ memberClient, clientAs, executor }: AgentOptions) => ({
  memberClient,
  clientAs,
  executor,
});

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
