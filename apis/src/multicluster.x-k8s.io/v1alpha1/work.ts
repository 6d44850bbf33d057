import { z } from 'zod';
import { defineKind, type ObjectOf } from '../../kinds/define-kind.ts';
import { ageColumn, condition, conditionColumn, manifest, resourceIdentifier } from '../../kinds/fields.ts';

/** Objects that shall exist on one member. Policy travels as annotations on the manifests. WK-1 to WK-13 */
export const Work = defineKind({
  group: 'multicluster.x-k8s.io',
  kind: 'Work',
  plural: 'works',
  singular: 'work',
  categories: ['multicluster'],
  scope: 'Namespaced',
  description: 'Objects that shall exist on the one member cluster whose agent reads this namespace.',
  versions: [
    {
      name: 'v1alpha1',
      served: true,
      storage: true,
      subresources: ['status'],
      columns: [conditionColumn('Applied'), conditionColumn('Available'), conditionColumn('Degraded'), ageColumn],
      schema: z.object({
        spec: z
          .object({
            workload: z
              .object({
                manifests: z
                  .array(manifest())
                  .describe('The objects, in order; the position of each is its ordinal in the status.')
                  .exactOptional(),
              })
              .describe('What to deliver.')
              .exactOptional(),
          })
          .describe('What shall be on the member.')
          .exactOptional(),
        status: z
          .object({
            conditions: z
              .array(condition)
              .describe('Sums of what the manifest conditions say: Applied, Available, Progressing, Degraded.'),
            manifestConditions: z
              .array(
                z
                  .object({
                    identifier: resourceIdentifier().describe('Which manifest this entry is about.'),
                    conditions: z
                      .array(condition)
                      .describe(
                        'Applied, Available and Degraded of this manifest; observedGeneration is that of the applied object.',
                      ),
                  })
                  .describe('The state of one manifest.'),
              )
              .describe('One entry for each manifest, in the order of the spec.')
              .exactOptional(),
          })
          .describe('What the agent last observed.')
          .exactOptional(),
      }),
    },
  ],
});
export type Work = ObjectOf<typeof Work>;
export type WorkStatus = NonNullable<Work['status']>;
export type ManifestCondition = NonNullable<WorkStatus['manifestConditions']>[number];
