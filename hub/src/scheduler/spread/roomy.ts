import { highOf, packHigh, packParts } from '../rank.ts';
import { chooseSpread } from './choose.ts';
import {
  compareSets,
  type RoomRule,
  type SpreadProblem,
  type SpreadSolution,
  shortfallOf,
  type Unit,
} from './problem.ts';
import { search } from './search.ts';

/** Steps of the search for the best by PL-10 among the sets with room. */
const maxSteps = 20_000;

type RoomProblem = SpreadProblem & { readonly room: RoomRule };

/**
 * A set with room enough, where the one that was found by preference alone has not. PL-17
 *
 * Whether one exists is exact: taking the roomiest first gives the roomiest set of the largest size, without spread and under
 * the rules of one key (see one-key.ts); under several keys the search looks at every distribution, within its bound. Of the
 * sets with room, the one that keeps most of the chosen clusters, and so on down to soft spread, is searched for within a
 * bound; by score it is near the best: clusters alike in all that comes before are swapped for better ones as long as the
 * room lasts. What a best score takes with a bound on the sum is a knapsack, and no exact search for it stays small.
 *
 * @returns what was found before where no set has room enough
 */
export function withRoom(problem: RoomProblem, found: SpreadSolution): SpreadSolution {
  const wanted = Math.min(problem.wanted, problem.units.length);
  let best = found.chosen;
  let bounded = found.bounded;
  const consider = (set: readonly Unit[]) => {
    if (compareSets(problem, set, best) < 0) best = set;
  };
  for (const kept of [true, false]) {
    const roomy = roomiest(problem, kept);
    consider(roomy.chosen);
    bounded = shortfallOf(problem, best) > 0 && (bounded || roomy.bounded);
  }
  if (problem.room.hard && shortfallOf(problem, best) > 0) return { ...found, bounded };
  const chosen = betterScored(problem, search(problem, wanted, best, maxSteps).best);
  return { chosen, bounded: found.bounded };
}

/** The set with the most room under the hard rules; with `kept` after all that stands above room where it is soft. */
function roomiest(problem: RoomProblem, kept: boolean): SpreadSolution {
  const { units, room, keys, wanted } = problem;
  const originals = new Map<number, Unit>();
  const ordered = units
    .toSorted((a, b) => room.of(b) - room.of(a) || a.key - b.key)
    .map((unit, place): Unit => {
      const high = kept ? highOf(unit.key) : packHigh(false, false, false, 0, false);
      const key = packParts(high, place);
      originals.set(key, unit);
      return { key, domains: unit.domains };
    })
    .sort((a, b) => a.key - b.key);
  const original = ({ key }: Unit): Unit[] => {
    const unit = originals.get(key);
    return unit === undefined ? [] : [unit];
  };
  const roomOf = ({ key }: Unit): number => {
    const unit = originals.get(key);
    return unit === undefined ? 0 : room.of(unit);
  };
  const hardOnly = keys.map((key) => ({ ...key, soft: [] }));
  const solution =
    keys.length === 0
      ? { chosen: ordered.slice(0, wanted), bounded: false }
      : chooseSpread({ units: ordered, wanted, keys: hardOnly, room: { ...room, of: roomOf } });
  return { ...solution, chosen: solution.chosen.flatMap(original) };
}

/** Each member replaced once, the worst first, by the best cluster alike that still leaves room enough. PL-10 */
function betterScored(problem: RoomProblem, chosen: readonly Unit[]): readonly Unit[] {
  const { units, room } = problem;
  const members = new Set(chosen);
  const classOf = ({ key, domains }: Unit): string => `${domains.join()} ${highOf(key)}`;
  const alike = Map.groupBy(units, classOf);
  let spare = chosen.reduce((sum, unit) => sum + room.of(unit), 0) - room.needed;
  for (const worst of chosen.toSorted((a, b) => b.key - a.key)) {
    const better = alike
      .get(classOf(worst))
      ?.find(
        (unit) => unit.key < worst.key && !members.has(unit) && room.of(worst) - room.of(unit) <= Math.max(0, spare),
      );
    if (better === undefined) continue;
    members.delete(worst);
    members.add(better);
    spare -= room.of(worst) - room.of(better);
  }
  return units.filter((unit) => members.has(unit));
}
