import type { SimpleTest } from '@bufbuild/cel-spec/cel/expr/conformance/test/simple_pb.js';
import { checkExpression } from '../checker.ts';
import { compileExpression } from '../compiler.ts';
import { type CelTypeProvider, declare } from '../declarations.ts';
import { CelError, CelEvaluationError } from '../errors.ts';
import { Frame } from '../frame.ts';
import { kubernetesCelEnvironment, kubernetesLibraries } from '../libraries/kubernetes.ts';
import type { CelLibrary, FunctionDeclaration } from '../library.ts';
import { parseExpression } from '../parser.ts';
import { standardLibrary } from '../standard/library.ts';
import { renderValue } from '../testdata/render-value.ts';
import { type CelType, printType } from '../types.ts';
import type { CelValue } from '../values.ts';
import { celTypeOf, celValueOf, NoCounterpart } from './spec-values.ts';

const libraries = [standardLibrary, ...kubernetesLibraries()];
const noTypes: CelTypeProvider = { fieldsOf: () => undefined };
const declarations = declare(libraries, noTypes);
const macros = libraries.flatMap((library) => library.macros ?? []);
const costLimit = 1_000_000;

/**
 * Runs one case of the specification.
 * @param options.mixedLiterals whether to let literals of mixed types through, which Kubernetes refuses
 * @returns what is wrong; undefined when all is as it should be
 */
export function problemOf(given: SimpleTest, options: { mixedLiterals?: boolean } = {}): string | undefined {
  try {
    const outcome = run(given, options.mixedLiterals === true);
    return mismatch(given, outcome);
  } catch (error) {
    if (error instanceof NoCounterpart || error instanceof CelError) return error.message;
    throw error;
  }
}

interface Outcome {
  readonly type?: CelType;
  readonly value?: CelValue;
  readonly error?: string;
}

function run(given: SimpleTest, mixedLiterals: boolean): Outcome {
  if (given.container !== '') throw new NoCounterpart(`container ${given.container}`);
  const bindings: Record<string, CelValue> = {};
  for (const [name, { kind }] of Object.entries(given.bindings)) {
    if (kind.case !== 'value') throw new NoCounterpart(`binding of kind ${kind.case}`);
    bindings[name] = celValueOf(kind.value);
  }
  if (given.disableCheck) return evaluateUnchecked(given, bindings);
  if (mixedLiterals) return checkAndEvaluate(given, bindings);
  const environment = kubernetesCelEnvironment({ more: [functionsOf(given)] });
  const compiled = environment.compile(given.expr, { variables: variablesOf(given) });
  if (!compiled.ok) {
    if (compiled.error !== undefined && !isRefusedLiteral(compiled.error)) throw compiled.error;
    return { error: compiled.problem };
  }
  const type = compiled.program.resultType;
  return given.checkOnly ? { type } : { type, ...outcomeOf(() => compiled.program.evaluate(bindings).value) };
}

/** A literal that has no value is an error that Kubernetes finds early. */
function isRefusedLiteral(error: CelError): boolean {
  return error.issues.every((issue) => /^invalid \w+ argument$/.test(issue.message));
}

function variablesOf(given: SimpleTest): Record<string, CelType> {
  const variables: Record<string, CelType> = {};
  for (const { name, declKind } of given.typeEnv) {
    if (declKind.case === 'ident') variables[name] = celTypeOf(declKind.value.type);
  }
  return variables;
}

/** Functions that a case declares: it only asks for types, so they have no values. */
function functionsOf(given: SimpleTest): CelLibrary {
  const functions: FunctionDeclaration[] = [];
  for (const { name, declKind } of given.typeEnv) {
    if (declKind.case !== 'function') continue;
    const overloads = declKind.value.overloads.map((overload) => ({
      id: overload.overloadId,
      member: overload.isInstanceFunction,
      params: overload.params.map(celTypeOf),
      result: celTypeOf(overload.resultType),
      call: () => {
        throw new CelEvaluationError('the function is only declared');
      },
    }));
    functions.push({ name, overloads });
  }
  return { name: 'of the case', functions };
}

function evaluateUnchecked(given: SimpleTest, bindings: Readonly<Record<string, CelValue>>): Outcome {
  const { root } = parseExpression(given.expr, given.disableMacros ? [] : macros);
  return outcomeOf(() => {
    const step = compileExpression({ root, types: new Map(), identifiers: new Map(), calls: new Map() }, declarations);
    return step(frameOf(bindings));
  });
}

/** What an environment does, but for the checks of literals. */
function checkAndEvaluate(given: SimpleTest, bindings: Readonly<Record<string, CelValue>>): Outcome {
  const base = declare([...libraries, functionsOf(given)], noTypes);
  const identifiers = new Map(base.identifiers);
  for (const [name, type] of Object.entries(variablesOf(given))) identifiers.set(name, { name, type });
  const declarations = { ...base, identifiers };
  const { checked, issues } = checkExpression(parseExpression(given.expr, macros), declarations);
  if (issues.length > 0) throw new CelError(given.expr, issues);
  const type = checked.resultType;
  if (given.checkOnly) return { type };
  return { type, ...outcomeOf(() => compileExpression(checked, declarations)(frameOf(bindings))) };
}

function frameOf(bindings: Readonly<Record<string, CelValue>>): Frame {
  return new Frame((name) => bindings[name], costLimit);
}

function outcomeOf(evaluate: () => CelValue): Outcome {
  try {
    return { value: evaluate() };
  } catch (error) {
    if (!(error instanceof CelEvaluationError)) throw error;
    return { error: error.message };
  }
}

function mismatch({ resultMatcher }: SimpleTest, outcome: Outcome): string | undefined {
  switch (resultMatcher.case) {
    case undefined:
      return valueMismatch(true, outcome);
    case 'value':
      return valueMismatch(celValueOf(resultMatcher.value), outcome);
    case 'typedResult': {
      const { deducedType, result } = resultMatcher.value;
      const wanted = printType(celTypeOf(deducedType));
      const found = outcome.type === undefined ? 'no type' : printType(outcome.type);
      if (wanted !== found) return `type ${found} instead of ${wanted}`;
      return result === undefined ? undefined : valueMismatch(celValueOf(result), outcome);
    }
    case 'evalError':
    case 'anyEvalErrors':
      return outcome.error === undefined ? 'a value where an error is due' : undefined;
    default:
      throw new NoCounterpart(`result of kind ${resultMatcher.case}`);
  }
}

function valueMismatch(wanted: CelValue, { value, error }: Outcome): string | undefined {
  if (value === undefined) return error ?? 'no value';
  const [found, due] = [renderValue(value), renderValue(wanted)];
  return found === due ? undefined : `${found} instead of ${due}`;
}
