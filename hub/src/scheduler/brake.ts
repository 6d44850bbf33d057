import { type FleetSilence, isBrakeOn } from '../controllers/member-cluster/availability/brake.ts';
import type { ClusterView } from './cluster-view.ts';

/** Whether a cluster counts, and is out of contact. Only clusters that had joined count. PL-23 */
export function silenceOf({ conditions, reachable, leaving }: ClusterView): FleetSilence {
  const watched = !leaving && conditions.Joined === 'True';
  return { watched: watched ? 1 : 0, silent: watched && !reachable ? 1 : 0 };
}

/**
 * Whether so much of the fleet is out of contact at once that the hub rather doubts itself: then nothing follows from loss.
 * PL-23, RG-31
 */
export function isBraked(clusters: readonly ClusterView[]): boolean {
  let watched = 0;
  let silent = 0;
  for (const cluster of clusters) {
    const own = silenceOf(cluster);
    watched += own.watched;
    silent += own.silent;
  }
  return isBrakeOn({ watched, silent });
}
