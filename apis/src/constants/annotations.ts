/**
 * Policy of a manifest, as an annotation on the embedded manifest or, as a default for all of them, on the Work (or
 * WorkSet) itself. Which values are built is said by {@link builtPolicyValues}; everything else is refused at admission.
 */
export const policyAnnotation = {
  applyStrategy: 'quarterdeck.dev/apply-strategy',
  deletionPolicy: 'quarterdeck.dev/deletion-policy',
  takeOver: 'quarterdeck.dev/take-over',
  applyWave: 'quarterdeck.dev/apply-wave',
  ignoreFields: 'quarterdeck.dev/ignore-fields',
} as const;
export type PolicyAnnotation = (typeof policyAnnotation)[keyof typeof policyAnnotation];

/** What becomes of an object on the member when it is withdrawn. DL-6 */
export type DeletionPolicy = 'Delete' | 'Orphan';

/** The values that are built, by annotation. An empty list: the annotation as such is refused. */
export const builtPolicyValues: Readonly<Record<PolicyAnnotation, readonly string[]>> = {
  'quarterdeck.dev/apply-strategy': ['ServerSideApply'],
  'quarterdeck.dev/deletion-policy': ['Delete', 'Orphan'],
  'quarterdeck.dev/take-over': [],
  'quarterdeck.dev/apply-wave': [],
  'quarterdeck.dev/ignore-fields': [],
};

export const annotation = {
  ...policyAnnotation,
  /** On a certificate request of an agent: the uid of its cluster's kube-system namespace. RG-4 */
  clusterUID: 'quarterdeck.dev/cluster-uid',
  /** On a member's namespace: uid of the hub, from which names of ownership on the member derive. RG-9 */
  hubUID: 'quarterdeck.dev/hub-uid',
  /** On a MemberCluster: `true` confirms that it is lost, while much of the fleet vanished with it. RG-31 */
  confirmLost: 'quarterdeck.dev/confirm-lost',
  /** On Works: the generation of the WorkSet they were rendered from. */
  workSetGeneration: 'quarterdeck.dev/workset-generation',
  /** On applied objects: hash of the manifest as it was last applied. */
  manifestHash: 'quarterdeck.dev/manifest-hash',
} as const;
