import {
  type AppliedResource,
  type AppliedWork,
  annotation,
  ignoreNotFound,
  isConflict,
  isNotFound,
  type KubeObject,
  label,
  labelValueOf,
  policyAnnotation,
  type ResourceType,
  type Stored,
} from '@quarterdeck/apis';
import type { Client } from '@quarterdeck/machinery';
import type { Discovery } from '../../member/discovery.ts';
import { foreignContent } from './foreign-content.ts';
import { isContainerKind, ownersOf } from './marks.ts';
import { rankOf } from './order.ts';

export interface WithdrawContext {
  readonly memberClient: Client;
  readonly discovery: Discovery;
  readonly applied: Stored<AppliedWork>;
  readonly signal: AbortSignal;
}

/** What is left of one recorded object. */
export type Remains =
  /** Gone, or not ours any more: its journal entry goes. */
  | { readonly state: 'gone' }
  /** Being deleted; the entry stays until it is gone. */
  | { readonly state: 'going'; readonly message: string }
  /** Left in place on purpose; the entry goes. */
  | { readonly state: 'left'; readonly message: string };

/** Last applied, first withdrawn. */
export function inWithdrawOrder(entries: readonly AppliedResource[]): AppliedResource[] {
  const rank = ({ group = '', kind = '' }: AppliedResource) => rankOf({ group, kind });
  return entries.toSorted((a, b) => rank(b) - rank(a) || b.ordinal - a.ordinal);
}

/**
 * Takes one object off the member, if it is the very one that was recorded and nobody shares it. WK-32 to WK-36, DL-5, DL-6
 *
 * Orphan, shared, and containers with foreign content are disowned instead: our marks go, the object stays.
 */
export async function withdraw(context: WithdrawContext, entry: AppliedResource): Promise<Remains> {
  const type = typeOf(entry);
  if (type === undefined) return { state: 'gone' }; // it never had a name that could be applied
  const { memberClient, signal, applied } = context;
  const name = entry.name ?? '';
  const ref = entry.namespace === undefined || entry.namespace === '' ? { name } : { namespace: entry.namespace, name };
  const live = await ignoreNotFound(memberClient.get(type, ref, { signal }));
  if (live === undefined || !isRecorded(live, entry, applied)) return { state: 'gone' };
  const title = `${entry.kind} ${ref.namespace === undefined ? '' : `${ref.namespace}/`}${name}`;
  if (live.metadata.deletionTimestamp !== undefined) return { state: 'going', message: goingMessage(title, live) };

  const others = ownersOf(live).filter(({ uid }) => uid !== applied.metadata.uid);
  if (others.length > 0 || live.metadata.labels?.[label.appliedWork] !== labelValueOf(applied.metadata.name)) {
    return await disown(context, type, live, others[0]?.name, `${title} is shared with another Work`);
  }
  if (live.metadata.annotations?.[policyAnnotation.deletionPolicy] === 'Orphan') {
    return await disown(context, type, live, undefined, `${title} stays by its deletion policy`);
  }
  if (isContainerKind({ group: entry.group ?? '', kind: entry.kind ?? '' })) {
    const foreign = await foreignContent(context, live);
    if (foreign !== undefined)
      return await disown(context, type, live, undefined, `${title} holds ${foreign} and is not deleted`);
  }
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
  return { state: 'going', message: `${title} is being deleted` };
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

async function disown(
  { memberClient, applied, signal }: WithdrawContext,
  type: ResourceType,
  live: Stored<KubeObject>,
  heir: string | undefined,
  message: string,
): Promise<Remains> {
  const { name, namespace, uid, resourceVersion } = live.metadata;
  const owners = (live.metadata.ownerReferences ?? []).filter((owner) => owner.uid !== applied.metadata.uid);
  const mine = live.metadata.labels?.[label.appliedWork] === labelValueOf(applied.metadata.name);
  const body = {
    metadata: {
      uid,
      resourceVersion,
      ownerReferences: owners.length === 0 ? null : owners,
      ...(mine ? { labels: { [label.appliedWork]: heir === undefined ? null : labelValueOf(heir) } } : {}),
      ...(mine && heir === undefined ? { annotations: { [annotation.manifestHash]: null } } : {}),
    },
  };
  const ref = namespace === undefined ? { name } : { namespace, name };
  await memberClient.patch(type, ref, { type: 'merge', body }, { signal });
  return { state: 'left', message };
}

function goingMessage(title: string, live: Stored<KubeObject>): string {
  const finalizers = live.metadata.finalizers ?? [];
  return finalizers.length === 0
    ? `${title} is being deleted`
    : `${title} waits for its finalizers ${finalizers.join(', ')}`;
}
