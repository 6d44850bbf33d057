import type { AppliedWork, KubeObject, ResourceType, Stored } from '@quarterdeck/apis';
import type { Client, EpochMs } from '@quarterdeck/machinery';
import type { Watchers } from '../../member/watchers.ts';
import type { Absence } from './absence.ts';
import type { SeenDrift } from './decide-apply.ts';
import type { HeldFields } from './held-fields.ts';
import type { ManifestProblem, ReadManifest } from './manifest.ts';
import type { RepairGuard } from './repair-guard.ts';
import type { Superseded } from './superseded.ts';

/** With whose rights and by which memory an object is written. */
export interface ApplyContext {
  readonly memberClient: Client;
  readonly watchers: Watchers;
  /** Absent: every missing object is asked for. */
  readonly absence?: Absence;
  /** Whether the AppliedWork that an object is marked with is gone from the member. Absent: it never is. */
  readonly isOwnerGone?: (owner: string) => Promise<boolean>;
  readonly held: HeldFields;
  readonly superseded: Superseded;
  readonly guard: RepairGuard;
  /** Drift stands for now, by a pause on the Work. DL-11 */
  readonly isPaused: boolean;
  readonly applied: Stored<AppliedWork>;
  readonly fieldManager: string;
  readonly now: EpochMs;
  readonly signal: AbortSignal;
}

/** One manifest, where it goes, and what is known of it from before. */
export interface ApplyTarget {
  readonly manifest: ReadManifest;
  readonly type: ResourceType;
  /** Of the object as it was recorded; undefined: never applied. */
  readonly journalUid: string | undefined;
  /** Hash of the manifest that was last applied, as the report on the hub says. */
  readonly appliedHash: string | undefined;
}

export interface ApplyOutcome {
  /** As last seen; undefined: not there, or not ours. */
  readonly live: Stored<KubeObject> | undefined;
  readonly problem: ManifestProblem | undefined;
  readonly drift?: SeenDrift | undefined;
  /** Fields that somebody else changes as often as we put them back, noticed just now. */
  readonly fights?: readonly { readonly path: string; readonly manager?: string }[];
  /** It is a Job that completed and was cleaned up. DL-7 */
  readonly isCompleted?: boolean;
  readonly againAfterMs?: number | undefined;
}
