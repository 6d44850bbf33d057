import { compareSums, sumsOf } from '../rank.ts';

/** Limits of one key, the strictest of all its hard rules. Infinity and 0 where there is none. PL-14 */
export interface HardLimits {
  readonly maxSkew: number;
  readonly minDomains: number;
  readonly maxDomains: number;
  readonly maxPerDomain: number;
}

/** One soft rule of a key. PL-14 */
export interface SoftLimits extends HardLimits {
  /** Clusters without the key take part uncounted; otherwise they have the worst spread. */
  readonly exemptsMissing: boolean;
}

/** One label or property to spread over. */
export interface SpreadKey {
  readonly hard: HardLimits | undefined;
  readonly soft: readonly SoftLimits[];
  /** Number of domains; their ids are below it. */
  readonly domains: number;
}

/** A candidate: its key in the order of preference, see rank.ts, and its domain under each spread key (-1: none). */
export interface Unit {
  readonly key: number;
  readonly domains: readonly number[];
}

/** Room that the chosen clusters must have together. PL-17 */
export interface RoomRule {
  readonly of: (unit: Unit) => number;
  readonly needed: number;
  /** Hard: before everything but the number of clusters. Soft: after keeping who was chosen, before soft spread. */
  readonly hard: boolean;
}

export interface SpreadProblem {
  /** In the order of preference. */
  readonly units: readonly Unit[];
  /** How many to choose; may be more than there are. */
  readonly wanted: number;
  readonly keys: readonly SpreadKey[];
  /** Absent: nothing is asked about room. */
  readonly room?: RoomRule;
}

export interface SpreadSolution {
  readonly chosen: readonly Unit[];
  /** True: the search ended at its bound; the set is valid, but a larger one may exist. PL-13 */
  readonly bounded: boolean;
}

export const noLimits: HardLimits = {
  maxSkew: Number.POSITIVE_INFINITY,
  minDomains: 0,
  maxDomains: Number.POSITIVE_INFINITY,
  maxPerDomain: Number.POSITIVE_INFINITY,
};

/** Cost of a unit without the key under a soft rule: worse than any skew. */
const missingCost = 1_000_000;
const excessCost = 1_000;

/**
 * What one more unit in a domain costs under the soft rules of a key. Skew costs squares (the n-th cluster of a domain 2n-1),
 * so that the least sum is the most even set. PL-10, PL-14
 */
export function softCost(key: SpreadKey, domain: number, inDomain: number, used: number): number {
  let cost = 0;
  for (const rule of key.soft) {
    if (domain < 0) {
      cost += rule.exemptsMissing ? 0 : missingCost;
      continue;
    }
    if (Number.isFinite(rule.maxSkew) || rule.minDomains > 1) cost += 2 * inDomain + 1;
    if (inDomain >= rule.maxPerDomain) cost += excessCost;
    if (inDomain === 0 && used >= rule.maxDomains) cost += excessCost;
  }
  return cost;
}

/** Clusters by domain of each key. */
export type Counts = readonly Int32Array[];

export const emptyCounts = (problem: SpreadProblem): Int32Array[] =>
  problem.keys.map(({ domains }) => new Int32Array(domains));

export function countIn(counts: Counts, unit: Unit, change: number): void {
  for (const [index, domain] of unit.domains.entries()) {
    const ofKey = counts[index];
    if (domain >= 0 && ofKey !== undefined) ofKey[domain] = (ofKey[domain] ?? 0) + change;
  }
}

export function countsOf(problem: SpreadProblem, chosen: Iterable<Unit>): Int32Array[] {
  const counts = emptyCounts(problem);
  for (const unit of chosen) countIn(counts, unit, 1);
  return counts;
}

/**
 * Whether counts meet the hard limits of a key. Domains that have an eligible cluster count for the skew; where maxDomains
 * admits fewer than there are, the others are none of the rule's business. The empty set breaks nothing. PL-14
 */
function isWithin({ hard, domains }: SpreadKey, counts: Int32Array): boolean {
  if (hard === undefined) return true;
  let [used, most, leastUsed] = [0, 0, Number.POSITIVE_INFINITY];
  for (const count of counts) {
    if (count === 0) continue;
    used++;
    if (count > most) most = count;
    if (count < leastUsed) leastUsed = count;
  }
  if (used === 0) return true;
  const least = used < Math.min(hard.maxDomains, domains) ? 0 : leastUsed;
  return (
    most <= hard.maxPerDomain && used <= hard.maxDomains && used >= hard.minDomains && most - least <= hard.maxSkew
  );
}

export const isValid = (problem: SpreadProblem, counts: Counts): boolean =>
  problem.keys.every((key, index) => isWithin(key, counts[index] ?? new Int32Array()));

/** The soft cost of a whole set, independent of order. */
function softCostOf(problem: SpreadProblem, chosen: readonly Unit[]): number {
  let total = 0;
  const counts = emptyCounts(problem);
  const used = problem.keys.map(() => 0);
  for (const unit of chosen) {
    for (const [index, key] of problem.keys.entries()) {
      const domain = unit.domains[index] ?? -1;
      const before = domain < 0 ? 0 : (counts[index]?.[domain] ?? 0);
      total += softCost(key, domain, before, used[index] ?? 0);
      if (domain >= 0 && before === 0) used[index] = (used[index] ?? 0) + 1;
    }
    countIn(counts, unit, 1);
  }
  return total;
}

/** How much room a set lacks; 0 where nothing is asked. PL-17 */
export function shortfallOf({ room }: SpreadProblem, chosen: readonly Unit[]): number {
  if (room === undefined) return 0;
  return Math.max(
    0,
    chosen.reduce((left, unit) => left - room.of(unit), room.needed),
  );
}

/** How many of the sums stand before a soft rule about room. */
const sumsBeforeRoom = 5;

/** Negative when `a` is the better set: larger, then by PL-10. */
export function compareSets(problem: SpreadProblem, a: readonly Unit[], b: readonly Unit[]): number {
  if (a.length !== b.length) return b.length - a.length;
  const shorter = shortfallOf(problem, a) - shortfallOf(problem, b);
  if (shorter !== 0 && problem.room?.hard === true) return shorter;
  const sums = (set: readonly Unit[]) =>
    sumsOf(
      set.map(({ key }) => key),
      softCostOf(problem, set),
    );
  const [left, right] = [sums(a), sums(b)];
  if (shorter === 0) return compareSums(left, right);
  return compareSums(left.slice(0, sumsBeforeRoom), right.slice(0, sumsBeforeRoom)) || shorter;
}
