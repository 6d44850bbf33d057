import type { EpochMs } from '@quarterdeck/machinery';
import { aspect } from '../../aspects.ts';
import { addBit, type Bits, noBits } from '../../bits.ts';
import type { ClusterView } from '../../cluster-view.ts';
import type { PlacementRequest } from '../../placement-request.ts';
import type { Filter } from './filter.ts';

/** Names of the ClusterScore objects that a placement uses. */
const scoreObjects = ({ priorities }: PlacementRequest): string[] => [
  ...new Set(priorities.flatMap((priority) => (priority.type === 'ClusterScore' ? [priority.objectName] : []))),
];

function exclusionOf({ scores }: ClusterView, names: readonly string[], now: EpochMs): string | undefined {
  for (const name of names) {
    const score = Object.hasOwn(scores, name) ? scores[name] : undefined;
    if (score?.exclusion === undefined || (score.validUntil !== undefined && score.validUntil <= now)) continue;
    return `ClusterScore ${name} excludes it: ${score.exclusion}`;
  }
  return undefined;
}

/** Somebody outside says that the cluster shall not be chosen, and until when. PL-16, PL-19 */
export const excludedByScore: Filter = {
  name: 'ExcludedByScore',
  words: 'excluded by a cluster score',
  aspects: (request) => scoreObjects(request).map(aspect.score),
  refuse: (cluster, { snapshot, request }, chosen) =>
    chosen ? undefined : exclusionOf(cluster, scoreObjects(request), snapshot.now),
  passing({ snapshot: { fleet, now }, request }): Bits | undefined {
    const names = scoreObjects(request);
    if (names.length === 0) return undefined;
    // Not shared: it depends on the time.
    const bits = noBits(fleet.clusters.length);
    for (const [position, cluster] of fleet.clusters.entries())
      if (exclusionOf(cluster, names, now) === undefined) addBit(bits, position);
    return bits;
  },
};
