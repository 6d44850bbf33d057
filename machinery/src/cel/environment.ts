import { type CheckedExpression, checkExpression } from './checker.ts';
import { compileExpression } from './compiler.ts';
import { estimateCost, type SizeOfPath } from './cost-estimate.ts';
import { type CelTypeProvider, type Declarations, declare, type Identifier } from './declarations.ts';
import { CelError, CelEvaluationError } from './errors.ts';
import { type Bindings, Frame, type Step } from './frame.ts';
import type { CallCheck, CelLibrary, Macro } from './library.ts';
import { literalIssues } from './literal-checks.ts';
import { parseExpression } from './parser.ts';
import { celBudgets } from './rule-cost.ts';
import type { Range } from './size.ts';
import { standardLibrary } from './standard/library.ts';

import { type CelType, equalTypes, printType } from './types.ts';
import type { CelValue } from './values.ts';

export interface CelEnvironmentOptions {
  /** Beside the standard one, in order: overloads are tried as they come. Default none. */
  readonly libraries?: readonly CelLibrary[];
}

export interface CompileOptions {
  /** The types of the variables, by name. */
  readonly variables: Readonly<Record<string, CelType>>;
  /** Knows the object types that these name; default none. */
  readonly provider?: CelTypeProvider;
  /** How large what a variable leads to may be; default unknown. */
  readonly sizeOfPath?: SizeOfPath;
  /** What the expression must give; `dyn` results always do. Default any. */
  readonly resultType?: CelType;
}

export interface CelProgram {
  readonly resultType: CelType;
  /** The declared variables that the expression reads. */
  readonly reads: ReadonlySet<string>;
  /**
   * Runs the expression. It reads a variable when it comes to it, and copies nothing.
   * Throws CelEvaluationError where there is no value, CelCostError when it costs more than `costLimit`.
   */
  evaluate(bindings: Bindings | Readonly<Record<string, CelValue>>, options?: EvaluateOptions): Evaluation;
}

export interface EvaluateOptions {
  /** In CEL's units; default that of one call ({@link celBudgets}). */
  readonly costLimit?: number;
}

export interface Evaluation {
  readonly value: CelValue;
  readonly cost: number;
}

export type Compilation =
  | {
      readonly ok: true;
      readonly program: CelProgram;
      readonly estimatedCost: Range;
      readonly checked: CheckedExpression;
    }
  /** In the words that Kubernetes uses after the field: `compilation failed: ERROR: <input>:1:1: ...`. */
  | { readonly ok: false; readonly problem: string; readonly error?: CelError };

export interface CelEnvironment {
  /** Parses, checks, compiles and prices an expression. Never throws, whatever the text. */
  compile(source: string, options: CompileOptions): Compilation;
}

const noTypes: CelTypeProvider = { fieldsOf: () => undefined };

/** An environment with these libraries. It is immutable, and cheap to keep: make one and use it for all expressions. */
export function createCelEnvironment(options: CelEnvironmentOptions = {}): CelEnvironment {
  const libraries = [standardLibrary, ...(options.libraries ?? [])];
  const base = declare(libraries, noTypes);
  const dialect: Dialect = {
    macros: libraries.flatMap((library) => library.macros ?? []),
    checks: libraries.flatMap((library) => library.checks ?? []),
  };
  return {
    compile: (source, compileOptions) => compile(source, dialect, withVariables(base, compileOptions), compileOptions),
  };
}

/** What the libraries bring to the parser, and to what is refused after the checker. */
interface Dialect {
  readonly macros: readonly Macro[];
  readonly checks: readonly CallCheck[];
}

function withVariables(base: Declarations, { variables, provider }: CompileOptions): Declarations {
  const identifiers = new Map<string, Identifier>(base.identifiers);
  for (const [name, type] of Object.entries(variables)) identifiers.set(name, { name, type });
  return { functions: base.functions, identifiers, provider: provider ?? base.provider };
}

function compile(source: string, dialect: Dialect, declarations: Declarations, options: CompileOptions): Compilation {
  const checked = check(source, dialect, declarations);
  if (checked instanceof CelError) {
    return { ok: false, problem: `compilation failed: ${checked.message}`, error: checked };
  }
  const { resultType } = options;
  if (resultType !== undefined && !equalTypes(resultType, checked.resultType)) {
    return { ok: false, problem: `cel expression must evaluate to a ${printType(resultType)}` };
  }
  const step = instantiate(checked, declarations);
  if (step instanceof CelEvaluationError) {
    return { ok: false, problem: `program instantiation failed: ${step.message}` };
  }
  const estimatedCost = estimateCost(checked, options.sizeOfPath ?? (() => undefined));
  return { ok: true, program: program(step, checked, declarations), estimatedCost, checked };
}

function check(source: string, dialect: Dialect, declarations: Declarations): CheckedExpression | CelError {
  try {
    const { checked, issues } = checkExpression(parseExpression(source, dialect.macros), declarations);
    const all = issues.length > 0 ? issues : literalIssues(checked, dialect.checks);
    return all.length > 0 ? new CelError(source, all) : checked;
  } catch (error) {
    if (error instanceof CelError) return error;
    throw error;
  }
}

function instantiate(checked: CheckedExpression, declarations: Declarations): Step | CelEvaluationError {
  try {
    return compileExpression(checked, declarations);
  } catch (error) {
    if (error instanceof CelEvaluationError) return error;
    throw error;
  }
}

function program(step: Step, checked: CheckedExpression, declarations: Declarations): CelProgram {
  const reads = new Set<string>();
  for (const identifier of checked.identifiers.values()) {
    // Variables of comprehensions are identifiers of their own, even where they hide a declared one.
    const isDeclared = declarations.identifiers.get(identifier.name) === identifier;
    if (isDeclared && identifier.value === undefined) reads.add(identifier.name);
  }
  return {
    resultType: checked.resultType,
    reads,
    evaluate: (bindings, options) => {
      const frame = new Frame(bindingsOf(bindings), options?.costLimit ?? celBudgets.call);
      try {
        const value = step(frame);
        return { value, cost: frame.cost };
      } catch (error) {
        if (error instanceof CelEvaluationError) error.cost = frame.cost;
        throw error;
      }
    },
  };
}

function bindingsOf(bindings: Bindings | Readonly<Record<string, CelValue>>): Bindings {
  if (typeof bindings === 'function') return bindings as Bindings;
  return (name) => (Object.hasOwn(bindings, name) ? bindings[name] : undefined);
}
