import { type FieldError, HealthRule, invalid } from '@quarterdeck/apis';
import type { AdmissionPlugin } from '@quarterdeck/apiserver';
import { type CelEnvironment, dynType, encodeJson, kubernetesCelEnvironment } from '@quarterdeck/machinery';

/**
 * Refuses health rules that no agent could read, with the path: CEL that does not compile, or gives something else than it
 * has to. A Kubernetes hub has no such place; there the condition Readable says it afterwards. DL-22
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

/** What is wrong with the expressions of a rule. */
export function problemsOf(spec: HealthRule['spec'], environment: CelEnvironment): FieldError[] {
  const check = (source: string, result: 'bool' | 'string', field: string): FieldError[] => {
    const problem = problemOf(environment, source, result);
    return problem === undefined
      ? []
      : [{ reason: 'FieldValueInvalid', field, message: `Invalid value: ${encodeJson(source)}: ${problem}` }];
  };
  return spec.states.flatMap(({ when, message }, index) => [
    ...check(when, 'bool', `spec.states[${index}].when`),
    ...(message === undefined ? [] : check(message, 'string', `spec.states[${index}].message`)),
  ]);
}

function problemOf(environment: CelEnvironment, source: string, result: 'bool' | 'string'): string | undefined {
  const compiled = environment.compile(source, { variables: { object: dynType } });
  if (!compiled.ok) return compiled.problem;
  // Of a field of the object nobody knows the type before it is there.
  const { kind } = compiled.program.resultType;
  return kind === result || kind === 'dyn' ? undefined : `must give a ${result}, not a ${kind}`;
}
