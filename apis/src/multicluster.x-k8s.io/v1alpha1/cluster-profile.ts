import { z } from 'zod';
import { defineKind, type ObjectOf } from '../../kinds/define-kind.ts';
import { ageColumn, conditionColumn, conditions, dateTime, listMap } from '../../kinds/fields.ts';
import { immutable, validations } from '../../kinds/rules.ts';

const extension = z
  .object({
    name: z.string().describe('Which consumer or plugin the extension is meant for.'),
    extension: z
      .looseObject({})
      .meta({ 'x-kubernetes-preserve-unknown-fields': true })
      .describe('Settings in the form that consumer defines; never a secret.'),
  })
  .describe('Settings for one kind of consumer.');

const cluster = z.object({
  server: z.string().describe("URL of the cluster's API, https://host:port."),
  'tls-server-name': z
    .string()
    .describe('Name to expect in the server certificate. Absent: the host of the URL.')
    .exactOptional(),
  'insecure-skip-tls-verify': z.boolean().describe('Accept any server certificate. Absent: verify.').exactOptional(),
  'certificate-authority': z
    .string()
    .describe('A path to a CA file; means nothing outside the machine it was written on. Prefer the data field.')
    .exactOptional(),
  'certificate-authority-data': z
    .string()
    .meta({ format: 'byte' })
    .describe('PEM bundle of the CAs to trust, base64. Absent: the roots of the system.')
    .exactOptional(),
  'proxy-url': z
    .string()
    .describe('Proxy for requests to the server (http, https or socks5). Absent: none.')
    .exactOptional(),
  'disable-compression': z
    .boolean()
    .describe('Ask the server not to compress answers. Absent: compression is allowed.')
    .exactOptional(),
  extensions: z.array(extension).describe('More settings, by consumer.').exactOptional(),
});

const accessProviders = (description: string) =>
  listMap(
    z
      .object({
        name: z.string().describe('The way of access, matched with what a consumer is configured for.'),
        cluster: cluster.describe('Where the cluster is reached and how it is trusted.').exactOptional(),
      })
      .describe('One way to reach the cluster.'),
    'name',
  ).describe(description);

/** A cluster of the inventory, as its manager shows it to consumers. CI-4 to CI-31 */
export const ClusterProfile = defineKind({
  group: 'multicluster.x-k8s.io',
  kind: 'ClusterProfile',
  plural: 'clusterprofiles',
  singular: 'clusterprofile',
  shortNames: ['cp'],
  categories: ['multicluster'],
  scope: 'Namespaced',
  description: 'A cluster of the inventory: who manages it, what is known of it, how it can be reached.',
  versions: [
    {
      name: 'v1alpha1',
      served: true,
      storage: true,
      subresources: ['status'],
      columns: [
        conditionColumn('Joined'),
        conditionColumn('ControlPlaneHealthy', 'Healthy'),
        { name: 'Version', type: 'string', jsonPath: '.status.version.kubernetes' },
        { name: 'Manager', type: 'string', jsonPath: '.spec.clusterManager.name', priority: 1 },
        ageColumn,
      ],
      schema: z.object({
        spec: z
          .object({
            displayName: z
              .string()
              .describe('Name for people, free text; set by whoever uses the cluster.')
              .exactOptional(),
            clusterManager: z
              .object({ name: z.string().describe('Unique name of the manager that writes this profile.') })
              .meta(validations(immutable('ClusterManager is immutable')))
              .describe('The one manager of the profile, fixed when it is created.'),
          })
          .describe('What does not change from outside: naming and the manager.'),
        status: z
          .object({
            conditions: conditions(
              'Observed states of the cluster: ControlPlaneHealthy, Joined and others.',
            ).exactOptional(),
            version: z
              .object({
                kubernetes: z.string().describe("The member's Kubernetes version, for example 1.35.4.").exactOptional(),
              })
              .describe('Versions of what the cluster runs.')
              .exactOptional(),
            properties: listMap(
              z
                .object({
                  name: z.string().min(1).max(253).describe('Name of the property, unique in the list.'),
                  value: z.string().min(1).max(1024).describe('Its value, byte for byte as on the member.'),
                  lastObservedTime: dateTime()
                    .describe('When the value was seen on the member. Absent: not known.')
                    .exactOptional(),
                })
                .describe('One fact about the cluster.'),
              'name',
            )
              .describe("Facts about the cluster: its ClusterProperty objects and the manager's own.")
              .exactOptional(),
            accessProviders: accessProviders(
              'Ways to reach the cluster, usable by any consumer; nothing secret.',
            ).exactOptional(),
            credentialProviders: accessProviders(
              'Older name of accessProviders, still read: for one name the entry in accessProviders wins.',
            ).exactOptional(),
          })
          .describe('What the manager last observed.')
          .exactOptional(),
      }),
    },
  ],
});
export type ClusterProfile = ObjectOf<typeof ClusterProfile>;
