import { ApiError, type KubeObject, ManifestReason, type Stored } from '@quarterdeck/apis';
import type { ApplyConfiguration, JsonObject } from '@quarterdeck/machinery';
import type { ApplyContext, ApplyOutcome, ApplyTarget } from './apply-target.ts';
import { failed } from './problems.ts';

/**
 * A field that cannot be changed, and a policy that allows to make the object anew: it is deleted, and applied again when it
 * is gone. Only after the member has accepted, without effect and under another name, that such an object can be made: what
 * runs is not given up for what would be refused. DL-2, WK-26
 */
export async function recreate(
  context: ApplyContext,
  { type }: ApplyTarget,
  live: Stored<KubeObject>,
  wanted: JsonObject,
): Promise<ApplyOutcome> {
  const { memberClient, fieldManager, signal, applied } = context;
  const { name, namespace, uid } = live.metadata;
  const { ownerReferences: _owners, ...metadata } = wanted.metadata as JsonObject;
  const trial = { ...wanted, metadata: { ...metadata, name: trialName(name) } };
  try {
    await memberClient.apply(type, trial as unknown as ApplyConfiguration<KubeObject>, {
      fieldManager,
      signal,
      dryRun: true,
      fieldValidation: 'Strict',
    });
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    return { live, problem: failed(`it has to be made anew, and a new one would be refused: ${error.message}`) };
  }
  const others = (live.metadata.ownerReferences ?? []).filter((owner) => owner.uid !== applied.metadata.uid);
  if (others.length > 0)
    return { live, problem: failed(`it has to be made anew, and ${others[0]?.kind} ${others[0]?.name} shares it`) };
  await memberClient.delete(type, namespace === undefined ? { name } : { namespace, name }, {
    preconditions: { uid },
    propagationPolicy: 'Foreground',
    signal,
  });
  const message = 'a field that cannot be changed: the object is deleted and made anew, as its strategy says';
  return { live: undefined, problem: { reason: ManifestReason.Recreating, message }, againAfterMs: 1_000 };
}

/** A name that nothing has: the trial must be a creation. */
const trialName = (name: string): string => `${name.slice(0, 50)}-quarterdeck-trial`;
