import { type ApiError, ManifestReason } from '@quarterdeck/apis';
import type { ConflictCause } from './decide-apply.ts';
import type { ManifestProblem, ReadManifest } from './manifest.ts';

/** What a member's answers mean, in the words of conditions. */

/**
 * It is the member that is unwell, not the manifest: the whole pass is tried again later. An Internal error (500) is about
 * the one object: a webhook that cannot be called, or a manifest that does not fit its kind. F-23
 */
export const isMemberUnwell = ({ code }: ApiError): boolean => [401, 429, 502, 503, 504].includes(code);

/**
 * A change that the kind does not allow, said of fields. Kinds word it in many ways ("field is immutable", "may not change once
 * set", "cannot change roleRef", "updates to parameters are forbidden", and custom resources as they like), so that the words
 * tell nothing: whether a new object may have what the old one may not become, a trial tells. A policy or webhook that refuses
 * the change names no field, and is not got around by an object made anew. WK-26, DL-2
 */
export function isRefusedChange({ code, status }: ApiError): boolean {
  const causes = status.details?.causes ?? [];
  return code === 422 && causes.length > 0 && causes.every(({ field = '' }) => field !== '');
}

/** WK-12 */
export const failed = (message: string): ManifestProblem => ({
  reason: ManifestReason.AppliedManifestFailed,
  message: `Failed to apply manifest: ${message}`,
});

/** What somebody deletes is not written upon. */
export const goingAway = failed('the object is being deleted; it is applied again when it is gone');

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

/** @param isLeftBehind the other Work is gone from the member, and only its marks are there */
export function notOurs(
  { gvk, namespace, name }: ReadManifest,
  otherWork: string | undefined,
  isLeftBehind = false,
): ManifestProblem {
  const object = `${gvk.kind} ${namespace === '' ? '' : `${namespace}/`}${name}`;
  if (otherWork !== undefined && !isLeftBehind) {
    const message = `${object} belongs to AppliedWork ${otherWork}, with other content`;
    return { reason: ManifestReason.ConflictingWork, message };
  }
  const marks = isLeftBehind ? `, and has the marks of AppliedWork ${otherWork}, which is gone` : '';
  const message = `${object} existed before and is not ours${marks}; it is left as it is`;
  return { reason: ManifestReason.ResourceNotOwned, message };
}
