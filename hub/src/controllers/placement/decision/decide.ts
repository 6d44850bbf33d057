import {
  type ClusterSetBinding,
  conditionType,
  Placement,
  type PlacementDecision,
  PlacementReason,
  type PlacementStatus,
  type Stored,
  setCondition,
} from '@quarterdeck/apis';
import type { EpochMs } from '@quarterdeck/machinery';
import { compilePlacement } from '../../../scheduler/compile.ts';
import { type Outcome, schedule } from '../../../scheduler/schedule.ts';
import type { ClusterView, FleetSnapshot } from '../../../scheduler/snapshot.ts';
import { equalParts } from '../../equal.ts';
import { updateStatus, type Write } from '../../writes.ts';
import { planSlices } from './slices.ts';

export interface Seen {
  readonly placement: Stored<Placement>;
  /** All slices with this placement's decision key. */
  readonly slices: readonly Stored<PlacementDecision>[];
  /** The bindings of the placement's namespace. */
  readonly bindings: readonly Stored<ClusterSetBinding>[];
  /** Every cluster of the fleet. */
  readonly clusters: readonly ClusterView[];
}

export interface Decision {
  readonly writes: readonly Write[];
  readonly requeueAfterMs: number | undefined;
}

/** What the placement has now, as the scheduler sees it; also what explanations are made from. */
export function scheduleSeen(seen: Seen, now: EpochMs): Outcome | { readonly problem: string } {
  const request = compilePlacement(seen.placement.spec);
  if ('problem' in request) return request;
  const snapshot: FleetSnapshot = {
    now,
    clusters: seen.clusters,
    boundSets: new Set(seen.bindings.map(({ spec }) => spec.clusterSet)),
  };
  const previous = new Set(
    seen.slices.flatMap(({ decisions }) => decisions.map(({ clusterProfileRef }) => clusterProfileRef.name)),
  );
  return schedule(snapshot, request, previous);
}

/**
 * Slices first, then status: a status never speaks of a decision that is not there. Total: an invalid policy keeps the last
 * decision and becomes a condition. PL-21
 */
export function decide(seen: Seen, now: EpochMs): Decision {
  const outcome = scheduleSeen(seen, now);
  if ('problem' in outcome) {
    const status = withCondition(seen.placement, now, {
      type: conditionType.Placement.Scheduled,
      status: 'False',
      reason: PlacementReason.SchedulingFailed,
      message: `${outcome.problem}; the last decision stays`,
    });
    return { writes: statusWrites(seen.placement, status), requeueAfterMs: undefined };
  }
  const plan = planSlices(seen.placement, seen.slices, outcome.choices);
  let status: PlacementStatus = withCondition(seen.placement, now, {
    type: conditionType.Placement.Scheduled,
    status: 'True',
    reason: PlacementReason.Scheduled,
    message: '',
  });
  status = withCondition({ ...seen.placement, status }, now, {
    type: conditionType.Placement.Satisfied,
    status: outcome.satisfied ? 'True' : 'False',
    reason: outcome.reason,
    message: outcome.message,
  });
  status = {
    ...status,
    numberOfSelectedClusters: outcome.choices.length,
    decisionSlices: plan.names.map((name) => ({ name })),
  };
  return {
    writes: [...plan.writes, ...statusWrites(seen.placement, status)],
    requeueAfterMs: outcome.nextMoment === undefined ? undefined : Math.max(0, outcome.nextMoment - now),
  };
}

type ConditionInput = Omit<Parameters<typeof setCondition>[1], 'observedGeneration'>;

function withCondition(placement: Stored<Placement>, now: EpochMs, change: ConditionInput): PlacementStatus {
  const observedGeneration = placement.metadata.generation ?? 0;
  const conditions = setCondition(placement.status?.conditions, { ...change, observedGeneration }, now);
  return { ...placement.status, conditions };
}

function statusWrites(placement: Stored<Placement>, status: PlacementStatus): Write[] {
  return equalParts(placement.status, status) ? [] : [updateStatus(Placement, { ...placement, status })];
}
