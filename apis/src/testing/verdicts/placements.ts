import { maxSelectorTerms, Placement } from '../../quarterdeck.dev/v1alpha1/placement.ts';
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
    stored: { spec: {} },
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
    refused: [{ field: 'spec.clusterSelectorTerms[0].labelSelector', messageIncludes: 'Required value' }],
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

/** Placements. */
export const placementVerdicts: readonly Verdict[] = [...placements];
