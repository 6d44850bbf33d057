import { z } from 'zod';
import { atomicList, count, dnsLabel, int32, labelSelector, objectName, setOf } from '../../kinds/fields.ts';
import { validations } from '../../kinds/rules.ts';
import {
  affinityContradiction,
  domainsInOrder,
  oneGroupSize,
  priorityFieldOfType,
  propertyOperatorValues,
  requestAmount,
  spreadSaysSomething,
  stableNeedsSeconds,
  steadinessLists,
  termSaysSomething,
} from './placement-rules.ts';

/** Longest CEL text of a term or priority, in characters. BI-25 */
const maxExpressionLength = 1024;

/** How values of properties are compared; said, never guessed. PL-4 */
export const comparisonTypes = ['Quantity', 'Integer', 'Version', 'String'] as const;
export type ComparisonType = (typeof comparisonTypes)[number];

const propertyName = () => z.string().min(1).max(253);
const expression = (description: string) => z.string().min(1).max(maxExpressionLength).describe(description);
const comparison = () =>
  z
    .enum(comparisonTypes)
    .describe(
      'How values compare: Quantity (500m, 2Gi), Integer, Version (1.35.4), String. A value that cannot be read so matches nothing. Absent: Quantity for Gt, Ge, Lt and Le, String otherwise.',
    );

/** PL-4 */
const propertySelector = () =>
  z
    .object({
      matchExpressions: atomicList(
        z
          .object({
            name: propertyName().describe(
              'Name of a ClusterProperty; or capacity/R, allocatable/R, free/R for the resource R; or kubernetesVersion.',
            ),
            operator: z
              .enum(['In', 'NotIn', 'Exists', 'DoesNotExist', 'Gt', 'Ge', 'Lt', 'Le'])
              .describe('How the value relates to the values. NotIn also matches clusters without the property.'),
            type: comparison().exactOptional(),
            values: atomicList(z.string().max(1024))
              .max(64)
              .describe('Values to compare with: one for Gt, Ge, Lt, Le; at least one for In and NotIn; else none.')
              .exactOptional(),
          })
          .meta(validations(propertyOperatorValues))
          .describe('One requirement on a property.'),
      )
        .min(1)
        .max(16)
        .describe('Requirements that must all hold.'),
    })
    .meta({ 'x-kubernetes-map-type': 'atomic' });

const requiredApi = z
  .object({
    group: z.string().max(253).describe('API group; empty or absent for the core group.').exactOptional(),
    version: z.string().min(1).max(63).describe('Version of the group. Absent: any.').exactOptional(),
    kind: z.string().min(1).max(63).describe('The kind, for example Deployment.'),
  })
  .describe('A kind that the cluster must serve.');

const suitability = {
  labelSelector: labelSelector()
    .describe('Requirements on the labels of the MemberCluster. Empty: every cluster. Absent: none.')
    .exactOptional(),
  propertySelector: propertySelector()
    .describe('Requirements on the properties, capacity and version of the cluster. Absent: none.')
    .exactOptional(),
  expression: expression(
    'A CEL expression over `cluster` that yields a bool: cluster.name, .clusterSet, .labels, .properties, .version, .capacity.{total,allocatable,free}, .conditions, .taints, .scores. Bounded in cost. Absent: none.',
  ).exactOptional(),
  requiredAPIs: atomicList(requiredApi)
    .min(1)
    .max(32)
    .describe('Kinds that the cluster must serve. Absent: none.')
    .exactOptional(),
};

/** PL-4 */
export const selectorTerm = z
  .object(suitability)
  .meta(validations(termSaysSomething))
  .describe('One way for a cluster to be suitable; everything in it must hold.');

/** PL-7 */
export const candidateTerm = z
  .object({ name: dnsLabel().describe('Name of the term, shown in the status.'), ...suitability })
  .meta(validations(termSaysSomething))
  .describe('One pool of clusters, tried in order; everything in it must hold beside clusterSelectorTerms.');

