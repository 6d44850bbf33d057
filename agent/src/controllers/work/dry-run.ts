import { ApiError, annotation } from '@quarterdeck/apis';
import type { ApplyConfiguration, JsonObject } from '@quarterdeck/machinery';
import type { ApplyContext, ApplyTarget } from './apply-target.ts';
import { contentOf } from './content.ts';
import type { ManifestProblem } from './manifest.ts';
import { markedObject, ownershipOf } from './marks.ts';
import { isMemberUnwell, notOurs, refusal } from './problems.ts';
import { readLive } from './read-live.ts';

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

async function tryOne(context: ApplyContext, target: ApplyTarget): Promise<ManifestProblem | undefined> {
  const { manifest, type, journalUid } = target;
  const { memberClient, fieldManager, signal, applied } = context;
  const { policy, hash } = manifest;
  const live = await readLive(context, target);
  if (live?.metadata.annotations?.[annotation.manifestHash] === hash) return undefined; // nothing new
  const ownership = live === undefined ? { ours: true as const } : ownershipOf(live, manifest, applied, journalUid);
  if (!ownership.ours && (ownership.otherWork !== undefined || policy.takeOver === 'Never'))
    return notOurs(manifest, ownership.otherWork);
  const wanted: JsonObject = markedObject({ ...manifest, ...contentOf(manifest, live) }, applied, live);
  const force = !ownership.ours || policy.fieldConflicts === 'Force';
  const options = { fieldManager, signal, dryRun: true, fieldValidation: 'Strict' as const, force };
  await memberClient.apply(type, wanted as unknown as ApplyConfiguration<never>, options);
  return undefined;
}
