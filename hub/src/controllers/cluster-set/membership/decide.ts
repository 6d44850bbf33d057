import {
  apiVersionOf,
  ClusterProfile,
  ClusterSet,
  ClusterSetReason,
  clusterSetNamespaceName,
  conditionType,
  finalizer,
  isConditionTrue,
  label,
  type MemberCluster,
  managedByValue,
  Namespace,
  type Stored,
  setCondition,
} from '@quarterdeck/apis';
import type { EpochMs } from '@quarterdeck/machinery';
import { equalParts } from '../../equal.ts';
import { heldUpText, namespaceRemainsText, withHeldUp } from '../../held-up.ts';
import { hasAll, hasFinalizer, isTerminating, withFinalizer, withoutFinalizer } from '../../metadata.ts';
import { create, remove, update, updateStatus, type Write } from '../../writes.ts';

export interface Seen {
  readonly set: Stored<ClusterSet>;
  /** The namespace of the set's name, whoever made it. */
  readonly namespace: Stored<Namespace> | undefined;
  /** Members that are in the set, accepted or not. */
  readonly members: readonly Stored<MemberCluster>[];
  /** Profiles in the set's namespace. */
  readonly profiles: readonly Stored<ClusterProfile>[];
  /** Of spec.profileNamespaces, those that do not exist. */
  readonly missingNamespaces: readonly string[];
}

export interface Decision {
  readonly writes: readonly Write[];
}

/** Keeps the namespace of a set, labelled with both keys (CI-12), and counts its members. Pure and total. */
export function decide(seen: Seen, now: EpochMs): Decision {
  const { set, namespace } = seen;
  if (isTerminating(set)) return { writes: leave(seen, now) };
  if (!hasFinalizer(set, finalizer.clusterSet)) {
    return { writes: [update(ClusterSet, withFinalizer(set, finalizer.clusterSet))] };
  }
  const labels = namespaceLabels(set.metadata.name);
  if (namespace === undefined) {
    const object: Namespace = {
      apiVersion: apiVersionOf(Namespace),
      kind: Namespace.kind,
      metadata: { name: clusterSetNamespaceName(set.metadata.name), labels },
    };
    return { writes: [create(Namespace, object)] };
  }
  const conflict = namespaceConflict(set, namespace);
  if (conflict === undefined && !hasAll(namespace.metadata.labels, labels)) {
    const relabelled = {
      ...namespace,
      metadata: { ...namespace.metadata, labels: { ...namespace.metadata.labels, ...labels } },
    };
    return { writes: [update(Namespace, relabelled)] };
  }
  return { writes: statusWrites(seen, readiness(seen, conflict), conflict === undefined, now) };
}

const namespaceLabels = (setName: string): Record<string, string> => ({
  [label.clusterSet]: setName,
  [label.clusterSetLegacy]: setName,
  [label.managedBy]: managedByValue,
});

/** A namespace of somebody else, or of another set, is left alone. CI-12 */
function namespaceConflict(set: Stored<ClusterSet>, namespace: Stored<Namespace>): string | undefined {
  const labels = namespace.metadata.labels ?? {};
  for (const key of [label.clusterSet, label.clusterSetLegacy]) {
    const value = labels[key];
    if (value !== undefined && value !== set.metadata.name) {
      return `namespace ${namespace.metadata.name} is labelled ${key}=${value}`;
    }
  }
  if (labels[label.clusterSet] !== undefined || labels[label.clusterSetLegacy] !== undefined) return undefined;
  return `namespace ${namespace.metadata.name} exists and was not made for this set; label it ${label.clusterSet}=${set.metadata.name} to hand it over`;
}

interface Readiness {
  readonly status: 'True' | 'False';
  readonly reason: string;
  readonly message: string;
}

function readiness({ missingNamespaces }: Seen, conflict: string | undefined): Readiness {
  if (conflict !== undefined) return { status: 'False', reason: ClusterSetReason.NamespaceConflict, message: conflict };
  if (missingNamespaces.length > 0) {
    const message = `spec.profileNamespaces: ${missingNamespaces.join(', ')} not found`;
    return { status: 'False', reason: ClusterSetReason.ProfileNamespaceNotFound, message };
  }
  return { status: 'True', reason: ClusterSetReason.Ready, message: '' };
}

/** @param isOurs whether the namespace may be used; one that was in use stays named, so that a conflict moves nothing. */
function statusWrites({ set, members }: Seen, ready: Readiness, isOurs: boolean, now: EpochMs): Write[] {
  const accepted = members.filter(({ spec }) => spec.acceptance === 'Accepted');
  const available = accepted.filter(({ status }) =>
    isConditionTrue(status?.conditions, conditionType.MemberCluster.Available),
  );
  const observedGeneration = set.metadata.generation ?? 0;
  const status = {
    ...set.status,
    ...(isOurs ? { namespace: clusterSetNamespaceName(set.metadata.name) } : {}),
    members: { total: accepted.length, available: available.length },
    conditions: setCondition(
      set.status?.conditions,
      { type: conditionType.ClusterSet.Ready, ...ready, observedGeneration },
      now,
    ),
  };
  return equalParts(status, set.status) ? [] : [updateStatus(ClusterSet, { ...set, status })];
}

/** A set with members waits and says so (RG-12); then profiles, namespace, finalizer. What holds these up is said too. */
function leave(seen: Seen, now: EpochMs): Write[] {
  const { set, namespace, members, profiles } = seen;
  const say = (reason: string, message: string) => statusWrites(seen, { status: 'False', reason, message }, false, now);
  if (!hasFinalizer(set, finalizer.clusterSet)) {
    const held = heldUpText([set]);
    return held === undefined ? [] : say(ClusterSetReason.BeingDeleted, held);
  }
  if (members.length > 0) {
    return say(
      ClusterSetReason.MembersRemain,
      `${members.length} members remain${listOf(members)}; move or delete them first`,
    );
  }
  if (profiles.length > 0) {
    const message = withHeldUp('waiting for its ClusterProfiles to go', heldUpText(profiles));
    const standing = profiles.filter((profile) => !isTerminating(profile));
    return [
      ...say(ClusterSetReason.BeingDeleted, message),
      ...standing.map((profile) => remove(ClusterProfile, profile)),
    ];
  }
  const ours = namespace !== undefined && namespaceConflict(set, namespace) === undefined;
  if (ours) {
    const held = [heldUpText([namespace]), namespaceRemainsText(namespace)];
    const message = withHeldUp(`waiting for namespace ${namespace.metadata.name} to go`, ...held);
    return [
      ...say(ClusterSetReason.BeingDeleted, message),
      ...(isTerminating(namespace) ? [] : [remove(Namespace, namespace)]),
    ];
  }
  return [update(ClusterSet, withoutFinalizer(set, finalizer.clusterSet))];
}

const shown = 5;
function listOf(members: readonly Stored<MemberCluster>[]): string {
  const names = members.map(({ metadata }) => metadata.name).sort();
  const more = names.length > shown ? ` and ${names.length - shown} more` : '';
  return `: ${names.slice(0, shown).join(', ')}${more}`;
}
