import { z } from 'zod';
import { defineKind, type ObjectOf } from '../../kinds/define-kind.ts';
import { ageColumn, atomicList, conditions, int32, listMap } from '../../kinds/fields.ts';
import { mcsLabels } from './release.ts';

const port = z
  .object({
    name: z
      .string()
      .describe('Name of the port, a DNS label, unique in the list. Optional when there is one port.')
      .exactOptional(),
    protocol: z.string().describe('TCP, UDP or SCTP. Absent: TCP.').exactOptional(),
    appProtocol: z.string().describe('Application protocol, as on a Service.').exactOptional(),
    port: int32().describe('Port number that the service is reached at.'),
  })
  .describe('One port of the service.');

const schema = z.object({
  spec: z
    .object({
      ports: atomicList(port).describe(
        'Ports of all exporting clusters together; an empty list for a service without any.',
      ),
      type: z
        .enum(['ClusterSetIP', 'Headless'])
        .describe('ClusterSetIP: reached at an address of its own. Headless: by the addresses of its endpoints.'),
      ips: z
        .array(z.string())
        .max(2)
        .describe('Addresses of the service, one for each IP family. Headless: none.')
        .exactOptional(),
      ipFamilies: z.array(z.string()).max(2).describe('IPv4, IPv6 or both, in the order of ips.').exactOptional(),
      sessionAffinity: z
        .string()
        .describe('ClientIP or None, as on a Service; without effect on a headless service.')
        .exactOptional(),
      sessionAffinityConfig: z
        .object({
          clientIP: z
            .object({
              timeoutSeconds: int32()
                .describe('How long one client stays with one endpoint, in seconds, 1 to 86400.')
                .exactOptional(),
            })
            .describe('Settings of the affinity ClientIP.')
            .exactOptional(),
        })
        .describe('Settings of the session affinity.')
        .exactOptional(),
      internalTrafficPolicy: z.string().describe('Cluster or Local, as on a Service.').exactOptional(),
      trafficDistribution: z
        .string()
        .describe('A wish how traffic is spread over endpoints, as on a Service.')
        .exactOptional(),
    })
    .describe('The service as the importing cluster sees it; written by the MCS controller only.')
    .exactOptional(),
  status: z
    .object({
      clusters: listMap(
        z
          .object({ cluster: z.string().describe('Id of the cluster in the cluster set.') })
          .describe('One exporting cluster.'),
        'cluster',
      )
        .describe('The clusters that export the service.')
        .exactOptional(),
      conditions: conditions('Observed states of the import: Ready.').exactOptional(),
    })
    .describe('What became of the import.')
    .exactOptional(),
});

const version = {
  served: true,
  subresources: ['status'],
  columns: [
    { name: 'Type', type: 'string', jsonPath: '.spec.type' },
    { name: 'IP', type: 'string', jsonPath: '.spec.ips' },
    ageColumn,
  ],
  schema,
} as const;

/** A service of the cluster set as seen in one cluster. Both versions are one schema. MCS-1, MCS-19 */
export const ServiceImport = defineKind({
  group: 'multicluster.x-k8s.io',
  kind: 'ServiceImport',
  plural: 'serviceimports',
  singular: 'serviceimport',
  shortNames: ['svcim', 'svcimport'],
  categories: ['multicluster'],
  scope: 'Namespaced',
  description: 'A service that clusters of the cluster set export together, as it is reached from this cluster.',
  labels: mcsLabels,
  versions: [
    { ...version, name: 'v1alpha1', storage: false },
    { ...version, name: 'v1beta1', storage: true },
  ],
});
export type ServiceImport = ObjectOf<typeof ServiceImport>;
