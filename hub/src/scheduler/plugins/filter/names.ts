import { addBit, allBits, type Bits, dropBits, noBits } from '../../bits.ts';
import type { FleetIndex } from '../../fleet-index.ts';
import type { Filter } from './filter.ts';

function named(fleet: FleetIndex, names: Iterable<string>): Bits {
  const bits = noBits(fleet.clusters.length);
  for (const name of names) {
    const position = fleet.positionOf(name);
    if (position !== undefined) addBit(bits, position);
  }
  return bits;
}

/** A fixed list of names. PL-3 */
export const listedNames: Filter = {
  name: 'NameNotListed',
  words: 'not listed by name',
  aspects: () => [],
  refuse: ({ name }, { request: { clusterNames } }) =>
    clusterNames === undefined || clusterNames.has(name) ? undefined : 'clusterNames does not list it',
  passing: ({ snapshot, request: { clusterNames } }) =>
    clusterNames === undefined ? undefined : named(snapshot.fleet, clusterNames.keys()),
};

/** Excluded names win over everything. PL-3 */
export const excludedNames: Filter = {
  name: 'NameExcluded',
  words: 'excluded by name',
  aspects: () => [],
  refuse: ({ name }, { request: { excludedNames: excluded } }) =>
    excluded.has(name) ? 'excludedClusterNames lists it' : undefined,
  passing: ({ snapshot, request: { excludedNames: excluded } }) => {
    if (excluded.size === 0) return undefined;
    const bits = allBits(snapshot.fleet.clusters.length);
    dropBits(bits, named(snapshot.fleet, excluded));
    return bits;
  },
};
