import {
  type ClusterProfile,
  type ClusterScore,
  type ClusterSet,
  clusterManagerName,
  clusterSetNamespaceName,
  conditionType,
  findCondition,
  label,
  type MemberCluster,
  propertyName,
  type Stored,
} from '@quarterdeck/apis';
import { parseQuantity, type Quantity, subtractQuantities } from '@quarterdeck/machinery';
import type { Amounts, Capacity, ClusterView, OutsideScore } from './cluster-view.ts';

/** What the hub's cache holds of one member. */
export interface MemberParts {
  readonly member: MemberCluster;
  /** The ClusterSet that it is in. */
  readonly clusterSet: string;
  /** Namespace of the profiles of that. */
  readonly home: string;
  /** Whether the ClusterSet that it names exists. If not, it stays where it is, and is chosen by nobody anew. PL-21 */
  readonly isSetThere: boolean;
  /** The member's own there, not a copy; undefined: not published (yet, or any more). */
  readonly profile: ClusterProfile | undefined;
  /** In the member's namespace on the hub. */
  readonly scores: readonly ClusterScore[];
}

/** A member as the scheduler sees it, wherever it stands; the filters judge. PL-1 */
export function viewOf({ member, clusterSet, home, isSetThere, profile, scores }: MemberParts): ClusterView {
  const { status } = member;
  const current = findCondition(status?.conditions, conditionType.MemberCluster.HubLeaseCurrent);
  const isCopy = profile?.metadata.labels?.[label.profileCopyOf] !== undefined;
  return {
    name: member.metadata.name ?? '',
    profileNamespace: home,
    isPublished: isSetThere && profile !== undefined && !isCopy && !saysOtherSet(member, clusterSet),
    clusterSet,
    labels: member.metadata.labels ?? {},
    taints: (member.spec.taints ?? []).map(({ key, value, effect, timeAdded }) => ({
      key,
      value: value ?? '',
      effect,
      ...(timeAdded === undefined ? {} : { timeAdded: Date.parse(timeAdded) }),
    })),
    reachable: current?.status === 'True',
    leaving: member.metadata.deletionTimestamp !== undefined || member.spec.acceptance !== 'Accepted',
    properties: Object.fromEntries((status?.properties ?? []).map(({ name, value }) => [name, value])),
    version: status?.version?.kubernetes,
    capacity: capacityOf(status),
    conditions: Object.fromEntries((status?.conditions ?? []).map((each) => [each.type, each.status])),
    apis:
      status?.apis === undefined ? undefined : { kinds: new Set(status.apis.kinds), complete: status.apis.complete },
    scores: Object.fromEntries(scores.map((score) => [score.metadata.name ?? '', outsideScore(score)])),
  };
}

/** Its agent has not brought it into its set yet, or cannot: till then it is not used as one of that. AB-36 */
function saysOtherSet({ status }: MemberCluster, clusterSet: string): boolean {
  const said = status?.properties?.find(({ name }) => name === propertyName.clusterSet)?.value;
  return said !== undefined && said !== clusterSet;
}

/**
 * A cluster that another cluster manager registered, by its ClusterProfile alone; undefined: the profile is ours, or a copy.
 * What a profile cannot say (taints, capacity, served kinds) is not there. PL-1
 */
function viewOfProfile(profile: ClusterProfile, clusterSet: string): ClusterView | undefined {
  const { metadata, spec, status } = profile;
  const isCopy = metadata.labels?.[label.profileCopyOf] !== undefined;
  if (isCopy || spec.clusterManager.name === clusterManagerName) return undefined;
  const healthy = findCondition(status?.conditions, conditionType.ClusterProfile.ControlPlaneHealthy);
  return {
    name: metadata.name ?? '',
    profileNamespace: metadata.namespace ?? '',
    isPublished: true,
    clusterSet,
    labels: metadata.labels ?? {},
    taints: [],
    // It stands for the lease that the cluster has not with us.
    reachable: healthy?.status === 'True',
    leaving: metadata.deletionTimestamp !== undefined,
    properties: Object.fromEntries((status?.properties ?? []).map(({ name, value }) => [name, value])),
    version: status?.version?.kubernetes,
    capacity: undefined,
    conditions: Object.fromEntries((status?.conditions ?? []).map((each) => [each.type, each.status])),
    apis: undefined,
    scores: {},
  };
}

/** What tells which clusters of other managers take part. */
export interface ProfileReads {
  readonly sets: readonly Stored<ClusterSet>[];
  /** The profile of that name in that namespace; undefined: there is none. */
  profileAt(namespace: string, name: string): Stored<ClusterProfile> | undefined;
}

/**
 * The cluster of another manager that goes by a name; undefined: there is none. Of several sets that have one of the name the
 * first counts: decisions tell clusters apart by name and namespace, placements by name. PL-1
 */
export function foreignView({ sets, profileAt }: ProfileReads, name: string): ClusterView | undefined {
  for (const set of sets.toSorted((a, b) => (a.metadata.name < b.metadata.name ? -1 : 1))) {
    const profile = includesForeign(set) ? profileAt(homeOf(set, set.metadata.name), name) : undefined;
    const found = profile === undefined ? undefined : viewOfProfile(profile, set.metadata.name);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** Whether profiles of other managers take part. PL-1 */
export const includesForeign = ({ spec }: ClusterSet): boolean => spec.profilesOfOtherManagers === 'Include';

/** Namespace of the profiles of a set, which may not be made yet. */
export const homeOf = (set: ClusterSet | undefined, name: string): string =>
  set?.status?.namespace ?? clusterSetNamespaceName(name);

function outsideScore({ spec }: ClusterScore): OutsideScore {
  return {
    values: new Map((spec.scores ?? []).map(({ name, value }) => [name, value])),
    exclusion: spec.exclusion?.reason,
    validUntil: spec.validUntil === undefined ? undefined : Date.parse(spec.validUntil),
  };
}

function capacityOf(status: MemberCluster['status']): Capacity | undefined {
  if (status?.capacity === undefined && status?.allocatable === undefined) return undefined;
  const { requested, nodeGroups, capacityObservedTime } = status;
  const allocatable = amountsOf(status.allocatable);
  return {
    total: amountsOf(status.capacity),
    allocatable,
    free: requested === undefined ? undefined : subtract(allocatable, amountsOf(requested)),
    nodes: nodeGroups?.map(({ count, free }) => ({ count, free: amountsOf(free) })),
    observedAt: capacityObservedTime === undefined ? undefined : Date.parse(capacityObservedTime),
  };
}

/** What cannot be read is left out, and so unknown. PL-6 */
function amountsOf(texts: Readonly<Record<string, string>> | undefined): Amounts {
  const amounts = new Map<string, Quantity>();
  for (const [resource, text] of Object.entries(texts ?? {})) {
    try {
      amounts.set(resource, parseQuantity(text));
    } catch {
      // Left out.
    }
  }
  return amounts;
}

const subtract = (from: Amounts, amounts: Amounts): Amounts =>
  new Map(
    [...from].map(([resource, amount]) => {
      const taken = amounts.get(resource);
      return [resource, taken === undefined ? amount : subtractQuantities(amount, taken)];
    }),
  );
