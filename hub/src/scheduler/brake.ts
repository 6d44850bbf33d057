import { isBrakeOn } from '../controllers/member-cluster/availability/brake.ts';
import type { ClusterView } from './snapshot.ts';

/**
 * Whether so much of the fleet is out of contact at once that the hub rather doubts itself: then nothing follows from loss.
 * Only clusters that had joined count. PL-23, RG-31
 */
export function isBraked(clusters: readonly ClusterView[]): boolean {
  let watched = 0;
  let silent = 0;
  for (const { conditions, reachable, leaving } of clusters) {
    if (leaving || conditions.Joined !== 'True') continue;
    watched++;
    if (!reachable) silent++;
  }
  return isBrakeOn({ watched, silent });
}
