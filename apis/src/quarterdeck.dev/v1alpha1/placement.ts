import { z } from 'zod';
import { taintKey } from '../../constants/names.ts';
import { defineKind, type ObjectOf } from '../../kinds/define-kind.ts';
import {
  ageColumn,
  atomicList,
  conditionColumn,
  conditions,
  count,
  dateTime,
  dnsLabel,
  int32,
  int64,
  labelKey,
  labelValue,
  listMap,
  objectName,
  setOf,
} from '../../kinds/fields.ts';
import { tolerationKey, tolerationSeconds, tolerationValue, validations } from '../../kinds/rules.ts';
import {
  candidatePolicy,
  candidateTerm,
  copies,
  decisionStrategy,
  placementAffinity,
  priorityPolicy,
  selectorTerm,
  spreadConstraint,
  steadiness,
} from './placement-fields.ts';
import {
  candidatePolicyNeedsTerms,
  domainsOfOneKey,
  domainsWithinNumber,
  minimumFitsDomains,
  minimumWithinNumber,
} from './placement-rules.ts';

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

/** How long NoExecute taints of lost and unhealthy clusters are tolerated where nothing else is said, in seconds. PL-8 */
const defaultTolerationSeconds = 300;

/** What is tolerated where the list says nothing of it: a loss that may be short moves nothing. PL-8 */
export const defaultTolerations = [taintKey.unreachable, taintKey.unhealthy].map((key) => ({
  key,
  operator: 'Exists' as const,
  effect: 'NoExecute' as const,
  tolerationSeconds: defaultTolerationSeconds,
}));

/** Of tolerations. A list this long gets no defaults written into it; they count all the same. */
export const maxTolerations = 64;

