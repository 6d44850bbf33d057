import {
  agentFieldManager,
  apiVersionOf,
  isAlreadyExists,
  isNotFound,
  Lease,
  type MicroTime,
  memberLeaseDurationSeconds,
  memberLeaseName,
  memberLeaseRenewSeconds,
} from '@quarterdeck/apis';
import type { Client, Clock, EpochMs, Logger } from '@quarterdeck/machinery';

export interface HeartbeatOptions {
  readonly hubClient: Client;
  /** The member's namespace on the hub. */
  readonly hubNamespace: string;
  readonly clusterName: string;
  readonly clock: Clock;
  readonly logger: Logger;
  /** 0..1, so that a fleet started at once does not beat at once. Default Math.random. */
  readonly random?: () => number;
}

/** Renews the member's Lease every 10 s, whatever else the agent is doing. Ends with the signal. RG-30 */
export async function runHeartbeat(options: HeartbeatOptions, signal: AbortSignal): Promise<void> {
  const { hubClient, hubNamespace, clusterName, clock, logger, random = Math.random } = options;
  let exists = true;
  while (!signal.aborted) {
    try {
      const renewTime = microTime(clock.now());
      if (exists) {
        const body = {
          spec: { renewTime, holderIdentity: clusterName, leaseDurationSeconds: memberLeaseDurationSeconds },
        };
        // One small patch: no read, no conflict. Two agents of one identity are told apart by their Lease on the member.
        await hubClient.patch(
          Lease,
          { namespace: hubNamespace, name: memberLeaseName },
          { type: 'merge', body },
          { signal, fieldManager: agentFieldManager },
        );
      } else {
        await hubClient.create(Lease, newLease(hubNamespace, clusterName, renewTime), {
          signal,
          fieldManager: agentFieldManager,
        });
        exists = true;
      }
    } catch (error) {
      if (signal.aborted) return;
      if (isNotFound(error)) {
        if (exists) {
          exists = false;
          continue; // make it at once
        }
      } else if (isAlreadyExists(error)) {
        exists = true;
        continue;
      } else {
        logger.warn(
          { reason: error instanceof Error ? error.message : String(error) },
          'the heartbeat did not reach the hub',
        );
      }
    }
    // A tenth earlier or later, so that beats spread.
    await clock.sleep(memberLeaseRenewSeconds * 1000 * (0.9 + 0.2 * random()), signal).catch(() => {});
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

function microTime(now: EpochMs): MicroTime {
  return `${new Date(now).toISOString().slice(0, -1)}000Z`;
}
