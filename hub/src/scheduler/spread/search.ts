import { highOf } from '../rank.ts';
import {
  compareSets,
  countIn,
  countsOf,
  emptyCounts,
  isValid,
  noLimits,
  type SpreadProblem,
  type SpreadSolution,
  shortfallOf,
  softCost,
  type Unit,
} from './problem.ts';

/** Steps of the search for a larger set, and for a better one of the largest size. Measured: 1 to 2 million a second. */
const maxStepsForSize = 200_000;
const maxStepsForOrder = 2_000;

/**
 * Clusters that all rules treat alike: only how many of them matters, and then the best ones are taken. Where room is asked for,
 * clusters alike in all that comes before the score, the roomiest first. PL-13, PL-17
 */
interface Class {
  readonly domains: readonly number[];
  readonly units: readonly Unit[];
}

/**
 * A set under the rules of several keys at once. First greedily, which is nearly always the largest; where the number falls
 * short of what the rules could at most allow, every distribution over classes of equal clusters is tried, so that a set is
 * found wherever one exists within the bound. Among sets of the largest size the order of PL-10 is followed as far as a
 * smaller bound goes; a set that keeps every chosen cluster is always found. PL-13
 */
export function spreadOverSeveral(problem: SpreadProblem): SpreadSolution {
  const wanted = Math.min(problem.wanted, problem.units.length);
  const kept = problem.units.filter(({ key }) => (highOf(key) & 96) === 0).slice(0, wanted);
  const keepsAll = isValid(problem, countsOf(problem, kept));
  if (keepsAll && kept.length === wanted) return { chosen: kept, bounded: false };
  let best = greedy(problem, wanted, []);
  if (keepsAll) {
    const grown = greedy(problem, wanted, kept);
    if (compareSets(problem, grown, best) < 0) best = grown;
  }
  const most = Math.min(wanted, ceiling(problem));
  const isShort = (set: readonly Unit[]) =>
    set.length < most || (problem.room?.hard === true && shortfallOf(problem, set) > 0);
  const found = search(problem, wanted, best, isShort(best) ? maxStepsForSize : maxStepsForOrder);
  return { chosen: found.best, bounded: found.exhausted && isShort(found.best) };
}

/** The best next unit again and again, as long as no rule breaks for good. May end with too few domains: then nothing. */
function greedy(problem: SpreadProblem, wanted: number, base: readonly Unit[]): readonly Unit[] {
  const chosen = [...base];
  const inSet = new Set(base);
  const counts = countsOf(problem, base);
  while (chosen.length < wanted) {
    const next = bestNext(problem, counts, inSet, wanted - chosen.length);
    if (next === undefined) break;
    chosen.push(next);
    inSet.add(next);
    countIn(counts, next, 1);
  }
  return isValid(problem, counts) ? chosen : base.length > 0 && isValid(problem, countsOf(problem, base)) ? base : [];
}

function bestNext(
  problem: SpreadProblem,
  counts: readonly Int32Array[],
  inSet: ReadonlySet<Unit>,
  left: number,
): Unit | undefined {
  let best: Unit | undefined;
  let bestCost = 0;
  const seen = new Set<string>();
  for (const unit of problem.units) {
    if (inSet.has(unit)) continue;
    // Units come in order: of those with equal domains the first is the best.
    const domains = unit.domains.join();
    if (seen.has(domains)) continue;
    seen.add(domains);
    if (!mayTake(problem, counts, unit, left)) continue;
    const cost = problem.keys.reduce((sum, key, index) => {
      const domain = unit.domains[index] ?? -1;
      return sum + softCost(key, domain, counts[index]?.[domain] ?? 0, usedOf(counts[index]));
    }, 0);
    const isBetter =
      best === undefined ||
      highOf(unit.key) < highOf(best.key) ||
      (highOf(unit.key) === highOf(best.key) && cost < bestCost);
    if (isBetter) [best, bestCost] = [unit, cost];
  }
  return best;
}

