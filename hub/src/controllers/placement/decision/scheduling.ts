import { annotation, label, type Placement, type Stored, schedulerName } from '@quarterdeck/apis';
import type { EpochMs } from '@quarterdeck/machinery';
import { cacheKey, type FleetCaches } from '../../../fleet/caches.ts';
import { aspect } from '../../../scheduler/aspects.ts';
import { type CompileExpression, compilePlacement } from '../../../scheduler/compile.ts';
import { createDependencyIndex, dependenciesOf } from '../../../scheduler/dependencies.ts';
import { cycleOf, runPass, type Turn, unsettledBy } from '../../../scheduler/pass.ts';
import type { PlacementRequest } from '../../../scheduler/placement-request.ts';
import type { Outcome } from '../../../scheduler/schedule.ts';
import type { FleetSnapshot, Reservation } from '../../../scheduler/snapshot.ts';
import type { Scheduled } from './decide.ts';
import { createFleetView } from './fleet-view.ts';
import { askedFor, partsBefore, previousOf } from './previous.ts';
import { isShown, standingReservations } from './reserved.ts';

export interface SchedulingOptions {
  readonly caches: FleetCaches;
  readonly compileExpression: CompileExpression;
  /** Asks for a visit to a placement that a decision of another affects. */
  readonly wake: (key: string) => void;
}

/**
 * The scheduler between the caches and the writer: it keeps the fleet and the placements indexed, decides all placements that
 * wait in one pass and in their order (PL-41), and tells which placements a change can affect (PL-42). Everything it knows
 * can be rebuilt from the caches.
 */
export interface Scheduling {
  /** Keys that a change of a cluster can affect; they will be decided anew. */
  clusterChanged(clusterName: string): string[];
  /** The same for a placement, and for all of a namespace, or the whole fleet. */
  placementChanged(key: string): string[];
  namespaceChanged(namespace: string): string[];
  /** @returns what is decided for a placement; undefined: it is gone, or another scheduler's */
  scheduledOf(key: string, now: EpochMs): Scheduled | undefined;
  /** The decision stands in the slices, written. */
  written(key: string, outcome: Outcome): void;
  /** It does not: look again. */
  failed(key: string): void;
}

interface Compiled {
  readonly placement: Stored<Placement>;
  readonly request: PlacementRequest | { readonly problem: string };
}

