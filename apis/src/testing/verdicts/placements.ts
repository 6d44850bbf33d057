import { ClusterScore } from '../../quarterdeck.dev/v1alpha1/cluster-score.ts';
import { defaultTolerations, maxSelectorTerms, Placement } from '../../quarterdeck.dev/v1alpha1/placement.ts';
import { longName, objectOf, times } from '../objects.ts';
import type { Verdict } from '../verdict.ts';

const placement = (name: string, spec: Record<string, unknown>) => objectOf(Placement, name, { spec });
const withTolerations = (name: string, ...tolerations: Record<string, unknown>[]) => placement(name, { tolerations });
const withExpression = (name: string, expression: Record<string, unknown>) =>
  placement(name, { clusterSelectorTerms: [{ labelSelector: { matchExpressions: [expression] } }] });
const firstExpression = 'spec.clusterSelectorTerms[0].labelSelector.matchExpressions[0]';

const placements: Verdict[] = [
  {
    name: 'PL-10 a placement without rules asks for every cluster',
    kind: Placement,
    object: objectOf(Placement, 'all'),
    accepted: true,
    stored: { spec: { tolerations: defaultTolerations } },
  },
  {
    name: 'PL-4 terms, count, sets and tolerations are accepted',
    kind: Placement,
    object: placement('full', {
      clusterSets: ['edge'],
      numberOfClusters: 2,
      clusterSelectorTerms: [
        { labelSelector: { matchLabels: { tier: 'gold', 'example.com/zone': '' } } },
        {
          labelSelector: {
            matchExpressions: [
              { key: 'env', operator: 'NotIn', values: ['test'] },
              { key: 'retired', operator: 'DoesNotExist' },
            ],
          },
        },
      ],
      tolerations: [
        { operator: 'Exists', effect: 'NoExecute', tolerationSeconds: 300 },
        { key: 'a', value: 'b' },
      ],
    }),
    accepted: true,
  },
  {
    name: 'PL-11 asking for no cluster is valid',
    kind: Placement,
    object: placement('zero', { numberOfClusters: 0 }),
    accepted: true,
    stored: { spec: { numberOfClusters: 0, tolerations: defaultTolerations } },
  },
  {
    name: 'BI-25 a negative number of clusters is refused',
    kind: Placement,
    object: placement('minus', { numberOfClusters: -1 }),
    refused: [{ field: 'spec.numberOfClusters', messageIncludes: 'should be greater than or equal to 0' }],
  },
  {
    name: 'BI-25 a number of clusters that overflows is refused',
    kind: Placement,
    object: placement('overflow', { numberOfClusters: 2 ** 31 }),
    refused: [{ field: 'spec.numberOfClusters', messageIncludes: 'should be less than or equal to 100000' }],
  },
  {
    name: 'BI-25 more terms than allowed are refused',
    kind: Placement,
    object: placement('terms', {
      clusterSelectorTerms: times(maxSelectorTerms + 1, (index) => ({
        labelSelector: { matchLabels: { a: `v${index}` } },
      })),
    }),
    refused: [{ field: 'spec.clusterSelectorTerms', messageIncludes: 'must have at most 10 items' }],
  },
  {
    name: 'BI-25 ten thousand requirements are refused',
    kind: Placement,
    object: placement('requirements', {
      clusterSelectorTerms: [
        { labelSelector: { matchExpressions: times(10_000, (index) => ({ key: `k${index}`, operator: 'Exists' })) } },
      ],
    }),
    refused: [
      {
        field: 'spec.clusterSelectorTerms[0].labelSelector.matchExpressions',
        messageIncludes: 'must have at most 32 items',
      },
    ],
  },
  {
    name: 'PL-4 an empty list of terms is refused, since it could mean all or none',
    kind: Placement,
    object: placement('no-terms', { clusterSelectorTerms: [] }),
    refused: [{ field: 'spec.clusterSelectorTerms', messageIncludes: 'should have at least 1 items' }],
  },
  {
    name: 'PL-4 a term that says nothing is refused',
    kind: Placement,
    object: placement('empty-term', { clusterSelectorTerms: [{}] }),
    refused: [{ field: 'spec.clusterSelectorTerms[0]', messageIncludes: 'one of labelSelector, propertySelector' }],
  },
  {
    name: 'PL-4 In without values is refused',
    kind: Placement,
    object: withExpression('in-nothing', { key: 'env', operator: 'In' }),
    refused: [{ field: `${firstExpression}.values`, messageIncludes: 'In and NotIn need at least one value' }],
  },
  {
    name: 'PL-4 Exists with values is refused',
    kind: Placement,
    object: withExpression('exists-values', { key: 'env', operator: 'Exists', values: ['a'] }),
    refused: [{ field: `${firstExpression}.values`, messageIncludes: 'Exists and DoesNotExist take none' }],
  },
  {
    name: 'PL-4 an operator that does not exist is refused',
    kind: Placement,
    object: withExpression('greater', { key: 'env', operator: 'Gt', values: ['1'] }),
    refused: [{ field: `${firstExpression}.operator`, messageIncludes: 'Unsupported value: "Gt"' }],
  },
  {
    name: 'KA-47 a key of matchLabels that is not a label key is refused',
    kind: Placement,
    object: placement('bad-key', { clusterSelectorTerms: [{ labelSelector: { matchLabels: { 'a b': 'x' } } }] }),
    refused: [
      { field: 'spec.clusterSelectorTerms[0].labelSelector.matchLabels', messageIncludes: 'keys must be label keys' },
    ],
  },
  {
    name: 'KA-47 a label value of 64 characters is refused',
    kind: Placement,
    object: placement('long-value', { clusterSelectorTerms: [{ labelSelector: { matchLabels: { a: longName } } }] }),
    refused: [
      { field: 'spec.clusterSelectorTerms[0].labelSelector.matchLabels.a', messageIncludes: 'may not be more than 63' },
    ],
  },
  {
    name: 'PL-8 a toleration without key needs Exists',
    kind: Placement,
    object: withTolerations('keyless', { value: 'x' }, { operator: 'Exists' }),
    refused: [{ field: 'spec.tolerations[0].operator', messageIncludes: 'without a key the operator must be Exists' }],
  },
  {
    name: 'PL-8 Exists takes no value',
    kind: Placement,
    object: withTolerations('exists-value', { key: 'a', operator: 'Exists', value: 'x' }),
    refused: [{ field: 'spec.tolerations[0].value', messageIncludes: 'with the operator Exists there is no value' }],
  },
  {
    name: 'PL-8 a limited toleration needs the effect NoExecute',
    kind: Placement,
    object: withTolerations('limited', { key: 'a', operator: 'Exists', tolerationSeconds: 10 }),
    refused: [{ field: 'spec.tolerations[0].effect', messageIncludes: 'tolerationSeconds needs the effect NoExecute' }],
  },
  {
    name: 'PL-1 a set named twice is refused',
    kind: Placement,
    object: placement('set-twice', { clusterSets: ['a', 'a'] }),
    refused: [{ field: 'spec.clusterSets[1]', messageIncludes: 'Duplicate value: "a"' }],
  },
  {
    name: 'PL-1 an empty list of sets is refused, since it could mean all or none',
    kind: Placement,
    object: placement('no-sets', { clusterSets: [] }),
    refused: [{ field: 'spec.clusterSets', messageIncludes: 'should have at least 1 items' }],
  },
];

