import { type Expr, Operator } from './ast.ts';
import type { Macro, MacroFactory } from './library.ts';

/** `has(a.b)`. */
const has: Macro = {
  name: 'has',
  member: false,
  arity: 1,
  expand: (make, _target, [argument]) => {
    if (argument?.kind === 'select' && !argument.testOnly) return make.presenceTest(argument.operand, argument.field);
    throw make.error('invalid argument to has() macro', argument as Expr);
  },
};

type Quantify = (make: MacroFactory, predicate: Expr) => Fold;

interface Fold {
  readonly initial: Expr;
  readonly condition: Expr;
  readonly step: Expr;
  readonly result: Expr;
}

const all: Quantify = (make, predicate) => ({
  initial: make.literal(true),
  condition: make.call(Operator.notStrictlyFalse, make.ident(make.accumulator)),
  step: make.call(Operator.and, make.ident(make.accumulator), predicate),
  result: make.ident(make.accumulator),
});

const exists: Quantify = (make, predicate) => ({
  initial: make.literal(false),
  condition: make.call(Operator.notStrictlyFalse, make.call(Operator.not, make.ident(make.accumulator))),
  step: make.call(Operator.or, make.ident(make.accumulator), predicate),
  result: make.ident(make.accumulator),
});

const existsOne: Quantify = (make, predicate) => ({
  initial: make.literal(0n),
  condition: make.literal(true),
  step: make.call(
    Operator.conditional,
    predicate,
    make.call(Operator.add, make.ident(make.accumulator), make.literal(1n)),
    make.ident(make.accumulator),
  ),
  result: make.call(Operator.equals, make.ident(make.accumulator), make.literal(1n)),
});

function collect(make: MacroFactory, item: Expr, filter: Expr | undefined): Fold {
  return {
    initial: make.list(),
    condition: make.literal(true),
    step: when(make, filter, make.call(Operator.add, make.ident(make.accumulator), make.list(item))),
    result: make.ident(make.accumulator),
  };
}

function when(make: MacroFactory, filter: Expr | undefined, step: Expr): Expr {
  return filter === undefined ? step : make.call(Operator.conditional, filter, step, make.ident(make.accumulator));
}

function oneVariable(
  name: string,
  arity: number,
  problem: string,
  fold: (make: MacroFactory, args: Expr[]) => Fold,
): Macro {
  return {
    name,
    member: true,
    arity,
    expand: (make, target, args) => {
      const [first] = args as [Expr];
      const variable = variableOf(make, first, problem);
      refuseAccumulator(make, variable, first);
      const parts = fold(make, [...args]);
      return make.comprehension({ range: target as Expr, variable, accumulator: make.accumulator, ...parts });
    },
  };
}

const simpleName = 'argument must be a simple name';

function quantifier(name: string, quantify: Quantify): Macro {
  return oneVariable(name, 2, simpleName, (make, args) => quantify(make, args[1] as Expr));
}

/** Functions that the standard macros need no declaration for, and that all environments have. */
export const standardMacros: readonly Macro[] = [
  has,
  quantifier('all', all),
  quantifier('exists', exists),
  quantifier('exists_one', existsOne),
  oneVariable('map', 2, 'argument is not an identifier', (make, args) => collect(make, args[1] as Expr, undefined)),
  oneVariable('map', 3, 'argument is not an identifier', (make, args) => collect(make, args[2] as Expr, args[1])),
  oneVariable('filter', 2, 'argument is not an identifier', (make, args) => collect(make, args[0] as Expr, args[1])),
];

function twoVariables(name: string, arity: number, fold: (make: MacroFactory, args: Expr[]) => Fold): Macro {
  return {
    name,
    member: true,
    arity,
    expand: (make, target, args) => {
      const [first, second] = args as [Expr, Expr];
      const variable = variableOf(make, first, simpleName);
      const variable2 = variableOf(make, second, simpleName);
      if (variable === variable2) throw make.error(`duplicate variable name: ${variable}`, second);
      refuseAccumulator(make, variable, first);
      refuseAccumulator(make, variable2, second);
      const parts = fold(make, [...args]);
      return make.comprehension({
        range: target as Expr,
        variable,
        variable2,
        accumulator: make.accumulator,
        ...parts,
      });
    },
  };
}

/** The name of the function that adds entries to a map; no expression can write it. */
export const mapInsertFunction = 'cel.@mapInsert';

type Transform = (make: MacroFactory, key: Expr, item: Expr, filter: Expr | undefined) => Fold;

const insertInto = (make: MacroFactory, entry: Expr[], filter: Expr | undefined): Fold => ({
  initial: make.map(),
  condition: make.literal(true),
  step: when(make, filter, make.call(mapInsertFunction, make.ident(make.accumulator), ...entry)),
  result: make.ident(make.accumulator),
});

function transform(name: string, fold: Transform): readonly Macro[] {
  return [
    twoVariables(name, 3, (make, [key, , item]) => fold(make, key as Expr, item as Expr, undefined)),
    twoVariables(name, 4, (make, [key, , filter, item]) => fold(make, key as Expr, item as Expr, filter)),
  ];
}

/** The macros over index and element, or key and value. KA-102 */
export const twoVariableMacros: readonly Macro[] = [
  twoVariables('all', 3, (make, args) => all(make, args[2] as Expr)),
  twoVariables('exists', 3, (make, args) => exists(make, args[2] as Expr)),
  twoVariables('existsOne', 3, (make, args) => existsOne(make, args[2] as Expr)),
  twoVariables('exists_one', 3, (make, args) => existsOne(make, args[2] as Expr)),
  ...transform('transformList', (make, _key, item, filter) => collect(make, item, filter)),
  ...transform('transformMap', (make, key, item, filter) => insertInto(make, [make.copy(key), item], filter)),
  ...transform('transformMapEntry', (make, _key, item, filter) => insertInto(make, [item], filter)),
];

function optionalMacro(name: string, wrap: boolean): Macro {
  return {
    name,
    member: true,
    arity: 2,
    expand: (make, target, args) => {
      const [first, item] = args as [Expr, Expr];
      const variable = variableOf(make, first, `${name}() variable name must be a simple identifier`);
      // A fold over nothing binds the variable: its accumulator is the variable itself.
      const bound = make.comprehension({
        range: make.list(),
        variable: '#unused',
        accumulator: variable,
        initial: make.memberCall('value', make.copy(target as Expr)),
        condition: make.literal(false),
        step: make.ident(variable),
        result: item,
      });
      return make.call(
        Operator.conditional,
        make.memberCall('hasValue', target as Expr),
        wrap ? make.call('optional.of', bound) : bound,
        make.call('optional.none'),
      );
    },
  };
}

/** `optMap` and `optFlatMap`. KA-102 */
export const optionalMacros: readonly Macro[] = [optionalMacro('optMap', true), optionalMacro('optFlatMap', false)];

function variableOf(make: MacroFactory, expr: Expr, problem: string): string {
  if (expr.kind === 'ident') return expr.name;
  throw make.error(problem, expr);
}

function refuseAccumulator(make: MacroFactory, variable: string, at: Expr): void {
  if (variable === make.accumulator || variable === '__result__') {
    throw make.error('iteration variable overwrites accumulator variable', at);
  }
}