/** PL-7 */
export const candidatePolicy = z
  .object({
    overflow: z
      .enum(['Never', 'Missing'])
      .describe(
        'Missing: what the term in use lacks is taken from later terms, and given back in reverse. Never: one term serves all. Absent: Never.',
      )
      .exactOptional(),
    failback: z
      .enum(['Never', 'AfterStable'])
      .describe(
        'Whether the placement returns by itself to an earlier term: after that could serve it for stableSeconds without a break. Absent: Never.',
      )
      .exactOptional(),
    stableSeconds: int32().min(0).describe('How long, in seconds, for failback AfterStable.').exactOptional(),
  })
  .meta(validations(stableNeedsSeconds))
  .describe('How several candidate terms work together.');

const whenUnsatisfiable = () =>
  z
    .enum(['DoNotSchedule', 'ScheduleAnyway'])
    .describe('DoNotSchedule: a hard rule. ScheduleAnyway: kept as well as possible. Absent: DoNotSchedule.');

/** PL-14 */
export const spreadConstraint = z
  .object({
    topologyKey: z
      .string()
      .min(1)
      .max(317)
      .describe('The label (or property, see source) whose values are the domains.'),
    source: z.enum(['Label', 'Property']).describe('Where topologyKey is looked up. Absent: Label.').exactOptional(),
    whenUnsatisfiable: whenUnsatisfiable().exactOptional(),
    maxSkew: int32()
      .min(1)
      .max(10_000)
      .describe('Largest difference in chosen clusters between two domains that have an eligible cluster. Absent: any.')
      .exactOptional(),
    minDomains: int32().min(1).max(1000).describe('Least number of domains in use. Absent: one.').exactOptional(),
    maxDomains: int32().min(1).max(1000).describe('Largest number of domains in use. Absent: any.').exactOptional(),
    maxClustersPerDomain: int32()
      .min(1)
      .max(10_000)
      .describe('Most clusters in one domain. Absent: any number.')
      .exactOptional(),
    missingKey: z
      .enum(['Exclude', 'Exempt'])
      .describe(
        'Clusters without the key: Exclude leaves them out under a hard rule and ranks them last under a soft one; Exempt lets them take part uncounted. Absent: Exclude.',
      )
      .exactOptional(),
  })
  .meta(validations(domainsInOrder, spreadSaysSomething))
  .describe('How the chosen clusters spread over the values of one key.');

const priority = z
  .object({
    type: z
      .enum([
        'Label',
        'Property',
        'PropertyValue',
        'FreeCapacity',
        'Balance',
        'Steadiness',
        'Expression',
        'ClusterScore',
      ])
      .describe(
        'What is scored, from 0 to 100. Label, Property: 100 where the selector holds. PropertyValue, FreeCapacity: linear over the candidates. Balance: fewest decisions of all placements. Steadiness: 100 for a chosen cluster. Expression: what it yields. ClusterScore: what a ClusterScore object says.',
      ),
    weight: int32()
      .min(-100)
      .max(100)
      .describe('Factor of the score. Negative: away from it. 0 with ClusterScore: only its exclusions count.'),
    labelSelector: labelSelector().describe('For Label.').exactOptional(),
    propertySelector: propertySelector().describe('For Property.').exactOptional(),
    property: z
      .object({
        name: propertyName().describe('As in propertySelector.'),
        type: z
          .enum(['Quantity', 'Integer', 'Version'])
          .describe('How the value is read. Absent: Quantity.')
          .exactOptional(),
        order: z
          .enum(['Ascending', 'Descending'])
          .describe('Descending: the largest value scores best. Ascending: the smallest. Absent: Descending.')
          .exactOptional(),
      })
      .describe('For PropertyValue.')
      .exactOptional(),
    resource: z
      .object({
        name: z.string().min(1).max(253).describe('The resource, for example cpu.'),
        prefer: z
          .enum(['Most', 'Least'])
          .describe('Most: the emptiest cluster scores best. Least: the fullest. Absent: Most.')
          .exactOptional(),
      })
      .describe('For FreeCapacity.')
      .exactOptional(),
    expression: expression(
      'For Expression: CEL over `cluster`; a bool (100 or 0) or an int, held between 0 and 100.',
    ).exactOptional(),
    clusterScore: z
      .object({
        name: objectName().describe('Name of the ClusterScore objects in the namespaces of the members.'),
        score: dnsLabel().describe('Which of their scores.'),
      })
      .describe('For ClusterScore.')
      .exactOptional(),
  })
  .meta(validations(priorityFieldOfType))
  .describe('One thing that makes a cluster more or less wanted.');

