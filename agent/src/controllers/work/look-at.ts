import { ApiError, ignoreNotFound, ManifestReason } from '@quarterdeck/apis';
import type { ApplyContext, ApplyOutcome, ApplyTarget } from './apply-target.ts';
import { isMemberUnwell, refusal } from './problems.ts';
import { differences } from './take-over.ts';

/** ReadOnly and ReportOnly: the object is looked at and never written. DL-2 */
export async function lookAtManifest(
  context: Pick<ApplyContext, 'memberClient' | 'fieldManager' | 'signal' | 'applied'>,
  { manifest, type }: ApplyTarget,
): Promise<ApplyOutcome> {
  try {
    const { memberClient, signal, fieldManager } = context;
    const ref =
      manifest.namespace === '' ? { name: manifest.name } : { namespace: manifest.namespace, name: manifest.name };
    const live = await ignoreNotFound(memberClient.get(type, ref, { signal }));
    if (manifest.policy.strategy === 'ReadOnly') return { live, problem: undefined };
    const message = 'nothing is written by its strategy; the report says what would change';
    const problem = { reason: ManifestReason.ReportOnly, message };
    if (live === undefined) return { live, problem, drift: { state: 'Reported', fields: [], isMissing: true } };
    const fields = await differences({ memberClient, fieldManager, signal }, { manifest, type }, live);
    return { live, problem, drift: fields.length === 0 ? undefined : { state: 'Reported', fields, isMissing: false } };
  } catch (error) {
    if (!(error instanceof ApiError) || isMemberUnwell(error)) throw error;
    return { live: undefined, problem: refusal(error) };
  }
}
