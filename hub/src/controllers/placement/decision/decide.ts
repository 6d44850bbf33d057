import {
  conditionType,
  formatTime,
  Placement,
  type PlacementDecision,
  PlacementReason,
  type PlacementStatus,
  type Stored,
  setCondition,
} from '@quarterdeck/apis';
import type { EpochMs } from '@quarterdeck/machinery';
import type { Suppression } from '../../../scheduler/candidates.ts';
import type { Outcome } from '../../../scheduler/schedule.ts';
import { equalParts } from '../../equal.ts';
import { updateStatus, type Write } from '../../writes.ts';
import { askedFor } from './previous.ts';
import { planSlices, type SlicePlan } from './slices.ts';

/** What the scheduler says of a placement: an outcome, or why there is none. */
export type Scheduled =
  | Outcome
  | { readonly held: 'SchedulingFailed' | 'RelationCycle' | 'Suspended'; readonly message: string };

export interface Seen {
  readonly placement: Stored<Placement>;
  /** All slices with this placement's decision key. */
  readonly slices: readonly Stored<PlacementDecision>[];
  readonly scheduled: Scheduled;
}

export interface Decision {
  readonly writes: readonly Write[];
  readonly requeueAfterMs: number | undefined;
}

/**
 * Slices first, then status: a status never speaks of a decision that is not there. Total: what cannot be decided keeps the
 * last decision and becomes a condition. PL-21, PL-25
 */
export function decide({ placement, slices, scheduled }: Seen, now: EpochMs): Decision {
  if ('held' in scheduled) {
    const message = `${scheduled.message}; the last decision stays`;
    const status = withConditions(placement, now, [scheduledCondition('False', scheduled.held, message)]);
    return { writes: statusWrites(placement, status), requeueAfterMs: undefined };
  }
  const grouped = placement.spec.decisionStrategy !== undefined;
  const slicePlan = planSlices(placement, slices, scheduled.choices, grouped ? scheduled.parts : undefined);
  const conditions = withConditions(placement, now, [
    scheduledOf(scheduled),
    {
      type: conditionType.Placement.Satisfied,
      status: scheduled.satisfied ? 'True' : 'False',
      reason: scheduled.reason,
      message: scheduled.message,
    },
  ]);
  const status = { ...conditions, ...factsOf(placement, scheduled, slicePlan, now) };
  return {
    writes: [...slicePlan.writes, ...statusWrites(placement, withoutUndefined(status))],
    requeueAfterMs: scheduled.nextMoment === undefined ? undefined : Math.max(0, scheduled.nextMoment - now),
  };
}

type ConditionInput = Omit<Parameters<typeof setCondition>[1], 'observedGeneration'>;

const scheduledCondition = (status: 'True' | 'False', reason: string, message: string): ConditionInput => ({
  type: conditionType.Placement.Scheduled,
  status,
  reason,
  message,
});

function scheduledOf({ heldByBrake, bounded }: Outcome): ConditionInput {
  if (heldByBrake) {
    const message = 'too much of the fleet is out of contact at once; what follows from loss waits for its return';
    return scheduledCondition('False', PlacementReason.HeldByBrake, message);
  }
  if (bounded) {
    const message = 'the search over the spread constraints ended at its bound; fewer keys or domains make it smaller';
    return scheduledCondition('False', PlacementReason.SearchBoundReached, message);
  }
  return scheduledCondition('True', PlacementReason.Scheduled, '');
}

type OptionalStatus = { [Field in keyof PlacementStatus]?: PlacementStatus[Field] | undefined };

function factsOf(
  placement: Stored<Placement>,
  outcome: Outcome,
  { names, byGroup }: SlicePlan,
  now: EpochMs,
): OptionalStatus {
  const { spec, status } = placement;
  return {
    numberOfSelectedClusters: outcome.choices.length,
    decisionSlices: names.map((name) => ({ name })),
    decisionGroups:
      spec.decisionStrategy === undefined
        ? undefined
        : outcome.parts.map(({ index, name, clusters }) => ({
            index,
            name,
            numberOfClusters: clusters.length,
            slices: [...(byGroup.get(index) ?? [])],
          })),
    numberOfCopies:
      spec.copies === undefined ? undefined : outcome.choices.reduce((sum, { copies = 0 }) => sum + copies, 0),
    candidateTerm: outcome.term,
    failback:
      outcome.failback === undefined
        ? undefined
        : { candidateTerm: outcome.failback.term, since: formatTime(outcome.failback.since) },
    suppressedChanges:
      outcome.suppressed.length === 0
        ? undefined
        : outcome.suppressed.map((each) => suppressedChange(each, status?.suppressedChanges, now)),
    rescheduledAt: askedFor(placement) ?? status?.rescheduledAt,
  };
}

type SuppressedChanges = NonNullable<PlacementStatus['suppressedChanges']>;

function suppressedChange(
  { cause, clusters }: Suppression,
  known: SuppressedChanges | undefined,
  now: EpochMs,
): SuppressedChanges[number] {
  const shown = clusters.slice(0, 10).join(', ');
  return {
    cause,
    since: known?.find((each) => each.cause === cause)?.since ?? formatTime(now),
    message: `held back for ${shown}${clusters.length > 10 ? ` and ${clusters.length - 10} more` : ''}`,
  };
}

function withConditions(
  { metadata, status }: Stored<Placement>,
  now: EpochMs,
  changes: readonly ConditionInput[],
): PlacementStatus {
  const observedGeneration = metadata.generation ?? 0;
  let conditions = status?.conditions;
  for (const change of changes) conditions = setCondition(conditions, { ...change, observedGeneration }, now);
  return { ...status, ...(conditions === undefined ? {} : { conditions }) };
}

const withoutUndefined = (status: OptionalStatus): PlacementStatus =>
  Object.fromEntries(Object.entries(status).filter(([, value]) => value !== undefined));

function statusWrites(placement: Stored<Placement>, status: PlacementStatus): Write[] {
  return equalParts(placement.status, status) ? [] : [updateStatus(Placement, { ...placement, status })];
}
