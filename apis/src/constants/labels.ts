/** Label keys. Values are at most 63 characters; {@link labelValueOf} makes any name fit. */
export const label = {
  /** On a ClusterProfile: the value of spec.clusterManager.name. CI-5 */
  clusterManager: 'x-k8s.io/cluster-manager',
  /** On the namespace of a ClusterSet: its name; the proposal's key and the types' key, always both. CI-12 */
  clusterSet: 'clusterset.multicluster.x-k8s.io',
  clusterSetLegacy: 'multicluster.x-k8s.io/clusterset',
  /** On every slice of one decision, the same value. PD-2 */
  decisionKey: 'multicluster.x-k8s.io/decision-key',
  /** Position of a slice: 0, 1, 2. PD-4 */
  decisionIndex: 'multicluster.x-k8s.io/decision-index',
  /** Same on all slices written together. PD-13 */
  decisionRevision: 'multicluster.x-k8s.io/decision-revision',
  /** Ties a decision to a workload that carries the same label. PD-3 */
  placementKey: 'multicluster.x-k8s.io/placement-key',

  /** On a member's namespace, profiles, certificate requests and Works: name of the MemberCluster. */
  memberCluster: 'quarterdeck.dev/member-cluster',
  /** On Works: name and namespace of the WorkSet they were made from (as label values). */
  workSet: 'quarterdeck.dev/workset',
  workSetNamespace: 'quarterdeck.dev/workset-namespace',
  /** On PlacementDecisions with groups: position of the group, and its name (empty for the rest). PL-31 */
  decisionGroupIndex: 'quarterdeck.dev/decision-group-index',
  decisionGroupName: 'quarterdeck.dev/decision-group-name',
  /** On PlacementDecisions: name of the Placement (as a label value). */
  placement: 'quarterdeck.dev/placement',
  /** On copies of a ClusterProfile in the namespaces of `spec.profileNamespaces`: the ClusterSet copied for. CI-9 */
  profileCopyOf: 'quarterdeck.dev/profile-copy-of',
  /** On every object an agent applied to its member: the AppliedWork (as a label value). Watches select on it. DL-20 */
  appliedWork: 'quarterdeck.dev/applied-work',
  /** On every CRD, policy and role that the hub installs, with the value `quarterdeck`. */
  managedBy: 'app.kubernetes.io/managed-by',
  /** Kubernetes' own: the namespace's name, on every namespace. KA-109 */
  namespaceName: 'kubernetes.io/metadata.name',
} as const;

/** Unicode code points, not bytes. AB-1 */
const maxPropertyValue = 128_000;

/** What is wrong with the value of a ClusterProperty that we write; undefined: nothing. We read whatever there is. AB-1 */
export function propertyValueProblem(value: string): string | undefined {
  if (value === '') return 'the value is empty';
  // Of half as many code units there cannot be more code points.
  if (value.length <= maxPropertyValue || [...value].length <= maxPropertyValue) return undefined;
  return `the value has more than ${maxPropertyValue} characters`;
}

/** Names of well-known ClusterProperty objects, the only ones of ours without a suffix. AB-5, AB-6 */
export const propertyName = {
  /** Id of the cluster in its ClusterSet. */
  clusterId: 'cluster.clusterset.k8s.io',
  /** Name of the ClusterSet it is a member of. */
  clusterSet: 'clusterset.k8s.io',
} as const;
