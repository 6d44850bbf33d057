import {
  apiVersionOf,
  ClusterProfile,
  ClusterProfileReason,
  type ClusterSet,
  type Condition,
  clusterManagerName,
  clusterSetNamespaceName,
  conditionType,
  findCondition,
  label,
  labelValueOf,
  type MemberCluster,
  MemberClusterReason,
  propertyName,
  type Stored,
  setCondition,
} from '@quarterdeck/apis';
import { beginningOf, type EpochMs } from '@quarterdeck/machinery';
import type { Notice } from '../../announce.ts';
import { equalParts } from '../../equal.ts';
import { hasAll, isTerminating } from '../../metadata.ts';
import { create, remove, update, updateStatus, type Write } from '../../writes.ts';
import { type AccessSeen, accessProvidersOf } from './access-providers.ts';

export interface Seen {
  readonly member: Stored<MemberCluster>;
  /** Name of the set that the member is in. */
  readonly clusterSet: string;
  /** That set; its status names the namespace of the profiles. Undefined: there is none of the name. */
  readonly set: Stored<ClusterSet> | undefined;
  /** Of the set's spec.profileNamespaces, those that exist. */
  readonly copyNamespaces: readonly string[];
  /** Every profile of ours with this member's name, in any namespace. */
  readonly profiles: readonly Stored<ClusterProfile>[];
  /** Other managers, by the namespace in which they have a profile of this member's name. */
  readonly takenBy: ReadonlyMap<string, string>;
  /** How consumers reach the hub; undefined where it serves no tunnels. */
  readonly hub: AccessSeen['hub'];
}

export interface Decision {
  readonly writes: readonly Write[];
  readonly notices: readonly Notice[];
}

type Status = NonNullable<ClusterProfile['status']>;

/**
 * Publishes an accepted member as a ClusterProfile in its set's namespace, with copies where the set asks for them, and
 * takes away profiles elsewhere. No heartbeat ever writes here (CP-45). Pure and total. CI-4 to CI-25
 */
export function decide(seen: Seen, now: EpochMs): Decision {
  const places = placesOf(seen);
  const writes: Write[] = [];
  const notices: Notice[] = [];
  for (const [namespace, labels] of places) {
    const existing = seen.profiles.find(({ metadata }) => metadata.namespace === namespace);
    const other = seen.takenBy.get(namespace);
    if (other !== undefined) {
      notices.push(nameTaken(seen.member.metadata.name, namespace, other));
      continue;
    }
    writes.push(...publish(seen, namespace, labels, existing, now));
  }
  const elsewhere = seen.profiles.filter(({ metadata }) => !places.has(metadata.namespace ?? ''));
  return {
    writes: [
      ...writes,
      ...elsewhere.filter((each) => !isTerminating(each)).map((each) => remove(ClusterProfile, each)),
    ],
    notices,
  };
}

/** Names are unique across managers, and what another manager wrote is not ours to change. CI-6, CI-2 */
const nameTaken = (name: string, namespace: string, manager: string): Notice => ({
  type: 'Warning',
  reason: 'ProfileNameTaken',
  message: `the cluster is not published in namespace ${namespace}, and not chosen by what reads profiles there: the cluster manager "${manager}" has a ClusterProfile ${name} in it. When that is deleted, the hub makes its own`,
});

/** Namespaces that shall hold a profile, with the labels of each. Empty when the member is in no inventory. */
function placesOf(seen: Seen): Map<string, Record<string, string>> {
  const { member, set, copyNamespaces } = seen;
  if (isTerminating(member) || member.spec.acceptance !== 'Accepted') return new Map();
  const home = set?.status?.namespace;
  if (set === undefined || home === undefined) return placesOfBefore(seen);
  const labels = {
    [label.clusterManager]: clusterManagerName,
    [label.memberCluster]: labelValueOf(member.metadata.name),
  };
  const copies = copyNamespaces.map((namespace): [string, Record<string, string>] => [
    namespace,
    { ...labels, [label.profileCopyOf]: set.metadata.name },
  ]);
  return new Map([...copies, [home, labels]]);
}

/**
 * Where the profiles of a member stand whose ClusterSet is gone, though it has members: taken away by force, perhaps by accident.
 * Consumers tear down what they made for a cluster when its profile goes, so it stays until the set is there again or the member
 * is put into another one, and of a set that was just made again until its namespace is known. None is made. PL-21
 */
