import { CelEvaluationError } from '../errors.ts';
import type { CelLibrary, FunctionDeclaration } from '../library.ts';
import { durationOf } from '../time.ts';
import {
  boolType,
  bytesType,
  type CelType,
  doubleType,
  durationType,
  intType,
  listType,
  stringType,
  timestampType,
  typeName,
  typeParam,
  uintType,
} from '../types.ts';
import { CelDuration, type CelList, CelUint, type CelValue, compareCelValues, equalCelValues } from '../values.ts';
import { declare, listOf, member, noSuchOverload } from './declare.ts';
import { listSearchCost } from './list-costs.ts';

/** The types whose values have an order. */
export const comparableTypes: readonly CelType[] = [
  intType,
  uintType,
  doubleType,
  boolType,
  durationType,
  timestampType,
  stringType,
  bytesType,
];

const zeros: readonly { type: CelType; zero: CelValue }[] = [
  { type: intType, zero: 0n },
  { type: uintType, zero: new CelUint(0n) },
  { type: doubleType, zero: 0 },
  { type: durationType, zero: new CelDuration(0n) },
];

/** As overload ids name a type: `duration`, not its full name. */
const shortName = (type: CelType) => (type.kind === 'opaque' || type.kind === 'object' ? typeName(type) : type.kind);

const element = typeParam('A');

/** Kubernetes' own list functions. KA-102 */
export const listsLibrary: CelLibrary = {
  name: 'kubernetes.lists',
  functions: [
    declare(
      'isSorted',
      ...comparableTypes.map((type) =>
        member(`list_${shortName(type)}_is_sorted_bool`, [listType(type)], boolType, {
          call: ([list]) => isSorted(listOf(list)),
          cost: listSearchCost,
        }),
      ),
    ),
    declare(
      'sum',
      ...zeros.map(({ type, zero }) =>
        member(`list_${shortName(type)}_sum_${shortName(type)}`, [listType(type)], type, {
          call: ([list]) => [...listOf(list)].reduce(add, zero),
          cost: listSearchCost,
        }),
      ),
    ),
    extreme('max', (order) => order < 0),
    extreme('min', (order) => order > 0),
    declare(
      'indexOf',
      member('list_a_index_of_int', [listType(element), element], intType, {
        call: ([list, item]) => indexOf(listOf(list), item ?? null),
        cost: listSearchCost,
      }),
    ),
    declare(
      'lastIndexOf',
      member('list_a_last_index_of_int', [listType(element), element], intType, {
        call: ([list, item]) => lastIndexOf(listOf(list), item ?? null),
        cost: listSearchCost,
      }),
    ),
  ],
};

/** @param takesNext whether the next element is better, by how the best so far compares with it */
function extreme(name: 'min' | 'max', takesNext: (order: number) => boolean): FunctionDeclaration {
  const pick = (list: CelList): CelValue => {
    let best: CelValue | undefined;
    for (const item of list) {
      if (!isOrdered(item)) throw noSuchOverload();
      if (best === undefined || takesNext(compareCelValues(best, item) ?? 0)) best = item;
    }
    if (best === undefined) throw new CelEvaluationError(`${name} called on empty list`);
    return best;
  };
  return declare(
    name,
    ...comparableTypes.map((type) =>
      member(`list_${shortName(type)}_${name}_${shortName(type)}`, [listType(type)], type, {
        call: ([list]) => pick(listOf(list)),
        cost: listSearchCost,
      }),
    ),
  );
}

function isSorted(list: CelList): boolean {
  let previous: CelValue | undefined;
  for (const item of list) {
    if (!isOrdered(item)) throw noSuchOverload();
    if (previous !== undefined && (compareCelValues(previous, item) ?? 0) > 0) return false;
    previous = item;
  }
  return true;
}

/** Whether values of this type have an order at all; a value orders with itself unless it is NaN. */
function isOrdered(value: CelValue): boolean {
  return typeof value === 'number' || compareCelValues(value, value) !== undefined;
}

function indexOf(list: CelList, wanted: CelValue): bigint {
  for (let index = 0; index < list.size; index++) if (equalCelValues(list.at(index), wanted)) return BigInt(index);
  return -1n;
}

function lastIndexOf(list: CelList, wanted: CelValue): bigint {
  for (let index = list.size - 1; index >= 0; index--) {
    if (equalCelValues(list.at(index), wanted)) return BigInt(index);
  }
  return -1n;
}

const int64 = { least: -(1n << 63n), most: (1n << 63n) - 1n };

function add(a: CelValue, b: CelValue): CelValue {
  if (typeof a === 'number' && typeof b === 'number') return a + b;
  if (a instanceof CelDuration && b instanceof CelDuration) return durationOf(a.nanos + b.nanos);
  if (typeof a === 'bigint' && typeof b === 'bigint') return inRange(a + b, int64, 'integer overflow');
  if (a instanceof CelUint && b instanceof CelUint) {
    return new CelUint(inRange(a.value + b.value, { least: 0n, most: (1n << 64n) - 1n }, 'unsigned integer overflow'));
  }
  throw noSuchOverload();
}

function inRange(value: bigint, range: { least: bigint; most: bigint }, problem: string): bigint {
  if (value < range.least || value > range.most) throw new CelEvaluationError(problem);
  return value;
}
