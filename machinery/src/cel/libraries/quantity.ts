import { CelEvaluationError } from '../errors.ts';
import type { CelLibrary, Overload } from '../library.ts';
import { boolType, type CelType, doubleType, intType, objectType, stringType } from '../types.ts';
import { CelOpaque, type CelValue } from '../values.ts';
import {
  accepts,
  accessorCost,
  declare,
  evaluating,
  global,
  intOf,
  member,
  noSuchOverload,
  textOf,
  walkCost,
} from './declare.ts';
import {
  addKubeQuantities,
  asApproximateDouble,
  asInt64,
  compareKubeQuantities,
  type KubeQuantity,
  KubeQuantityError,
  kubeQuantityOf,
  parseKubeQuantity,
  subtractKubeQuantities,
} from './kube-quantity.ts';

const quantityType: CelType = objectType('kubernetes.Quantity');

/** A quantity as a value. */
export class CelQuantity extends CelOpaque {
  readonly type = quantityType;
  readonly quantity: KubeQuantity;

  constructor(quantity: KubeQuantity) {
    super();
    this.quantity = quantity;
  }

  equals(other: CelValue): boolean {
    return compareKubeQuantities(this.quantity, quantityOf(other)) === 0;
  }
}

function quantityOf(value: CelValue | undefined): KubeQuantity {
  if (value instanceof CelQuantity) return value.quantity;
  throw noSuchOverload();
}

const compare = ([a, b]: readonly CelValue[]) => compareKubeQuantities(quantityOf(a), quantityOf(b));

function asInteger(quantity: KubeQuantity): bigint {
  const value = asInt64(quantity);
  if (value === undefined) throw new CelEvaluationError('cannot convert value to integer');
  return value;
}

type Combine = (a: KubeQuantity, b: KubeQuantity) => KubeQuantity;

const combining = (name: 'add' | 'sub', combine: Combine): Overload[] => [
  member(`quantity_${name}`, [quantityType, quantityType], quantityType, {
    call: ([a, b]) => new CelQuantity(combine(quantityOf(a), quantityOf(b))),
    cost: accessorCost,
  }),
  member(`quantity_${name}_int`, [quantityType, intType], quantityType, {
    call: ([a, b]) => new CelQuantity(combine(quantityOf(a), kubeQuantityOf(intOf(b)))),
    cost: accessorCost,
  }),
];

/** Resource quantities: since Kubernetes 1.28. KA-102 */
export const quantityLibrary: CelLibrary = {
  name: 'kubernetes.quantity',
  functions: [
    declare(
      'quantity',
      global('string_to_quantity', [stringType], quantityType, {
        call: ([text]) => new CelQuantity(evaluating(KubeQuantityError, () => parseKubeQuantity(textOf(text)))),
        cost: walkCost(),
      }),
    ),
    declare(
      'isQuantity',
      global('is_quantity_string', [stringType], boolType, {
        call: ([text]) => accepts(KubeQuantityError, () => parseKubeQuantity(textOf(text))),
        cost: walkCost(),
      }),
    ),
    // Written as a function, not as a method: so it is upstream, whatever its documentation says.
    declare(
      'sign',
      global('quantity_sign', [quantityType], intType, {
        call: ([quantity]) => BigInt(compareKubeQuantities(quantityOf(quantity), kubeQuantityOf(0n))),
        cost: accessorCost,
      }),
    ),
    declare(
      'isGreaterThan',
      member('quantity_is_greater_than', [quantityType, quantityType], boolType, {
        call: (args) => compare(args) > 0,
        cost: accessorCost,
      }),
    ),
    declare(
      'isLessThan',
      member('quantity_is_less_than', [quantityType, quantityType], boolType, {
        call: (args) => compare(args) < 0,
        cost: accessorCost,
      }),
    ),
    declare(
      'compareTo',
      member('quantity_compare_to', [quantityType, quantityType], intType, {
        call: (args) => BigInt(compare(args)),
        cost: accessorCost,
      }),
    ),
    declare(
      'asApproximateFloat',
      member('quantity_get_float', [quantityType], doubleType, {
        call: ([quantity]) => asApproximateDouble(quantityOf(quantity)),
        cost: accessorCost,
      }),
    ),
    declare(
      'asInteger',
      member('quantity_get_int', [quantityType], intType, {
        call: ([quantity]) => asInteger(quantityOf(quantity)),
        cost: accessorCost,
      }),
    ),
    declare(
      'isInteger',
      member('quantity_is_integer', [quantityType], boolType, {
        call: ([quantity]) => asInt64(quantityOf(quantity)) !== undefined,
        cost: accessorCost,
      }),
    ),
    declare('add', ...combining('add', addKubeQuantities)),
    declare('sub', ...combining('sub', subtractKubeQuantities)),
  ],
};
