import { CelEvaluationError } from '../errors.ts';
import type { CostEstimator, CostNode, FunctionDeclaration, Overload, OverloadCost } from '../library.ts';
import { addRanges, CostFactor, fixed, type Range, scaleRange } from '../size.ts';
import type { CelType } from '../types.ts';
import { CelList, type CelValue, sizeForCost } from '../values.ts';

/** What an overload does, beside its signature. */
type Body = Pick<Overload, 'call' | 'prepare' | 'cost'>;

/** `name(...)`: one overload of a global function. */
export function global(id: string, params: readonly CelType[], result: CelType, body: Body): Overload {
  return { id, member: false, params, result, ...body };
}

/** `x.name(...)`: one overload of a member function; the first parameter is `x`. */
export function member(id: string, params: readonly CelType[], result: CelType, body: Body): Overload {
  return { id, member: true, params, result, ...body };
}

export function declare(name: string, ...overloads: Overload[]): FunctionDeclaration {
  return { name, overloads };
}

/** No overload takes these values: what a call on `dyn` finds out late. */
export function noSuchOverload(): CelEvaluationError {
  return new CelEvaluationError('no such overload');
}

export function textOf(value: CelValue | undefined): string {
  if (typeof value === 'string') return value;
  throw noSuchOverload();
}

export function intOf(value: CelValue | undefined): bigint {
  if (typeof value === 'bigint') return value;
  throw noSuchOverload();
}

export function listOf(value: CelValue | undefined): CelList {
  if (value instanceof CelList) return value;
  throw noSuchOverload();
}

/** Runs a parser of plain texts; what it throws of the given class becomes the error of the evaluation. */
export function evaluating<T>(kind: new (...args: never[]) => Error, run: () => T): T {
  try {
    return run();
  } catch (error) {
    if (error instanceof kind) throw new CelEvaluationError(error.message);
    throw error;
  }
}

/** Whether a parser takes the text. */
export function accepts(kind: new (...args: never[]) => Error, parse: () => unknown): boolean {
  try {
    parse();
    return true;
  } catch (error) {
    if (error instanceof kind) return false;
    throw error;
  }
}

/** One unit, whatever the arguments: accessors. */
export const accessorCost: OverloadCost = {
  estimate: () => ({ cost: fixed(1) }),
  actual: () => 1,
};

/** A walk over the first argument (or the target), `factor` times. */
export function walkCost(factor = 1): OverloadCost {
  return {
    estimate: (estimator, target, args) => ({ cost: walk(sizeOfFirst(estimator, target, args), factor) }),
    actual: (args) => walked(args[0], factor),
  };
}

/** As {@link walkCost}; the result is at most as large as the first argument. */
export function keepingCost(): OverloadCost {
  return {
    estimate: (estimator, target, args) => {
      const size = sizeOfFirst(estimator, target, args);
      return { cost: walk(size, 1), resultSize: size };
    },
    actual: (args) => walked(args[0], 1),
  };
}

/** The estimated cost of walking over something of this size. */
export function walk(size: Range, factor: number): Range {
  return scaleRange(size, factor * CostFactor.string);
}

/** The actual cost of walking over a value. */
export function walked(value: CelValue | undefined, factor = 1): number {
  return Math.ceil(sizeForCost(value ?? null) * factor * CostFactor.string);
}

export function sizeOfFirst(estimator: CostEstimator, target: CostNode | undefined, args: readonly CostNode[]): Range {
  const first = target ?? args[0];
  return first === undefined ? fixed(0) : estimator.sizeOf(first);
}

/** Text times pattern: what a match by RE2 costs at most, with a guess at the pattern's size from its length. */
export function matchCost(text: Range, pattern: Range): Range {
  const strings = walk(addRanges(text, fixed(1)), 1);
  const patterns = scaleRange(pattern, CostFactor.pattern);
  return { min: strings.min * patterns.min, max: strings.max * patterns.max };
}