const usedOf = (counts: Int32Array | undefined): number =>
  counts?.reduce((sum, count) => sum + (count > 0 ? 1 : 0), 0) ?? 0;

function mayTake(problem: SpreadProblem, counts: readonly Int32Array[], unit: Unit, left: number): boolean {
  return problem.keys.every(({ hard = noLimits, domains }, index) => {
    const domain = unit.domains[index] ?? -1;
    const ofKey = counts[index];
    if (ofKey === undefined) return true;
    const used = usedOf(ofKey);
    if (domain < 0) return left > hard.minDomains - used;
    const count = ofKey[domain] ?? 0;
    if (count >= hard.maxPerDomain || (count === 0 && used >= hard.maxDomains)) return false;
    if (count > 0 && left <= hard.minDomains - used) return false;
    if (!Number.isFinite(hard.maxSkew)) return true;
    const usedAfter = used + (count === 0 ? 1 : 0);
    let least = usedAfter < Math.min(hard.maxDomains, domains) ? 0 : count + 1;
    for (const [other, value] of ofKey.entries()) if (other !== domain && value > 0) least = Math.min(least, value);
    return count + 1 - least <= hard.maxSkew;
  });
}

/** No set is larger than this, whatever the rules of other keys. */
function ceiling(problem: SpreadProblem): number {
  const supply = countsOf(problem, problem.units);
  let most = problem.units.length;
  for (const [index, { hard }] of problem.keys.entries()) {
    if (hard === undefined) continue;
    const without = problem.units.filter(({ domains }) => (domains[index] ?? -1) < 0).length;
    const byDomain = [...(supply[index] ?? [])].map((count) => Math.min(count, hard.maxPerDomain));
    const usable = byDomain.sort((a, b) => b - a).slice(0, Math.min(byDomain.length, hard.maxDomains));
    most = Math.min(most, without + usable.reduce((sum, count) => sum + count, 0));
  }
  return most;
}

function classesOf({ units, room }: SpreadProblem): Class[] {
  const classes = new Map<string, { domains: readonly number[]; units: Unit[] }>();
  for (const unit of units) {
    const name = room === undefined ? unit.domains.join() : `${unit.domains.join()} ${highOf(unit.key)}`;
    const known = classes.get(name);
    if (known === undefined) classes.set(name, { domains: unit.domains, units: [unit] });
    else known.units.push(unit);
  }
  const list = [...classes.values()];
  return room === undefined
    ? list
    : list.map(({ domains, units: alike }) => ({
        domains,
        units: alike.toSorted((a, b) => room.of(b) - room.of(a) || a.key - b.key),
      }));
}

/** The most room that so many units of the classes from here on have: by class, then by number. */
function roomAhead({ room }: SpreadProblem, classes: readonly Class[], wanted: number): Float64Array[] | undefined {
  if (room?.hard !== true) return undefined;
  const ahead: Float64Array[] = [new Float64Array(wanted + 1)];
  let roomiest: number[] = [];
  for (const { units } of classes.toReversed()) {
    roomiest = [...roomiest, ...units.slice(0, wanted).map(room.of)].sort((a, b) => b - a).slice(0, wanted);
    const sums = new Float64Array(wanted + 1);
    for (let count = 1; count <= wanted; count++) sums[count] = (sums[count - 1] ?? 0) + (roomiest[count - 1] ?? 0);
    ahead.unshift(sums);
  }
  return ahead;
}

