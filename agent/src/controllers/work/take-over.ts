import { applyFieldManager, type KubeObject, ManifestReason, type ResourceType, type Stored } from '@quarterdeck/apis';
import {
  type ApplyConfiguration,
  type Client,
  equalValues,
  type JsonObject,
  type JsonValue,
} from '@quarterdeck/machinery';
import type { ApplyContext, ApplyOutcome, ApplyTarget } from './apply-target.ts';
import { contentOf } from './content.ts';
import { isContent } from './decide-apply.ts';
import { type DriftedField, driftOf, leavesOf } from './drift.ts';
import type { ManifestProblem, ReadManifest } from './manifest.ts';
import { markedObject } from './marks.ts';
import { appliedBy, managersOf, valueAtPath, withoutFields } from './owned-fields.ts';
import { notOurs } from './problems.ts';

/** An object that is there and not ours. */
interface Found {
  readonly live: Stored<KubeObject>;
  /** The AppliedWork that has it, if one has. */
  readonly otherWork: string | undefined;
}

/**
 * An object that existed before becomes ours where the policy says so: always, or when the manifest would change nothing of
 * it. It is forced once, and fields of the manifest that kubectl or Helm hold pass to us alone, so that a later removal from
 * the manifest removes them from the object; what they set beyond the manifest stays theirs. A refusal tells the difference.
 * Another Work's object is never taken; one with the marks of a Work that is gone from the member is nobody's. DL-4, WK-31
 */
export async function takeOver(
  context: ApplyContext,
  target: ApplyTarget,
  { live, otherWork }: Found,
): Promise<ApplyOutcome> {
  const { refused, isLeftBehind } = await judgeTakeOver(context, target, { live, otherWork });
  if (refused !== undefined) return { live: undefined, ...refused };
  return { live: await adopt(context, target, live, isLeftBehind), problem: undefined };
}

interface Judgement {
  readonly refused: (Pick<ApplyOutcome, 'drift'> & { readonly problem: ManifestProblem }) | undefined;
  /** It has the marks of a Work that is gone from the member. */
  readonly isLeftBehind: boolean;
}

/** Whether an object that is not ours may become so; writes nothing. */
export async function judgeTakeOver(
  context: ApplyContext,
  target: ApplyTarget,
  { live, otherWork }: Found,
): Promise<Judgement> {
  const { manifest } = target;
  const { takeOver: policy } = manifest.policy;
  const isLeftBehind = otherWork !== undefined && (await context.isOwnerGone?.(otherWork)) === true;
  const problem = notOurs(manifest, otherWork, isLeftBehind);
  if (otherWork !== undefined && !isLeftBehind) return { refused: { problem }, isLeftBehind };
  const fields = await differences(context, target, live);
  const drift = fields.length === 0 ? undefined : { state: 'Reported' as const, fields, isMissing: false };
  if (policy === 'Never') return { refused: { problem, drift }, isLeftBehind };
  if (policy === 'IfEqual' && fields.length > 0) {
    const [first] = fields;
    const more = fields.length === 1 ? '' : ` and ${fields.length - 1} more`;
    const message = `${problem.message}: it differs from the manifest in ${first?.path}${more}`;
    return { refused: { problem: { reason: ManifestReason.ResourceNotOwned, message }, drift }, isLeftBehind };
  }
  return { refused: live.metadata.deletionTimestamp === undefined ? undefined : { problem, drift }, isLeftBehind };
}

async function adopt(
  context: ApplyContext,
  { manifest, type }: ApplyTarget,
  live: Stored<KubeObject>,
  isLeftBehind: boolean,
) {
  const { memberClient, fieldManager, signal, applied, held } = context;
  const { uid, resourceVersion } = live.metadata;
  // Marks that were left behind are not shared, but replaced.
  const marked = isLeftBehind ? undefined : live;
  const wanted = markedObject({ ...manifest, ...contentOf(manifest, live) }, applied, marked);
  // What was judged is what is taken: a change in between is looked at again.
  const guarded = { ...wanted, metadata: { ...(wanted.metadata as JsonObject), uid, resourceVersion } };
  const stored = await memberClient.apply(type, guarded as unknown as ApplyConfiguration<KubeObject>, {
    fieldManager,
    signal,
    force: true,
    fieldValidation: 'Strict',
  });
  held.remember(stored.metadata.uid, wanted, appliedBy(stored, fieldManager));
  const isBefore = isLeftBehind ? (manager = '') => isTool(manager) || isAgentOf(manager) : isTool;
  return await leaveOthersOut(context, type, stored, isBefore);
}

/** Tools for people, which would hold every field that they once set for ever. */
const isTool = (manager = ''): boolean => /^(kubectl|helm)([-/].*)?$/i.test(manager);

/** An agent of ours, of whatever hub. */
const isAgentOf = (manager: string): boolean => manager.startsWith(applyFieldManager(''));

/** Fields that we hold are no longer held by those who made the object. */
async function leaveOthersOut(
  { memberClient, fieldManager, signal }: ApplyContext,
  type: ResourceType,
  stored: Stored<KubeObject>,
  isBefore: (manager: string | undefined) => boolean,
): Promise<Stored<KubeObject>> {
  const owned = appliedBy(stored, fieldManager);
  const before = managersOf(stored);
  const after = before.flatMap((entry) => {
    const isKept = entry.manager === fieldManager || !isBefore(entry.manager);
    if (isKept || (entry.subresource ?? '') !== '' || entry.fieldsV1 === undefined) return [entry];
    const fieldsV1 = withoutFields(entry.fieldsV1, owned);
    return fieldsV1 === undefined ? [] : [{ ...entry, fieldsV1 }];
  });
  if (equalValues(after as unknown as JsonValue, before as unknown as JsonValue)) return stored;
  const { name, namespace, uid, resourceVersion } = stored.metadata;
  const ref = namespace === undefined ? { name } : { namespace, name };
  const body = { metadata: { uid, resourceVersion, managedFields: after } };
  return await memberClient.patch(type, ref, { type: 'merge', body }, { signal, fieldManager });
}

/**
 * What the manifest would change of a live object, by the member's own word: a trial without effect, which defaults, rewrites
 * and admission take part in. DL-4, DL-21
 */
export async function differences(
  { memberClient, fieldManager, signal }: { memberClient: Client; fieldManager: string; signal: AbortSignal },
  { manifest, type }: { manifest: ReadManifest; type: ResourceType },
  live: Stored<KubeObject>,
): Promise<DriftedField[]> {
  const { content } = contentOf(manifest, live);
  const options = { fieldManager, signal, force: true, dryRun: true, fieldValidation: 'Strict' as const };
  const trial = await memberClient.apply(type, content as unknown as ApplyConfiguration<KubeObject>, options);
  const fields = [...leavesOf(appliedBy(trial, fieldManager))].filter(isContent);
  const [before, after] = [live, trial].map((object) => object as unknown as JsonObject);
  const wanted = fields.flatMap((path) => {
    const value = valueAtPath(after, path);
    // What a manifest says to be empty is owned, and stands nowhere.
    const isNothing = value === undefined && valueAtPath(before, path) === undefined;
    return isNothing ? [] : [{ path, wanted: value ?? null }];
  });
  return driftOf(live, wanted, fieldManager);
}
