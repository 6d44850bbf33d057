import { ApiError, type KubeObject, ManifestReason, type Stored } from '@quarterdeck/apis';
import type { ApplyConfiguration, JsonObject } from '@quarterdeck/machinery';
import type { ApplyContext, ApplyOutcome, ApplyTarget } from './apply-target.ts';
import type { ManifestProblem } from './manifest.ts';
import { failed, isMemberUnwell } from './problems.ts';

interface Change {
  readonly live: Stored<KubeObject>;
  readonly wanted: JsonObject;
  /** Why the member does not let the object become so. */
  readonly refused: string;
}

/**
 * A field that cannot be changed, and a policy that allows to make the object anew: it is deleted, and applied again when it
 * is gone. Only after the member has accepted, without effect and under another name, that such an object can be made: what
 * runs is not given up for what would be refused. DL-2, WK-26
 */
export async function recreate(context: ApplyContext, target: ApplyTarget, change: Change): Promise<ApplyOutcome> {
  const { live } = change;
  const problem = await tryAnew(context, target, change);
  if (problem !== undefined) return { live, problem };
  const { name, namespace, uid } = live.metadata;
  await context.memberClient.delete(target.type, namespace === undefined ? { name } : { namespace, name }, {
    preconditions: { uid },
    propagationPolicy: 'Foreground',
    signal: context.signal,
  });
  const message = 'a field that cannot be changed: the object is deleted and made anew, as its strategy says';
  return { live: undefined, problem: { reason: ManifestReason.Recreating, message }, againAfterMs: 1_000 };
}

/** Why an object is not made anew, by a trial without effect; undefined: it may be. @throws ApiError when the member is unwell */
export async function tryAnew(
  { memberClient, fieldManager, signal, applied }: ApplyContext,
  { type }: ApplyTarget,
  { live, wanted, refused }: Change,
): Promise<ManifestProblem | undefined> {
  const { ownerReferences: _owners, ...metadata } = wanted.metadata as JsonObject;
  const trial = { ...wanted, metadata: { ...metadata, name: trialName(live.metadata.name) } };
  try {
    await memberClient.apply(type, trial as unknown as ApplyConfiguration<KubeObject>, {
      fieldManager,
      signal,
      dryRun: true,
      fieldValidation: 'Strict',
    });
  } catch (error) {
    if (!(error instanceof ApiError) || isMemberUnwell(error)) throw error;
    const why = `a new one would be refused: ${error.message}`;
    return failed(`it is not made anew, since ${why}; the change itself: ${refused}`);
  }
  const other = live.metadata.ownerReferences?.find(({ uid }) => uid !== applied.metadata.uid);
  return other === undefined ? undefined : failed(`it has to be made anew, and ${other.kind} ${other.name} shares it`);
}

const trialSuffix = '-quarterdeck-trial';
/** Of a CronJob; other kinds take more. */
const longestName = 52;

/** A name that nothing has, and that every kind takes: the trial must be a creation. */
const trialName = (name: string): string =>
  `${name.slice(0, longestName - trialSuffix.length).replace(/[^a-z0-9]+$/i, '')}${trialSuffix}`;
