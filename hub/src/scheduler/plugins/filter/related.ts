import { addBit, allBits, type Bits, dropBits, keepBits, noBits } from '../../bits.ts';
import type { FleetIndex } from '../../fleet-index.ts';
import type { Filter } from './filter.ts';

function chosenBy(fleet: FleetIndex, clusters: ReadonlySet<string> | undefined): Bits {
  const bits = noBits(fleet.clusters.length);
  for (const name of clusters ?? []) {
    const position = fleet.positionOf(name);
    if (position !== undefined) addBit(bits, position);
  }
  return bits;
}

/**
 * Same clusters as, or other clusters than, another placement of the namespace. Looked at when choosing; a chosen cluster
 * is held to it only where the placement acts on other placements. PL-18, PL-20
 */
export const related: Filter = {
  name: 'RelatedPlacement',
  words: 'ruled out by another placement',
  aspects: () => [],
  refuse({ name }, { snapshot: { decisions }, request: { sameAs, otherThan, actOn } }, chosen) {
    if (chosen && !actOn.has('OtherPlacements')) return undefined;
    const missing = sameAs.find((key) => decisions.get(key)?.has(name) !== true);
    if (missing !== undefined) return `placement ${nameOf(missing)} did not choose it`;
    const taken = otherThan.find((key) => decisions.get(key)?.has(name) === true);
    return taken === undefined ? undefined : `placement ${nameOf(taken)} chose it`;
  },
  passing({ snapshot: { fleet, decisions }, request: { sameAs, otherThan } }) {
    if (sameAs.length === 0 && otherThan.length === 0) return undefined;
    const bits = allBits(fleet.clusters.length);
    for (const key of sameAs) keepBits(bits, chosenBy(fleet, decisions.get(key)));
    for (const key of otherThan) dropBits(bits, chosenBy(fleet, decisions.get(key)));
    return bits;
  },
};

const nameOf = (key: string): string => key.slice(key.indexOf('/') + 1);
