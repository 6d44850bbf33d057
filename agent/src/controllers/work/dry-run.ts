import { ApiError, annotation, type KubeObject, type Stored } from '@quarterdeck/apis';
import type { JsonObject } from '@quarterdeck/machinery';
import { applyByForce } from './apply.ts';
import type { ApplyContext, ApplyTarget } from './apply-target.ts';
import { contentOf } from './content.ts';
import type { ManifestProblem } from './manifest.ts';
import { markedObject, ownershipOf } from './marks.ts';
import { goingAway, isMemberUnwell, isRefusedChange, refusal } from './problems.ts';
import { readLive } from './read-live.ts';
import { tryAnew } from './recreate.ts';
import { judgeTakeOver } from './take-over.ts';

/**
 * Tries what is new of a Work without effect, as the executor, before anything is written. What lives in a Namespace that the
 * Work itself is about to make cannot be tried, and counts as good. SEC-11
 * @returns the refusals, by ordinal; empty: all may be written
 * @throws ApiError when it is the member that is unwell
 */
export async function tryAll(
  context: ApplyContext,
  targets: readonly ApplyTarget[],
): Promise<ReadonlyMap<number, ManifestProblem>> {
  const refused = new Map<number, ManifestProblem>();
  const made = new Set<string>();
  for (const { manifest } of targets) if (manifest.gvk.kind === 'Namespace') made.add(manifest.name);
  for (const target of targets) {
    const { ordinal, namespace } = target.manifest;
    try {
      const problem = await tryOne(context, target);
      if (problem !== undefined) refused.set(ordinal, problem);
    } catch (error) {
      if (!(error instanceof ApiError) || isMemberUnwell(error)) throw error;
      const isEarly = error.code === 404 && made.has(namespace);
      if (!isEarly) refused.set(ordinal, refusal(error));
    }
  }
  return refused;
}

/** What {@link applyManifest} would come to, by the same rules. */
async function tryOne(context: ApplyContext, target: ApplyTarget): Promise<ManifestProblem | undefined> {
  const { manifest, journalUid } = target;
  const { policy, hash } = manifest;
  const live = await readLive(context, target);
  if (live === undefined) return await tryToSend(context, target, live);
  if (live.metadata.annotations?.[annotation.manifestHash] === hash) return undefined; // nothing new
  const ownership = ownershipOf(live, manifest, context.applied, journalUid);
  if (!ownership.ours) {
    const { refused } = await judgeTakeOver(context, target, { live, otherWork: ownership.otherWork });
    return refused?.problem; // the judgement was a trial
  }
  if (live.metadata.deletionTimestamp !== undefined) return goingAway;
  return policy.strategy === 'CreateOnly' ? undefined : await tryToSend(context, target, live);
}

async function tryToSend(
  context: ApplyContext,
  target: ApplyTarget,
  live: Stored<KubeObject> | undefined,
): Promise<ManifestProblem | undefined> {
  const { manifest } = target;
  const { applied, held } = context;
  const content = contentOf(manifest, live);
  const wanted: JsonObject = markedObject({ ...manifest, ...content }, applied, live);
  const wasHeld = (field: string) => live !== undefined && held.wasSet(live.metadata.uid, field);
  try {
    await applyByForce(context, target, { wanted, always: content.isResent, wasHeld, dryRun: true });
    return undefined;
  } catch (error) {
    const mayAnew = live !== undefined && manifest.policy.strategy === 'Recreate';
    if (!(error instanceof ApiError) || !mayAnew || !isRefusedChange(error)) throw error;
    return await tryAnew(context, target, { live, wanted, refused: error.message });
  }
}
