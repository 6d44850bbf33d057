import { matchesLabels } from '@quarterdeck/machinery';
import type { ClusterView, FleetSnapshot, PlacementRequest } from './snapshot.ts';
import { untolerated } from './taints.ts';

/** A step that rules clusters out. Steps run in order; the first that refuses names the reason. */
export interface Filter {
  /** Stands in explanations and, counted, in the Placement's message. */
  readonly name: FilterName;
  /**
   * `hard`: a chosen cluster that fails it leaves (PL-20). `entry`: it only keeps new clusters out; a chosen one stays.
   */
  readonly kind: 'hard' | 'entry';
  /** Why the cluster is refused, for people, with the observed value; undefined when it passes. */
  refuse(cluster: ClusterView, request: PlacementRequest, snapshot: FleetSnapshot): string | undefined;
}

export type FilterName =
  | 'NotBound'
  | 'SetNotNamed'
  | 'Leaving'
  | 'NoTermMatches'
  | 'NotPublished'
  | 'Tainted'
  | 'Unreachable';

export const filters: readonly Filter[] = [
  {
    name: 'NotBound',
    kind: 'hard',
    refuse: (cluster, _request, { boundSets }) =>
      boundSets.has(cluster.clusterSet) ? undefined : 'its cluster set is not bound in this namespace',
  },
  {
    name: 'SetNotNamed',
    kind: 'hard',
    refuse: (cluster, { clusterSets }) =>
      clusterSets === undefined || clusterSets.includes(cluster.clusterSet)
        ? undefined
        : `it is in set ${cluster.clusterSet}, which the placement does not name`,
  },
  {
    name: 'Leaving',
    kind: 'hard',
    refuse: (cluster) => (cluster.leaving ? 'it is leaving the fleet or not accepted' : undefined),
  },
  {
    name: 'NoTermMatches',
    kind: 'hard',
    refuse: (cluster, { terms }) =>
      terms === undefined || terms.some((term) => matchesLabels(term, cluster.labels))
        ? undefined
        : 'no cluster selector term matches its labels',
  },
  {
    name: 'NotPublished',
    kind: 'entry',
    refuse: ({ isPublished }) => (isPublished ? undefined : 'it has no ClusterProfile in the namespace of its set yet'),
  },
  {
    name: 'Tainted',
    kind: 'entry',
    refuse: (cluster, { tolerations }) => {
      const taint =
        untolerated(cluster.taints, tolerations, 'NoExecute') ?? untolerated(cluster.taints, tolerations, 'NoSchedule');
      return taint === undefined
        ? undefined
        : `it has the untolerated taint ${taint.key}=${taint.value}:${taint.effect}`;
    },
  },
  {
    name: 'Unreachable',
    kind: 'entry',
    refuse: (cluster) => (cluster.reachable ? undefined : 'its agent has not renewed its lease'),
  },
];
