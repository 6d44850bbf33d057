import {
  annotation,
  conditionType,
  isConditionTrue,
  isForbidden,
  isUnauthorized,
  MemberCluster,
  memberNamespaceName,
} from '@quarterdeck/apis';
import type { Client, Clock, Informer } from '@quarterdeck/machinery';
import { endMembership } from '../controllers/properties/properties.ts';
import { isKnownRefusal } from './known-refusal.ts';
import type { Standing } from './standing.ts';

export interface RegisteredOptions {
  readonly hubClient: Client;
  readonly memberClient: Client;
  readonly clusterName: string;
  readonly clock: Clock;
  /** Told whether the hub takes the agent, and if not, whether it knows it. */
  readonly heard: (isTaken: boolean, isKnown: boolean) => void;
  /** Whether the hub knows the agent and has refused it for a while. */
  readonly removal: Pick<Standing, 'isOutcast'>;
}

const lookMs = 200;
const knockEveryMs = 5_000;

/** The hub makes the namespace before it lets an agent in; until it is written down there is nothing to read. */
export async function registered(
  member: Informer<MemberCluster>,
  options: RegisteredOptions,
  signal: AbortSignal,
): Promise<{ readonly hubNamespace: string; readonly hubUID: string }> {
  const { clusterName, clock } = options;
  let knockAgainAt = clock.monotonic() + knockEveryMs;
  for (;;) {
    const found = member.hasSynced() ? member.get(clusterName) : undefined;
    const hubUID = found?.metadata.annotations?.[annotation.hubUID];
    if (hubUID !== undefined && isConditionTrue(found?.status?.conditions, conditionType.MemberCluster.Accepted)) {
      return { hubNamespace: found?.status?.namespace ?? memberNamespaceName(clusterName), hubUID };
    }
    if (clock.monotonic() >= knockAgainAt) {
      await knock(options, signal);
      knockAgainAt = clock.monotonic() + knockEveryMs;
    }
    await clock.sleep(lookMs, signal);
  }
}

/** An agent whose member was removed while it was away has no heartbeat yet that could be refused. RG-41, AB-22 */
async function knock(options: RegisteredOptions, signal: AbortSignal): Promise<void> {
  const { hubClient, memberClient, clusterName, heard, removal } = options;
  try {
    await hubClient.get(MemberCluster, { name: clusterName }, { signal });
    heard(true, true);
  } catch (error) {
    if (isForbidden(error) || isUnauthorized(error)) heard(false, isKnownRefusal(error));
  }
  // The kind may be missing, or the member away: then there is another time.
  if (removal.isOutcast()) await endMembership(memberClient, signal).catch(() => {});
}
