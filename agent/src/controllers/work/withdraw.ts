import {
  type AppliedResource,
  type AppliedWork,
  annotation,
  ignoreNotFound,
  isConflict,
  isForbidden,
  isNotFound,
  type KubeObject,
  label,
  labelValueOf,
  policyAnnotation,
  type ResourceType,
  type Stored,
} from '@quarterdeck/apis';
import type { EpochMs } from '@quarterdeck/machinery';
import type { Watchers } from '../../member/watchers.ts';
import { type ContainerContext, foreignContent } from './foreign-content.ts';
import { identityOfResource } from './journal.ts';
import { isContainerKind, ownersOf } from './marks.ts';
import { rankOf } from './order.ts';

/**
 * The member leaves the fleet, and its own policy overrides that of every Work. Orphan: everything stays, with the label by
 * which a returning member knows it again. Delete: everything goes that is ours alone. False: it does not leave. RG-40, RG-41
 */
export type Leaving = false | 'Orphan' | 'Delete';

export interface WithdrawContext extends ContainerContext {
  readonly watchers: Pick<Watchers, 'ensure'>;
  /** Identities that their manifests only read from now on: they are ours no more, and stay. DL-2 */
  readonly released?: ReadonlySet<string>;
  /** Names of the AppliedWorks, but for this one, that still want the object, the first in line first. DL-5, WK-32 */
  readonly claims: (identity: string) => readonly string[];
  readonly leaving: Leaving;
}

/** What is left of one recorded object. */
export type Remains =
  /** Gone, or not ours any more: its journal entry goes. */
  | { readonly state: 'gone' }
  /** Being deleted since then; the entry stays until it is gone. */
  | { readonly state: 'going'; readonly message: string; readonly since: EpochMs | undefined }
  /** Left in place on purpose; the entry goes. */
  | { readonly state: 'left'; readonly message: string };

/** Last applied, first withdrawn. */
export function inWithdrawOrder(entries: readonly AppliedResource[]): AppliedResource[] {
  const rank = ({ group = '', kind = '' }: AppliedResource) => rankOf({ group, kind });
  return entries.toSorted((a, b) => rank(b) - rank(a) || b.ordinal - a.ordinal);
}

/** A journal entry and the object that it is about, if that is still there. */
export interface Recorded {
  readonly type: ResourceType | undefined;
  /** Undefined: gone, or another object under the same name. */
  readonly live: Stored<KubeObject> | undefined;
  /** The executor may not even look at it, any more. DL-30 */
  readonly refused?: string;
}

export async function readRecorded(
  { memberClient, signal, applied }: Pick<WithdrawContext, 'memberClient' | 'signal' | 'applied'>,
  entry: AppliedResource,
): Promise<Recorded> {
  const type = typeOf(entry);
  if (type === undefined) return { type, live: undefined }; // it never had a name that could be applied
  try {
    const live = await ignoreNotFound(memberClient.get(type, refOf(entry), { signal }));
    return { type, live: live !== undefined && isRecorded(live, entry, applied) ? live : undefined };
  } catch (error) {
    if (!isForbidden(error)) throw error;
    // What was never applied, and may not be read, never was: each object is read before it is applied.
    return entry.uid === undefined ? { type, live: undefined } : { type, live: undefined, refused: messageOf(error) };
  }
}

const refOf = ({ namespace = '', name = '' }: AppliedResource) => (namespace === '' ? { name } : { namespace, name });

/**
 * Takes one object off the member, if it is the very one that was recorded and no other Work has a claim to it. WK-32 to
 * WK-36, DL-5, DL-6
 *
 * Orphans, shared objects, and containers with foreign content are disowned instead: our marks go, the object stays.
 */
