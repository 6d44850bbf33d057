import { defaultTolerations, type Placement } from '@quarterdeck/apis';
import type { AdmissionAttributes, AdmissionContext } from '@quarterdeck/apiserver';
import { describe, expect, test } from 'vitest';
import { placement } from '../testing/builders.ts';
import { placementGate } from './placement-gate.ts';

const gate = placementGate();
const refusalOf = (spec: Placement['spec']): unknown => {
  const attributes = { name: 'p', object: placement('p', spec) } as unknown as AdmissionAttributes;
  try {
    gate.validate?.(attributes, {} as AdmissionContext);
    return undefined;
  } catch (error) {
    return error;
  }
};

/** The tolerations that stand in the object afterwards. */
const tolerationsOf = (spec: unknown): unknown => {
  const object = { ...placement('p'), spec } as unknown as AdmissionAttributes['object'] & object;
  const attributes = { name: 'p', object } as unknown as AdmissionAttributes & { object: typeof object };
  const mutated = gate.mutate?.(attributes, {} as AdmissionContext);
  return (mutated?.spec as { tolerations?: unknown } | undefined)?.tolerations;
};
const [unreachable, unhealthy] = defaultTolerations;
const gpu = { key: 'gpu', operator: 'Exists' };

describe('placementGate', () => {
  test.each([
    { name: 'no list gets both', spec: {}, want: [unreachable, unhealthy] },
    {
      name: 'a list that says nothing of them keeps its order, and gets both',
      spec: { tolerations: [gpu] },
      want: [gpu, unreachable, unhealthy],
    },
    {
      name: 'one that is covered is left as the user wants it, a shorter time too',
      spec: { tolerations: [{ ...unreachable, tolerationSeconds: 5 }] },
      want: [{ ...unreachable, tolerationSeconds: 5 }, unhealthy],
    },
    {
      name: 'a toleration of everything covers both',
      spec: { tolerations: [{ operator: 'Exists' }] },
      want: [{ operator: 'Exists' }],
    },
    {
      name: 'another effect covers nothing',
      spec: { tolerations: [{ operator: 'Exists', effect: 'NoSchedule' }] },
      want: [{ operator: 'Exists', effect: 'NoSchedule' }, unreachable, unhealthy],
    },
    {
      name: "PL-25 another scheduler's list is its own",
      spec: { schedulerName: 'other', tolerations: [gpu] },
      want: [gpu],
    },
    { name: 'what the schema will refuse is left to it', spec: { tolerations: 'all' }, want: 'all' },
    {
      name: 'a list without a place for more stays',
      spec: { tolerations: Array.from({ length: 63 }, () => gpu) },
      want: Array.from({ length: 63 }, () => gpu),
    },
  ])('PL-8 default tolerations are written visibly: $name', ({ spec, want }) => {
    expect(tolerationsOf(spec)).toEqual(want);
  });

  test('PL-5, PL-21 CEL that does not compile is refused with its path', () => {
    expect(refusalOf({ clusterSelectorTerms: [{ expression: 'cluster.name ==' }] })).toMatchObject({
      status: { code: 422, details: { causes: [{ field: 'spec.clusterSelectorTerms[0].expression' }] } },
    });
    expect(refusalOf({ clusterSelectorTerms: [{ expression: "cluster.name == 'm1'" }] })).toBeUndefined();
  });

  test('PL-4, BI-25 a value that cannot be read as its type is refused', () => {
    const gpus = { name: 'gpus', operator: 'Gt' as const, values: ['many'] };
    expect(refusalOf({ clusterSelectorTerms: [{ propertySelector: { matchExpressions: [gpus] } }] })).toMatchObject({
      code: 422,
      message: expect.stringContaining('"many" cannot be read as Quantity'),
    });
  });

  test("PL-25 another scheduler's placement is not judged", () => {
    expect(
      refusalOf({ schedulerName: 'other', clusterSelectorTerms: [{ expression: 'cluster.name ==' }] }),
    ).toBeUndefined();
  });
});