/** Depth first over the classes, most first; what cannot become valid or large enough is not followed. */
export function search(problem: SpreadProblem, wanted: number, incumbent: readonly Unit[], maxSteps: number) {
  const classes = classesOf(problem);
  /** Units that classes from here on can still add, by key and domain. */
  const supply = supplies(problem, classes);
  const left = classes.map(() => 0);
  for (let at = classes.length - 1, sum = 0; at >= 0; at--) {
    sum += classes[at]?.units.length ?? 0;
    left[at] = sum;
  }
  const counts = emptyCounts(problem);
  const picks = classes.map(() => 0);
  const ahead = roomAhead(problem, classes, wanted);
  let best = incumbent;
  let lacks = shortfallOf(problem, best);
  let steps = 0;

  const visit = (at: number, total: number, room: number): void => {
    if (++steps > maxSteps) return;
    const size = total + Math.min(wanted - total, left[at] ?? 0);
    if (size < best.length) return;
    if (ahead !== undefined && size === best.length) {
      if ((problem.room?.needed ?? 0) - room - (ahead[at]?.[wanted - total] ?? 0) > lacks) return;
    }
    if (!canBecomeValid(problem, counts, supply[at], wanted - total)) return;
    const current = classes[at];
    if (current === undefined || total === wanted) {
      if (!isValid(problem, counts)) return;
      const chosen = classes.flatMap(({ units }, index) => units.slice(0, picks[index]));
      if (compareSets(problem, chosen, best) < 0) {
        best = chosen;
        lacks = shortfallOf(problem, best);
      }
      return;
    }
    const [unit] = current.units;
    if (unit === undefined) return;
    const highest = Math.min(current.units.length, wanted - total, roomIn(problem, counts, unit));
    const roomOf = (index: number): number => {
      const other = current.units[index];
      return other === undefined ? 0 : (problem.room?.of(other) ?? 0);
    };
    let taking = room;
    for (let taken = 0; taken < highest; taken++) {
      countIn(counts, unit, 1);
      taking += roomOf(taken);
    }
    for (let taken = highest; taken >= 0 && steps <= maxSteps; taken--) {
      picks[at] = taken;
      visit(at + 1, total + taken, taking);
      if (taken > 0) {
        countIn(counts, unit, -1);
        taking -= roomOf(taken - 1);
      }
    }
    picks[at] = 0;
  };
  visit(0, 0, 0);
  return { best, exhausted: steps > maxSteps };
}

function roomIn(problem: SpreadProblem, counts: readonly Int32Array[], unit: Unit): number {
  let room = Number.POSITIVE_INFINITY;
  for (const [index, { hard }] of problem.keys.entries()) {
    const domain = unit.domains[index] ?? -1;
    if (hard !== undefined && domain >= 0) room = Math.min(room, hard.maxPerDomain - (counts[index]?.[domain] ?? 0));
  }
  return room;
}

function supplies(problem: SpreadProblem, classes: readonly Class[]): Int32Array[][] {
  const result: Int32Array[][] = [emptyCounts(problem)];
  for (const { units } of classes.toReversed()) {
    const next = (result[0] ?? []).map((counts) => counts.slice());
    for (const unit of units) countIn(next, unit, 1);
    result.unshift(next);
  }
  return result;
}

/** Whether some choice among what is left could still meet every hard rule. Never says no wrongly. */
function canBecomeValid(
  problem: SpreadProblem,
  counts: readonly Int32Array[],
  supply: readonly Int32Array[] | undefined,
  left: number,
): boolean {
  return problem.keys.every(({ hard, domains }, index) => {
    const ofKey = counts[index];
    const more = supply?.[index];
    if (hard === undefined || ofKey === undefined || more === undefined) return true;
    let [used, reachable, most, leastPossible] = [0, 0, 0, Number.POSITIVE_INFINITY];
    for (const [domain, count] of ofKey.entries()) {
      const possible = count + Math.min(left, more[domain] ?? 0);
      if (count > 0) used++;
      if (possible > 0) reachable++;
      if (count > most) most = count;
      leastPossible = Math.min(leastPossible, possible);
    }
    if (used > hard.maxDomains || most > hard.maxPerDomain) return false;
    if (used > 0 && Math.min(reachable, used + left) < hard.minDomains) return false;
    // With fewer domains than there are, an empty one may be none of the rule's business.
    return hard.maxDomains < domains || most - leastPossible <= hard.maxSkew;
  });
}
