import type { CallEstimate, CostEstimator, CostNode, OverloadCost } from '../library.ts';
import { addRanges, CostFactor, fixed, multiplyRanges, type Range, scaleRange, unbounded } from '../size.ts';
import { CelList, CelMap, type CelValue, sizeForCost } from '../values.ts';
import { sizeOfFirst } from './declare.ts';

/** One look at each element, and a walk over each text: `sum`, `min`, `indexOf`; on a text, one walk. */
export const listSearchCost: OverloadCost = {
  estimate: (estimator, target) => ({ cost: searchEstimate(estimator, target) }),
  actual: ([list]) => traversalCost(list ?? null),
};

function searchEstimate(estimator: CostEstimator, target: CostNode | undefined): Range {
  const size = sizeOfFirst(estimator, target, []);
  const element = target && estimator.elementsOf(target);
  if (element === undefined) return scaleRange(size, CostFactor.string);
  const isText = element.type.kind === 'string' || element.type.kind === 'bytes';
  const texts = isText ? scaleRange(estimator.sizeOf(element), CostFactor.string) : fixed(0);
  return multiplyRanges(size, addRanges(fixed(1), texts));
}

/** Texts are counted in bytes here, and rounded down: short ones are free. */
function traversalCost(value: CelValue): number {
  if (typeof value === 'string') return Math.floor(Buffer.byteLength(value) * CostFactor.string);
  if (value instanceof Uint8Array) return Math.floor(value.length * CostFactor.string);
  let cost = 0;
  if (value instanceof CelList) {
    for (const item of value) cost += traversalCost(item);
    return cost;
  }
  if (!(value instanceof CelMap)) return 1;
  for (const key of value.keys()) cost += traversalCost(key) + traversalCost(value.get(key) ?? null);
  return cost;
}

/** The estimated cost of a call that makes a list of `size` elements with `factor` steps for each. */
export function makingList(factor: number, size: Range): CallEstimate {
  return { cost: addRanges(scaleRange(size, factor), fixed(1 + CostFactor.createList)), resultSize: size };
}

/** The actual cost of it. */
export function madeList(factor: number, size: number): number {
  return Math.floor(size * factor) + 1 + CostFactor.createList;
}

/** Comparing all elements of a list with one another: `sort`, `distinct`. */
export function comparedList(list: CelValue | undefined): number {
  const size = list instanceof CelList ? list.size : 0;
  const first = list instanceof CelList && size > 0 ? list.at(0) : undefined;
  const isText = typeof first === 'string' || first instanceof Uint8Array;
  return madeList(isText ? 2 + CostFactor.string : 2, size * size);
}

export const sizeOfValue = (value: CelValue | undefined): number => sizeForCost(value ?? null);

/** A literal int, not below zero; `otherwise` for all else. */
export function literalCount(node: CostNode | undefined, otherwise: number): number {
  const value = node?.expr.kind === 'literal' ? node.expr.value : undefined;
  if (typeof value !== 'bigint') return otherwise;
  return value < 0n ? 0 : Math.min(Number(value), unbounded);
}