const term = (property: Record<string, unknown>) => ({
  clusterSelectorTerms: [{ propertySelector: { matchExpressions: [property] } }],
});
const firstProperty = 'spec.clusterSelectorTerms[0].propertySelector.matchExpressions[0]';
const priorities = (...list: Record<string, unknown>[]) => ({ priorityPolicy: { priorities: list } });

const choices: Verdict[] = [
  {
    name: 'PL-4, PL-7, PL-15 everything that a placement can say is accepted',
    kind: Placement,
    object: placement('everything', {
      clusterNames: ['m2', 'm1'],
      excludedClusterNames: ['m9'],
      clusterSelectorTerms: [
        {
          labelSelector: { matchLabels: { tier: 'gold' } },
          propertySelector: {
            matchExpressions: [
              { name: 'gpus.example.com', operator: 'Ge', values: ['2'] },
              { name: 'kubernetesVersion', operator: 'Ge', type: 'Version', values: ['1.33'] },
              { name: 'allocatable/cpu', operator: 'Exists' },
            ],
          },
          requiredAPIs: [{ group: 'apps', version: 'v1', kind: 'Deployment' }, { kind: 'Pod' }],
        },
      ],
      candidateTerms: [
        { name: 'primary', labelSelector: { matchLabels: { region: 'eu' } } },
        { name: 'fallback', labelSelector: {} },
      ],
      candidatePolicy: { overflow: 'Missing', failback: 'AfterStable', stableSeconds: 600 },
      numberOfClusters: 4,
      minimumNumberOfClusters: 2,
      spreadConstraints: [
        { topologyKey: 'region', maxSkew: 1, minDomains: 2 },
        { topologyKey: 'zone', whenUnsatisfiable: 'ScheduleAnyway', maxClustersPerDomain: 1, missingKey: 'Exempt' },
      ],
      priorityPolicy: {
        mode: 'Exact',
        priorities: [
          { type: 'Label', weight: 10, labelSelector: { matchLabels: { disk: 'ssd' } } },
          { type: 'PropertyValue', weight: -5, property: { name: 'price', order: 'Ascending' } },
          { type: 'FreeCapacity', weight: 2, resource: { name: 'cpu' } },
          { type: 'ClusterScore', weight: 1, clusterScore: { name: 'prices', score: 'hourly' } },
          { type: 'Balance', weight: 1 },
        ],
      },
      copies: { count: 6, requests: { cpu: '500m', memory: '2Gi' } },
      placementAffinity: { sameClustersAs: ['db'], otherClustersThan: ['test'] },
      decisionStrategy: {
        groups: [{ name: 'canary', labelSelector: { matchLabels: { canary: 'yes' } } }],
        groupSizePercent: 25,
      },
      steadiness: { actOn: ['PreferNoSchedule'], holdBack: ['NoExecute'], maxMoves: 1 },
      lossPolicy: 'Remove',
      priority: 5,
      suspend: false,
      schedulerName: 'quarterdeck',
      tolerations: [{ operator: 'Exists', effect: 'NoExecute', tolerationSeconds: 60 }],
    }),
    accepted: true,
  },
  {
    name: 'PL-11 a minimum above the number is refused',
    kind: Placement,
    object: placement('range', { numberOfClusters: 2, minimumNumberOfClusters: 3 }),
    refused: [{ field: 'spec.minimumNumberOfClusters', messageIncludes: 'must not be greater than numberOfClusters' }],
  },
  {
    name: 'PL-4 an ordered comparison with two values is refused',
    kind: Placement,
    object: placement('two-values', term({ name: 'gpus', operator: 'Gt', values: ['1', '2'] })),
    refused: [{ field: `${firstProperty}.values`, messageIncludes: 'need exactly one value' }],
  },
  {
    name: 'PL-4 a comparison that does not exist is refused',
    kind: Placement,
    object: placement('comparison', term({ name: 'gpus', operator: 'Eq', values: ['1'] })),
    refused: [{ field: `${firstProperty}.operator`, messageIncludes: 'Unsupported value: "Eq"' }],
  },
  {
    name: 'PL-14 a spread without any limit is refused',
    kind: Placement,
    object: placement('no-limit', { spreadConstraints: [{ topologyKey: 'region' }] }),
    refused: [{ field: 'spec.spreadConstraints[0]', messageIncludes: 'one of maxSkew, minDomains' }],
  },
  {
    name: 'PL-14 more least domains than most domains is refused',
    kind: Placement,
    object: placement('domains', { spreadConstraints: [{ topologyKey: 'region', minDomains: 3, maxDomains: 2 }] }),
    refused: [
      { field: 'spec.spreadConstraints', messageIncludes: 'ask for more domains of one key than they allow' },
      { field: 'spec.spreadConstraints[0].minDomains', messageIncludes: 'must not be greater than maxDomains' },
    ],
  },
  {
    name: 'PL-14 more domains than clusters is refused',
    kind: Placement,
    object: placement('too-few', {
      numberOfClusters: 2,
      spreadConstraints: [{ topologyKey: 'region', minDomains: 3 }],
    }),
    refused: [{ field: 'spec.spreadConstraints', messageIncludes: 'must not be greater than numberOfClusters' }],
  },
  {
    name: 'PL-14 domains that cannot hold the minimum are refused',
    kind: Placement,
    object: placement('too-small', {
      minimumNumberOfClusters: 5,
      spreadConstraints: [{ topologyKey: 'region', maxDomains: 2, maxClustersPerDomain: 2 }],
    }),
    refused: [{ field: 'spec.spreadConstraints', messageIncludes: 'allows fewer clusters than' }],
  },
  {
    name: 'PL-18 the same and other clusters at once are refused',
    kind: Placement,
    object: placement('both', { placementAffinity: { sameClustersAs: ['a'], otherClustersThan: ['a'] } }),
    refused: [{ field: 'spec.placementAffinity', messageIncludes: 'must not stand in sameClustersAs and' }],
  },
  {
    name: 'PL-31 two sizes of groups are refused',
    kind: Placement,
    object: placement('sizes', { decisionStrategy: { groupSize: 2, groupSizePercent: 10 } }),
    refused: [{ field: 'spec.decisionStrategy.groupSizePercent', messageIncludes: 'exclude each other' }],
  },
  {
    name: 'PL-7 a failback without its time is refused',
    kind: Placement,
    object: placement('failback', {
      candidateTerms: [{ name: 'a', labelSelector: {} }],
      candidatePolicy: { failback: 'AfterStable' },
    }),
    refused: [{ field: 'spec.candidatePolicy.stableSeconds', messageIncludes: 'must be given with it' }],
  },
  {
    name: 'PL-7 a candidate policy without terms is refused',
    kind: Placement,
    object: placement('no-candidates', { candidatePolicy: { overflow: 'Missing' } }),
    refused: [{ field: 'spec.candidatePolicy', messageIncludes: 'candidatePolicy needs candidateTerms' }],
  },
  {
    name: 'PL-20 lists of causes beside pure ranking are refused',
    kind: Placement,
    object: placement('ranking', { steadiness: { mode: 'None', actOn: ['Scores'] } }),
    refused: [{ field: 'spec.steadiness.mode', messageIncludes: 'have no meaning' }],
  },
  {
    name: 'PL-15 a priority with the field of another is refused',
    kind: Placement,
    object: placement('fields', priorities({ type: 'Balance', weight: 1, resource: { name: 'cpu' } })),
    refused: [{ field: 'spec.priorityPolicy.priorities[0].type', messageIncludes: 'each type reads one field' }],
  },
  {
    name: 'BI-25, PL-15 a weight that overflows is refused',
    kind: Placement,
    object: placement('weight', priorities({ type: 'Balance', weight: 101 })),
    refused: [
      { field: 'spec.priorityPolicy.priorities[0].weight', messageIncludes: 'should be less than or equal to 100' },
    ],
  },
  {
    name: 'BI-25, PL-15 a weight that overflows downwards is refused',
    kind: Placement,
    object: placement('weight-down', priorities({ type: 'Balance', weight: -(2 ** 31) })),
    refused: [
      { field: 'spec.priorityPolicy.priorities[0].weight', messageIncludes: 'should be greater than or equal to -100' },
    ],
  },
  {
    name: 'BI-25, PL-15 a weight that is no whole number is refused',
    kind: Placement,
    object: placement('weight-half', priorities({ type: 'Balance', weight: 0.5 })),
    refused: [{ field: 'spec.priorityPolicy.priorities[0].weight', messageIncludes: 'must be of type integer' }],
  },
  {
    name: 'BI-25, PL-15 more priorities than allowed are refused: no sum of weights overflows',
    kind: Placement,
    object: placement('priorities', priorities(...times(17, () => ({ type: 'Balance', weight: 100 })))),
    refused: [{ field: 'spec.priorityPolicy.priorities', messageIncludes: 'must have at most 16 items' }],
  },
  {
    name: 'BI-25, PL-10 a number of clusters that is no whole number is refused',
    kind: Placement,
    object: placement('half', { numberOfClusters: 1.5 }),
    refused: [{ field: 'spec.numberOfClusters', messageIncludes: 'must be of type integer' }],
  },
  {
    name: 'BI-25, PL-10 a negative minimum is refused',
    kind: Placement,
    object: placement('minus-minimum', { minimumNumberOfClusters: -1 }),
    refused: [{ field: 'spec.minimumNumberOfClusters', messageIncludes: 'should be greater than or equal to 0' }],
  },
  {
    name: 'BI-25 ten thousand terms are refused',
    kind: Placement,
    object: placement('many-terms', { clusterSelectorTerms: times(10_000, () => ({ labelSelector: {} })) }),
    refused: [{ field: 'spec.clusterSelectorTerms', messageIncludes: 'must have at most 10 items' }],
  },
  {
    name: 'BI-25 ten thousand requirements on properties are refused',
    kind: Placement,
    object: placement('properties', {
      clusterSelectorTerms: [
        {
          propertySelector: {
            matchExpressions: times(10_000, (index) => ({ name: `p${index}`, operator: 'Exists' })),
          },
        },
      ],
    }),
    refused: [
      {
        field: 'spec.clusterSelectorTerms[0].propertySelector.matchExpressions',
        messageIncludes: 'must have at most 16 items',
      },
    ],
  },
  {
    name: 'BI-25 ten thousand names are refused',
    kind: Placement,
    object: placement('names', { clusterNames: times(10_000, (index) => `m${index}`) }),
    refused: [{ field: 'spec.clusterNames', messageIncludes: 'must have at most 1000 items' }],
  },
  {
    name: 'BI-25, PL-5 a CEL expression that is too long is refused',
    kind: Placement,
    object: placement('long-cel', { clusterSelectorTerms: [{ expression: `true ${'|| true '.repeat(128)}` }] }),
    refused: [{ field: 'spec.clusterSelectorTerms[0].expression', messageIncludes: 'may not be more than 1024' }],
  },
  {
    name: 'BI-25, PL-5 an empty CEL expression is refused',
    kind: Placement,
    object: placement('no-cel', { clusterSelectorTerms: [{ expression: '' }] }),
    refused: [{ field: 'spec.clusterSelectorTerms[0].expression', messageIncludes: 'should be at least 1 char' }],
  },
  {
    name: 'BI-25, PL-14 spread rules that contradict each other are refused',
    kind: Placement,
    object: placement('contradiction', {
      spreadConstraints: [
        { topologyKey: 'region', minDomains: 3 },
        { topologyKey: 'region', maxDomains: 2 },
      ],
    }),
    refused: [{ field: 'spec.spreadConstraints', messageIncludes: 'ask for more domains of one key than they allow' }],
  },
  {
    name: 'BI-25, PL-14 the same of a label and of a property, or softly, is no contradiction',
    kind: Placement,
    object: placement('no-contradiction', {
      spreadConstraints: [
        { topologyKey: 'region', minDomains: 3 },
        { topologyKey: 'region', maxDomains: 2, source: 'Property' },
        { topologyKey: 'region', maxDomains: 2, whenUnsatisfiable: 'ScheduleAnyway' },
      ],
      tolerations: [{ operator: 'Exists', effect: 'NoExecute', tolerationSeconds: 60 }],
    }),
    accepted: true,
  },
  {
    name: 'BI-25, PL-17 a request that is no amount is refused',
    kind: Placement,
    object: placement('lots', { copies: { count: 1, requests: { cpu: 'lots' } } }),
    refused: [{ field: 'spec.copies.requests', messageIncludes: 'quantities greater than zero' }],
  },
  {
    name: 'BI-25, PL-17 copies without number are refused',
    kind: Placement,
    object: placement('zero-copies', { copies: { count: 0, requests: { cpu: '1' } } }),
    refused: [{ field: 'spec.copies.count', messageIncludes: 'should be greater than or equal to 1' }],
  },
  {
    name: 'PL-17 a request of nothing is refused',
    kind: Placement,
    object: placement('nothing', { copies: { count: 1, requests: { cpu: '0m' } } }),
    refused: [{ field: 'spec.copies.requests', messageIncludes: 'quantities greater than zero' }],
  },
  {
    name: 'PL-15 a score from outside is accepted with its validity and an exclusion',
    kind: ClusterScore,
    object: objectOf(ClusterScore, 'prices', {
      spec: {
        validUntil: '2026-01-01T00:00:00Z',
        scores: [{ name: 'hourly', value: 70 }],
        exclusion: { reason: 'power cut announced' },
      },
    }),
    accepted: true,
  },
  {
    name: 'PL-15 a score above 100 is refused',
    kind: ClusterScore,
    object: objectOf(ClusterScore, 'high', { spec: { scores: [{ name: 'hourly', value: 101 }] } }),
    refused: [{ field: 'spec.scores[0].value', messageIncludes: 'should be less than or equal to 100' }],
  },
];

/** Placements, and the scores from outside that they use. */
export const placementVerdicts: readonly Verdict[] = [...placements, ...choices];
