import { z } from 'zod';
import { defineKind, type ObjectOf } from '../../kinds/define-kind.ts';
import { ageColumn, conditionColumn, conditions, count, dnsLabel, setOf } from '../../kinds/fields.ts';
import { dnsLabelPattern } from '../../kinds/patterns.ts';

/** Clusters under one administration. CI-10 to CI-12, RG-12, AB-23 */
export const ClusterSet = defineKind({
  group: 'quarterdeck.dev',
  kind: 'ClusterSet',
  plural: 'clustersets',
  singular: 'clusterset',
  shortNames: ['cset'],
  categories: ['quarterdeck'],
  scope: 'Cluster',
  description:
    'Member clusters under one administration: a namespace of one name is the same namespace in all of them. The hub publishes a ClusterProfile for each member in a namespace of the set.',
  // The name is a label value on the namespace of the set, and part of that namespace's name.
  nameRule: { maxLength: 63, pattern: dnsLabelPattern },
  versions: [
    {
      name: 'v1alpha1',
      served: true,
      storage: true,
      subresources: ['status'],
      columns: [
        { name: 'Members', type: 'integer', jsonPath: '.status.members.total' },
        { name: 'Available', type: 'integer', jsonPath: '.status.members.available' },
        conditionColumn('Ready'),
        { name: 'Namespace', type: 'string', jsonPath: '.status.namespace', priority: 1 },
        ageColumn,
      ],
      schema: z.object({
        spec: z
          .object({
            profileNamespaces: setOf(dnsLabel())
              .max(32)
              .describe(
                'Existing namespaces that get a copy of each ClusterProfile of the set, for consumers that read there. Absent: none.',
              )
              .exactOptional(),
            profilesOfOtherManagers: z
              .enum(['Exclude', 'Include'])
              .describe(
                "Include: clusters whose ClusterProfile another cluster manager keeps in the set's namespace can be chosen by placements too; their condition ControlPlaneHealthy says whether they are reachable. WorkSets deliver nothing there. Absent: Exclude. PL-1",
              )
              .exactOptional(),
          })
          .prefault({})
          .describe('How the set is shown to consumers, and which profiles belong to it.'),
        status: z
          .object({
            namespace: z
              .string()
              .max(63)
              .describe('The namespace that holds the ClusterProfiles of the set. Absent: not made yet.')
              .exactOptional(),
            members: z
              .object({
                total: count().describe('Accepted member clusters of the set.'),
                available: count().describe('Those of them that are available.'),
              })
              .describe('Counts of member clusters.')
              .exactOptional(),
            conditions: conditions('Observed states: Ready.').exactOptional(),
          })
          .describe('What the hub last observed.')
          .exactOptional(),
      }),
    },
  ],
});
export type ClusterSet = ObjectOf<typeof ClusterSet>;
