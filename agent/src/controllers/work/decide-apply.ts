import { annotation, type KubeObject, type Stored } from '@quarterdeck/apis';
import type { EpochMs, JsonObject } from '@quarterdeck/machinery';
import { type DriftedField, driftOf } from './drift.ts';
import type { ReadManifest } from './manifest.ts';
import { appliedBy, lostFields, type Path, pathText } from './owned-fields.ts';
import type { RepairGuard } from './repair-guard.ts';

/** Fields of an object that somebody changed, and what is done about it. DL-21 */
export interface SeenDrift {
  readonly state: 'Repaired' | 'Reported' | 'Waiting' | 'Paused';
  readonly fields: readonly DriftedField[];
  readonly isMissing: boolean;
  /** When it was seen; absent: in this pass. */
  readonly seenAt?: EpochMs;
  /** How often it was put back since the last report. Default 1. */
  readonly repairs?: number;
}

/** What is done about one object of ours that is there. */
export type Verdict =
  /** It is as it shall be, or stays as it is. */
  | { readonly do: 'nothing'; readonly drift: SeenDrift | undefined; readonly againAfterMs: number | undefined }
  /** The manifest is sent. `repairs`: fields that were ours and are taken back. */
  | { readonly do: 'apply'; readonly isNew: boolean; readonly drift: SeenDrift | undefined };

export interface ApplySituation {
  readonly manifest: ReadManifest;
  readonly live: Stored<KubeObject>;
  /** What would be sent, with our marks. */
  readonly wanted: JsonObject;
  readonly fieldManager: string;
  /** Paths that no server lets us hold, by experience with this object. */
  readonly unownable: ReadonlySet<string>;
  readonly guard: RepairGuard;
  /** By a pause on the Work; one on the object stands there. DL-11 */
  readonly isPaused: boolean;
  readonly now: EpochMs;
}

/**
 * Whether an object of ours is sent again. A new manifest always is, and takes back what had drifted; an old one when fields
 * of it were lost, as far as the drift policy, a pause on the object, and the guard against fights allow. Pure but for what
 * the guard remembers. DL-20, DL-21, DL-11
 */
export function decideApply(situation: ApplySituation): Verdict {
  const { manifest, live, wanted, fieldManager, unownable, guard, isPaused, now } = situation;
  const { policy } = manifest;
  const lost = lostFields(wanted, appliedBy(live, fieldManager)).filter(({ path }) => !unownable.has(pathText(path)));
  const isNew = live.metadata.annotations?.[annotation.manifestHash] !== manifest.hash;
  const fields = isNew
    ? []
    : driftOf(
        live,
        lost.filter(({ path }) => isContent(path)),
        fieldManager,
      );
  if (isNew) return { do: 'apply', isNew, drift: undefined };
  if (policy.strategy === 'CreateOnly') return nothing();
  if (lost.length === 0) return nothing();
  const drift = (state: SeenDrift['state']): SeenDrift => ({ state, fields, isMissing: false });
  if (fields.length === 0) return { do: 'apply', isNew, drift: undefined }; // only marks, or the very value we want
  if (isPaused || live.metadata.annotations?.[annotation.pauseRepair] === 'true') return nothing(drift('Paused'));
  if (policy.driftPolicy === 'Report') return nothing(drift('Reported'));
  const wait = guard.wait(live.metadata.uid, fields, now);
  if (wait > 0) return nothing(drift('Waiting'), wait);
  return { do: 'apply', isNew, drift: drift('Repaired') };
}

const nothing = (drift?: SeenDrift, againAfterMs?: number): Verdict => ({ do: 'nothing', drift, againAfterMs });

/** A field of the manifest, and not one of our marks, which are put back without a word. */
export function isContent([first, second, third]: Path): boolean {
  const name = (step: typeof first) => (step !== undefined && 'field' in step ? step.field : '');
  if (name(first) !== 'metadata') return true;
  if (name(second) === 'ownerReferences') return false;
  return !name(third).startsWith('quarterdeck.dev/');
}

/** One field that a server did not let us set, as the Status of a conflict tells. */
export interface ConflictCause {
  /** `.spec.replicas` */
  readonly field: string;
  /** `conflict with "kubectl" with subresource "scale" using apps/v1` */
  readonly message: string;
}

/**
 * Whether a refused apply is sent again by force. Forced is what we held before and somebody changed by an update, which is
 * drift; never a field that is new to us (WK-23), nor one that another manager claims by an apply of its own, which is a
 * wish as good as ours. The policy may ask for more.
 * @param held whether the last manifest that we applied set this field
 */
export function mayForce(
  { policy }: ReadManifest,
  causes: readonly ConflictCause[],
  held: (field: string) => boolean,
): boolean {
  if (policy.fieldConflicts === 'Force') return true;
  return causes.length > 0 && causes.every((cause) => isMark(cause) || (isUpdate(cause) && held(cause.field)));
}

const isMark = ({ field }: ConflictCause): boolean =>
  /^\.metadata\.(labels|annotations)\.quarterdeck\.dev\//.test(field);

/** Kubernetes names the version for managers that wrote by update, and not for those that applied. */
const isUpdate = ({ message }: ConflictCause): boolean => / using \S+( at .*)?$/.test(message);
