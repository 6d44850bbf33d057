import {
  annotation,
  type ClusterProfile,
  ClusterProfile as ClusterProfileKind,
  conditionType,
  finalizer,
  findCondition,
  type KubeObject,
  label,
  labelValueOf,
  MemberCluster,
  MemberClusterReason,
  type MemberClusterStatus,
  memberNamespaceName,
  Namespace,
  RoleBinding,
  type Secret,
  Secret as SecretKind,
  type Stored,
  setCondition,
  type Work,
  Work as WorkKind,
} from '@quarterdeck/apis';
import type { EpochMs } from '@quarterdeck/machinery';
import { equalParts } from '../../equal.ts';
import { hasFinalizer, isTerminating, withFinalizer, withoutFinalizer } from '../../metadata.ts';
import { create, remove, update, updateStatus, type Write } from '../../writes.ts';
import { memberResources, type Wanted } from './resources.ts';

export interface Seen {
  readonly member: Stored<MemberCluster>;
  readonly hubUID: string;
  /** What exists of {@link memberResources}, in that order; undefined where it does not. */
  readonly existing: readonly (Stored<KubeObject> | undefined)[];
  /** Of the member's namespace. */
  readonly works: readonly Stored<Work>[];
  readonly profiles: readonly Stored<ClusterProfile>[];
  /** Whether the agent has renewed its Lease under its own identity. */
  readonly heardOf: boolean;
  /** Single-use tokens bound to this cluster. */
  readonly spentTokens: readonly Stored<Secret>[];
}

export interface Decision {
  readonly writes: readonly Write[];
}

/**
 * From a MemberCluster to everything it needs on the hub, and back. Pure and total.
 *
 * Accepted: finalizer, then namespace, roles and bindings, then status. Denied: its rights shrink at once to withdrawing what
 * it still has, and go with the last of it; the rest stays, so that acceptance brings everything back (RG-22). Deleted: Works
 * first, and only when none is left bindings, profiles and namespace (RG-40).
 */
export function decide(seen: Seen, now: EpochMs): Decision {
  const { member } = seen;
  if (isTerminating(member)) return { writes: [...limitRights(seen), ...leave(seen)] };
  if (!hasFinalizer(member, finalizer.memberCluster)) {
    return { writes: [update(MemberCluster, withFinalizer(member, finalizer.memberCluster))] };
  }
  if (member.metadata.annotations?.[annotation.hubUID] !== seen.hubUID) {
    // The agent reads it there: names of ownership on its cluster derive from it. RG-9
    const annotations = { ...member.metadata.annotations, [annotation.hubUID]: seen.hubUID };
    return { writes: [update(MemberCluster, { ...member, metadata: { ...member.metadata, annotations } })] };
  }
  const status = statusOf(seen, now);
  return {
    writes: [
      ...grantRights(seen),
      // Before the status says Joined: nobody looks for tokens of a joined member again.
      ...(seen.heardOf ? seen.spentTokens.map((secret) => remove(SecretKind, secret)) : []),
      ...(equalParts(status, member.status) ? [] : [updateStatus(MemberCluster, { ...member, status })]),
    ],
  };
}

const isBinding = ({ type }: Wanted) => type.plural === RoleBinding.plural || type.plural === 'clusterrolebindings';

function grantRights(seen: Seen): Write[] {
  const { member, hubUID, existing } = seen;
  if (member.spec.acceptance !== 'Accepted') return limitRights(seen);
  if (foreignNamespace(seen) !== undefined) return [];
  return memberResources(member, hubUID).flatMap((each, index) => restore(each, existing[index]));
}

/** Of a member that is not accepted: it may withdraw what it has, and nothing when there is nothing. RG-22 */
function limitRights({ member, hubUID, existing, works }: Seen): Write[] {
  if (member.spec.acceptance === 'Accepted') return [];
  const hadRights = memberResources(member, hubUID).some((each, index) => isBinding(each) && existing[index]);
  const wanted = memberResources(member, hubUID, 'withdraw');
  if (works.length > 0 && hadRights) {
    return wanted.flatMap((each, index) => (existing[index] === undefined ? [] : restore(each, existing[index])));
  }
  return wanted.flatMap((each, index) => {
    const found = existing[index];
    return isBinding(each) && found !== undefined && !isTerminating(found) ? [remove(each.type, found)] : [];
  });
}

