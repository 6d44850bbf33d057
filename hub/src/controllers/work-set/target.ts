import { label, type Placement, type PlacementDecision, type Stored } from '@quarterdeck/apis';
import { type DecidedCluster, type DecisionMemory, readDecision } from '@quarterdeck/machinery';

/** Where a WorkSet shall run. */
export type Target =
  | {
      readonly known: true;
      readonly clusters: readonly DecidedCluster[];
      /** When to look again though nothing changes: a half-written decision is waited for. Ms of `Clock.monotonic`. */
      readonly lookAgainAt: number | undefined;
    }
  | {
      readonly known: false;
      readonly reason: 'PlacementNotFound' | 'NoDecision';
      readonly message: string;
      readonly lookAgainAt: number | undefined;
    };

export interface TargetParts {
  readonly placementName: string;
  readonly placement: Stored<Placement> | undefined;
  readonly slices: readonly Stored<PlacementDecision>[];
  /** Of this consumer. Slices that are half written leave what they said before. PD-23 */
  readonly memory: DecisionMemory;
  /** Ms of `Clock.monotonic`. */
  readonly now: number;
}

/**
 * Reads a decision from its slices, as any consumer should. Not knowing is never "nowhere": a missing placement, a decision that
 * is not there (yet, or any more), or one first seen half written leaves what is delivered as it is. DL-44, PD-19 to PD-23
 */
export function readTarget({ placementName, placement, slices, memory, now }: TargetParts): Target {
  const unknown = (reason: 'PlacementNotFound' | 'NoDecision', message: string, lookAgainAt?: number): Target => ({
    known: false,
    reason,
    message,
    lookAgainAt,
  });
  if (placement === undefined)
    return unknown('PlacementNotFound', `there is no Placement ${placementName}; what is delivered stays`);
  const { uid } = placement.metadata;
  const own = slices.filter(({ metadata }) => metadata.labels?.[label.decisionKey] === uid);
  if (own.length === 0)
    return unknown('NoDecision', `Placement ${placementName} has no decision yet; what is delivered stays`);
  const expected = placement.status?.decisionSlices?.map(({ name }) => name);
  const { clusters, held } = memory.settle(uid, readDecision(own, expected), now);
  if (clusters !== undefined) return { known: true, clusters, lookAgainAt: held?.until };
  const message = `the decision of Placement ${placementName} is being rewritten; what is delivered stays`;
  return unknown('NoDecision', message, held?.until);
}
