import type { GroupVersionKind, ResourceIdentifier } from '@quarterdeck/apis';
import type { EpochMs, JsonObject } from '@quarterdeck/machinery';
import type { Health } from '../../health/health.ts';
import type { SeenDrift } from './decide-apply.ts';
import type { ManifestProblem } from './manifest.ts';
import type { ManifestPolicy } from './policy.ts';

/** What became of one manifest in one pass. */
export interface ManifestResult {
  readonly identifier: ResourceIdentifier;
  readonly gvk: GroupVersionKind | undefined;
  /** Absent: it was applied. */
  readonly problem: ManifestProblem | undefined;
  /** The object as last seen on the member; absent when it is not there or not ours. */
  readonly live?: JsonObject | undefined;
  readonly uid?: string | undefined;
  /** Hash of what was last applied with success. */
  readonly appliedHash?: string | undefined;
  /** Absent for manifests that could not be read or have no resource. */
  readonly policy?: ManifestPolicy;
  readonly drift?: SeenDrift | undefined;
  readonly isCompleted?: boolean | undefined;
  /** Replicas without a node since long; undefined: not counted. DL-23 */
  readonly unschedulable?: number | undefined;
  /** When to look again for a reason of its own, ms. */
  readonly againAfterMs?: number | undefined;
  /** How it is watched, when that is not by the one watch of its kind. DL-20 */
  readonly observation?: 'Namespace' | 'Polling';
}

/** A result with the health of its object by the clock, and the report of it. */
export interface JudgedResult extends ManifestResult {
  readonly health: Health;
  readonly healthSince: EpochMs;
  /** When time alone changes the health; undefined: never. */
  readonly changesAt: EpochMs | undefined;
}
