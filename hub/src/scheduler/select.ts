import { type Bits, hasBit, positionsOf } from './bits.ts';
import { type Candidates, discouragedOf, refusalOf } from './candidates.ts';
import type { FilterContext } from './plugins/filter/filter.ts';
import { reservedByOthers, roomFor } from './plugins/filter/room.ts';
import { domainOf, spreadAspects } from './plugins/filter/spread-key.ts';
import { type Totals, weighted } from './plugins/score/all.ts';
import { best, packHigh, packLow, packParts, positionOfKey } from './rank.ts';
import type { Priority, SpreadRule } from './snapshot.ts';
import { chooseSpread } from './spread/choose.ts';
import { type HardLimits, noLimits, type SpreadProblem, type Unit } from './spread/problem.ts';

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
  const first = settle(context, ranked, pool.wanted);
  const selection = { ...first, ...describe(context, candidates, first.chosen), unknown: ranked.unknown };
  const { copies, spread } = context.request;
  if (copies === undefined || (selection.room ?? 0) >= copies.count || selection.chosen.length < pool.wanted)
    return selection;
  // Not room enough: the same again with the roomiest first, chosen clusters before all and then without regard. PL-17
  const roomy = roomierRanks(context, candidates, ranked.keys);
  for (const keys of roomy) {
    const again = settle(context, { ...ranked, keys }, pool.wanted);
    const { room = 0 } = describe(context, candidates, again.chosen);
    if (room < copies.count || (!copies.hard && spread.length > 0)) continue;
    const chosen = spread.length > 0 ? again.chosen : betterRanked(context, ranked.keys, again.chosen);
    return { ...again, chosen, ...describe(context, candidates, chosen), unknown: ranked.unknown };
  }
  return selection;
}

/**
 * A set with room enough, each member replaced once, the worst ranked first, by the best ranked cluster that still leaves room
 * enough. PL-10, PL-17
 */
