import { aspect } from '../../aspects.ts';
import type { Filter } from './filter.ts';

/** A cluster that is deleted or not accepted leaves every decision at once. PL-1, RG-40 */
export const leaving: Filter = {
  name: 'Leaving',
  words: 'leaving or not accepted',
  aspects: () => [aspect.leaving],
  refuse: (cluster) => (cluster.leaving ? 'it is leaving the fleet or not accepted' : undefined),
  passing: ({ snapshot }) => snapshot.fleet.where('stays', [aspect.leaving], (cluster) => !cluster.leaving),
};

/**
 * A decision names profiles that exist; one that somebody deleted is about to be made again. A set that is gone is the last
 * thing to rest on: who was chosen from it stays, and nobody else comes. So is the set that a cluster is in while the one that it
 * names is not there. PL-1, PL-21, PD-6
 */
export const published: Filter = {
  name: 'NotPublished',
  words: 'without a profile yet',
  aspects: () => [aspect.published],
  refuse: ({ isPublished }, _context, chosen) =>
    isPublished || chosen
      ? undefined
      : 'it has no ClusterProfile in the namespace of its set yet, there is no set of the name in its spec.clusterSet, or the cluster itself says to be of another',
  passing: ({ snapshot }) => snapshot.fleet.where('published', [aspect.published], ({ isPublished }) => isPublished),
};

/** A lost cluster is no candidate; a chosen one stays. PL-22 */
export const reachable: Filter = {
  name: 'Unreachable',
  words: 'unreachable',
  aspects: () => [aspect.reachable],
  refuse: (cluster, _context, chosen) =>
    cluster.reachable || chosen ? undefined : 'its agent has not renewed its lease',
  passing: ({ snapshot }) => snapshot.fleet.where('reachable', [aspect.reachable], (cluster) => cluster.reachable),
};
