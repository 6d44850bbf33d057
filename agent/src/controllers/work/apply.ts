import { ApiError, type KubeObject, type Stored } from '@quarterdeck/apis';
import type { ApplyConfiguration, JsonObject } from '@quarterdeck/machinery';
import type { ApplyContext, ApplyOutcome, ApplyTarget } from './apply-target.ts';
import { type Content, contentOf, toHandOver } from './content.ts';
import { decideApply, mayForce, type SeenDrift } from './decide-apply.ts';
import { markedObject, ownershipOf } from './marks.ts';
import { appliedBy } from './owned-fields.ts';
import { conflictCauses, goingAway, isMemberUnwell, isRefusedChange, refusal } from './problems.ts';
import { readLive } from './read-live.ts';
import { recreate } from './recreate.ts';
import { takeOver } from './take-over.ts';

/**
 * Brings one object to its manifest, in the way of its policy. Sends nothing when it is so already. Never takes what is not
 * ours unless the policy says so (WK-31, DL-4), and forces only what was ours before (WK-23, DL-20).
 * @throws ApiError when it is the member that is unwell, not the manifest
 */
export async function applyManifest(context: ApplyContext, target: ApplyTarget): Promise<ApplyOutcome> {
  try {
    return await attempt(context, target);
  } catch (error) {
    if (!(error instanceof ApiError) || isMemberUnwell(error)) throw error;
    return { live: undefined, problem: refusal(error) };
  }
}

async function attempt(context: ApplyContext, target: ApplyTarget): Promise<ApplyOutcome> {
  const { manifest, journalUid } = target;
  const live = await readLive(context, target);
  if (live === undefined) return await make(context, target);
  const ownership = ownershipOf(live, manifest, context.applied, journalUid);
  if (!ownership.ours) {
    return await takeOver(context, target, { live, otherWork: ownership.otherWork });
  }
  if (live.metadata.deletionTimestamp !== undefined) {
    return { live, problem: goingAway };
  }
  return await keep(context, target, live);
}

/** The object is not there: it is made, unless somebody took it away and the policy only reports that. */
async function make(context: ApplyContext, target: ApplyTarget): Promise<ApplyOutcome> {
  const { manifest, journalUid, appliedHash } = target;
  const wasThere = journalUid !== undefined && appliedHash === manifest.hash;
  const missing = (state: SeenDrift['state']) => ({ state, fields: [], isMissing: true });
  if (wasThere && context.isPaused) return { live: undefined, problem: undefined, drift: missing('Paused') };
  if (wasThere && manifest.policy.driftPolicy === 'Report')
    return { live: undefined, problem: undefined, drift: missing('Reported') };
  const drift = wasThere ? missing('Repaired') : undefined;
  const content = contentOf(manifest, undefined);
  const made = await send(context, target, undefined, content, 'never');
  const live = await handOver(context, target, made);
  return { live, problem: undefined, drift };
}

/** The object is ours and there. */
async function keep(context: ApplyContext, target: ApplyTarget, seen: Stored<KubeObject>): Promise<ApplyOutcome> {
  const { manifest } = target;
  const { fieldManager, held, guard, isPaused, now, applied } = context;
  const { uid } = seen.metadata;
  const live = manifest.policy.strategy === 'CreateOnly' ? seen : await handOver(context, target, seen, 'only');
  const content = contentOf(manifest, live);
  const wanted = markedObject({ ...manifest, ...content }, applied, live);
  const situation = { manifest, live, wanted, fieldManager, unownable: held.unownable(uid), guard, isPaused, now };
  const verdict = decideApply(situation);
  if (verdict.do === 'nothing')
    return { live, problem: undefined, drift: verdict.drift, againAfterMs: verdict.againAfterMs };
  if (manifest.policy.strategy === 'CreateOnly') return { live, problem: undefined };
  const { drift } = verdict;
  const fights = drift === undefined ? [] : guard.repaired(uid, drift.fields, now);
  try {
    const stored = await send(
      context,
      target,
      live,
      content,
      content.isResent ? 'always' : verdict.isNew ? 'new' : 'old',
    );
    return { live: await handOver(context, target, stored), problem: undefined, drift, fights };
  } catch (error) {
    // Only a new manifest: what somebody else did to an object, and may do again, is no reason to make it anew.
    const mayAnew = manifest.policy.strategy === 'Recreate' && verdict.isNew;
    if (!(error instanceof ApiError) || !mayAnew || !isRefusedChange(error)) throw error;
    return await recreate(context, target, { live, wanted, refused: error.message });
  }
}

