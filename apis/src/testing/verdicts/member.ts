import { ClusterProperty } from '../../about.k8s.io/v1beta1/cluster-property.ts';
import { ServiceExport } from '../../multicluster.x-k8s.io/v1beta1/service-export.ts';
import { ServiceImport } from '../../multicluster.x-k8s.io/v1beta1/service-import.ts';
import { objectOf } from '../objects.ts';
import type { Verdict } from '../verdict.ts';

const properties: Verdict[] = [
  {
    name: 'AB-3 a property without spec is accepted by the server',
    kind: ClusterProperty,
    object: objectOf(ClusterProperty, 'bare.example.com'),
    accepted: true,
  },
  {
    name: 'AB-8 a property of any text is accepted',
    kind: ClusterProperty,
    object: objectOf(ClusterProperty, 'cluster.clusterset.k8s.io', { spec: { value: 'x'.repeat(5000) } }),
    accepted: true,
  },
  {
    name: 'AB-3 an empty value is refused',
    kind: ClusterProperty,
    object: objectOf(ClusterProperty, 'empty.example.com', { spec: { value: '' } }),
    refused: [{ field: 'spec.value', messageIncludes: 'should be at least 1 chars long' }],
  },
];

const services: Verdict[] = [
  {
    name: 'MCS-9 an export needs no spec',
    kind: ServiceExport,
    object: objectOf(ServiceExport, 'web'),
    accepted: true,
  },
  {
    name: 'MCS-47 an export carries labels',
    kind: ServiceExport,
    object: objectOf(ServiceExport, 'labelled', {
      spec: { exportedLabels: { a: 'b' }, exportedAnnotations: { c: 'd' } },
    }),
    accepted: true,
  },
  {
    name: 'MCS-15 an import with ports is accepted',
    kind: ServiceImport,
    object: objectOf(ServiceImport, 'web', {
      spec: { type: 'ClusterSetIP', ports: [{ name: 'http', protocol: 'TCP', port: 80 }], ips: ['10.0.0.1'] },
    }),
    accepted: true,
  },
  {
    name: 'MCS-23 an import without ports and of no type is refused',
    kind: ServiceImport,
    object: objectOf(ServiceImport, 'typeless', { spec: {} }),
    refused: [
      { field: 'spec.ports', messageIncludes: 'Required value' },
      { field: 'spec.type', messageIncludes: 'Required value' },
    ],
  },
  {
    name: 'MCS-52 three addresses are refused',
    kind: ServiceImport,
    object: objectOf(ServiceImport, 'three', { spec: { type: 'ClusterSetIP', ports: [], ips: ['1', '2', '3'] } }),
    refused: [{ field: 'spec.ips', messageIncludes: 'must have at most 2 items' }],
  },
];

/** Kinds that live on members. */
export const memberVerdicts: readonly Verdict[] = [...properties, ...services];
