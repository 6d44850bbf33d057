import { CelEvaluationError } from '../errors.ts';
import type { CallEstimate, CostEstimator, CostNode, Overload, OverloadCost } from '../library.ts';
import { addRanges, CostFactor, fixed, multiplyRanges, type Range, scaleRange } from '../size.ts';
import type { CelType } from '../types.ts';
import { type CelValue, sizeForCost } from '../values.ts';

/** How the standard functions are written down: the engine checks the arguments, so the casts inside are safe. */
export function overload(
  id: string,
  params: readonly CelType[],
  result: CelType,
  call: (...args: never[]) => CelValue,
  cost?: OverloadCost,
): Overload {
  const apply = call as (...args: CelValue[]) => CelValue;
  return { id, member: false, params, result, call: (args) => apply(...args), ...(cost === undefined ? {} : { cost }) };
}

/** {@link overload} of a function with a target. */
export function member(...args: Parameters<typeof overload>): Overload {
  return { ...overload(...args), member: true };
}

export function fail(message: string): never {
  throw new CelEvaluationError(message);
}

/** The cost of walking over one argument once. @param index counts the target of a member */
export function walkCost(index: number, resultSize?: (size: Range) => Range): OverloadCost {
  return {
    onlyWhenResolved: true,
    beforehand: true,
    estimate: (estimator, target, args) => {
      const size = estimator.sizeOf(argument(target, args, index));
      const cost = scaleRange(size, CostFactor.string);
      return resultSize === undefined ? { cost } : { cost, resultSize: resultSize(size) };
    },
    actual: (args) => Math.ceil(sizeForCost(args[index] as CelValue) * CostFactor.string),
  };
}

/** The cost of comparing two values: of walking over the smaller one. */
export const compareCost: OverloadCost = {
  onlyWhenResolved: true,
  beforehand: true,
  estimate: (estimator, target, args) => {
    const smallest = Math.min(sizes(estimator, target, args, 0).max, sizes(estimator, target, args, 1).max);
    return { cost: scaleRange({ min: smallest > 0 ? 1 : 0, max: smallest }, CostFactor.string) };
  },
  actual: ([a, b]) => Math.ceil(Math.min(sizeForCost(a as CelValue), sizeForCost(b as CelValue)) * CostFactor.string),
};

/** The cost of putting two texts together. */
export const concatCost: OverloadCost = {
  onlyWhenResolved: true,
  beforehand: true,
  estimate: (estimator, target, args) => {
    const resultSize = addRanges(sizes(estimator, target, args, 0), sizes(estimator, target, args, 1));
    return { cost: scaleRange(resultSize, CostFactor.string), resultSize };
  },
  actual: ([a, b]) => Math.ceil((sizeForCost(a as CelValue) + sizeForCost(b as CelValue)) * CostFactor.string),
};

/** Lists are put together without a walk; only the size of the result is of interest. */
export const concatListCost: OverloadCost = {
  estimate: (estimator, target, args) => ({
    cost: fixed(1),
    resultSize: addRanges(sizes(estimator, target, args, 0), sizes(estimator, target, args, 1)),
  }),
};

/** The cost of looking at each element of a list. */
export const inListCost: OverloadCost = {
  onlyWhenResolved: true,
  beforehand: true,
  estimate: (estimator, target, args) => ({ cost: sizes(estimator, target, args, 1) }),
  actual: (args) => sizeForCost(args[1] as CelValue),
};

/** The cost of looking for one text in another. */
export const containsCost: OverloadCost = {
  onlyWhenResolved: true,
  beforehand: true,
  estimate: (estimator, target, args) => product(estimator, target, args, CostFactor.string, 0),
  actual: ([text, part]) =>
    Math.ceil(sizeForCost(text as CelValue) * CostFactor.string) *
    Math.ceil(sizeForCost(part as CelValue) * CostFactor.string),
};

/** The cost of running a pattern over a text. */
export const matchesCost: OverloadCost = {
  onlyWhenResolved: true,
  beforehand: true,
  estimate: (estimator, target, args) => product(estimator, target, args, CostFactor.pattern, 1),
  actual: ([text, pattern]) =>
    Math.ceil((1 + sizeForCost(text as CelValue)) * CostFactor.string) *
    Math.ceil(sizeForCost(pattern as CelValue) * CostFactor.pattern),
};

function product(
  estimator: CostEstimator,
  target: CostNode | undefined,
  args: readonly CostNode[],
  factor: number,
  extra: number,
): CallEstimate {
  const text = scaleRange(addRanges(sizes(estimator, target, args, 0), fixed(extra)), CostFactor.string);
  const part = scaleRange(sizes(estimator, target, args, 1), factor);
  return { cost: multiplyRanges(text, part) };
}

function sizes(
  estimator: CostEstimator,
  target: CostNode | undefined,
  args: readonly CostNode[],
  index: number,
): Range {
  return estimator.sizeOf(argument(target, args, index));
}

function argument(target: CostNode | undefined, args: readonly CostNode[], index: number): CostNode {
  const all = target === undefined ? args : [target, ...args];
  return all[index] as CostNode;
}
