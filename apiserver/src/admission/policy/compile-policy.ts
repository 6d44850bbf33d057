import {
  type CelProgram,
  type CelType,
  type CompileOptions,
  dynType,
  type JsonObject,
  kubernetesCelEnvironment,
  printType,
} from '@quarterdeck/machinery';
import { objectsAt, stringAt, valueAt } from '../../registry/fields.ts';
import { declarations, variableType } from './variables.ts';

/** An expression of a policy: a program, or in Kubernetes' words why there is none. */
export interface PolicyExpression {
  readonly expression: string;
  readonly program?: CelProgram;
  readonly problem?: string;
}

export interface PolicyValidation {
  readonly check: PolicyExpression;
  readonly messageExpression: PolicyExpression | undefined;
  /** Empty: none. */
  readonly message: string;
  /** A reason of a Status. */
  readonly reason: string;
}

/** The expressions of a ValidatingAdmissionPolicy. KA-137b */
export interface CompiledPolicy {
  readonly conditions: readonly PolicyExpression[];
  /** By name, in order: later ones may use earlier ones. */
  readonly variables: ReadonlyMap<string, PolicyExpression>;
  readonly validations: readonly PolicyValidation[];
  readonly annotations: readonly { readonly key: string; readonly value: PolicyExpression }[];
}

/** Never throws: what does not compile says so where it stands. */
export function compilePolicy(spec: JsonObject): CompiledPolicy {
  const compileExpression = expressionCompiler();
  const params = valueAt(spec, 'paramKind') !== undefined && valueAt(spec, 'paramKind') !== null;
  const { variables, types } = compileVariables(spec, params, compileExpression);
  const own = variables.size === 0 ? {} : { variables: types };
  const full = declarations({ params, authorizer: true, ...own });
  const messages = declarations({ params, authorizer: false, ...own });
  return {
    // Conditions come before variables.
    conditions: objectsAt(spec, 'matchConditions').map((condition) =>
      compileExpression(stringAt(condition, 'expression').trim(), declarations({ params, authorizer: true }), ['bool']),
    ),
    variables,
    validations: objectsAt(spec, 'validations').map((validation) => {
      const messageExpression = stringAt(validation, 'messageExpression');
      return {
        check: compileExpression(stringAt(validation, 'expression'), full, ['bool']),
        messageExpression:
          messageExpression.trim() === '' ? undefined : compileExpression(messageExpression, messages, ['string']),
        message: stringAt(validation, 'message').trim(),
        reason: stringAt(validation, 'reason') || 'Invalid',
      };
    }),
    annotations: objectsAt(spec, 'auditAnnotations').map((annotation) => {
      const expression = stringAt(annotation, 'valueExpression');
      const compiled = compileExpression(expression.trim(), full, ['string', 'null_type']);
      return { key: stringAt(annotation, 'key'), value: { ...compiled, expression } };
    }),
  };
}

function compileVariables(
  spec: JsonObject,
  params: boolean,
  compileExpression: ExpressionCompiler,
): { variables: ReadonlyMap<string, PolicyExpression>; types: ReadonlyMap<string, CelType> } {
  const variables = new Map<string, PolicyExpression>();
  const types = new Map<string, CelType>();
  for (const variable of objectsAt(spec, 'variables')) {
    const name = stringAt(variable, 'name');
    const options = declarations({ params, authorizer: true, variables: types });
    const compiled = compileExpression(stringAt(variable, 'expression'), options);
    variables.set(name, compiled);
    types.set(name, compiled.program === undefined ? dynType : variableType(compiled.program.resultType));
  }
  return { variables, types };
}

/** @param results what it may give, as types are printed; default anything */
export type ExpressionCompiler = (
  expression: string,
  options: CompileOptions,
  results?: readonly string[],
) => PolicyExpression;

export function expressionCompiler(): ExpressionCompiler {
  const environment = kubernetesCelEnvironment();
  return (expression, options, results) => {
    const compiled = environment.compile(expression, options);
    if (!compiled.ok) return { expression, problem: compiled.problem };
    const result = resultName(compiled.program.resultType);
    if (results === undefined || results.includes(result)) return { expression, program: compiled.program };
    const wanted = results.length === 1 ? results[0] : `one of [${results.join(' ')}]`;
    return { expression, problem: `must evaluate to ${wanted} but got ${result}` };
  };
}

const resultName = (type: CelType): string => (type.kind === 'null' ? 'null_type' : printType(type));
