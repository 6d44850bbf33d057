import type { CallExpr, Expr } from './ast.ts';
import type { Range } from './size.ts';
import type { CelType } from './types.ts';
import type { CelValue } from './values.ts';

/** Functions, macros and types that an environment may have. Immutable; shared by all environments. KA-102 */
export interface CelLibrary {
  readonly name: string;
  /** Several libraries may add overloads to one function. */
  readonly functions?: readonly FunctionDeclaration[];
  readonly macros?: readonly Macro[];
  /** Named values, whose type is declared. */
  readonly constants?: readonly CelConstant[];
  /** Types whose names may be written as values: `type(x) == net.IP`. */
  readonly types?: readonly CelType[];
  /** What expressions are refused for beyond what does not check. */
  readonly checks?: readonly CallCheck[];
}

/** Looks at each call of an expression that checks; what it finds refuses the expression. */
export type CallCheck = (
  call: CallExpr,
  typeOf: (expr: Expr) => CelType,
) => readonly { readonly message: string; readonly at: Expr }[];

export interface CelConstant {
  readonly name: string;
  readonly type: CelType;
  readonly value: CelValue;
}

export interface FunctionDeclaration {
  /** As it is written, with dots where it has some: `ip.isCanonical`. */
  readonly name: string;
  readonly overloads: readonly Overload[];
}

/**
 * One form of a function. The engine calls it only with values that fit `params`; where the checker knew only `dyn`, it
 * picks by the values at hand, outermost type only (a list fits `list(int)` whatever is in it).
 */
export interface Overload {
  /** Unique in an environment. Two with the same id are the same. */
  readonly id: string;
  /** `x.f(y)`: the first parameter is the target. */
  readonly member: boolean;
  /** The target of a member comes first. */
  readonly params: readonly CelType[];
  readonly result: CelType;
  /** Throws {@link CelEvaluationError} where there is no value. Never waits; never changes an argument. */
  call(args: readonly CelValue[], context: CallContext): CelValue;
  /**
   * Sees the arguments of a call that are constant, once, before anything is evaluated; the others are undefined.
   * Throws {@link CelEvaluationError} to refuse the expression.
   */
  prepare?(constants: readonly (CelValue | undefined)[]): void;
  /** Absent: 1, whatever the arguments are. */
  readonly cost?: OverloadCost;
}

export interface CallContext {
  /**
   * What the evaluation may still cost, in CEL's units. A function whose result can be far larger than its arguments
   * refuses with CelCostError when its cost would be over this, before it builds the result.
   */
  readonly remainingCost: number;
}

export interface OverloadCost {
  /**
   * What a call may cost, without the cost of its arguments.
   * @param target of a member call
   * @param args without the target
   */
  estimate?(estimator: CostEstimator, target: CostNode | undefined, args: readonly CostNode[]): CallEstimate;
  /** What a call did cost. @param args the target of a member first */
  actual?(args: readonly CelValue[], result: CelValue): number;
  /** `actual` does not look at the result: a call that would cost too much is not made. */
  readonly beforehand?: true;
  /** `actual` counts only where the checker found this overload alone; where it was picked by values a call costs 1. */
  readonly onlyWhenResolved?: true;
}

export interface CallEstimate {
  readonly cost: Range;
  /** Only where the result is a string, bytes, list or map, and its size can be told. */
  readonly resultSize?: Range;
}

/** An expression as a cost estimate sees it. */
export interface CostNode {
  readonly expr: Expr;
  readonly type: CelType;
  /** How a variable leads here: names of fields, `@items`, `@keys`, `@values`. Absent when none does. */
  readonly path?: readonly string[];
  /** What the expression itself tells of its size: literals, sums of known sizes. */
  readonly computedSize?: Range;
}

export interface CostEstimator {
  /** The size of a value; {@link unknownRange} when nothing bounds it. */
  sizeOf(node: CostNode): Range;
  /** The elements of a list, as a node whose size can be asked for. Absent when the node is no list. */
  elementsOf(node: CostNode): CostNode | undefined;
}

/** A call that is replaced while parsing. */
export interface Macro {
  readonly name: string;
  /** `x.name(...)` instead of `name(...)`. */
  readonly member: boolean;
  /** How many arguments; `any` for any number. */
  readonly arity: number | 'any';
  /**
   * Makes the expression that stands for the call; undefined to leave the call as it is.
   * Throws what {@link MacroFactory.error} gives where the arguments do not fit.
   */
  expand(factory: MacroFactory, target: Expr | undefined, args: readonly Expr[]): Expr | undefined;
}

/** Makes nodes with fresh ids at the place of the macro's call. */
export interface MacroFactory {
  literal(value: CelValue): Expr;
  ident(name: string): Expr;
  select(operand: Expr, field: string): Expr;
  /** `has(operand.field)`. */
  presenceTest(operand: Expr, field: string): Expr;
  call(name: string, ...args: Expr[]): CallExpr;
  memberCall(name: string, target: Expr, ...args: Expr[]): CallExpr;
  list(...elements: Expr[]): Expr;
  map(...entries: { key: Expr; value: Expr; optional?: boolean }[]): Expr;
  comprehension(options: {
    range: Expr;
    variable: string;
    variable2?: string;
    accumulator: string;
    initial: Expr;
    condition: Expr;
    step: Expr;
    result: Expr;
  }): Expr;
  /** A copy with fresh ids, for what stands in the result twice. */
  copy(expr: Expr): Expr;
  /** Name of the accumulator of ordinary macros: no expression can write it. */
  readonly accumulator: string;
  error(message: string, at: Expr): Error;
}
