import { Operator } from '../ast.ts';
import { CelEvaluationError } from '../errors.ts';
import type { FunctionDeclaration, Overload } from '../library.ts';
import {
  boolType,
  bytesType,
  type CelType,
  doubleType,
  durationType,
  intType,
  listType,
  mapType,
  stringType,
  timestampType,
  typeParam,
  uintType,
} from '../types.ts';
import { type CelList, type CelMap, type CelValue, compareCelValues, equalCelValues } from '../values.ts';
import { equalsCost } from './equals-cost.ts';
import { compareCost, fail, inListCost, overload } from './overloads.ts';

const a = typeParam('A');
const b = typeParam('B');

/** The types that have an order, by the names that ids use; in the order of declaration. */
const ordered: readonly (readonly [string, CelType])[] = [
  ['bool', boolType],
  ['int64', intType],
  ['uint64', uintType],
  ['double', doubleType],
  ['string', stringType],
  ['bytes', bytesType],
  ['timestamp', timestampType],
  ['duration', durationType],
];
const numeric = ['int64', 'uint64', 'double'];

function relation(name: string, id: string, holds: (order: number) => boolean): FunctionDeclaration {
  const compare = (left: CelValue, right: CelValue) => {
    const order = compareCelValues(left, right);
    return order === undefined ? fail('NaN values cannot be ordered') : holds(order);
  };
  const overloads: Overload[] = [];
  for (const [leftName, left] of ordered) {
    const walks = leftName === 'string' || leftName === 'bytes';
    overloads.push(overload(`${id}_${leftName}`, [left, left], boolType, compare, walks ? compareCost : undefined));
    if (!numeric.includes(leftName)) continue;
    for (const [rightName, right] of ordered) {
      if (rightName === leftName || !numeric.includes(rightName)) continue;
      overloads.push(overload(`${id}_${leftName}_${rightName}`, [left, right], boolType, compare));
    }
  }
  return { name, overloads };
}

function contains(item: CelValue, list: CelList): boolean {
  for (let index = 0; index < list.size; index += 1) {
    if (equalCelValues(item, list.at(index))) return true;
  }
  return false;
}

/** What cannot be compared differs: `==` is an error there, `!=` is true. */
function differ(left: CelValue, right: CelValue): boolean {
  try {
    return !equalCelValues(left, right);
  } catch (error) {
    if (error instanceof CelEvaluationError) return true;
    throw error;
  }
}

/** `== != < <= > >=` and `in`. Numbers compare across their types. */
export const comparison: readonly FunctionDeclaration[] = [
  { name: Operator.equals, overloads: [overload('equals', [a, a], boolType, equalCelValues, equalsCost)] },
  {
    name: Operator.notEquals,
    overloads: [overload('not_equals', [a, a], boolType, differ, compareCost)],
  },
  relation(Operator.less, 'less', (order) => order < 0),
  relation(Operator.lessEquals, 'less_equals', (order) => order <= 0),
  relation(Operator.greater, 'greater', (order) => order > 0),
  relation(Operator.greaterEquals, 'greater_equals', (order) => order >= 0),
  {
    name: Operator.in,
    overloads: [
      overload('in_list', [a, listType(a)], boolType, contains, inListCost),
      overload('in_map', [a, mapType(a, b)], boolType, (key: CelValue, map: CelMap) => map.has(key)),
    ],
  },
];
