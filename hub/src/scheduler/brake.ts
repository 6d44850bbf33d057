import type { ClusterView } from './snapshot.ts';

/** Fewer lost clusters than this are an everyday thing. RG-31 */
const minLost = 3;
const minShare = 0.55;

/**
 * Whether so much of the fleet is out of contact at once that the hub rather doubts itself: then nothing follows from loss.
 * Only clusters that had joined count. PL-23, RG-31
 */
export function isBraked(clusters: readonly ClusterView[]): boolean {
  let joined = 0;
  let lost = 0;
  for (const { conditions, reachable, leaving } of clusters) {
    if (leaving || conditions.Joined !== 'True') continue;
    joined++;
    if (!reachable) lost++;
  }
  return lost > minLost && lost > joined * minShare;
}
