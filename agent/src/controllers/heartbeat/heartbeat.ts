import {
  agentFieldManager,
  apiVersionOf,
  isAlreadyExists,
  isForbidden,
  isNotFound,
  isUnauthorized,
  Lease,
  memberLeaseDurationSeconds,
  memberLeaseName,
  memberLeaseRenewSeconds,
  memberStandbyLeaseName,
} from '@quarterdeck/apis';
import { type Client, type Clock, isUntrustedServer, type Logger, microTime } from '@quarterdeck/machinery';
import { withDeadline } from '../../deadline.ts';
import { isKnownRefusal } from '../../link/known-refusal.ts';
import { tellEveryMs } from '../../link/refusal-log.ts';

export interface HeartbeatOptions {
  readonly hubClient: Client;
  /** The member's namespace on the hub. */
  readonly hubNamespace: string;
  readonly clusterName: string;
  /** Told after each answer of the hub whether it takes the agent's identity, and if not, whether it knows it. */
  readonly heard?: (isTaken: boolean, isKnown: boolean) => void;
  /** Whether another agent of the cluster speaks for it. Default: never. RG-11 */
  readonly isStandby?: () => boolean;
  /** How this agent is told from others of its cluster, while it waits. Default: the name of the cluster. RG-11 */
  readonly agentName?: string;
  readonly clock: Clock;
  readonly logger: Logger;
  /** 0..1, so that a fleet started at once does not beat at once. Default Math.random. */
  readonly random?: () => number;
}

const refusedText =
  'the hub refuses the heartbeat of this agent: the member may be denied or removed, or what the agent proves itself by has expired; its MemberCluster on the hub tells';
const awayText = 'the heartbeat did not reach the hub';
const strangerText =
  'the agent does not know who answers for the hub: another one is at this address, or it has replaced its CA while the agent was away; if it is the hub, a new join command of it, with its --ca-hash and a token, brings the agent back';

/** A beat that is not answered by then is given up: a half-open connection must not cost the Lease. F-13 */
const answerWithinMs = 8_000;
const renewMs = memberLeaseRenewSeconds * 1000;

/** Renews the member's Lease every 10 s, whatever else the agent is doing. Ends with the signal. RG-30 */
export async function runHeartbeat(options: HeartbeatOptions, signal: AbortSignal): Promise<void> {
  const { clock, logger, random = Math.random } = options;
  let told: { readonly what: string; readonly at: number } | undefined;
  /** At once when it is something else, and then now and then: it may stay so for days. */
  const tell = (reason: string, what: string) => {
    const at = clock.monotonic();
    const isDue = told?.what !== what || at - told.at >= tellEveryMs;
    if (isDue) told = { what, at };
    logger[isDue ? 'warn' : 'debug']({ reason }, what);
  };
  while (!signal.aborted) {
    const startedAt = clock.monotonic();
    let pauseMs = renewMs;
    try {
      const standby = options.isStandby?.() === true ? (options.agentName ?? options.clusterName) : undefined;
      const whose =
        standby === undefined
          ? { name: memberLeaseName, holder: options.clusterName }
          : { name: memberStandbyLeaseName, holder: standby };
      await withDeadline(clock, answerWithinMs, signal, (within) => beat(options, whose, within));
      options.heard?.(true, true);
      if (told !== undefined) logger.info({}, 'the hub takes the heartbeat again');
      told = undefined;
    } catch (error) {
      if (signal.aborted) return;
      const isRefused = isForbidden(error) || isUnauthorized(error);
      if (isRefused) options.heard?.(false, isKnownRefusal(error));
      pauseMs = renewMs / 2;
      const reason = error instanceof Error ? error.message : String(error);
      tell(reason, isRefused ? refusedText : isUntrustedServer(error) ? strangerText : awayText);
    }
    // A tenth earlier or later, so that beats spread; counted from the start, so that a slow hub does not slow them.
    const untilNextMs = pauseMs * (0.9 + 0.2 * random()) - (clock.monotonic() - startedAt);
    await clock.sleep(Math.max(1_000, untilNextMs), signal).catch(() => {});
  }
}

/** Which Lease, and what it says of who renews it. */
interface Whose {
  readonly name: string;
  readonly holder: string;
}

/**
 * One small patch: no read, no conflict. Two agents of one identity are told apart by their Lease on the member; the one that
 * waits there has a Lease of its own here, so that the hub hears of it. RG-11
 */
async function beat(
  { hubClient, hubNamespace, clock }: HeartbeatOptions,
  { name, holder }: Whose,
  signal: AbortSignal,
): Promise<void> {
  const renewTime = microTime(clock.now());
  const spec = { renewTime, holderIdentity: holder, leaseDurationSeconds: memberLeaseDurationSeconds };
  const options = { signal, fieldManager: agentFieldManager };
  const ref = { namespace: hubNamespace, name };
  const renew = () => hubClient.patch(Lease, ref, { type: 'merge', body: { spec } }, options);
  try {
    await renew();
  } catch (error) {
    if (!isNotFound(error)) throw error;
    const lease: Lease = {
      apiVersion: apiVersionOf(Lease),
      kind: Lease.kind,
      metadata: ref,
      spec: { ...spec, acquireTime: renewTime },
    };
    try {
      await hubClient.create(Lease, lease, options);
    } catch (raced) {
      if (!isAlreadyExists(raced)) throw raced;
      await renew();
    }
  }
}
