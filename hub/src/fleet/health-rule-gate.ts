import { type FieldError, HealthRule, invalid } from '@quarterdeck/apis';
import type { AdmissionPlugin } from '@quarterdeck/apiserver';
import {
  type CelEnvironment,
  dynType,
  encodeJson,
  kubernetesCelEnvironment,
  parseJsonPath,
} from '@quarterdeck/machinery';

/**
 * Refuses health rules that no agent could read, with the path: CEL that does not compile, or gives something else than it
 * has to, and paths of fields. A Kubernetes hub has no such place; there the condition Readable says it afterwards. DL-22, DL-23
 */
export function healthRuleGate(): AdmissionPlugin {
  let environment: CelEnvironment | undefined;
  return {
    name: 'quarterdeck-health-rules',
    handles: ({ group, resource, subresource, operation }) =>
      group === HealthRule.group &&
      resource === HealthRule.plural &&
      subresource === '' &&
      (operation === 'CREATE' || operation === 'UPDATE'),
    validate({ name, object }) {
      const { metadata, spec } = object as unknown as HealthRule;
      if (metadata.deletionTimestamp !== undefined) return;
      environment ??= kubernetesCelEnvironment();
      const problems = problemsOf(spec, environment);
      if (problems.length > 0) throw invalid(HealthRule, name, problems);
    },
  };
}

/** What is wrong with the expressions and paths of a rule. */
export function problemsOf(
  { states = [], feedback = [] }: HealthRule['spec'],
  environment: CelEnvironment,
): FieldError[] {
  const cel = (source: string, result: Result, field: string) =>
    refusal(field, source, problemOf(environment, source, result));
  return [
    ...states.flatMap(({ when, message }, index) => [
      ...cel(when, 'bool', `spec.states[${index}].when`),
      ...(message === undefined ? [] : cel(message, 'string', `spec.states[${index}].message`)),
    ]),
    ...feedback.flatMap(({ jsonPath, expression }, index) => [
      ...(jsonPath === undefined ? [] : refusal(`spec.feedback[${index}].jsonPath`, jsonPath, problemOfPath(jsonPath))),
      ...(expression === undefined ? [] : cel(expression, 'any', `spec.feedback[${index}].expression`)),
    ]),
  ];
}

type Result = 'bool' | 'string' | 'any';

function refusal(field: string, source: string, problem: string | undefined): FieldError[] {
  if (problem === undefined) return [];
  return [{ reason: 'FieldValueInvalid', field, message: `Invalid value: ${encodeJson(source)}: ${problem}` }];
}

function problemOfPath(path: string): string | undefined {
  const read = parseJsonPath(path);
  return typeof read === 'function' ? undefined : read.problem;
}

function problemOf(environment: CelEnvironment, source: string, result: Result): string | undefined {
  const compiled = environment.compile(source, { variables: { object: dynType } });
  if (!compiled.ok) return compiled.problem;
  // Of a field of the object nobody knows the type before it is there.
  const { kind } = compiled.program.resultType;
  return result === 'any' || kind === result || kind === 'dyn' ? undefined : `must give a ${result}, not a ${kind}`;
}
