import type { Placement } from '@quarterdeck/apis';
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

describe('placementGate', () => {
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
