import type { ClusterProfile, MemberCluster, Placement } from '@quarterdeck/apis';
import { conditionType, findCondition, label } from '@quarterdeck/apis';
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

/**
 * A member as the scheduler sees it, wherever it stands; the filters judge. PL-1
 * @param home namespace of the profiles of its ClusterSet
 * @param profile the member's own there, not a copy; undefined: not published (yet, or any more)
 */
export function viewOf(member: MemberCluster, home: string, profile: ClusterProfile | undefined): ClusterView {
  const current = findCondition(member.status?.conditions, conditionType.MemberCluster.HubLeaseCurrent);
  const isCopy = profile?.metadata.labels?.[label.profileCopyOf] !== undefined;
  return {
    name: member.metadata.name ?? '',
    profileNamespace: home,
    isPublished: profile !== undefined && !isCopy,
    clusterSet: member.spec.clusterSet,
    labels: member.metadata.labels ?? {},
    taints: (member.spec.taints ?? []).map(({ key, value, effect, timeAdded }) => ({
      key,
      value: value ?? '',
      effect,
      ...(timeAdded === undefined ? {} : { timeAdded: Date.parse(timeAdded) }),
    })),
    reachable: current?.status === 'True',
    leaving: member.metadata.deletionTimestamp !== undefined || member.spec.acceptance !== 'Accepted',
  };
}