/** PL-15 */
export const priorityPolicy = z
  .object({
    mode: z
      .enum(['Additive', 'Exact'])
      .describe(
        'Additive: the defaults (Balance with weight 1, and Steadiness with weight 1) count beside those listed; listing one of them re-weights it. Exact: only those listed. Absent: Additive.',
      )
      .exactOptional(),
    priorities: atomicList(priority).max(16).describe('What is preferred. Absent: the defaults alone.').exactOptional(),
  })
  .describe('Which of the suitable clusters are taken first.');

/** PL-17 */
export const copies = z
  .object({
    count: count().min(1).max(1_000_000).describe('How many copies the chosen clusters together must have room for.'),
    requests: z
      .record(z.string(), z.string().min(1).max(64))
      .meta({ maxProperties: 16, minProperties: 1, ...validations(requestAmount) })
      .describe('What one copy requests, by resource, as in a pod: cpu 500m, memory 2Gi.'),
    whenUnsatisfiable: whenUnsatisfiable().exactOptional(),
  })
  .describe('Room that the chosen clusters together must have.');

const placementNames = () => setOf(objectName()).min(1).max(16);

/** PL-18 */
export const placementAffinity = z
  .object({
    sameClustersAs: placementNames()
      .describe('Placements of this namespace: only clusters that all of them chose. Absent: none.')
      .exactOptional(),
    otherClustersThan: placementNames()
      .describe('Placements of this namespace: no cluster that any of them chose. Absent: none.')
      .exactOptional(),
  })
  .meta(validations(affinityContradiction))
  .describe('Relations to other placements of this namespace.');

/** PL-31 */
export const decisionStrategy = z
  .object({
    groups: atomicList(
      z
        .object({
          name: dnsLabel().describe('Name of the group.'),
          labelSelector: labelSelector().describe('Clusters of the group, by label.'),
        })
        .describe('One named group.'),
    )
      .max(16)
      .describe('A cluster belongs to the first that matches it; the rest form groups without a name at the end.')
      .exactOptional(),
    groupSize: int32().min(1).max(100_000).describe('Most clusters in one group. Absent: any number.').exactOptional(),
    groupSizePercent: int32()
      .min(1)
      .max(100)
      .describe('The same in percent of all chosen clusters, rounded up. Absent: any number.')
      .exactOptional(),
  })
  .meta(validations(oneGroupSize))
  .describe('Parts of the decision, in order, for rollouts in waves.');

/** What may change a choice that stands. PL-20 */
const suppressibleCauses = ['Scores', 'PreferNoSchedule', 'OtherPlacements'] as const;
const heldBackCauses = ['RequiredTerms', 'NoExecute', 'Shortfall', 'NewMatches'] as const;

/** PL-20, PL-24 */
export const steadiness = z
  .object({
    mode: z
      .enum(['Steady', 'None'])
      .describe('Steady: a chosen cluster stays while it fits. None: the best are chosen each time. Absent: Steady.')
      .exactOptional(),
    actOn: setOf(z.enum(suppressibleCauses))
      .max(8)
      .describe('What may also move a chosen cluster, although by default it does not. Absent: nothing.')
      .exactOptional(),
    holdBack: setOf(z.enum(heldBackCauses))
      .max(8)
      .describe(
        'What moves nothing here, although by default it does; the status shows what is held back. Absent: nothing.',
      )
      .exactOptional(),
    maxMoves: count()
      .max(100_000)
      .describe('How many clusters a fresh choice on request may replace at most. Absent: all.')
      .exactOptional(),
  })
  .meta(validations(steadinessLists))
  .describe('When a choice that stands may change.');
