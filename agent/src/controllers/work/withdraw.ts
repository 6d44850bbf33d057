import {
  type AppliedResource,
  annotation,
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
import { messageOf, type Recorded, refOf } from './recorded.ts';

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
