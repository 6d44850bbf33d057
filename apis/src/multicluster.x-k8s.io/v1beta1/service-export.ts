import { z } from 'zod';
import { defineKind, type ObjectOf } from '../../kinds/define-kind.ts';
import { ageColumn, conditions } from '../../kinds/fields.ts';
import { mcsLabels } from './release.ts';

const schema = z.object({
  spec: z
    .object({
      exportedLabels: z
        .record(z.string(), z.string())
        .describe('Labels that the ServiceImport shall carry. Labels of the Service itself are never taken.')
        .exactOptional(),
      exportedAnnotations: z
        .record(z.string(), z.string())
        .describe('Annotations that the ServiceImport shall carry.')
        .exactOptional(),
    })
    .describe('What to publish beside the Service itself.')
    .exactOptional(),
  status: z
    .object({ conditions: conditions('Observed states of the export: Valid, Ready, Conflict.').exactOptional() })
    .describe('What became of the export.')
    .exactOptional(),
});

const version = { served: true, subresources: ['status'], columns: [ageColumn], schema } as const;

/** Publishes the Service of the same name and namespace to the cluster set. Both versions are one schema. MCS-1, MCS-9 */
export const ServiceExport = defineKind({
  group: 'multicluster.x-k8s.io',
  kind: 'ServiceExport',
  plural: 'serviceexports',
  singular: 'serviceexport',
  shortNames: ['svcex', 'svcexport'],
  categories: ['multicluster'],
  scope: 'Namespaced',
  description: 'Publishes the Service of the same name and namespace to all clusters of the cluster set.',
  labels: mcsLabels,
  versions: [
    { ...version, name: 'v1alpha1', storage: false },
    { ...version, name: 'v1beta1', storage: true },
  ],
});
export type ServiceExport = ObjectOf<typeof ServiceExport>;
