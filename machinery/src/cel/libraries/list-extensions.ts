import type { Expr } from '../ast.ts';
import { CelCostError, CelEvaluationError } from '../errors.ts';
import type {
  CallContext,
  CelLibrary,
  CostEstimator,
  CostNode,
  Macro,
  MacroFactory,
  OverloadCost,
} from '../library.ts';
import { CostFactor, fixed, multiplyRanges, type Range, unbounded } from '../size.ts';
import { typeOfValue } from '../type-of-value.ts';
import { type CelType, dynType, intType, listType, typeName, typeParam } from '../types.ts';
import { CelList, type CelValue, celList, compareCelValues, equalCelValues } from '../values.ts';
import { declare, global, intOf, listOf, member, sizeOfFirst } from './declare.ts';
import { comparedList, literalCount, madeList, makingList, sizeOfValue } from './list-costs.ts';
import { comparableTypes } from './lists.ts';

const list = listType(typeParam('T'));
const sizeOfTarget = (estimator: CostEstimator, target: CostNode | undefined): Range =>
  sizeOfFirst(estimator, target, []);

const sliceCost: OverloadCost = {
  estimate: (estimator, target, [start, end]) => {
    const size = literalCount(end, sizeOfTarget(estimator, target).max) - literalCount(start, 0);
    // Kubernetes counts without sign: below zero starts again at the top.
    return makingList(1, fixed(size < 0 ? unbounded + size : size));
  },
  actual: (_args, result) => madeList(1, sizeOfValue(result)),
};

const rangeCost: OverloadCost = {
  estimate: (_estimator, _target, [count]) => makingList(1, fixed(literalCount(count, unbounded))),
  actual: (_args, result) => madeList(1, sizeOfValue(result)),
};

const reverseCost: OverloadCost = {
  estimate: (estimator, target) => makingList(1, sizeOfTarget(estimator, target)),
  actual: (_args, result) => madeList(1, sizeOfValue(result)),
};

const flattenCost: OverloadCost = {
  estimate: (estimator, target, args) =>
    makingList(args.length === 0 ? 1 : literalCount(args[0], unbounded), sizeOfTarget(estimator, target)),
  actual: (args) => madeList(typeof args[1] === 'bigint' ? Number(args[1]) : 1, sizeOfValue(args[0])),
};

const squared = (size: Range) => multiplyRanges(size, size);

const distinctCost: OverloadCost = {
  estimate: (estimator, target) => makingList(2, squared(sizeOfTarget(estimator, target))),
  actual: ([items]) => comparedList(items),
};

/** @param keys which argument is compared: the target, or the first after it */
function sortCost(type: CelType, keys: 'target' | 'argument'): OverloadCost {
  const factor = type.kind === 'string' || type.kind === 'bytes' ? 2 + CostFactor.string : 2;
  return {
    estimate: (estimator, target, args) =>
      makingList(factor, squared(sizeOfTarget(estimator, keys === 'target' ? target : args[0]))),
    actual: (args) => comparedList(args[keys === 'target' ? 0 : 1]),
    onlyWhenResolved: true,
  };
}

const sortByKeysFunction = '@sortByAssociatedKeys';
const sortByInput = '@__sortBy_input__';

/** `list.sortBy(x, key)`: binds the list, and sorts it by the keys of its elements. */
const sortBy: Macro = {
  name: 'sortBy',
  member: true,
  arity: 2,
  expand: (make, target, args) => {
    const [variable, key] = args as [Expr, Expr];
    const list = target as Expr;
    if (list.kind === 'literal' || list.kind === 'map' || list.kind === 'struct') {
      const problem = 'sortBy can only be applied to a list, identifier, comprehension, call or select expression';
      throw make.error(problem, list);
    }
    return make.comprehension({
      range: make.list(),
      variable: '#unused',
      accumulator: sortByInput,
      initial: list,
      condition: make.literal(false),
      step: make.ident(sortByInput),
      result: make.memberCall(sortByKeysFunction, make.ident(sortByInput), keysOf(make, variable, key)),
    });
  },
};

/** What `input.map(variable, key)` becomes. */
function keysOf(make: MacroFactory, variable: Expr, key: Expr): Expr {
  if (variable.kind !== 'ident') throw make.error('argument is not an identifier', variable);
  return make.comprehension({
    range: make.ident(sortByInput),
    variable: variable.name,
    accumulator: make.accumulator,
    initial: make.list(),
    condition: make.literal(true),
    step: make.call('_+_', make.ident(make.accumulator), make.list(key)),
    result: make.ident(make.accumulator),
  });
}