function betterRanked(context: FilterContext, keys: Float64Array, chosen: readonly number[]): readonly number[] {
  const ordered = Array.from(keys.toSorted(), positionOfKey);
  const rooms = new Map(roomsOf(context, ordered).map((room, index) => [ordered[index] ?? 0, room]));
  const roomAt = (position: number) => rooms.get(position) ?? 0;
  const members = new Set(chosen);
  let spare = chosen.reduce((sum, position) => sum + roomAt(position), 0) - (context.request.copies?.count ?? 0);
  for (const [rank, worst] of [...ordered.entries()].reverse()) {
    if (!members.has(worst)) continue;
    const better = ordered
      .slice(0, rank)
      .find((position) => !members.has(position) && roomAt(worst) - roomAt(position) <= spare);
    if (better === undefined) continue;
    members.delete(worst);
    members.add(better);
    spare -= roomAt(worst) - roomAt(better);
  }
  return ordered.filter((position) => members.has(position));
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
  for (let index = 0; index < candidates.length; index++) {
    const position = candidates[index] ?? 0;
    const isDiscouraged = hasBit(discouraged, position);
    const before = chosenBefore.size === 0 ? undefined : chosenBefore.get(position);
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

function settle(
  context: FilterContext,
  { keys }: Ranked,
  wanted: number,
): Pick<Selection, 'chosen' | 'limitedBySpread' | 'unspread' | 'bounded'> {
  const { spread } = context.request;
  if (spread.length === 0) {
    const chosen = Array.from(best(keys, wanted), positionOfKey);
    return { chosen, limitedBySpread: false, unspread: false, bounded: false };
  }
  const problem = spreadOf(context, keys.toSorted(), Math.min(wanted, keys.length));
  const { chosen, bounded } = chooseSpread(problem);
  const stays =
    chosen.length > 0
      ? []
      : problem.units.map(({ key }) => positionOfKey(key)).filter((position) => wasChosen(context, position));
  if (stays.length > 0) {
    return { chosen: stays.slice(0, problem.wanted), limitedBySpread: true, unspread: true, bounded };
  }
  return {
    unspread: false,
    chosen: chosen.map(({ key }) => positionOfKey(key)),
    limitedBySpread: isLimited(context, keys, { chosen: chosen.map(({ key }) => positionOfKey(key)), wanted }),
    bounded,
  };
}

/**
 * Whether clusters that fit are left out for the spread. One that stood until now and could not be chosen anew is no such: the
 * next pass will not see it, and shall say the same. PL-42
 */
function isLimited(
  context: FilterContext,
  keys: Float64Array,
  { chosen, wanted }: { readonly chosen: readonly number[]; readonly wanted: number },
): boolean {
  if (chosen.length >= Math.min(wanted, keys.length)) return false;
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

const keyName = ({ source, topologyKey }: SpreadRule): string => `${source} ${topologyKey}`;

/** Rules by key: several of one key are one. */
function rulesByKey(spread: readonly SpreadRule[]): Map<string, SpreadRule[]> {
  const byKey = new Map<string, SpreadRule[]>();
  for (const rule of spread) byKey.set(keyName(rule), [...(byKey.get(keyName(rule)) ?? []), rule]);
  return byKey;
}

const domainsOf = ({ snapshot }: FilterContext, rule: SpreadRule) =>
  snapshot.fleet.domains(`domain ${keyName(rule)}`, spreadAspects(rule), (cluster) => domainOf(rule, cluster));

/** The strictest of all hard rules of a key. */
function hardLimits(rules: readonly SpreadRule[]): HardLimits | undefined {
  const hard = rules.filter((rule) => rule.hard);
  if (hard.length === 0) return undefined;
  return hard.reduce(
    (limits, rule) => ({
      maxSkew: Math.min(limits.maxSkew, rule.maxSkew),
      minDomains: Math.max(limits.minDomains, rule.minDomains),
      maxDomains: Math.min(limits.maxDomains, rule.maxDomains),
      maxPerDomain: Math.min(limits.maxPerDomain, rule.maxPerDomain),
    }),
    noLimits,
  );
}

/**
 * The problem for the spread: candidates in order, with their domains numbered as they come, so that a domain without an
 * eligible cluster does not count (PL-14). Of clusters with equal domains no more than `wanted` can be of use.
 */
function spreadOf(context: FilterContext, keys: Float64Array, wanted: number): SpreadProblem {
  const columns = [...rulesByKey(context.request.spread).values()].flatMap((rules) => {
    const [first] = rules;
    return first === undefined
      ? []
      : [{ rules, ids: domainsOf(context, first).ids, numbers: new Map<number, number>() }];
  });
  const units: Unit[] = [];
  const inClass = new Map<number, number>();
  for (let index = 0; index < keys.length; index++) {
    const key = keys[index] ?? 0;
    const position = positionOfKey(key);
    let code = 0;
    for (const { ids } of columns) code = code * 100_003 + (ids[position] ?? -1) + 2;
    const count = inClass.get(code) ?? 0;
    // Beyond three keys codes of different domains could meet: then nothing is left out.
    if (count >= Math.max(1, wanted) && columns.length <= 3) continue;
    inClass.set(code, count + 1);
    units.push({ key, domains: columns.map(({ ids, numbers }) => numbered(ids[position] ?? -1, numbers)) });
  }
  return {
    units,
    wanted,
    keys: columns.map(({ rules, numbers }) => ({
      hard: hardLimits(rules),
      soft: rules.filter((rule) => !rule.hard).map((rule) => ({ ...rule })),
      domains: numbers.size,
    })),
  };
}

function numbered(id: number, numbers: Map<number, number>): number {
  if (id < 0) return -1;
  const known = numbers.get(id) ?? numbers.size;
  numbers.set(id, known);
  return known;
}

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

/** The same candidates with room as the score: within their high order, and without it. */
function roomierRanks(context: FilterContext, { standing }: Candidates, keys: Float64Array): Float64Array[] {
  const positions = Array.from(keys, positionOfKey);
  const rooms = roomsOf(context, positions);
  const most = Math.max(1, ...rooms);
  const driven = new Set(standing.filter((each) => each.driven).map(({ position }) => position));
  const scoreOf = (index: number) => Math.floor((100_000 * (rooms[index] ?? 0)) / most);
  const low = (index: number) => packLow(0, scoreOf(index), positions[index] ?? 0);
  const chosen = new Set(standing.map(({ position }) => position));
  return [
    Float64Array.from(positions, (position, index) =>
      packParts(packHigh(driven.has(position), chosen.has(position), false, 0, false), low(index)),
    ),
    Float64Array.from(positions, (position, index) =>
      packParts(packHigh(driven.has(position), false, false, 0, false), low(index)),
    ),
  ];
}
