import { isForbidden, isNotFound, isUnauthorized, MemberCluster } from '@quarterdeck/apis';
import type { Client } from '@quarterdeck/machinery';
import type { Held } from './held.ts';
import { type LinkOptions, retryMs } from './options.ts';
import { isOfCluster, otherOwner } from './owner.ts';

/** What the agent kept is of an agent of another cluster; nothing is done with it, and nothing to it. */
export class OtherAgentError extends Error {
  override readonly name = 'OtherAgentError';
}

/** Why what was kept is not used, for the log; undefined: it is used. */
export type Unusable = 'otherCluster' | 'otherHub' | 'refused' | undefined;

interface KeptIdentityOptions extends LinkOptions {
  /** By the identity that was kept. */
  readonly hubClient: Client;
  /** Whether the hub is known by a CA that it was not known by before. */
  readonly isNewHub: boolean;
}

/** A member that does not answer by then may be down, which the hub must hear of. */
const memberPatienceMs = 5_000;

/**
 * A state directory is copied, shared, or kept while its cluster is made anew; with a foreign identity the Works of another
 * cluster would be applied here. Looked at before anything else, so that the other agent's state stays as it is. RG-4
 * @throws OtherAgentError when the identity is of a cluster of another name
 */
export function refuseOther(held: Held | undefined, clusterName: string): void {
  const owner = held === undefined ? undefined : otherOwner(held, clusterName);
  if (owner === undefined) return;
  throw new OtherAgentError(
    `the state that this agent was given is that of ${owner}, not of ${clusterName}: give each agent a --state-dir or --state-secret of its own; if ${owner} has left for good, remove it and join with a new token`,
  );
}

/** Whether an identity of this name may be used: of this very cluster, on a hub that knows it. RG-4, RG-10 */
export async function judgeKept(held: Held, options: KeptIdentityOptions, signal: AbortSignal): Promise<Unusable> {
  const { clusterUID, clock, logger } = options;
  const answer = await Promise.race([
    clusterUID().catch(() => undefined),
    clock.sleep(memberPatienceMs, signal).then(() => undefined),
  ]);
  if (answer !== undefined && !isOfCluster(held, answer)) {
    logger.error({ clusterUID: answer }, otherClusterText);
    return 'otherCluster';
  }
  return await askHub(options, signal);
}

export const otherClusterText =
  'the identity that was kept is of another cluster of this name, and is not used: this cluster was made anew, or --kubeconfig names the wrong one';

/** Who is asked to join knows afterwards that it has; else what a hub says that may be another one is what counts. RG-10 */
async function askHub(options: KeptIdentityOptions, signal: AbortSignal): Promise<Unusable> {
  const { hubClient, clusterName, isNewHub, onRefusal, clock, logger } = options;
  const isJoining = onRefusal === 'fail';
  while (isJoining || isNewHub) {
    try {
      await hubClient.get(MemberCluster, { name: clusterName }, { signal });
      return undefined;
    } catch (error) {
      signal.throwIfAborted();
      const reason = error instanceof Error ? error.message : String(error);
      if (isUnauthorized(error) || (isJoining && (isForbidden(error) || isNotFound(error)))) {
        logger.warn({ reason }, 'the hub does not take the identity that was kept');
        return isNewHub ? 'otherHub' : 'refused';
      }
      if (!isJoining) return undefined;
      logger.warn({ reason }, 'cannot reach the hub; trying again');
      await clock.sleep(retryMs.failed, signal);
    }
  }
  return undefined;
}
