import { aspect } from '../../aspects.ts';
import type { Bits } from '../../bits.ts';
import type { FleetIndex } from '../../fleet-index.ts';
import type { Filter } from './filter.ts';

const noSets: ReadonlySet<string> = new Set();

/** The clusters of some sets. Not to be changed. */
export function inSets(fleet: FleetIndex, sets: Iterable<string>): Bits {
  const names = [...sets].sort();
  const wanted = new Set(names);
  return fleet.where(`sets ${names.join(' ')}`, [aspect.clusterSet], ({ clusterSet }) => wanted.has(clusterSet));
}

/** The tenancy gate, at every scheduling. PL-1 */
export const bound: Filter = {
  name: 'NotBound',
  words: 'not bound',
  aspects: () => [aspect.clusterSet],
  refuse: ({ clusterSet }, { snapshot, request }) =>
    (snapshot.bound.get(request.namespace) ?? noSets).has(clusterSet)
      ? undefined
      : 'its cluster set is not bound in this namespace',
  passing: ({ snapshot, request }) => inSets(snapshot.fleet, snapshot.bound.get(request.namespace) ?? noSets),
};

/** PL-1 */
export const namedSets: Filter = {
  name: 'SetNotNamed',
  words: 'in sets that are not named',
  aspects: ({ clusterSets }) => (clusterSets === undefined ? [] : [aspect.clusterSet]),
  refuse: ({ clusterSet }, { request: { clusterSets } }) =>
    clusterSets === undefined || clusterSets.includes(clusterSet)
      ? undefined
      : `it is in set ${clusterSet}, which the placement does not name`,
  passing: ({ snapshot, request: { clusterSets } }) =>
    clusterSets === undefined ? undefined : inSets(snapshot.fleet, clusterSets),
};
