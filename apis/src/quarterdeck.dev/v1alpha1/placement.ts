import { z } from 'zod';
import { defineKind, type ObjectOf } from '../../kinds/define-kind.ts';
import {
  ageColumn,
  atomicList,
  conditionColumn,
  conditions,
  count,
  dnsLabel,
  int64,
  labelKey,
  labelSelector,
  labelValue,
  listMap,
  objectName,
  setOf,
} from '../../kinds/fields.ts';
import { tolerationKey, tolerationSeconds, tolerationValue, validations } from '../../kinds/rules.ts';

/** BI-25 */
export const maxSelectorTerms = 10;
/** Ten times the fleet that a hub is built for; the format int32 alone bounds nothing on a server. BI-25 */
const maxNumberOfClusters = 100_000;

const toleration = z
  .object({
    key: labelKey()
      .describe('Key of the taints it tolerates. Absent, with the operator Exists: every key.')
      .exactOptional(),
    operator: z
      .enum(['Equal', 'Exists'])
      .describe('Equal: the value must be the same. Exists: any value. Absent: Equal.')
      .exactOptional(),
    value: labelValue().describe('Value of the taints it tolerates, with Equal. Absent: empty.').exactOptional(),
    effect: z
      .enum(['NoSchedule', 'PreferNoSchedule', 'NoExecute'])
      .describe('Effect of the taints it tolerates. Absent: every effect.')
      .exactOptional(),
    tolerationSeconds: int64()
      .describe(
        'How long, in seconds from the time the taint was added, a NoExecute taint is tolerated; 0 and less: not at all. Absent: for ever.',
      )
      .exactOptional(),
  })
  .meta(validations(tolerationKey, tolerationValue, tolerationSeconds))
  .describe('Lets the placement choose clusters that carry a matching taint.');

const selectorTerm = z
  .object({
    labelSelector: labelSelector().describe('Requirements on the labels of the MemberCluster. Empty: every cluster.'),
  })
  .describe('One way for a cluster to be suitable; everything in it must hold.');

/** Which clusters. The answer stands in PlacementDecision objects of the same namespace. PL-1 to PL-32 */
export const Placement = defineKind({
  group: 'quarterdeck.dev',
  kind: 'Placement',
  plural: 'placements',
  singular: 'placement',
  shortNames: ['pl'],
  categories: ['quarterdeck'],
  scope: 'Namespaced',
  description:
    'Asks for clusters by rules. The answer stands in PlacementDecision objects of the same namespace, the reasons in the status.',
  versions: [
    {
      name: 'v1alpha1',
      served: true,
      storage: true,
      subresources: ['status'],
      columns: [
        { name: 'Selected', type: 'integer', jsonPath: '.status.numberOfSelectedClusters' },
        conditionColumn('Satisfied'),
        { name: 'Reason', type: 'string', jsonPath: '.status.conditions[?(@.type=="Satisfied")].reason' },
        ageColumn,
      ],
      schema: z.object({
        spec: z
          .object({
            clusterSets: setOf(dnsLabel())
              .min(1)
              .max(64)
              .describe(
                'The ClusterSets to choose from; each must be bound in this namespace. Absent: all that are bound here.',
              )
              .exactOptional(),
            clusterSelectorTerms: atomicList(selectorTerm)
              .min(1)
              .max(maxSelectorTerms)
              .describe('A cluster is suitable when at least one of these terms holds. Absent: every cluster is.')
              .exactOptional(),
            numberOfClusters: count()
              .max(maxNumberOfClusters)
              .describe('How many clusters to choose. 0 chooses none. Absent: all that are suitable.')
              .exactOptional(),
            tolerations: atomicList(toleration)
              .max(64)
              .describe('Taints that do not keep the placement away. Absent: none.')
              .exactOptional(),
          })
          .prefault({})
          .describe('The rules of the choice.'),
        status: z
          .object({
            conditions: conditions('Observed states: Scheduled, Satisfied.').exactOptional(),
            numberOfSelectedClusters: count()
              .describe('How many clusters the current decision holds. Absent: no decision yet.')
              .exactOptional(),
            decisionSlices: listMap(
              z
                .object({ name: objectName().describe('Name of the PlacementDecision.') })
                .describe('One slice of the decision.'),
              'name',
            )
              .max(1000)
              .describe('The PlacementDecision objects of the current decision, in order.')
              .exactOptional(),
          })
          .describe('What the scheduler last did.')
          .exactOptional(),
      }),
    },
  ],
});
export type Placement = ObjectOf<typeof Placement>;
export type PlacementStatus = NonNullable<Placement['status']>;
export type Toleration = NonNullable<Placement['spec']['tolerations']>[number];
export type ClusterSelectorTerm = NonNullable<Placement['spec']['clusterSelectorTerms']>[number];
