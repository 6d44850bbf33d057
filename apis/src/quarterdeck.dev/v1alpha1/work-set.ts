import { z } from 'zod';
import { policyAnnotation, policySyntax } from '../../constants/annotations.ts';
import { defineKind, type ObjectOf } from '../../kinds/define-kind.ts';
import { ageColumn, atomicList, conditionColumn, conditions, count, manifest, objectName } from '../../kinds/fields.ts';

/** How many problems the status lists; the counts tell the rest. */
export const maxWorkSetProblems = 20;
/** BI-23: far more than fit one Work of usual manifests, far less than would stall a server. */
export const maxWorkSetManifests = 1000;

/** What to run on the clusters of a Placement. DL-40 to DL-48 */
export const WorkSet = defineKind({
  group: 'quarterdeck.dev',
  kind: 'WorkSet',
  plural: 'worksets',
  singular: 'workset',
  shortNames: ['ws'],
  categories: ['quarterdeck'],
  scope: 'Namespaced',
  description:
    'Objects that shall exist on every cluster of a Placement. The hub writes one Work for each such cluster.',
  versions: [
    {
      name: 'v1alpha1',
      served: true,
      storage: true,
      subresources: ['status'],
      columns: [
        { name: 'Placement', type: 'string', jsonPath: '.spec.placementRef.name' },
        { name: 'Desired', type: 'integer', jsonPath: '.status.clusters.desired' },
        { name: 'Applied', type: 'integer', jsonPath: '.status.clusters.applied' },
        { name: 'Available', type: 'integer', jsonPath: '.status.clusters.available' },
        conditionColumn('Available', 'Ready'),
        ageColumn,
      ],
      schema: z.object({
        spec: z
          .object({
            placementRef: z
              .object({ name: objectName().describe('Name of the Placement.') })
              .describe('The Placement of this namespace that says on which clusters.'),
            workload: z
              .object({
                manifests: atomicList(manifest())
                  .max(maxWorkSetManifests)
                  .describe('The objects, in order. An empty list is allowed: nothing is delivered.'),
              })
              .describe('What to deliver.'),
            deletionPolicy: z
              .enum(['Delete', 'Orphan'])
              .default('Delete')
              .describe(
                'What becomes of the objects on a member when they are withdrawn. Delete: they are deleted. Orphan: they stay as they are. A manifest can say otherwise for itself with the annotation quarterdeck.dev/deletion-policy.',
              ),
            suspend: z
              .object({
                clusterNames: atomicList(objectName())
                  .max(1000)
                  .describe('Only for these clusters. Absent: for all.')
                  .exactOptional(),
              })
              .describe(
                'Present: nothing is delivered to, and nothing withdrawn from, these clusters; what they have stays, and is kept right. Deleting the WorkSet withdraws all the same.',
              )
              .exactOptional(),
            executeAs: z
              .string()
              .max(317)
              .regex(new RegExp(policySyntax[policyAnnotation.executeAs].pattern))
              .describe(
                'The service account of the members, `namespace/name`, that all of this is executed as; its author needs the verb execute-as on it. Absent: the one of the annotation quarterdeck.dev/default-executor of the namespace, and where there is none the default executor of each member.',
              )
              .exactOptional(),
          })
          .describe('What shall run where.'),
        status: z
          .object({
            conditions: conditions(
              'Observed states over all clusters: Applied, Available, Progressing.',
            ).exactOptional(),
            clusters: z
              .object({
                desired: count().describe('Clusters of the current decision.'),
                applied: count().describe('Clusters that report the current manifests as applied.'),
                available: count().describe('Clusters that report them as applied and available.'),
                failed: count().describe('Clusters that report a failure, or for which nothing could be written.'),
              })
              .describe('Counts of clusters.')
              .exactOptional(),
            problems: atomicList(
              z
                .object({
                  clusterName: z.string().max(253).describe('The member cluster.'),
                  reason: z.string().max(128).describe('One CamelCase word, as in the conditions of its Work.'),
                  message: z.string().max(1024).describe('Details for people.'),
                })
                .describe('What is wrong on one cluster.'),
            )
              .max(maxWorkSetProblems)
              .describe('Clusters with a problem, by name; the first 20.')
              .exactOptional(),
          })
          .describe('The sum of what the members report.')
          .exactOptional(),
      }),
    },
  ],
});
export type WorkSet = ObjectOf<typeof WorkSet>;
export type WorkSetStatus = NonNullable<WorkSet['status']>;
export type WorkSetProblem = NonNullable<WorkSetStatus['problems']>[number];