const listedTolerations = atomicList(toleration).max(maxTolerations);
/** Objects as a server returns them have it; those that programs make need not: hence the type. */
const tolerations = listedTolerations
  .default([...defaultTolerations])
  .describe(
    'Taints that do not keep the placement away. NoExecute taints of lost and unhealthy clusters are tolerated for 300 seconds unless a toleration here covers them; what is missing is added. PL-8',
  ) as unknown as z.ZodExactOptional<typeof listedTolerations>;

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
            clusterNames: atomicList(dnsLabel())
              .min(1)
              .max(1000)
              .describe(
                'Only these clusters, which pass the same filters. With a number, their order is the preference. Names that do not exist and names that are out of reach look alike. Absent: no such list. PL-3',
              )
              .exactOptional(),
            excludedClusterNames: setOf(dnsLabel())
              .min(1)
              .max(1000)
              .describe('Never these clusters, whatever else is said. Absent: none. PL-3')
              .exactOptional(),
            clusterSelectorTerms: atomicList(selectorTerm)
              .min(1)
              .max(maxSelectorTerms)
              .describe('A cluster is suitable when at least one of these terms holds. Absent: every cluster is. PL-4')
              .exactOptional(),
            candidateTerms: listMap(candidateTerm, 'name')
              .min(1)
              .max(8)
              .describe(
                'Pools in order, primary first: the first that reaches the minimum serves the placement. Absent: one pool of all suitable clusters. PL-7',
              )
              .exactOptional(),
            candidatePolicy: candidatePolicy
              .describe('How several candidate terms work together. Absent: no overflow, no failback. PL-7')
              .exactOptional(),
            numberOfClusters: count()
              .max(maxNumberOfClusters)
              .describe('How many clusters to choose. 0 chooses none. Absent: all that are suitable. PL-10')
              .exactOptional(),
            minimumNumberOfClusters: count()
              .max(maxNumberOfClusters)
              .describe(
                'With fewer, the placement is not satisfied; and with candidateTerms, the next is tried. Absent: numberOfClusters, or 1 without it. PL-11',
              )
              .exactOptional(),
            spreadConstraints: atomicList(spreadConstraint)
              .max(8)
              .describe('How the chosen clusters spread; all at once. Absent: they need not. PL-13, PL-14')
              .exactOptional(),
            priorityPolicy: priorityPolicy
              .describe('Which suitable clusters are taken first. Absent: the defaults. PL-15')
              .exactOptional(),
            copies: copies.describe('Room that the chosen clusters must have. Absent: any. PL-17').exactOptional(),
            placementAffinity: placementAffinity
              .describe('Relations to other placements of this namespace. Absent: none. PL-18')
              .exactOptional(),
            tolerations,
            decisionStrategy: decisionStrategy
              .describe('Parts of the decision, in order. Absent: one. PL-31')
              .exactOptional(),
            steadiness: steadiness
              .describe('When a choice that stands may change. Absent: only when it must. PL-20')
              .exactOptional(),
            lossPolicy: z
              .enum(['KeepUntilReplaced', 'Remove'])
              .describe(
                'What becomes of a chosen cluster that an untolerated NoExecute taint drives away when nothing takes its place. KeepUntilReplaced: it stays, marked. Remove: it goes. Absent: KeepUntilReplaced. PL-22',
              )
              .exactOptional(),
            priority: int32()
              .describe('Placements with a higher number choose first. Absent: 0. PL-41')
              .exactOptional(),
            suspend: z
              .boolean()
              .describe('True: the decision stays as it is, whatever happens. Absent: false. PL-25')
              .exactOptional(),
            schedulerName: z
              .string()
              .min(1)
              .max(253)
              .describe(
                'The scheduler that serves this placement. Another name: Quarterdeck leaves it and its slices alone. Absent: quarterdeck. PL-25',
              )
              .exactOptional(),
          })
          .meta(
            validations(
              minimumWithinNumber,
              domainsWithinNumber,
              minimumFitsDomains,
              domainsOfOneKey,
              candidatePolicyNeedsTerms,
            ),
          )
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
            decisionGroups: atomicList(
              z
                .object({
                  index: count().describe('Position, from 0 without gaps.'),
                  name: z.string().max(63).describe('Name of the group; empty for the rest.'),
                  numberOfClusters: count().describe('How many clusters it holds.'),
                  slices: atomicList(objectName()).max(1000).describe('Names of its PlacementDecision objects.'),
                })
                .describe('One group.'),
            )
              .max(1000)
              .describe('The parts of the decision, in order. Absent: spec.decisionStrategy is. PL-31')
              .exactOptional(),
            numberOfCopies: count()
              .describe(
                'Copies that the chosen clusters had room for when they were chosen. Absent: spec.copies is. PL-17',
              )
              .exactOptional(),
            candidateTerm: z
              .string()
              .max(63)
              .describe('The candidate term in use. Absent: there are none. PL-7')
              .exactOptional(),
            failback: z
              .object({
                candidateTerm: z.string().max(63).describe('The earlier term that could serve again.'),
                since: dateTime().describe('Since when, without a break.'),
              })
              .describe('The way back to an earlier term. Absent: none is in sight. PL-7')
              .exactOptional(),
            suppressedChanges: listMap(
              z
                .object({
                  cause: z.string().max(63).describe('What would change the choice: one word, as in spec.steadiness.'),
                  since: dateTime().describe('When this was first seen.'),
                  message: z.string().max(1024).describe('Which clusters it is about, for people.'),
                })
                .describe('One change that is held back.'),
              'cause',
            )
              .max(16)
              .describe('What would move, were it allowed. Absent: nothing. PL-20')
              .exactOptional(),
            rescheduledAt: z
              .string()
              .max(64)
              .describe('Value of the annotation quarterdeck.dev/reschedule-at that was last acted on. PL-24')
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
export type CandidateTerm = NonNullable<Placement['spec']['candidateTerms']>[number];
export type SpreadConstraint = NonNullable<Placement['spec']['spreadConstraints']>[number];
export type PlacementPriority = NonNullable<NonNullable<Placement['spec']['priorityPolicy']>['priorities']>[number];