export async function withdraw(
  context: WithdrawContext,
  entry: AppliedResource,
  { type, live, refused }: Recorded,
): Promise<Remains> {
  if (refused !== undefined) return mayNot(entry, refused);
  if (type === undefined || live === undefined) return { state: 'gone' };
  try {
    return await takeOff(context, entry, { type, live });
  } catch (error) {
    if (!isForbidden(error)) throw error;
    return mayNot(entry, messageOf(error));
  }
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/** Rights that were revoked: the object stands, and so does its entry; there is no hurry to ask again. DL-30 */
const mayNot = ({ kind, name }: AppliedResource, message: string): Remains => ({
  state: 'going',
  message: `${kind} ${name} may not be withdrawn: ${message}`,
  since: 0,
});

async function takeOff(
  context: WithdrawContext,
  entry: AppliedResource,
  { type, live }: { readonly type: ResourceType; readonly live: Stored<KubeObject> },
): Promise<Remains> {
  const { memberClient, signal } = context;
  const ref = refOf(entry);
  const name = entry.name ?? '';
  const title = `${entry.kind} ${entry.namespace ? `${entry.namespace}/` : ''}${name}`;
  if (live.metadata.deletionTimestamp !== undefined) {
    context.watchers.ensure(type, entry.namespace ?? ''); // its end is seen, not only polled for
    return { state: 'going', message: goingMessage(title, live), since: Date.parse(live.metadata.deletionTimestamp) };
  }
  const kept = await reasonToKeep(context, entry, live);
  if (kept !== undefined) {
    await disown(context, type, live, kept.marks);
    return { state: 'left', message: `${title} ${kept.why}` };
  }
  context.watchers.ensure(type, entry.namespace ?? '');
  try {
    // Foreground, so that "gone" means that what it owns is gone too.
    await memberClient.delete(type, ref, {
      preconditions: { uid: live.metadata.uid },
      propagationPolicy: 'Foreground',
      signal,
    });
  } catch (error) {
    if (!isNotFound(error) && !isConflict(error)) throw error;
  }
  return { state: 'going', message: `${title} is being deleted`, since: undefined };
}

/** What becomes of our label: it goes, it stays for our return, or it passes to the next owner. */
type Marks = 'drop' | 'keep' | { readonly heir: string };

async function reasonToKeep(
  context: WithdrawContext,
  entry: AppliedResource,
  live: Stored<KubeObject>,
): Promise<{ readonly why: string; readonly marks: Marks } | undefined> {
  const heir = heirOf(context, entry, live);
  if (heir !== undefined) return { why: `passes to AppliedWork ${heir}`, marks: { heir } };
  if (live.metadata.labels?.[label.appliedWork] !== labelValueOf(context.applied.metadata.name)) {
    return { why: 'is not marked as ours any more', marks: 'drop' };
  }
  if (context.released?.has(identityOfResource(entry)) === true) {
    return { why: 'stays: its manifest only reads it from now on', marks: 'drop' };
  }
  if (context.leaving === 'Orphan') return { why: 'stays: the member leaves the fleet', marks: 'keep' };
  if (context.leaving !== 'Delete' && live.metadata.annotations?.[policyAnnotation.deletionPolicy] === 'Orphan') {
    return { why: 'stays by its deletion policy', marks: 'drop' };
  }
  if (!isContainerKind({ group: entry.group ?? '', kind: entry.kind ?? '' })) return undefined;
  const foreign = await foreignContent(context, live);
  return foreign === undefined ? undefined : { why: `holds ${foreign} and is not deleted`, marks: 'drop' };
}

/**
 * Who takes over: an owner before one that only wants the object (containers have no owner references, and a conflicting
 * Work waits for its turn). WK-32
 */
function heirOf({ applied, claims }: WithdrawContext, entry: AppliedResource, live: Stored<KubeObject>) {
  const owner = ownersOf(live).find(({ uid }) => uid !== applied.metadata.uid);
  return owner?.name ?? claims(identityOfResource(entry))[0];
}

/** A uid that differs is another object under the same name; one without a uid was recorded before a crash. WK-33 */
function isRecorded(live: Stored<KubeObject>, entry: AppliedResource, applied: Stored<AppliedWork>): boolean {
  if (entry.uid !== undefined) return entry.uid === live.metadata.uid;
  const marked = live.metadata.labels?.[label.appliedWork] === labelValueOf(applied.metadata.name);
  return marked || ownersOf(live).some(({ uid }) => uid === applied.metadata.uid);
}

function typeOf(entry: AppliedResource): ResourceType | undefined {
  const { group = '', version, kind, resource, namespace = '' } = entry;
  if (version === undefined || kind === undefined || resource === undefined) return undefined;
  return { group, version, kind, plural: resource, scope: namespace === '' ? 'Cluster' : 'Namespaced' };
}

/** Conditional on what was seen: a mark that changed meanwhile is looked at again. */
async function disown(
  { memberClient, applied, signal }: WithdrawContext,
  type: ResourceType,
  live: Stored<KubeObject>,
  marks: Marks,
): Promise<void> {
  const { name, namespace, uid, resourceVersion } = live.metadata;
  const owners = (live.metadata.ownerReferences ?? []).filter((owner) => owner.uid !== applied.metadata.uid);
  const isMine = live.metadata.labels?.[label.appliedWork] === labelValueOf(applied.metadata.name);
  const body = {
    metadata: {
      uid,
      resourceVersion,
      ownerReferences: owners.length === 0 ? null : owners,
      ...(isMine ? changeOf(marks) : {}),
    },
  };
  const ref = namespace === undefined ? { name } : { namespace, name };
  await memberClient.patch(type, ref, { type: 'merge', body }, { signal });
}

function changeOf(marks: Marks) {
  if (marks === 'keep') return {};
  if (marks === 'drop') {
    return { labels: { [label.appliedWork]: null }, annotations: { [annotation.manifestHash]: null } };
  }
  return { labels: { [label.appliedWork]: labelValueOf(marks.heir) } };
}

function goingMessage(title: string, live: Stored<KubeObject>): string {
  const finalizers = live.metadata.finalizers ?? [];
  return finalizers.length === 0
    ? `${title} is being deleted`
    : `${title} waits for its finalizers ${finalizers.join(', ')}`;
}
