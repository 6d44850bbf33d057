import type { MemberCluster } from '@quarterdeck/apis';

/**
 * The ClusterSet that a member is in: the one that it names, once there is one of that name, and till then the one it was in
 * before. A name that is mistyped, or whose set comes later, takes the cluster from nobody. Pure. PL-21
 * @param isThere whether there is a ClusterSet of a name
 * @returns where there is no record of an earlier one: what it names, whether that is there or not
 */
export function clusterSetOf({ spec, status }: MemberCluster, isThere: (name: string) => boolean): string {
  return isThere(spec.clusterSet) ? spec.clusterSet : (status?.clusterSet ?? spec.clusterSet);
}

/** Every set that a member may be in, as sets come and go: one, or two while it is not in the one that it names. */
export const clusterSetsOf = ({ spec, status }: MemberCluster): readonly string[] =>
  status?.clusterSet === undefined || status.clusterSet === spec.clusterSet
    ? [spec.clusterSet]
    : [spec.clusterSet, status.clusterSet];
