import type { PartsBefore } from './groups.ts';
import type { PlacementRequest } from './placement-request.ts';
import { countDecisions, type Outcome, schedule } from './schedule.ts';
import type { FleetSnapshot, Previous, Reservation } from './snapshot.ts';
import { inOrder } from './turn-order.ts';

/** One placement of a pass. */
export interface Turn {
  readonly request: PlacementRequest;
  readonly previous: Previous;
  readonly before?: PartsBefore;
}

export interface PassResult {
  /** By key of the placement, in the order in which they were decided. */
  readonly outcomes: ReadonlyMap<string, Outcome>;
  /** The decisions of all placements afterwards, those that had no turn included. */
  readonly decisions: ReadonlyMap<string, ReadonlySet<string>>;
  /** How many of these hold each cluster, by position in the fleet. */
  readonly load: Int32Array;
  /** Those of the snapshot that still hold, and what the new choices take. PL-16 */
  readonly reservations: readonly Reservation[];
  /** Those whose reservations are others than before, as when the same clusters hold other numbers of copies. */
  readonly reserving: ReadonlySet<string>;
}

/** How long a decision reserves room that no capacity report shows. PL-16 */
export const reservationMs = 5 * 60_000;

/**
 * Decides placements one after another in their order, each seeing the decisions and reservations of those before. PL-41
 * @param requestOf finds placements that have no turn themselves, and to which others relate; default: there are none
 */
export function runPass(
  snapshot: FleetSnapshot,
  turns: readonly Turn[],
  requestOf?: (key: string) => PlacementRequest | undefined,
): PassResult {
  const decisions = new Map(snapshot.decisions);
  const load = snapshot.load?.slice() ?? countDecisions(snapshot);
  let reservations = snapshot.reservations;
  const reserving = new Set<string>();
  const outcomes = new Map<string, Outcome>();
  const byKey = new Map(turns.map(({ request }) => [request.key, request]));
  for (const { request, previous, before: parts } of inOrder(turns, (key) => byKey.get(key) ?? requestOf?.(key))) {
    const outcome = schedule({ ...snapshot, decisions, load, reservations }, request, previous, parts);
    outcomes.set(request.key, outcome);
    const chosen = new Set(outcome.choices.map(({ cluster }) => cluster.name));
    move(load, snapshot, decisions.get(request.key), chosen);
    decisions.set(request.key, chosen);
    const before = reservations;
    reservations = reservedAfter(before, snapshot, { request, previous, outcome });
    if (reservations !== before && roomTaken(before, request.key) !== roomTaken(reservations, request.key)) {
      reserving.add(request.key);
    }
  }
  return { outcomes, decisions, load, reservations, reserving };
}

/**
 * Placements that must have another turn after a pass: those that a decision affects whose clusters, or the room that it takes
 * there, changed, and that were decided before it, or not at all. PL-42
 * @param before the decisions before the pass
 * @param affectedBy placements that a changed decision can affect
 */
export function unsettledBy(
  { outcomes, decisions, reserving }: PassResult,
  before: ReadonlyMap<string, ReadonlySet<string>>,
  affectedBy: (key: string) => Iterable<string>,
): Set<string> {
  const unsettled = new Set<string>();
  const decided = new Set<string>();
  for (const key of outcomes.keys()) {
    decided.add(key);
    if (!reserving.has(key) && equalSets(before.get(key), decisions.get(key))) continue;
    for (const other of affectedBy(key)) if (decided.has(other) || !outcomes.has(other)) unsettled.add(other);
  }
  return unsettled;
}

const equalSets = (a: ReadonlySet<string> | undefined, b: ReadonlySet<string> | undefined): boolean =>
  a === b || (a !== undefined && b !== undefined && a.size === b.size && [...a].every((name) => b.has(name)));

function move(
  load: Int32Array,
  { fleet }: FleetSnapshot,
  before: ReadonlySet<string> | undefined,
  now: ReadonlySet<string>,
): void {
  const add = (name: string, change: number) => {
    const position = fleet.positionOf(name);
    if (position !== undefined) load[position] = (load[position] ?? 0) + change;
  };
  for (const name of before ?? []) if (!now.has(name)) add(name, -1);
  for (const name of now) if (before?.has(name) !== true) add(name, 1);
}

/** What a placement reserves, to compare: how long is no matter to others now. */
const roomTaken = (reservations: readonly Reservation[], key: string): string =>
  reservations
    .filter(({ placement }) => placement === key)
    .map(({ clusterName, copies }) => `${clusterName}=${copies}`)
    .sort()
    .join();

/** What choices take beyond what was counted before: the reports do not show it yet. Who leaves gives its room back. PL-16 */
function reservedAfter(
  reservations: readonly Reservation[],
  { now }: FleetSnapshot,
  { request: { key, copies }, previous, outcome }: { request: PlacementRequest; previous: Previous; outcome: Outcome },
): readonly Reservation[] {
  const own = reservations.filter(({ placement }) => placement === key);
  if (copies === undefined) return own.length === 0 ? reservations : reservations.filter((each) => !own.includes(each));
  const next = outcome.choices.flatMap(({ cluster: { name: clusterName }, copies: share = 0 }): Reservation[] => {
    const counted = previous.copies.get(clusterName) ?? (previous.clusters.has(clusterName) ? share : 0);
    const before = own.filter((each) => each.clusterName === clusterName);
    if (share <= counted) return before;
    const undelivered = before.reduce((sum, each) => sum + each.copies, 0);
    const reserved = Math.min(share, undelivered + share - counted);
    return [{ placement: key, clusterName, copies: reserved, requests: copies.requests, until: now + reservationMs }];
  });
  if (next.length === own.length && next.every((each) => own.includes(each))) return reservations;
  return [...reservations.filter(({ placement }) => placement !== key), ...next];
}

/**
 * The placements of a cycle that goes through this one, in order; undefined: there is none. PL-18
 * @param relations what each placement relates to
 */
export function cycleOf(key: string, relations: (key: string) => readonly string[]): readonly string[] | undefined {
  const seen = new Set<string>();
  const walk = (at: string, path: readonly string[]): readonly string[] | undefined => {
    for (const next of relations(at)) {
      if (next === key) return [...path, at];
      if (seen.has(next)) continue;
      seen.add(next);
      const found = walk(next, [...path, at]);
      if (found !== undefined) return found;
    }
    return undefined;
  };
  return walk(key, []);
}
