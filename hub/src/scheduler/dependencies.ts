import { aspect } from './aspects.ts';
import type { PlacementRequest, Priority } from './placement-request.ts';
import { filters } from './plugins/filter/all.ts';
import { spreadAspects } from './plugins/filter/spread-key.ts';
import type { Outcome } from './schedule.ts';
import { propertyAspects } from './suitability.ts';

/** What a placement listens to, as long as its spec and outcome stay. PL-42 */
export interface Dependencies {
  /** Parts of a cluster whose change can matter at all. */
  readonly aspects: ReadonlySet<string>;
  /**
   * Only changes of chosen clusters matter: it has as many as it asks for, all of them well, and by its steadiness nothing
   * that happens to others moves them.
   */
  readonly settled: boolean;
  /** Placements whose decisions matter. */
  readonly placements: readonly string[];
  /** Every decision of any placement matters: scores may move it, or it waits for room. */
  readonly everyDecision: boolean;
}

/** A placement that has no outcome yet listens to everything that its spec names. */
export function dependenciesOf(request: PlacementRequest, outcome: Outcome | undefined): Dependencies {
  const settled = outcome !== undefined && isSettled(request, outcome);
  const ranks = !request.steady || request.actOn.has('Scores');
  return {
    aspects: new Set([
      ...filters.flatMap((filter) => filter.aspects(request)),
      ...request.spread.flatMap(spreadAspects),
      ...request.groups.flatMap(({ labels }) => labels.map(({ key }) => aspect.label(key))),
      ...request.priorities.flatMap(priorityAspects),
    ]),
    settled,
    placements: [...request.sameAs, ...request.otherThan],
    everyDecision: ranks || (request.copies !== undefined && !settled),
  };
}

function isSettled(request: PlacementRequest, { choices, satisfied, parts: _parts, ...outcome }: Outcome): boolean {
  return (
    request.numberOfClusters !== undefined &&
    choices.length >= request.numberOfClusters &&
    satisfied &&
    request.steady &&
    !request.actOn.has('Scores') &&
    !request.actOn.has('PreferNoSchedule') &&
    !request.spread.some(({ hard }) => hard) &&
    !(request.candidateTerms.length > 0 && request.failbackAfterMs !== undefined) &&
    !outcome.heldByBrake &&
    !outcome.awaitsReplacement &&
    choices.every(({ reason }) => reason !== 'KeptTainted')
  );
}

function priorityAspects(priority: Priority): readonly string[] {
  switch (priority.type) {
    case 'Label':
      return priority.labels.map(({ key }) => aspect.label(key));
    case 'Property':
      return propertyAspects(priority.properties);
    case 'PropertyValue':
      return propertyAspects([{ name: priority.name }]);
    case 'FreeCapacity':
      return [aspect.capacity];
    case 'Expression':
      return [aspect.any];
    case 'ClusterScore':
      return [aspect.score(priority.objectName)];
    case 'Balance':
    case 'Steadiness':
      return [];
  }
}

/** From what changed to the placements that it can affect, without looking at the others. PL-42 */
export interface DependencyIndex {
  set(key: string, dependencies: Dependencies, chosen: ReadonlySet<string>): void;
  delete(key: string): void;
  /** Placements that a change of these parts of a cluster can affect. */
  ofCluster(name: string, aspects: readonly string[]): Set<string>;
  /** Placements that a cluster which came or went can affect. */
  ofPresence(name: string): Set<string>;
  /** Placements that a changed decision can affect, without itself. */
  ofDecision(key: string): Set<string>;
  /** Placements that hold the cluster. */
  holdersOf(name: string): ReadonlySet<string>;
}

type Buckets = Map<string, Set<string>>;

export function createDependencyIndex(): DependencyIndex {
  const entries = new Map<string, { dependencies: Dependencies; chosen: ReadonlySet<string> }>();
  /** Unsettled placements by aspect. */
  const listeners: Buckets = new Map();
  const unsettled = new Set<string>();
  const holders: Buckets = new Map();
  const related: Buckets = new Map();
  const everyDecision = new Set<string>();
  const none: ReadonlySet<string> = new Set();

  function forget(key: string): void {
    const entry = entries.get(key);
    if (entry === undefined) return;
    for (const name of entry.dependencies.aspects) drop(listeners, name, key);
    for (const name of entry.chosen) drop(holders, name, key);
    for (const name of entry.dependencies.placements) drop(related, name, key);
    unsettled.delete(key);
    everyDecision.delete(key);
    entries.delete(key);
  }

  return {
    delete: forget,
    set(key, dependencies, chosen) {
      forget(key);
      entries.set(key, { dependencies, chosen });
      for (const name of chosen) put(holders, name, key);
      for (const name of dependencies.placements) put(related, name, key);
      if (dependencies.everyDecision) everyDecision.add(key);
      if (dependencies.settled) return;
      unsettled.add(key);
      for (const name of dependencies.aspects) put(listeners, name, key);
    },
    ofCluster(name, aspects) {
      const affected = new Set<string>();
      for (const each of aspects) for (const key of listeners.get(each) ?? none) affected.add(key);
      for (const key of holders.get(name) ?? none) {
        const listens = entries.get(key)?.dependencies.aspects;
        if (aspects.some((each) => listens?.has(each))) affected.add(key);
      }
      return affected;
    },
    ofPresence: (name) => new Set([...unsettled, ...(holders.get(name) ?? none)]),
    ofDecision(key) {
      const affected = new Set([...(related.get(key) ?? none), ...everyDecision]);
      affected.delete(key);
      return affected;
    },
    holdersOf: (name) => holders.get(name) ?? none,
  };
}

function put(buckets: Buckets, name: string, key: string): void {
  const bucket = buckets.get(name);
  if (bucket === undefined) buckets.set(name, new Set([key]));
  else bucket.add(key);
}

function drop(buckets: Buckets, name: string, key: string): void {
  const bucket = buckets.get(name);
  bucket?.delete(key);
  if (bucket?.size === 0) buckets.delete(name);
}
