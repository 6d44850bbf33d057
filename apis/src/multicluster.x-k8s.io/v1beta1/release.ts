/** On both MCS CRDs: which release they mirror, so that an installer never replaces a newer one by ours. MCS-2 */
export const mcsLabels = {
  'multicluster.x-k8s.io/release-version': 'v0.5.0',
  'multicluster.x-k8s.io/crd-schema-revision': '0',
} as const;
