import { aspectsChanged } from './aspects.ts';
import { addBit, type Bits, bitsWhere, hasBit } from './bits.ts';
import type { ClusterView } from './cluster-view.ts';

/** Values of one key over the fleet, as small numbers. */
export interface Domains {
  /** Per position: number of the value, -1 where the cluster has none. */
  readonly ids: Int32Array;
  /** Values by number. */
  readonly names: readonly string[];
}

/**
 * The clusters of a snapshot in the order of their names, with answers that many placements share. What is computed
 * depends on the clusters alone, so asking changes nothing that can be seen; results must not be changed.
 */
export interface FleetIndex {
  readonly clusters: readonly ClusterView[];
  /** Position of a cluster; undefined: not in the fleet. */
  positionOf(name: string): number | undefined;
  /**
   * The clusters for which something holds.
   * @param key tells the question apart from all others
   * @param aspects what of a cluster the answer depends on, see aspects.ts
   */
  where(key: string, aspects: readonly string[], holds: (cluster: ClusterView) => boolean): Bits;
  /** A number of each cluster; NaN where there is none. */
  column(key: string, aspects: readonly string[], read: (cluster: ClusterView) => number): Float64Array;
  /** The value of a label or property of each cluster. */
  domains(key: string, aspects: readonly string[], read: (cluster: ClusterView) => string | undefined): Domains;
  /** The same fleet with some clusters replaced, added or (by name) removed. Answers that still hold are carried over. */
  with(changed: readonly ClusterView[], removed?: readonly string[]): FleetIndex;
}

interface Answer<Result> {
  readonly aspects: readonly string[];
  readonly result: Result;
  /** The answer for a fleet in which the clusters at these positions are others. */
  patched(clusters: readonly ClusterView[], positions: readonly number[]): Answer<Result>;
}

/** Placements whose questions are all different could fill the memory: then everything is forgotten and asked again. */
const maxAnswers = 50_000;

/** @param clusters in any order; names are unique */
export function indexFleet(clusters: readonly ClusterView[]): FleetIndex {
  return indexOf(
    clusters.toSorted((a, b) => (a.name < b.name ? -1 : 1)),
    new Map(),
    new Map(),
  );
}

/** @param positions by name; filled when somebody asks, and the same for all fleets of the same names */
function indexOf(
  clusters: readonly ClusterView[],
  answers: Map<string, Answer<unknown>>,
  positions: Map<string, number>,
): FleetIndex {
  const positionOf = (name: string) => {
    if (positions.size === 0)
      for (const [position, cluster] of clusters.entries()) positions.set(cluster.name, position);
    return positions.get(name);
  };
  function ask<Result>(key: string, make: () => Answer<Result>): Result {
    const known = answers.get(key);
    if (known !== undefined) return known.result as Result;
    if (answers.size >= maxAnswers) answers.clear();
    const answer = make();
    answers.set(key, answer);
    return answer.result;
  }
  return {
    clusters,
    positionOf,
    where: (key, aspects, holds) => ask(`?${key}`, () => bitsAnswer(clusters, aspects, holds)),
    column: (key, aspects, read) => ask(`#${key}`, () => columnAnswer(clusters, aspects, read)),
    domains: (key, aspects, read) => ask(`@${key}`, () => domainsAnswer(clusters, aspects, read)),
    with(changed, removed = []) {
      const known = changed.map((cluster) => [positionOf(cluster.name), cluster] as const);
      if (removed.length > 0 || known.some(([position]) => position === undefined)) {
        const gone = new Set([...removed, ...changed.map(({ name }) => name)]);
        return indexFleet([...clusters.filter(({ name }) => !gone.has(name)), ...changed]);
      }
      const next = [...clusters];
      const aspects = new Set<string>();
      const moved: number[] = [];
      for (const [position = -1, cluster] of known) {
        const before = clusters[position];
        if (before !== undefined) for (const aspect of aspectsChanged(before, cluster)) aspects.add(aspect);
        next[position] = cluster;
        moved.push(position);
      }
      const carried = new Map<string, Answer<unknown>>();
      for (const [key, answer] of answers) {
        const holds = !answer.aspects.some((aspect) => aspects.has(aspect));
        carried.set(key, holds ? answer : answer.patched(next, moved));
      }
      return indexOf(next, carried, positions);
    },
  };
}

function bitsAnswer(
  clusters: readonly ClusterView[],
  aspects: readonly string[],
  holds: (cluster: ClusterView) => boolean,
): Answer<Bits> {
  const at = (list: readonly ClusterView[], position: number) => {
    const cluster = list[position];
    return cluster !== undefined && holds(cluster);
  };
  const answer = (result: Bits): Answer<Bits> => ({
    aspects,
    result,
    patched(next, positions) {
      const bits = result.slice();
      for (const position of positions) {
        if (at(next, position)) addBit(bits, position);
        else if (hasBit(bits, position)) bits[position >>> 5] = (bits[position >>> 5] ?? 0) ^ (1 << (position & 31));
      }
      return answer(bits);
    },
  });
  return answer(bitsWhere(clusters.length, (position) => at(clusters, position)));
}

function columnAnswer(
  clusters: readonly ClusterView[],
  aspects: readonly string[],
  read: (cluster: ClusterView) => number,
): Answer<Float64Array> {
  const answer = (result: Float64Array): Answer<Float64Array> => ({
    aspects,
    result,
    patched(next, positions) {
      const column = result.slice();
      for (const position of positions) {
        const cluster = next[position];
        if (cluster !== undefined) column[position] = read(cluster);
      }
      return answer(column);
    },
  });
  return answer(Float64Array.from(clusters, read));
}

function domainsAnswer(
  clusters: readonly ClusterView[],
  aspects: readonly string[],
  read: (cluster: ClusterView) => string | undefined,
): Answer<Domains> {
  const make = (list: readonly ClusterView[]): Domains => {
    const values = list.map(read);
    // Numbered by value, not by who comes first: independent of the rest of the fleet's order. PL-41
    const names = [...new Set(values.filter((value) => value !== undefined))].sort();
    const numbers = new Map(names.map((name, number) => [name, number]));
    return { names, ids: Int32Array.from(values, (value) => (value === undefined ? -1 : (numbers.get(value) ?? -1))) };
  };
  const answer = (result: Domains): Answer<Domains> => ({
    aspects,
    result,
    patched: (next) => answer(make(next)),
  });
  return answer(make(clusters));
}
