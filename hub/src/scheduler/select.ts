import { type Bits, hasBit, positionsOf } from './bits.ts';
import { type Candidates, discouragedOf } from './candidates.ts';
import type { FilterContext } from './plugins/filter/filter.ts';
import { reservedByOthers, roomFor } from './plugins/filter/room.ts';
import { domainOf, spreadAspects } from './plugins/filter/spread-key.ts';
import { type Totals, weighted } from './plugins/score/all.ts';
import { best, packHigh, packLow, packParts, positionOfKey } from './rank.ts';
import type { Priority, SpreadRule } from './snapshot.ts';
import { chooseSpread } from './spread/choose.ts';
import { type HardLimits, noLimits, type SpreadKey, type Unit } from './spread/problem.ts';

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
    const described = describe(context, candidates, again.chosen);
    if ((described.room ?? 0) >= copies.count && (copies.hard || spread.length === 0))
      return { ...again, ...described, unknown: ranked.unknown };
  }
  return selection;
}

interface Ranked {
  readonly keys: Float64Array;
  readonly unknown: Totals['unknown'];
}

/** What counts when chosen clusters stay anyway: their bonus would be the same for all of them. */
const withoutSteadiness = (priorities: readonly Priority[]) => priorities.filter(({ type }) => type !== 'Steadiness');

/** Whether a chosen cluster goes before every newcomer. PL-20 */
export const keepsChosen = ({ request, previous }: FilterContext): boolean =>
  request.steady && !previous.fresh && !request.actOn.has('Scores');

function rank(context: FilterContext, { standing }: Candidates, load: Int32Array, pool: Pool): Ranked {
  const { request, previous, snapshot } = context;
  const { clusters } = snapshot.fleet;
  const tierOf = new Map<number, number>();
  for (const [tier, bits] of pool.tiers.entries())
    for (const position of positionsOf(bits)) if (!tierOf.has(position)) tierOf.set(position, tier);
  const candidates = pool.tiers.length === 1 ? [...tierOf.keys()] : [...tierOf.keys()].sort((a, b) => a - b);
  const keep = keepsChosen(context);
  const chosenBefore = new Map(standing.map((each) => [each.position, each]));
  const isSettled = candidates.length <= pool.wanted && request.spread.length === 0;
  const enough = keep && request.spread.length === 0 && healthyIn(standing, pool.tiers) === pool.wanted;
  const priorities = keep ? withoutSteadiness(request.priorities) : request.priorities;
  // Nothing to weigh: all are taken, or exactly those that stand.
  const { totals, unknown } =
    isSettled || enough
      ? { totals: new Int32Array(candidates.length), unknown: [] }
      : weighted(priorities, { ...context, candidates, load });
  const discouraged = discouragedOf(context);
  const keys = Float64Array.from(candidates, (position, index) => {
    const before = chosenBefore.get(position);
    const name = clusters[position]?.name ?? '';
    const isDiscouraged = hasBit(discouraged, position);
    const isKept =
      before !== undefined && keep && !(isDiscouraged && request.actOn.has('PreferNoSchedule'));
    const isLost = before !== undefined && (!before.cluster.reachable || previous.undelivered.has(name));
    return packParts(
      packHigh(before?.driven === true, isKept, isLost, tierOf.get(position) ?? 0, isDiscouraged),
      packLow(request.clusterNames?.get(name) ?? 0, totals[index] ?? 0, position),
    );
  });
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
  const problem = { ...spreadOf(context, keys.toSorted()), wanted: Math.min(wanted, keys.length) };
  const { chosen, bounded } = chooseSpread(problem);
  const standing = problem.units.filter(({ key }) => wasChosen(context, positionOfKey(key))).slice(0, problem.wanted);
  if (chosen.length === 0 && standing.length > 0) {
    const stays = standing.map(({ key }) => positionOfKey(key));
    return { chosen: stays, limitedBySpread: true, unspread: true, bounded };
  }
  return {
    unspread: false,
    chosen: chosen.map(({ key }) => positionOfKey(key)),
    limitedBySpread: chosen.length < problem.wanted,
    bounded,
  };
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

/** Domains are those of the candidates, numbered as they come: one without an eligible cluster does not count. PL-14 */
function spreadOf(context: FilterContext, keys: Float64Array): { readonly units: Unit[]; readonly keys: SpreadKey[] } {
  const columns = [...rulesByKey(context.request.spread).values()].flatMap((rules) => {
    const [first] = rules;
    return first === undefined ? [] : [{ rules, ids: domainsOf(context, first).ids, numbers: new Map<number, number>() }];
  });
  const units = Array.from(keys, (key): Unit => {
    const position = positionOfKey(key);
    const domains = columns.map(({ ids, numbers }) => {
      const id = ids[position] ?? -1;
      if (id < 0) return -1;
      const known = numbers.get(id) ?? numbers.size;
      numbers.set(id, known);
      return known;
    });
    return { key, domains };
  });
  return {
    units,
    keys: columns.map(({ rules, numbers }) => ({
      hard: hardLimits(rules),
      soft: rules.filter((rule) => !rule.hard).map((rule) => ({ ...rule })),
      domains: numbers.size,
    })),
  };
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
