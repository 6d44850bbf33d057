import { type Bits, hasBit, positionsOf } from './bits.ts';
import { type Candidates, discouragedOf, refusalOf } from './candidates.ts';
import type { Priority } from './placement-request.ts';
import type { FilterContext } from './plugins/filter/filter.ts';
import { reservedByOthers, roomFor } from './plugins/filter/room.ts';
import { type Totals, weighted } from './plugins/score/all.ts';
import { best, packHigh, packLow, packParts, positionOfKey } from './rank.ts';
import { chooseSpread } from './spread/choose.ts';
import type { Unit } from './spread/problem.ts';
import { withRoom } from './spread/roomy.ts';
import { spreadProblem } from './spread-problem.ts';

/** Positions to choose from, in which order of preference, and how many. */
export interface Pool {
  /** By tier: what an earlier one offers comes first. One tier unless terms overflow. */
  readonly tiers: readonly Bits[];
  readonly wanted: number;
}

export interface Selection {
  /** Positions, in order of preference. */
  readonly chosen: readonly number[];
  /** How many of them nothing drives away. */
  readonly healthy: number;
  /** A hard spread rule keeps the set smaller than asked. */
  readonly limitedBySpread: boolean;
  /** No valid set exists at all: what was chosen before stays, although it breaks a spread rule. PL-14 */
  readonly unspread: boolean;
  /** The search for a spread ended at its bound. PL-13 */
  readonly bounded: boolean;
  /** Copies that the set has room for; undefined: none were asked about. PL-17 */
  readonly room: number | undefined;
  readonly unknown: Totals['unknown'];
}

/** The best set of a pool by PL-10. */
export function select(context: FilterContext, candidates: Candidates, load: Int32Array, pool: Pool): Selection {
  const ranked = rank(context, candidates, load, pool);
  const settled = roomier(context, ranked, settle(context, ranked, pool.wanted), pool.wanted);
  return {
    ...settled,
    ...describe(context, candidates, settled.chosen),
    limitedBySpread: isLimited(context, ranked.keys, { ...settled, wanted: pool.wanted }),
    unknown: ranked.unknown,
  };
}

/** The same where there is room for all copies, or where nothing can be had: else a set that has the room. PL-17 */
function roomier(context: FilterContext, { keys }: Ranked, settled: Settled, wanted: number): Settled {
  const { copies, spread } = context.request;
  const isAll = spread.length === 0 && settled.chosen.length === keys.length;
  if (copies === undefined || settled.unspread || isAll) return settled;
  if (roomOfSet(context, settled.chosen) >= copies.count) return settled;
  const problem = spreadProblem(context, keys.toSorted(), { wanted: Math.min(wanted, keys.length), whole: true });
  const rooms = roomsOf(
    context,
    problem.units.map(({ key }) => positionOfKey(key)),
  );
  const roomAt = new Map(problem.units.map((unit, index) => [unit, rooms[index] ?? 0]));
  const chosenBefore = new Set(settled.chosen);
  const found = {
    chosen: problem.units.filter(({ key }) => chosenBefore.has(positionOfKey(key))),
    bounded: settled.bounded,
  };
  const room = { of: (unit: Unit) => roomAt.get(unit) ?? 0, needed: copies.count, hard: copies.hard };
  const { chosen, bounded } = withRoom({ ...problem, room }, found);
  return { ...settled, chosen: chosen.map(({ key }) => positionOfKey(key)), bounded };
}

interface Ranked {
  readonly keys: Float64Array;
  readonly unknown: Totals['unknown'];
}

/** What counts when chosen clusters stay anyway (their bonus would be the same for all), or when steadiness is ignored. PL-24 */
const withoutSteadiness = (priorities: readonly Priority[]) => priorities.filter(({ type }) => type !== 'Steadiness');

/** Whether a chosen cluster goes before every newcomer. PL-20 */
const keepsChosen = ({ request, previous }: FilterContext): boolean =>
  request.steady && !previous.fresh && !request.actOn.has('Scores');

/** Positions of a pool, ascending, with the first tier that each belongs to. */
function tiersOf({ tiers }: Pool): { readonly candidates: Int32Array; readonly tierAt: (position: number) => number } {
  const [only] = tiers;
  if (tiers.length === 1 && only !== undefined) return { candidates: positionsOf(only), tierAt: () => 0 };
  const tierOf = new Map<number, number>();
  for (const [tier, bits] of tiers.entries())
    for (const position of positionsOf(bits)) if (!tierOf.has(position)) tierOf.set(position, tier);
  return { candidates: Int32Array.from(tierOf.keys()).sort(), tierAt: (position) => tierOf.get(position) ?? 0 };
}

