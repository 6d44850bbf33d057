import { highOf, lowOf } from '../rank.ts';
import {
  compareSets,
  type HardLimits,
  noLimits,
  type SpreadKey,
  type SpreadProblem,
  type SpreadSolution,
  softCost,
  type Unit,
} from './problem.ts';

/** Choices of domains that are tried one by one; more, and the most promising are taken. */
const maxSubsets = 2_000;

/**
 * The best set under the rules of one key, exactly. For each level that the emptiest domain could have, every domain takes
 * that many and at most maxSkew more; within such bounds taking the best next cluster again and again is optimal, since the
 * sets that can be completed form a matroid (a number in all, numbers by domain, a least number of domains). PL-13
 */
export function spreadOverOne(problem: SpreadProblem, key: SpreadKey): SpreadSolution {
  const limits = key.hard ?? noLimits;
  const byDomain = Array.from({ length: key.domains }, (): Unit[] => []);
  const free: Unit[] = [];
  for (const unit of problem.units) {
    const domain = unit.domains[0] ?? -1;
    (domain < 0 ? free : byDomain[domain])?.push(unit);
  }
  const { subsets, bounded } = subsetsOf(byDomain, limits.maxDomains);
  // Clusters that no domain counts break no rule, even where there are too few domains for the others.
  let best: readonly Unit[] = free.slice(0, problem.wanted);
  for (const domains of subsets) {
    const lists = domains.map((domain) => byDomain[domain] ?? []);
    if (lists.length < limits.minDomains) continue;
    for (const level of levelsOf(limits, lists, problem.wanted, free.length)) {
      const chosen = take({ problem, key, lists, free, level });
      if (chosen !== undefined && compareSets(problem, chosen, best) < 0) best = chosen;
    }
  }
  return { chosen: best, bounded };
}

/** The domains that may be used together. */
function subsetsOf(
  byDomain: readonly (readonly Unit[])[],
  maxDomains: number,
): { readonly subsets: readonly (readonly number[])[]; readonly bounded: boolean } {
  const all = byDomain.flatMap((units, domain) => (units.length === 0 ? [] : [domain]));
  if (all.length <= maxDomains) return { subsets: [all], bounded: false };
  const promising = all.toSorted((a, b) => (byDomain[a]?.[0]?.key ?? 0) - (byDomain[b]?.[0]?.key ?? 0));
  const subsets: number[][] = [];
  const collect = (chosen: number[], from: number): boolean => {
    if (chosen.length === maxDomains) return subsets.push(chosen) < maxSubsets;
    for (let at = from; at < promising.length; at++) {
      const domain = promising[at];
      if (domain !== undefined && !collect([...chosen, domain], at + 1)) return false;
    }
    return true;
  };
  return { bounded: !collect([], 0), subsets };
}

/** Numbers that the emptiest domain could have in a largest set. Units without a domain can make up for any level. */
function levelsOf(
  { maxSkew, maxPerDomain }: HardLimits,
  lists: readonly (readonly Unit[])[],
  wanted: number,
  free: number,
): number[] {
  if (!Number.isFinite(maxSkew) || lists.length === 0) return [0];
  const smallest = Math.min(...lists.map((list) => list.length));
  const levels = Array.from({ length: Math.min(smallest, Math.floor(wanted / lists.length)) + 1 }, (_, level) => level);
  const reach = levels.map((level) =>
    Math.min(
      wanted,
      lists.reduce((sum, { length }) => sum + Math.min(length, level + maxSkew, maxPerDomain), 0),
    ),
  );
  const most = Math.max(...reach);
  return levels.filter((level) => free > 0 || reach[level] === most);
}

interface Taking {
  readonly problem: SpreadProblem;
  readonly key: SpreadKey;
  readonly lists: readonly (readonly Unit[])[];
  readonly free: readonly Unit[];
  readonly level: number;
}

/** Undefined: no set has this level. */
function take({ problem, key, lists, free, level }: Taking): Unit[] | undefined {
  const limits = key.hard ?? noLimits;
  const highest = Math.min(level + limits.maxSkew, limits.maxPerDomain);
  if (level > highest) return undefined;
  const chosen: Unit[] = [];
  const taken = lists.map((list) => {
    chosen.push(...list.slice(0, level));
    return level;
  });
  let freeTaken = 0;
  let used = level > 0 ? lists.length : 0;
  while (chosen.length < problem.wanted) {
    const missing = limits.minDomains - used;
    // So few are left to choose that each must open a domain.
    const mustOpen = missing > 0 && problem.wanted - chosen.length <= missing;
    let best: Unit | undefined;
    let bestCost = 0;
    let bestList = -1;
    const consider = (unit: Unit | undefined, list: number, cost: number) => {
      if (unit === undefined || (best !== undefined && !isBefore(unit, cost, best, bestCost))) return;
      [best, bestCost, bestList] = [unit, cost, list];
    };
    for (const [index, list] of lists.entries()) {
      const count = taken[index] ?? 0;
      if (count < highest && !(mustOpen && count > 0)) consider(list[count], index, softCost(key, 0, count, used));
    }
    if (!mustOpen) consider(free[freeTaken], -1, softCost(key, -1, 0, used));
    if (best === undefined) break;
    chosen.push(best);
    if (bestList < 0) {
      freeTaken++;
    } else {
      if (taken[bestList] === 0) used++;
      taken[bestList] = (taken[bestList] ?? 0) + 1;
    }
  }
  return used < limits.minDomains && chosen.length > freeTaken ? undefined : chosen;
}

/** The order of PL-10: what stands above soft spread, soft spread, the rest. */
function isBefore(a: Unit, costA: number, b: Unit, costB: number): boolean {
  const high = highOf(a.key) - highOf(b.key);
  if (high !== 0) return high < 0;
  return costA === costB ? lowOf(a.key) < lowOf(b.key) : costA < costB;
}
