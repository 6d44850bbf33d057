import {
  ApiError,
  type AppliedWork,
  annotation,
  ignoreNotFound,
  type KubeObject,
  ManifestReason,
  type ResourceType,
  type Stored,
} from '@quarterdeck/apis';
import { type ApplyConfiguration, type Client, isJsonObject, type JsonObject } from '@quarterdeck/machinery';
import type { Watchers } from '../../member/watchers.ts';
import type { ManifestProblem, ReadManifest } from './manifest.ts';
import { holds, markedObject, ownershipOf } from './marks.ts';
import type { Settled } from './settled.ts';

export interface ApplyContext {
  readonly memberClient: Client;
  readonly watchers: Watchers;
  readonly settled: Settled;
  readonly applied: Stored<AppliedWork>;
  readonly fieldManager: string;
  readonly signal: AbortSignal;
}

export interface ApplyOutcome {
  readonly live: Stored<KubeObject> | undefined;
  readonly problem: ManifestProblem | undefined;
}

/**
 * Brings one object to its manifest by server-side apply. Sends nothing when the live object holds it all already. Never
 * takes what is not ours (WK-31), never forces (WK-23), never deletes and recreates (WK-26).
 */
export async function applyManifest(
  context: ApplyContext,
  manifest: ReadManifest,
  type: ResourceType,
  journalUid: string | undefined,
): Promise<ApplyOutcome> {
  try {
    const live = await readLive(context, manifest, type);
    if (live !== undefined) {
      const ownership = ownershipOf(live, manifest, context.applied, journalUid);
      if (!ownership.ours) return { live: undefined, problem: notOurs(manifest, ownership.otherWork) };
      if (live.metadata.deletionTimestamp !== undefined) {
        return { live, problem: failed('the object is being deleted; it is applied again when it is gone') };
      }
    }
    const wanted = markedObject(manifest, context.applied, live);
    const { memberClient, settled, fieldManager, signal } = context;
    if (live !== undefined && isUpToDate(live, wanted, settled)) return { live, problem: undefined };
    const options = { fieldManager, signal, fieldValidation: 'Strict' as const };
    const stored = await memberClient.apply(type, wanted as unknown as ApplyConfiguration<KubeObject>, options);
    if (!holds(stored, wanted)) settled.remember(stored.metadata.uid, wanted, stored);
    return { live: stored, problem: undefined };
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    if (isMemberUnwell(error)) throw error;
    return { live: undefined, problem: refusal(error) };
  }
}

/** From the watch where it can be trusted; a missing object is always confirmed by the server. */
async function readLive({ memberClient, watchers, signal }: ApplyContext, manifest: ReadManifest, type: ResourceType) {
  const seen = watchers.peek(type, manifest.namespace, manifest.name);
  if (seen !== undefined && seen !== 'unknown') return seen;
  const ref =
    manifest.namespace === '' ? { name: manifest.name } : { namespace: manifest.namespace, name: manifest.name };
  return await ignoreNotFound(memberClient.get(type, ref, { signal }));
}

function isUpToDate(live: Stored<KubeObject>, wanted: JsonObject, settled: Settled): boolean {
  const { metadata } = wanted;
  const hash =
    isJsonObject(metadata) && isJsonObject(metadata.annotations) ? metadata.annotations[annotation.manifestHash] : '';
  // A changed manifest is always sent: fields that it dropped are removed by the server only then.
  if (live.metadata.annotations?.[annotation.manifestHash] !== hash) return false;
  return holds(live, wanted) || settled.isAsRemembered(live.metadata.uid, wanted, live);
}

/**
 * It is the member that is unwell, not the manifest: the whole pass is tried again later. An Internal error (500) is about
 * the one object: a webhook that cannot be called, or a manifest that does not fit its kind.
 */
function isMemberUnwell({ code }: ApiError): boolean {
  return [401, 429, 502, 503, 504].includes(code);
}

function notOurs({ gvk, namespace, name }: ReadManifest, otherWork: string | undefined): ManifestProblem {
  const object = `${gvk.kind} ${namespace === '' ? '' : `${namespace}/`}${name}`;
  return otherWork === undefined
    ? {
        reason: ManifestReason.ResourceNotOwned,
        message: `${object} existed before and is not ours; it is left as it is`,
      }
    : {
        reason: ManifestReason.ConflictingWork,
        message: `${object} belongs to AppliedWork ${otherWork}, with other content`,
      };
}

/** WK-12 */
const failed = (message: string): ManifestProblem => ({
  reason: ManifestReason.AppliedManifestFailed,
  message: `Failed to apply manifest: ${message}`,
});

function refusal(error: ApiError): ManifestProblem {
  const causes = error.status.details?.causes ?? [];
  const conflicts = causes.filter(({ reason }) => reason === 'FieldManagerConflict');
  if (conflicts.length === 0) return failed(error.message);
  const fields = conflicts.map(({ field, message }) => `${field}: ${message}`).join('; ');
  return { reason: ManifestReason.FieldConflict, message: `other managers own fields of the manifest: ${fields}` };
}