function rank(context: FilterContext, { standing }: Candidates, load: Int32Array, pool: Pool): Ranked {
  const { request, previous, snapshot } = context;
  const { clusters } = snapshot.fleet;
  const { candidates, tierAt } = tiersOf(pool);
  const keep = keepsChosen(context);
  const isSettled = candidates.length <= pool.wanted && request.spread.length === 0;
  const enough = keep && request.spread.length === 0 && healthyIn(standing, pool.tiers) === pool.wanted;
  const priorities = keep || previous.fresh ? withoutSteadiness(request.priorities) : request.priorities;
  // Nothing to weigh: all are taken, or exactly those that stand.
  const { totals, unknown } =
    isSettled || enough
      ? { totals: new Int32Array(candidates.length), unknown: [] }
      : weighted(priorities, { ...context, candidates, load });
  const discouraged = discouragedOf(context);
  const chosenBefore = new Map(standing.map((each) => [each.position, each]));
  const keys = new Float64Array(candidates.length);
  if (chosenBefore.size === 0 && pool.tiers.length === 1 && request.clusterNames === undefined) {
    const [plain, discouragedOnes] = [false, true].map((each) => packParts(packHigh(false, false, false, 0, each), 0));
    for (let index = 0; index < candidates.length; index++) {
      const position = candidates[index] ?? 0;
      const high = (hasBit(discouraged, position) ? discouragedOnes : plain) ?? 0;
      keys[index] = high + packLow(0, totals[index] ?? 0, position);
    }
    return { keys, unknown };
  }
  for (let index = 0; index < candidates.length; index++) {
    const position = candidates[index] ?? 0;
    const isDiscouraged = hasBit(discouraged, position);
    const before = chosenBefore.get(position);
    const isKept = before !== undefined && keep && !(isDiscouraged && request.actOn.has('PreferNoSchedule'));
    const isLost = before !== undefined && (!before.cluster.reachable || previous.undelivered.has(before.cluster.name));
    const listed = request.clusterNames?.get(clusters[position]?.name ?? '') ?? 0;
    keys[index] = packParts(
      packHigh(before?.driven === true, isKept, isLost, tierAt(position), isDiscouraged),
      packLow(listed, totals[index] ?? 0, position),
    );
  }
  return { keys, unknown };
}

const healthyIn = (standing: Candidates['standing'], tiers: readonly Bits[]): number =>
  standing.filter(({ position, driven }) => !driven && tiers.some((bits) => hasBit(bits, position))).length;

type Settled = Pick<Selection, 'chosen' | 'unspread' | 'bounded'>;

function settle(context: FilterContext, { keys }: Ranked, wanted: number): Settled {
  const { spread } = context.request;
  if (spread.length === 0) {
    const chosen = Array.from(best(keys, wanted), positionOfKey);
    return { chosen, unspread: false, bounded: false };
  }
  const problem = spreadProblem(context, keys.toSorted(), { wanted: Math.min(wanted, keys.length), whole: false });
  const { chosen, bounded } = chooseSpread(problem);
  const stays =
    chosen.length > 0
      ? []
      : problem.units.map(({ key }) => positionOfKey(key)).filter((position) => wasChosen(context, position));
  if (stays.length > 0) {
    return { chosen: stays.slice(0, problem.wanted), unspread: true, bounded };
  }
  return { chosen: chosen.map(({ key }) => positionOfKey(key)), unspread: false, bounded };
}

/**
 * Whether clusters that fit are left out for the spread. One that stood until now and could not be chosen anew is no such: the
 * next pass will not see it, and shall say the same. PL-42
 */
function isLimited(
  context: FilterContext,
  keys: Float64Array,
  { chosen, unspread, wanted }: Settled & { readonly wanted: number },
): boolean {
  if (unspread) return true;
  if (context.request.spread.length === 0 || chosen.length >= Math.min(wanted, keys.length)) return false;
  const picked = new Set(chosen);
  const isGone = (position: number): boolean => {
    const cluster = context.snapshot.fleet.clusters[position];
    return !picked.has(position) && cluster !== undefined && refusalOf(cluster, context, false) !== undefined;
  };
  const gone = Array.from(keys, positionOfKey).filter((each) => wasChosen(context, each) && isGone(each)).length;
  return chosen.length < Math.min(wanted, keys.length - gone);
}

const wasChosen = ({ snapshot, previous }: FilterContext, position: number): boolean =>
  previous.clusters.has(snapshot.fleet.clusters[position]?.name ?? '');

function describe(
  context: FilterContext,
  { standing }: Candidates,
  chosen: readonly number[],
): Pick<Selection, 'healthy' | 'room'> {
  const driven = new Set(standing.filter((each) => each.driven).map(({ position }) => position));
  const healthy = chosen.filter((position) => !driven.has(position)).length;
  return { healthy, room: context.request.copies === undefined ? undefined : roomOfSet(context, chosen) };
}

/** Room of every chosen position; what a chosen cluster holds of this placement counts as free for it. PL-16 */
export function roomsOf(context: FilterContext, positions: readonly number[]): number[] {
  const { previous, snapshot } = context;
  const reserved = reservedByOthers(context);
  return positions.map((position) => {
    const cluster = snapshot.fleet.clusters[position];
    if (cluster === undefined) return 0;
    const room = roomFor(cluster, context, reserved)?.copies ?? 0;
    return Math.max(room, previous.copies.get(cluster.name) ?? 0);
  });
}

const roomOfSet = (context: FilterContext, positions: readonly number[]): number =>
  roomsOf(context, positions).reduce((sum, room) => sum + room, 0);
