import type { PlacementRequest } from './placement-request.ts';
import { type Outcome, schedule } from './schedule.ts';
import type { FleetSnapshot, Previous } from './snapshot.ts';

/** What a choice that stands is held back from, although it would be better. PL-20 */
export interface HeldBack {
  /** `FreeCapacity`: without it the scores would leave the choice as it is. */
  readonly cause: 'Scores' | 'FreeCapacity';
  /** Clusters that would leave the decision, by name. */
  readonly leaves: readonly string[];
  /** Clusters that would come in their place, by name. */
  readonly takes: readonly string[];
}

/**
 * What a fresh choice would change, where the placement's steadiness holds scores back. Computed on request: scores and free
 * capacity move all the time, and a status that followed them would be a write for each step. PL-20, PL-24, PL-30
 * @returns undefined: a fresh choice would be the same, or scores are acted on anyway
 */
export function heldBackScores(
  snapshot: FleetSnapshot,
  request: PlacementRequest,
  previous: Previous,
  outcome: Outcome,
): HeldBack | undefined {
  const isHeld = request.steady && !request.actOn.has('Scores') && !previous.fresh && previous.clusters.size > 0;
  if (!isHeld || request.numberOfClusters === undefined) return undefined;
  const fresh = { ...previous, fresh: true };
  const unbounded = { ...request, maxMoves: Number.POSITIVE_INFINITY };
  const wanted = namesOf(schedule(snapshot, unbounded, fresh));
  const stands = namesOf(outcome);
  const leaves = stands.filter((name) => !wanted.includes(name));
  const takes = wanted.filter((name) => !stands.includes(name));
  if (leaves.length + takes.length === 0) return undefined;
  const priorities = request.priorities.filter(({ type }) => type !== 'FreeCapacity');
  const isByCapacity =
    priorities.length < request.priorities.length &&
    namesOf(schedule(snapshot, { ...unbounded, priorities }, fresh)).join() === stands.join();
  return { cause: isByCapacity ? 'FreeCapacity' : 'Scores', leaves, takes };
}

const namesOf = ({ choices }: Outcome): string[] => choices.map(({ cluster }) => cluster.name);