/** Whether a refused apply may be repeated by force, and why. */
type Force =
  /** Nothing of it was ours before. */
  | 'never'
  /** A new manifest: what the one before it had set. */
  | 'new'
  /** The manifest as it was applied before: all of it was ours. */
  | 'old'
  | 'always';

async function send(
  context: ApplyContext,
  target: ApplyTarget,
  live: Stored<KubeObject> | undefined,
  content: Content,
  force: Force,
): Promise<Stored<KubeObject>> {
  const { manifest } = target;
  const { fieldManager, held, superseded, applied } = context;
  const wanted = markedObject({ ...manifest, ...content }, applied, live);
  const stored = await applyByForce(context, target, {
    wanted,
    always: force === 'always',
    wasHeld: (field) => force === 'old' || (force === 'new' && held.wasSet(live?.metadata.uid ?? '', field)),
  });
  held.remember(stored.metadata.uid, wanted, appliedBy(stored, fieldManager));
  if (live !== undefined) superseded.replaced(live, stored);
  return stored;
}

interface Sending {
  readonly wanted: JsonObject;
  readonly always: boolean;
  /** Of a field, as conflicts name it: whether it was ours before. */
  readonly wasHeld: (field: string) => boolean;
  /** Default false. */
  readonly dryRun?: boolean;
}

/** By force at once where the policy or a changed value says so, else only for what {@link mayForce} allows. WK-23, DL-20 */
export async function applyByForce(
  { memberClient, fieldManager, signal }: ApplyContext,
  { manifest, type }: ApplyTarget,
  { wanted, always, wasHeld, dryRun = false }: Sending,
): Promise<Stored<KubeObject>> {
  const body = wanted as unknown as ApplyConfiguration<KubeObject>;
  const options = { fieldManager, signal, fieldValidation: 'Strict' as const, ...(dryRun ? { dryRun } : {}) };
  try {
    const force = always || manifest.policy.fieldConflicts === 'Force';
    return await memberClient.apply(type, body, { ...options, force });
  } catch (error) {
    if (!(error instanceof ApiError) || !mayForce(manifest, conflictCauses(error), wasHeld)) throw error;
    return await memberClient.apply(type, body, { ...options, force: true });
  }
}

/**
 * Fields that are to be left out, and that we hold, go to a manager of their own first, so that leaving them out does not
 * remove them. With `only`, nothing else is sent: the caller does. DL-3
 */
async function handOver(
  context: ApplyContext,
  target: ApplyTarget,
  live: Stored<KubeObject>,
  then: 'apply' | 'only' = 'apply',
): Promise<Stored<KubeObject>> {
  const { manifest, type } = target;
  if (manifest.policy.ignoredFields.length === 0) return live;
  const { memberClient, fieldManager, signal } = context;
  const content = contentOf(manifest, live);
  const fields = toHandOver(manifest, content.content, live, fieldManager);
  if (fields === undefined) return live;
  const { name, namespace, uid } = live.metadata;
  const body = {
    ...fields,
    apiVersion: live.apiVersion,
    kind: live.kind,
    // The uid, so that an object that went away meanwhile is not made of these fields alone.
    metadata: {
      ...(fields.metadata as JsonObject | undefined),
      name,
      uid,
      ...(namespace === undefined ? {} : { namespace }),
    },
  };
  const handed = await memberClient.apply(type, body as unknown as ApplyConfiguration<KubeObject>, {
    fieldManager: `${fieldManager}:once`,
    signal,
  });
  return then === 'only' ? handed : await send(context, target, handed, content, 'old');
}
