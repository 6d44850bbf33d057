import { z } from 'zod';
import { defineKind, type ObjectOf } from '../../kinds/define-kind.ts';
import { ageColumn, dateTime, dnsLabel, int32, listMap } from '../../kinds/fields.ts';

/**
 * What somebody outside knows of one cluster: prices, load, risk. It stands in the member's namespace on the hub, is
 * written by anyone with the right, and counts in the placements that name it. PL-15, PL-19
 */
export const ClusterScore = defineKind({
  group: 'quarterdeck.dev',
  kind: 'ClusterScore',
  plural: 'clusterscores',
  singular: 'clusterscore',
  shortNames: ['cscore'],
  categories: ['quarterdeck'],
  scope: 'Namespaced',
  description:
    "Scores of one cluster from outside, in the member's namespace on the hub. Placements use them by name; the same name in the namespaces of several members makes them comparable.",
  versions: [
    {
      name: 'v1alpha1',
      served: true,
      storage: true,
      subresources: [],
      columns: [{ name: 'Valid Until', type: 'string', jsonPath: '.spec.validUntil' }, ageColumn],
      schema: z.object({
        spec: z
          .object({
            validUntil: dateTime()
              .describe('Until when the scores and the exclusion hold; afterwards they are unknown. Absent: for ever.')
              .exactOptional(),
            scores: listMap(
              z
                .object({
                  name: dnsLabel().describe('Name of the score.'),
                  value: int32().min(0).max(100).describe('The score, from 0 (worst) to 100 (best).'),
                })
                .describe('One score.'),
              'name',
            )
              .max(64)
              .describe('The scores. Absent: none.')
              .exactOptional(),
            exclusion: z
              .object({
                reason: z.string().min(1).max(256).describe('Why, for people; shown in explanations.'),
              })
              .describe(
                'Keeps placements that use this object from choosing the cluster newly; one that has it keeps it. Absent: no exclusion.',
              )
              .exactOptional(),
          })
          .prefault({})
          .describe('What is known of the cluster.'),
      }),
    },
  ],
});
export type ClusterScore = ObjectOf<typeof ClusterScore>;
