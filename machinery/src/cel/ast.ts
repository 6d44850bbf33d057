import type { CelValue } from './values.ts';

/**
 * A CEL expression tree after macros are expanded. Ids are unique in one tree, from 1 on, but for copies that a macro
 * makes of its operands; offsets are UTF-16 offsets into the source (that of the operator or name that makes the node,
 * as in messages). Operators are calls by the names in {@link Operator}.
 */
export type Expr =
  | LiteralExpr
  | IdentExpr
  | SelectExpr
  | CallExpr
  | ListExpr
  | MapExpr
  | StructExpr
  | ComprehensionExpr;

interface ExprBase {
  readonly id: number;
  readonly offset: number;
}

export interface LiteralExpr extends ExprBase {
  readonly kind: 'literal';
  readonly value: CelValue;
}

export interface IdentExpr extends ExprBase {
  readonly kind: 'ident';
  /** With a leading dot when the name is to be looked up from the root. */
  readonly name: string;
}

export interface SelectExpr extends ExprBase {
  readonly kind: 'select';
  readonly operand: Expr;
  readonly field: string;
  /** `has(a.b)`: true when the field is set, instead of its value. */
  readonly testOnly: boolean;
}

export interface CallExpr extends ExprBase {
  readonly kind: 'call';
  readonly function: string;
  /** The receiver of `target.function(args)`; absent for global calls and operators. */
  readonly target?: Expr;
  readonly args: readonly Expr[];
}

export interface ListExpr extends ExprBase {
  readonly kind: 'list';
  readonly elements: readonly Expr[];
  /** Positions of elements written `?e`: left out when their optional is empty. */
  readonly optionals: ReadonlySet<number>;
}

export interface MapEntry {
  readonly id: number;
  readonly offset: number;
  readonly key: Expr;
  readonly value: Expr;
  /** `{?k: v}`: left out when the optional value is empty. */
  readonly optional: boolean;
}

export interface MapExpr extends ExprBase {
  readonly kind: 'map';
  readonly entries: readonly MapEntry[];
}

export interface StructField {
  readonly id: number;
  readonly offset: number;
  readonly name: string;
  readonly value: Expr;
  readonly optional: boolean;
}

export interface StructExpr extends ExprBase {
  readonly kind: 'struct';
  readonly typeName: string;
  readonly fields: readonly StructField[];
}

/**
 * What all macros become: folds `range` into `accumulator`, which starts as `initial` and becomes `step` for each
 * element as long as `condition` is true; the value is `result`.
 */
export interface ComprehensionExpr extends ExprBase {
  readonly kind: 'comprehension';
  readonly range: Expr;
  /** The element of a list or the key of a map; with `variable2` the index or the key. */
  readonly variable: string;
  /** The element or the value, in comprehensions of two variables. */
  readonly variable2?: string;
  readonly accumulator: string;
  readonly initial: Expr;
  readonly condition: Expr;
  readonly step: Expr;
  readonly result: Expr;
}

/** The names of operators as functions. */
export const Operator = {
  conditional: '_?_:_',
  and: '_&&_',
  or: '_||_',
  not: '!_',
  negate: '-_',
  equals: '_==_',
  notEquals: '_!=_',
  less: '_<_',
  lessEquals: '_<=_',
  greater: '_>_',
  greaterEquals: '_>=_',
  add: '_+_',
  subtract: '_-_',
  multiply: '_*_',
  divide: '_/_',
  modulo: '_%_',
  in: '@in',
  index: '_[_]',
  optionalIndex: '_[?_]',
  optionalSelect: '_?._',
  notStrictlyFalse: '@not_strictly_false',
} as const;

/** A parsed expression with its source. */
export interface ParsedExpression {
  readonly source: string;
  readonly root: Expr;
  /** The call as it was written, by the id of the expression that its macro made of it. */
  readonly macroCalls: ReadonlyMap<number, CallExpr>;
}

/** The parts directly inside an expression, in order of evaluation. */
export function children(expr: Expr): readonly Expr[] {
  switch (expr.kind) {
    case 'literal':
    case 'ident':
      return [];
    case 'select':
      return [expr.operand];
    case 'call':
      return expr.target === undefined ? expr.args : [expr.target, ...expr.args];
    case 'list':
      return expr.elements;
    case 'map':
      return expr.entries.flatMap((entry) => [entry.key, entry.value]);
    case 'struct':
      return expr.fields.map((field) => field.value);
    case 'comprehension':
      return [expr.range, expr.initial, expr.condition, expr.step, expr.result];
  }
}
