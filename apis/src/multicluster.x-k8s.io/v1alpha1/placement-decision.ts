import { z } from 'zod';
import { defineKind, type ObjectOf } from '../../kinds/define-kind.ts';
import { ageColumn } from '../../kinds/fields.ts';

/** How many decisions one object holds; more clusters means more slices. PD-1 */
export const maxDecisionsPerSlice = 100;

/** One slice of a scheduler's answer. The data sits at the root; there is no spec and no status. PD-1 to PD-16 */
export const PlacementDecision = defineKind({
  group: 'multicluster.x-k8s.io',
  kind: 'PlacementDecision',
  plural: 'placementdecisions',
  singular: 'placementdecision',
  shortNames: ['pd'],
  categories: ['multicluster'],
  scope: 'Namespaced',
  description: 'Clusters that a scheduler chose; a slice of the whole answer when there are more than 100.',
  versions: [
    {
      name: 'v1alpha1',
      served: true,
      storage: true,
      subresources: [],
      columns: [{ name: 'Scheduler', type: 'string', jsonPath: '.schedulerName' }, ageColumn],
      schema: z.object({
        decisions: z
          .array(
            z
              .object({
                clusterProfileRef: z
                  .object({
                    name: z.string().describe('Name of the ClusterProfile.'),
                    namespace: z
                      .string()
                      .describe('Its namespace. Empty or absent: the namespace of this object.')
                      .exactOptional(),
                  })
                  .describe('The chosen cluster, by its profile.'),
                reason: z.string().describe('Why it was chosen: one short stable word.').exactOptional(),
              })
              .describe('One chosen cluster.'),
          )
          .min(0)
          .max(maxDecisionsPerSlice)
          .describe('The chosen clusters. An empty list says: decided, nowhere.'),
        schedulerName: z.string().describe('The scheduler that wrote, and alone writes, this object.').exactOptional(),
      }),
    },
  ],
});
export type PlacementDecision = ObjectOf<typeof PlacementDecision>;
