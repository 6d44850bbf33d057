import { ignoreNotFound, MemberCluster } from '@quarterdeck/apis';
import type { Client } from '@quarterdeck/machinery';
import type { Leaving } from '../controllers/work/withdraw.ts';

/**
 * Whether the member leaves the fleet, and by which policy. Asked when something is about to be taken off it, so the hub has
 * the last word: a Work's deletion may be seen before that of the member which caused it. RG-40
 */
export function leavingOf(hubClient: Pick<Client, 'get'>, clusterName: string) {
  return async (signal: AbortSignal): Promise<Leaving> => {
    const now = await ignoreNotFound(hubClient.get(MemberCluster, { name: clusterName }, { signal }));
    // One that is gone left without a word that could be believed: nothing is deleted.
    if (now === undefined) return 'Orphan';
    return now.metadata.deletionTimestamp === undefined ? false : (now.spec.deletionPolicy ?? 'Orphan');
  };
}
