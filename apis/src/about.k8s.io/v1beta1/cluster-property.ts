import { z } from 'zod';
import { defineKind, type ObjectOf } from '../../kinds/define-kind.ts';

/** Longest value our writers set, in Unicode code points; the schema has no bound. AB-1 */
export const maxPropertyValueLength = 128_000;

const schema = z.object({
  spec: z
    .object({ value: z.string().min(1).describe('The value of the property.') })
    .describe('What the property says.')
    .exactOptional(),
  status: z.object({}).describe('Not used.').exactOptional(),
});

const version = {
  served: true,
  subresources: ['status'],
  columns: [
    { name: 'value', type: 'string', jsonPath: '.spec.value' },
    { name: 'age', type: 'date', jsonPath: '.metadata.creationTimestamp' },
  ],
  schema,
} as const;

/** One fact about the cluster it lives in. Both versions are one schema. AB-1 to AB-8 */
export const ClusterProperty = defineKind({
  group: 'about.k8s.io',
  kind: 'ClusterProperty',
  plural: 'clusterproperties',
  singular: 'clusterproperty',
  categories: ['multicluster'],
  scope: 'Cluster',
  description:
    'One fact about the cluster it lives in, by name: its id in the cluster set, its membership, or any other.',
  // The group is protected: a server refuses the CRD without a link to the approval.
  annotations: { 'api-approved.kubernetes.io': 'https://github.com/kubernetes/enhancements/pull/3084' },
  versions: [
    { ...version, name: 'v1alpha1', storage: false },
    { ...version, name: 'v1beta1', storage: true },
  ],
});
export type ClusterProperty = ObjectOf<typeof ClusterProperty>;
