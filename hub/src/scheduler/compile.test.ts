import type { Placement } from '@quarterdeck/apis';
import { describe, expect, test } from 'vitest';
import { placement } from '../testing/builders.ts';
import { compilePlacement } from './compile.ts';

const noCel = () => ({ problem: 'no CEL here' });
const compiled = (spec: Placement['spec']) => compilePlacement(placement('p', spec), noCel);
const problemOf = (spec: Placement['spec']) => {
  const result = compiled(spec);
  return 'problem' in result ? result.problem : undefined;
};

describe('compilePlacement', () => {
  test('PL-4, PL-15 absent fields stay open, and the defaults are filled', () => {
    expect(compiled({})).toMatchObject({
      key: 'apps/p',
      namespace: 'apps',
      clusterSets: undefined,
      terms: undefined,
      numberOfClusters: undefined,
      minimum: 1,
      steady: true,
      priorities: [
        { type: 'Balance', weight: 1 },
        { type: 'Steadiness', weight: 1 },
      ],
    });
  });

  test('PL-8 NoExecute taints of lost and unhealthy clusters are tolerated for 300 seconds, unless something covers them', () => {
    const tolerationsOf = (tolerations: NonNullable<Placement['spec']['tolerations']>) => {
      const result = compiled({ tolerations });
      return 'problem' in result
        ? []
        : result.tolerations.map(({ key, tolerationSeconds }) => [key, tolerationSeconds]);
    };
    expect(tolerationsOf([])).toEqual([
      ['quarterdeck.dev/unreachable', 300],
      ['quarterdeck.dev/unhealthy', 300],
    ]);
    expect(
      tolerationsOf([
        { key: 'quarterdeck.dev/unreachable', operator: 'Exists', effect: 'NoExecute', tolerationSeconds: 5 },
      ]),
    ).toEqual([
      ['quarterdeck.dev/unreachable', 5],
      ['quarterdeck.dev/unhealthy', 300],
    ]);
    expect(tolerationsOf([{ operator: 'Exists' }])).toEqual([[undefined, undefined]]);
  });

  test.each([
    {
      name: 'PL-15 listing a default re-weights it',
      policy: { priorities: [{ type: 'Balance' as const, weight: 7 }] },
      want: ['Balance 7', 'Steadiness 1'],
    },
    {
      name: 'PL-15 Exact uses only what is listed',
      policy: { mode: 'Exact' as const, priorities: [{ type: 'Balance' as const, weight: 2 }] },
      want: ['Balance 2'],
    },
    { name: 'PL-15 Exact with nothing listed ranks by name alone', policy: { mode: 'Exact' as const }, want: [] },
  ])('$name', ({ policy, want }) => {
    const result = compiled({ priorityPolicy: policy });
    expect('problem' in result ? result : result.priorities.map(({ type, weight }) => `${type} ${weight}`)).toEqual(
      want,
    );
  });

  test.each([
    {
      name: 'PL-21 a selector that cannot be parsed',
      spec: {
        clusterSelectorTerms: [
          { labelSelector: {} },
          { labelSelector: { matchExpressions: [{ key: 'a', operator: 'In' as const }] } },
        ],
      },
      want: /^spec\.clusterSelectorTerms\[1\]\.labelSelector: /,
    },
    {
      name: 'PL-4, PL-21 a value that cannot be read as its type',
      spec: {
        clusterSelectorTerms: [
          { propertySelector: { matchExpressions: [{ name: 'gpu', operator: 'Gt' as const, values: ['many'] }] } },
        ],
      },
      want: /^spec\.clusterSelectorTerms\[0\]\.propertySelector\.matchExpressions\[0\]\.values: "many" cannot be read as Quantity/,
    },
    {
      name: 'PL-5, PL-21 an expression that does not compile',
      spec: { clusterSelectorTerms: [{ expression: 'cluster.' }] },
      want: /^spec\.clusterSelectorTerms\[0\]\.expression: no CEL here/,
    },
    {
      name: 'PL-17, PL-21 a request that is no quantity',
      spec: { copies: { count: 1, requests: { cpu: 'lots' } } },
      want: /^spec\.copies\.requests\.cpu: /,
    },
  ])('$name is a problem with its path', ({ spec, want }) => {
    expect(problemOf(spec)).toMatch(want);
  });
});
