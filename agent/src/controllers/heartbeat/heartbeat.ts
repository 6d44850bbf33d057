import {
  agentFieldManager,
  apiVersionOf,
  isAlreadyExists,
  isForbidden,
  isNotFound,
  isUnauthorized,
  Lease,
  type MicroTime,
  memberLeaseDurationSeconds,
  memberLeaseName,
  memberLeaseRenewSeconds,
} from '@quarterdeck/apis';
import { type Client, type Clock, type Logger, microTime } from '@quarterdeck/machinery';
import { withDeadline } from '../../deadline.ts';

export interface HeartbeatOptions {
  readonly hubClient: Client;
  /** The member's namespace on the hub. */
  readonly hubNamespace: string;
  readonly clusterName: string;
  /** Told after each answer of the hub whether it takes the agent's identity, and if not, whether it knows it. */
  readonly heard?: (isTaken: boolean, isKnown: boolean) => void;
  /** Whether another agent of the cluster speaks for it. Default: never. RG-11 */
  readonly isStandby?: () => boolean;
  readonly clock: Clock;
  readonly logger: Logger;
  /** 0..1, so that a fleet started at once does not beat at once. Default Math.random. */
  readonly random?: () => number;
}

/** A beat that is not answered by then is given up: a half-open connection must not cost the Lease. F-13 */
const answerWithinMs = 8_000;
const renewMs = memberLeaseRenewSeconds * 1000;

/** Renews the member's Lease every 10 s, whatever else the agent is doing. Ends with the signal. RG-30 */
export async function runHeartbeat(options: HeartbeatOptions, signal: AbortSignal): Promise<void> {
  const { clock, logger, random = Math.random } = options;
  while (!signal.aborted) {
    const startedAt = clock.monotonic();
    let pauseMs = renewMs;
    try {
      if (options.isStandby?.() !== true) {
        await withDeadline(clock, answerWithinMs, signal, (within) => beat(options, within));
        options.heard?.(true, true);
      }
    } catch (error) {
      if (signal.aborted) return;
      if (isForbidden(error) || isUnauthorized(error)) options.heard?.(false, isForbidden(error));
      pauseMs = renewMs / 2;
      logger.warn(
        { reason: error instanceof Error ? error.message : String(error) },
        'the heartbeat did not reach the hub',
      );
    }
    // A tenth earlier or later, so that beats spread; counted from the start, so that a slow hub does not slow them.
    const untilNextMs = pauseMs * (0.9 + 0.2 * random()) - (clock.monotonic() - startedAt);
    await clock.sleep(Math.max(1_000, untilNextMs), signal).catch(() => {});
  }
}

/** One small patch: no read, no conflict. Two agents of one identity are told apart by their Lease on the member. */
async function beat({ hubClient, hubNamespace, clusterName, clock }: HeartbeatOptions, signal: AbortSignal) {
  const renewTime = microTime(clock.now());
  const spec = { renewTime, holderIdentity: clusterName, leaseDurationSeconds: memberLeaseDurationSeconds };
  const options = { signal, fieldManager: agentFieldManager };
  const ref = { namespace: hubNamespace, name: memberLeaseName };
  const renew = () => hubClient.patch(Lease, ref, { type: 'merge', body: { spec } }, options);
  try {
    await renew();
  } catch (error) {
    if (!isNotFound(error)) throw error;
    try {
      await hubClient.create(Lease, newLease(hubNamespace, clusterName, renewTime), options);
    } catch (raced) {
      if (!isAlreadyExists(raced)) throw raced;
      await renew();
    }
  }
}

function newLease(namespace: string, clusterName: string, renewTime: MicroTime): Lease {
  return {
    apiVersion: apiVersionOf(Lease),
    kind: Lease.kind,
    metadata: { name: memberLeaseName, namespace },
    spec: {
      holderIdentity: clusterName,
      leaseDurationSeconds: memberLeaseDurationSeconds,
      acquireTime: renewTime,
      renewTime,
    },
  };
}