function placesOfBefore({ clusterSet, profiles }: Seen): Map<string, Record<string, string>> {
  const home = clusterSetNamespaceName(clusterSet);
  const isOfSet = ({ metadata: { namespace, labels } }: Stored<ClusterProfile>) => {
    const copyOf = labels?.[label.profileCopyOf];
    return copyOf === undefined ? namespace === home : copyOf === clusterSet;
  };
  return new Map(profiles.filter(isOfSet).map(({ metadata }) => [metadata.namespace ?? '', metadata.labels ?? {}]));
}

function publish(
  seen: Seen,
  namespace: string,
  labels: Record<string, string>,
  existing: Stored<ClusterProfile> | undefined,
  now: EpochMs,
): Write[] {
  const { member } = seen;
  if (existing === undefined) {
    const object: ClusterProfile = {
      apiVersion: apiVersionOf(ClusterProfile),
      kind: ClusterProfile.kind,
      metadata: { name: member.metadata.name, namespace, labels },
      spec: { clusterManager: { name: clusterManagerName } },
    };
    return [create(ClusterProfile, object)]; // its status follows with the event of its creation
  }
  const { [label.profileCopyOf]: copyOf, ...others } = existing.metadata.labels ?? {};
  if (!hasAll(existing.metadata.labels, labels) || copyOf !== labels[label.profileCopyOf]) {
    const metadata = { ...existing.metadata, labels: { ...others, ...labels } };
    return [update(ClusterProfile, { ...existing, metadata })];
  }
  const status = statusOf(seen, existing, now);
  return equalParts(status, existing.status) ? [] : [updateStatus(ClusterProfile, { ...existing, status })];
}

const notReported = { status: 'Unknown' as const, reason: MemberClusterReason.NotReported, message: '' };

/** Copies what the agent reported. A value too long for a profile was left out by the agent, which says so. CI-16, CI-18 */
function statusOf(seen: Seen, profile: Stored<ClusterProfile>, now: EpochMs): Status {
  const { member, clusterSet } = seen;
  const properties = member.status?.properties ?? [];
  const observedGeneration = profile.metadata.generation ?? 0;
  const names = conditionType.ClusterProfile;
  let conditions: Condition[] = profile.status?.conditions ?? [];
  for (const type of [names.Joined, names.ControlPlaneHealthy, names.PropertiesComplete]) {
    const reported = findCondition(member.status?.conditions, type);
    const { status, reason, message } = reported ?? notReported;
    conditions = setCondition(conditions, { type, status, reason, message, observedGeneration }, now);
  }
  const accessProviders = accessProvidersOf(seen, profile.status?.accessProviders);
  conditions = setCondition(conditions, { ...setVerdict(member, clusterSet), observedGeneration }, now);
  const kubernetes = member.status?.version?.kubernetes;
  return {
    ...profile.status,
    conditions,
    ...(kubernetes === undefined ? {} : { version: { kubernetes } }),
    ...(properties.length === 0 && profile.status?.properties === undefined ? {} : { properties }),
    ...(accessProviders === undefined ? {} : { accessProviders }),
  };
}

/** The set that the member says to be of, against that of the profile's namespace. AB-36 */
function setVerdict({ status }: Stored<MemberCluster>, clusterSet: string) {
  const type = conditionType.ClusterProfile.ClusterSetConsistent;
  const said = status?.properties?.find(({ name }) => name === propertyName.clusterSet)?.value;
  if (said === undefined) {
    const inSet = findCondition(status?.conditions, conditionType.MemberCluster.InClusterSet);
    return {
      type,
      status: 'Unknown' as const,
      reason: ClusterProfileReason.ClusterSetNotReported,
      message: inSet?.message ?? '',
    };
  }
  if (said === clusterSet) {
    return { type, status: 'True' as const, reason: ClusterProfileReason.ClusterSetAgrees, message: '' };
  }
  const message = `the ClusterProperty ${propertyName.clusterSet} of the member says "${beginningOf(said, 80)}", and it is registered in "${clusterSet}": not to be used as a member of that set`;
  return { type, status: 'False' as const, reason: ClusterProfileReason.ClusterSetDiffers, message };
}