/** The extended list functions of cel-go, version 3: since Kubernetes 1.34. KA-102 */
export const listExtensionsLibrary: CelLibrary = {
  name: 'cel.lib.ext.lists',
  macros: [sortBy],
  functions: [
    declare(
      'slice',
      member('list_slice', [list, intType, intType], list, {
        call: ([items, start, end]) => slice(listOf(items), intOf(start), intOf(end)),
        cost: sliceCost,
      }),
    ),
    declare(
      'flatten',
      member('list_flatten', [listType(list)], list, {
        call: ([items]) => flatten(listOf(items), 1n),
        cost: flattenCost,
      }),
      member('list_flatten_int', [listType(dynType), intType], listType(dynType), {
        call: ([items, depth]) => flatten(listOf(items), intOf(depth)),
        cost: flattenCost,
      }),
    ),
    declare(
      'sort',
      ...comparableTypes.map((type) =>
        member(`list_${typeName(type)}_sort`, [listType(type)], listType(type), {
          call: ([items]) => sortByKeys(listOf(items), listOf(items)),
          cost: sortCost(type, 'target'),
        }),
      ),
    ),
    declare(
      sortByKeysFunction,
      ...comparableTypes.map((type) =>
        member(`list_${typeName(type)}_sortByAssociatedKeys`, [list, listType(type)], list, {
          call: ([items, keys]) => sortByKeys(listOf(items), listOf(keys)),
          cost: sortCost(type, 'argument'),
        }),
      ),
    ),
    declare(
      'lists.range',
      global('lists_range', [intType], listType(intType), {
        call: ([count], context) => range(intOf(count), context),
        cost: rangeCost,
      }),
    ),
    declare(
      'reverse',
      member('list_reverse', [list], list, {
        call: ([items]) => celList([...listOf(items)].reverse()),
        cost: reverseCost,
      }),
    ),
    declare(
      'distinct',
      member('list_distinct', [list], list, {
        call: ([items], context) => distinct(listOf(items), context),
        cost: distinctCost,
      }),
    ),
  ],
};

function slice(items: CelList, start: bigint, end: bigint): CelList {
  const failed = (why: string) => new CelEvaluationError(`cannot slice(${start}, ${end}), ${why}`);
  if (start < 0n || end < 0n) throw failed('negative indexes not supported');
  if (start > end) throw failed('start index must be less than or equal to end index');
  if (end > BigInt(items.size)) throw failed(`list is length ${items.size}`);
  return celList([...items].slice(Number(start), Number(end)));
}

function flatten(items: CelList, depth: bigint): CelList {
  if (depth < 0n) throw new CelEvaluationError('level must be non-negative');
  const flat: CelValue[] = [];
  const add = (item: CelValue, left: bigint): void => {
    if (!(item instanceof CelList) || left === 0n) flat.push(item);
    else for (const inner of item) add(inner, left - 1n);
  };
  for (const item of items) add(item, depth);
  return celList(flat);
}

function sortByKeys(items: CelList, keys: CelList): CelList {
  if (items.size !== keys.size) {
    throw new CelEvaluationError(
      `${sortByKeysFunction}() expected a list of the same size as the associated keys list, but got ${items.size} and ${keys.size} elements respectively`,
    );
  }
  if (items.size === 0) return items;
  const first = keys.at(0);
  const kind = typeOfValue(first).kind;
  if (!comparableTypes.some((type) => type.kind === kind)) {
    throw new CelEvaluationError('list elements must be comparable');
  }
  const pairs = Array.from(items, (item, index) => ({ item, key: keys.at(index) }));
  if (pairs.some(({ key }) => typeOfValue(key).kind !== kind)) {
    throw new CelEvaluationError('list elements must have the same type');
  }
  return celList(pairs.sort((a, b) => compareCelValues(a.key, b.key) ?? 0).map(({ item }) => item));
}

function range(count: bigint, context: CallContext): CelList {
  refuseBeyond(madeList(1, Math.max(Number(count), 0)), context);
  return celList(Array.from({ length: Math.max(Number(count), 0) }, (_, index) => BigInt(index)));
}

function distinct(items: CelList, context: CallContext): CelList {
  refuseBeyond(comparedList(items), context);
  const found: CelValue[] = [];
  for (const item of items) if (!found.some((known) => equalCelValues(item, known))) found.push(item);
  return celList(found);
}

/** The result of these may be far larger, or take far longer, than the arguments tell. */
function refuseBeyond(cost: number, context: CallContext): void {
  if (cost > context.remainingCost) throw new CelCostError();
}
