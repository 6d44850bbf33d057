export const finalizer = {
  /** On a Work: until everything it applied is gone or disowned. WK-34, DL-10 */
  work: 'multicluster.x-k8s.io/work-cleanup',
  /** On a MemberCluster: until its Works, role, identity, profile and namespace are gone. RG-40 */
  memberCluster: 'quarterdeck.dev/member-cleanup',
  /** On a ClusterSet: until it has no members and its profiles and namespace are gone. RG-12 */
  clusterSet: 'quarterdeck.dev/clusterset-cleanup',
  /** On a WorkSet: its Works live in other namespaces, where an owner reference cannot reach. */
  workSet: 'quarterdeck.dev/workset-cleanup',
} as const;
