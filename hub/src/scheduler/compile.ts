import type { ClusterProfile, MemberCluster, Placement } from '@quarterdeck/apis';
import { conditionType, findCondition } from '@quarterdeck/apis';
import { labelSelectorToRequirements, type Requirement } from '@quarterdeck/machinery';
import type { ClusterView, PlacementRequest } from './snapshot.ts';

/** A placement's spec with its selectors parsed; a problem is a sentence for people with the path. PL-21 */
export function compilePlacement(spec: Placement['spec']): PlacementRequest | { readonly problem: string } {
  const terms: (readonly Requirement[])[] = [];
  for (const [index, { labelSelector }] of (spec.clusterSelectorTerms ?? []).entries()) {
    try {
      terms.push(labelSelectorToRequirements(labelSelector));
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      return { problem: `spec.clusterSelectorTerms[${index}].labelSelector: ${why}` };
    }
  }
  return {
    clusterSets: spec.clusterSets,
    terms: spec.clusterSelectorTerms === undefined ? undefined : terms,
    tolerations: spec.tolerations ?? [],
    numberOfClusters: spec.numberOfClusters,
  };
}

/** A member as the scheduler sees it; undefined when it is not in reach: not accepted, or without a profile. PL-1 */
export function viewOf(member: MemberCluster, profile: ClusterProfile | undefined): ClusterView | undefined {
  const name = member.metadata.name ?? '';
  const profileNamespace = profile?.metadata.namespace;
  if (profileNamespace === undefined) return undefined;
  const available = findCondition(member.status?.conditions, conditionType.MemberCluster.HubLeaseCurrent);
  return {
    name,
    profileNamespace,
    clusterSet: member.spec.clusterSet,
    labels: member.metadata.labels ?? {},
    taints: (member.spec.taints ?? []).map(({ key, value, effect, timeAdded }) => ({
      key,
      value: value ?? '',
      effect,
      ...(timeAdded === undefined ? {} : { timeAdded: Date.parse(timeAdded) }),
    })),
    reachable: available?.status === 'True',
    leaving: member.metadata.deletionTimestamp !== undefined || member.spec.acceptance !== 'Accepted',
  };
}