export function createScheduling({ caches, compileExpression, wake }: SchedulingOptions): Scheduling {
  const view = createFleetView(caches);
  const dependencies = createDependencyIndex();
  const compiled = new Map<string, Compiled>();
  const waiting = new Set<string>();
  /** What was decided last and nothing has put in doubt since: visits that our own writes bring need no other. */
  const planned = new Map<string, Outcome>();
  /** What we wrote ourselves: true even while the caches are behind, or somebody deleted a slice. */
  const stands = new Map<string, Outcome>();
  const handled = new Map<string, string | undefined>();
  const decisions = new Map<string, ReadonlySet<string>>();
  let reservations: readonly Reservation[] = [];
  let brake = false;
  let isLoaded = false;
  /** How many decisions hold each cluster, by position; undefined: to be counted. */
  let load: Int32Array | undefined;

  function mark(keys: Iterable<string>): string[] {
    const list = [...keys];
    for (const key of list) {
      waiting.add(key);
      planned.delete(key);
    }
    return list;
  }

  function compiledOf(key: string): Compiled | undefined {
    const placement = caches.placements.get(key);
    if (placement === undefined || placement.metadata.deletionTimestamp !== undefined) return undefined;
    const known = compiled.get(key);
    if (known?.placement === placement) return known;
    const isSame = known !== undefined && known.placement.metadata.generation === placement.metadata.generation;
    const entry = { placement, request: isSame ? known.request : compilePlacement(placement, compileExpression) };
    compiled.set(key, entry);
    return entry;
  }

  function forget(key: string): void {
    compiled.delete(key);
    waiting.delete(key);
    planned.delete(key);
    stands.delete(key);
    handled.delete(key);
    reservations = reservations.filter(({ placement }) => placement !== key);
    dependencies.delete(key);
    if (!decisions.delete(key)) return;
    load = undefined;
    for (const other of mark(dependencies.ofDecision(key))) wake(other);
  }

  function requestOf(key: string): PlacementRequest | undefined {
    const request = compiledOf(key)?.request;
    return request === undefined || 'problem' in request ? undefined : request;
  }

  const relationsOf = (key: string): readonly string[] => {
    const { sameAs = [], otherThan = [] } = requestOf(key) ?? {};
    return [...sameAs, ...otherThan];
  };

  /** Why a placement has no turn; undefined: it has one. */
  function heldBack({ placement, request }: Compiled): Scheduled | undefined {
    if ('problem' in request) return { held: 'SchedulingFailed', message: request.problem };
    if (placement.spec.suspend === true) return { held: 'Suspended', message: 'spec.suspend is true' };
    const cycle = cycleOf(request.key, relationsOf);
    if (cycle === undefined) return undefined;
    const names = cycle.map((key) => key.slice(key.indexOf('/') + 1)).join(' -> ');
    return { held: 'RelationCycle', message: `placements wait for each other: ${names}` };
  }

  function turnOf(key: string): Turn | undefined {
    const entry = compiledOf(key);
    if (entry === undefined || 'problem' in entry.request || isForeign(entry.placement)) return undefined;
    if (heldBack(entry) !== undefined) return undefined;
    const slices = caches.decisions.byIndex('decision', entry.placement.metadata.uid);
    const own = stands.get(key);
    return {
      request: entry.request,
      previous: previousOf({ caches, placement: entry.placement, slices, stands: own, handled: handled.get(key) }),
      before: partsBefore(slices, own),
    };
  }

  function snapshotAt(now: EpochMs): FleetSnapshot {
    const fleet = view.current();
    const bound = new Map<string, Set<string>>();
    for (const { metadata, spec } of caches.bindings.list()) {
      const namespace = metadata.namespace ?? '';
      bound.set(namespace, (bound.get(namespace) ?? new Set()).add(spec.clusterSet));
    }
    reservations = reservations.filter(({ until }) => until > now);
    brake = view.isBraked();
    return { now, fleet, bound, decisions, reservations, brake, ...(load === undefined ? {} : { load }) };
  }

  /** Decides all that waits; who depends on what changed waits then, and is woken. */
  function pass(now: EpochMs): void {
    const turns = [...waiting].flatMap((key) => turnOf(key) ?? []);
    waiting.clear();
    if (!isLoaded) loadDecisions(now);
    isLoaded = true;
    const result = runPass(snapshotAt(now), turns, requestOf);
    const { outcomes } = result;
    reservations = result.reservations;
    load = result.load;
    const next = new Map<string, ReadonlySet<string>>();
    for (const { request } of turns) {
      const outcome = outcomes.get(request.key);
      if (outcome === undefined) continue;
      const chosen = new Set(outcome.choices.map(({ cluster }) => cluster.name));
      planned.set(request.key, outcome);
      dependencies.set(request.key, dependenciesOf(request, outcome), chosen);
      next.set(request.key, chosen);
    }
    const unsettled = unsettledBy(result, decisions, dependencies.ofDecision);
    for (const [key, chosen] of next) decisions.set(key, chosen);
    for (const key of mark(unsettled)) wake(key);
  }

  function endShown(clusterName: string): void {
    const isOver = (each: Reservation): boolean => each.clusterName === clusterName && isShown(caches, each);
    if (reservations.some(isOver)) reservations = reservations.filter((each) => !isOver(each));
  }

  /** Decisions that stood before this process did, and what they reserve. */
  function loadDecisions(now: EpochMs): void {
    for (const placement of caches.placements.list()) {
      const slices = caches.decisions.byIndex('decision', placement.metadata.uid);
      const names = slices.flatMap((slice) => slice.decisions.map(({ clusterProfileRef }) => clusterProfileRef.name));
      decisions.set(cacheKey(placement), new Set(names));
      const { copies } = requestOf(cacheKey(placement)) ?? {};
      if (copies === undefined) continue;
      const { requests } = copies;
      reservations = [...reservations, ...standingReservations(caches, { placement, slices, requests, now })];
    }
  }

  return {
    clusterChanged(clusterName) {
      const change = view.refresh(clusterName);
      if (change.type === 'none') return [];
      if (change.type === 'presence') load = undefined;
      if (change.type === 'aspects' && change.aspects.includes(aspect.capacity)) endShown(clusterName);
      const affected =
        change.type === 'presence'
          ? dependencies.ofPresence(clusterName)
          : dependencies.ofCluster(clusterName, change.aspects);
      // The brake's coming and going concerns whoever holds lost clusters.
      if (brake !== view.isBraked()) for (const key of compiled.keys()) affected.add(key);
      return mark(affected);
    },
    placementChanged: (key) => mark([key]),
    namespaceChanged: (namespace) => mark(caches.placements.byIndex('namespace', namespace).map(cacheKey)),
    scheduledOf(key, now) {
      const entry = compiledOf(key);
      if (entry === undefined || isForeign(entry.placement)) {
        forget(key);
        return undefined;
      }
      const held = heldBack(entry);
      if (held !== undefined) {
        // Whoever holds clusters still does: others relate to it and are balanced against it.
        waiting.delete(key);
        if ('problem' in entry.request) dependencies.delete(key);
        return held;
      }
      const known = planned.get(key);
      if (known === undefined || (known.nextMoment ?? Number.POSITIVE_INFINITY) <= now) {
        waiting.add(key);
        pass(now);
      }
      return planned.get(key);
    },
    written(key, outcome) {
      stands.set(key, outcome);
      const placement = compiled.get(key)?.placement;
      if (placement !== undefined) handled.set(key, askedFor(placement));
    },
    failed: (key) => void mark([key]),
  };
}

const isForeign = ({ spec }: Placement): boolean => (spec.schedulerName ?? schedulerName) !== schedulerName;

/** Marks on a placement that are not part of its generation, and concern us all the same. */
export const marksOf = ({ metadata }: Placement): string =>
  `${metadata.generation} ${metadata.deletionTimestamp} ${metadata.annotations?.[annotation.rescheduleAt]} ${metadata.labels?.[label.placementKey]}`;