/** A namespace of the member's name that was there before and is somebody's own: nothing is put into it, and it is never deleted. */
function foreignNamespace({ member, existing }: Seen): string | undefined {
  const namespace = existing.find((found) => found?.kind === Namespace.kind);
  if (namespace === undefined) return undefined;
  const isOurs = namespace.metadata.labels?.[label.memberCluster] === labelValueOf(member.metadata.name);
  return isOurs ? undefined : namespace.metadata.name;
}

/** Creates what is missing; puts rules, subjects and labels back where they were changed. A roleRef never changes. */
function restore({ type, object }: Wanted, existing: Stored<KubeObject> | undefined): Write[] {
  if (existing === undefined) return [create(type, object)];
  const { metadata: want, ...content } = object;
  const merged = {
    ...existing,
    ...content,
    metadata: {
      ...existing.metadata,
      labels: { ...existing.metadata.labels, ...want.labels },
      ...(want.annotations === undefined
        ? {}
        : { annotations: { ...existing.metadata.annotations, ...want.annotations } }),
    },
  };
  return equalParts(merged, existing) ? [] : [update(type, merged)];
}

function leave(seen: Seen): Write[] {
  const { member, works, profiles, existing } = seen;
  if (!hasFinalizer(member, finalizer.memberCluster)) return [];
  // Profiles go first: no placement can choose the cluster any more.
  const closing = profiles.map((profile) => remove(ClusterProfileKind, profile));
  const withdrawn = works.filter((work) => !isTerminating(work)).map((work) => remove(WorkKind, work));
  if (works.length > 0 || closing.length > 0) return [...closing, ...withdrawn];
  const foreign = foreignNamespace(seen);
  const remaining = existing.map((found) => (found?.metadata.name === foreign ? undefined : found));
  const rest = memberResources(member, seen.hubUID).flatMap(({ type }, index) => {
    const found = remaining[index];
    return found === undefined || isTerminating(found) ? [] : [remove(type, found)];
  });
  // The namespace was first to come and is last to go.
  const [namespace, others] = [rest.filter(isNamespaceWrite), rest.filter((write) => !isNamespaceWrite(write))];
  if (remaining.some((found) => found !== undefined)) return [...others, ...namespace];
  return [update(MemberCluster, withoutFinalizer(member, finalizer.memberCluster))];
}

const isNamespaceWrite = (write: Write): boolean => write.type.plural === Namespace.plural;

function statusOf(seen: Seen, now: EpochMs): MemberClusterStatus {
  const { member, heardOf } = seen;
  const observedGeneration = member.metadata.generation ?? 0;
  const joinedBefore = findCondition(member.status?.conditions, conditionType.MemberCluster.Joined)?.status === 'True';
  const set = (conditions: MemberClusterStatus['conditions'], type: string, verdict: Verdict) =>
    setCondition(conditions, { type, ...verdict, observedGeneration }, now);
  let conditions = set(member.status?.conditions, conditionType.MemberCluster.Accepted, accepted(member));
  conditions = set(
    conditions,
    conditionType.MemberCluster.Joined,
    joined(member, heardOf || joinedBefore, foreignNamespace(seen)),
  );
  return { ...member.status, conditions, namespace: memberNamespaceName(member.metadata.name) };
}

interface Verdict {
  readonly status: 'True' | 'False';
  readonly reason: string;
  readonly message: string;
}

function accepted({ spec }: MemberCluster): Verdict {
  switch (spec.acceptance) {
    case 'Accepted':
      return { status: 'True', reason: MemberClusterReason.Accepted, message: '' };
    case 'Denied':
      return { status: 'False', reason: MemberClusterReason.Denied, message: 'spec.acceptance is Denied' };
    case 'Pending':
      return {
        status: 'False',
        reason: MemberClusterReason.AcceptancePending,
        message: 'waiting for spec.acceptance: Accepted',
      };
  }
}

function joined({ spec }: MemberCluster, heardOf: boolean, foreign: string | undefined): Verdict {
  if (spec.acceptance === 'Denied') return { status: 'False', reason: MemberClusterReason.Denied, message: '' };
  if (spec.acceptance === 'Pending') {
    return { status: 'False', reason: MemberClusterReason.AwaitingAcceptance, message: '' };
  }
  if (foreign !== undefined) {
    const message = `namespace ${foreign} exists and was not made for this member; delete it, or label it ${label.memberCluster}`;
    return { status: 'False', reason: MemberClusterReason.NamespaceConflict, message };
  }
  return heardOf
    ? { status: 'True', reason: MemberClusterReason.Joined, message: '' }
    : { status: 'False', reason: MemberClusterReason.AwaitingAgent, message: 'the agent has not reported yet' };
}
