import { type ApiError, ManifestReason } from '@quarterdeck/apis';
import type { ConflictCause } from './decide-apply.ts';
import type { ManifestProblem, ReadManifest } from './manifest.ts';

/** What a member's answers mean, in the words of conditions. */

/**
 * It is the member that is unwell, not the manifest: the whole pass is tried again later. An Internal error (500) is about
 * the one object: a webhook that cannot be called, or a manifest that does not fit its kind. F-23
 */
export const isMemberUnwell = ({ code }: ApiError): boolean => [401, 429, 502, 503, 504].includes(code);

/** A change that the kind does not allow: only an object made anew can have it. WK-26 */
export function isImmutable({ code, message }: ApiError): boolean {
  return code === 422 && /immutable|may not change fields other than|for fields other than/.test(message);
}

/** WK-12 */
export const failed = (message: string): ManifestProblem => ({
  reason: ManifestReason.AppliedManifestFailed,
  message: `Failed to apply manifest: ${message}`,
});

export const conflictCauses = ({ status }: ApiError): ConflictCause[] =>
  (status.details?.causes ?? [])
    .filter(({ reason }) => reason === 'FieldManagerConflict')
    .map(({ field = '', message = '' }) => ({ field, message }));

export function refusal(error: ApiError): ManifestProblem {
  const conflicts = conflictCauses(error);
  if (conflicts.length > 0) {
    const fields = conflicts.map(({ field, message }) => `${field}: ${message}`).join('; ');
    return { reason: ManifestReason.FieldConflict, message: `other managers own fields of the manifest: ${fields}` };
  }
  if (
    error.code === 403 &&
    /cannot (create|get|patch|update|delete)|is attempting to grant|impersonate/.test(error.message)
  )
    return { reason: ManifestReason.RefusedToExecutor, message: failed(error.message).message };
  return failed(error.message);
}

export function notOurs({ gvk, namespace, name }: ReadManifest, otherWork: string | undefined): ManifestProblem {
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
