import type { CelLibrary, Overload, OverloadCost } from '../library.ts';
import { addRanges, fixed, multiplyRanges, scaleRange, unknownRange } from '../size.ts';
import { boolType, listType, typeParam } from '../types.ts';
import { type CelList, type CelValue, equalCelValues } from '../values.ts';
import { declare, global, listOf } from './declare.ts';
import { sizeOfValue } from './list-costs.ts';

/** Each element of one list against each of the other, `factor` times. */
function crossCost(factor: number): OverloadCost {
  return {
    estimate: (estimator, _target, args) => {
      const [a = unknownRange, b = unknownRange] = args.map((arg) => estimator.sizeOf(arg));
      return { cost: addRanges(scaleRange(multiplyRanges(a, b), factor), fixed(1)) };
    },
    actual: ([a, b]) => 1 + sizeOfValue(a) * sizeOfValue(b) * factor,
  };
}

const list = listType(typeParam('T'));

const overSets = (id: string, factor: number, holds: (a: CelList, b: CelList) => boolean): Overload =>
  global(id, [list, list], boolType, { call: ([a, b]) => holds(listOf(a), listOf(b)), cost: crossCost(factor) });

/** Lists taken as sets, of cel-go: since Kubernetes 1.29. KA-102 */
export const setsLibrary: CelLibrary = {
  name: 'cel.lib.ext.sets',
  functions: [
    declare('sets.contains', overSets('list_sets_contains_list', 1, contains)),
    declare(
      'sets.equivalent',
      overSets('list_sets_equivalent_list', 2, (a, b) => contains(a, b) && contains(b, a)),
    ),
    declare('sets.intersects', overSets('list_sets_intersects_list', 1, intersects)),
  ],
};

function contains(all: CelList, some: CelList): boolean {
  for (const item of some) if (!has(all, item)) return false;
  return true;
}

function intersects(a: CelList, b: CelList): boolean {
  for (const item of a) if (has(b, item)) return true;
  return false;
}

function has(list: CelList, wanted: CelValue): boolean {
  for (const item of list) if (equalCelValues(wanted, item)) return true;
  return false;
}
