import type { FieldError } from '@quarterdeck/apis';
import type { JsonObject } from '@quarterdeck/machinery';
import { invalidField, objectAt } from '../../registry/fields.ts';
import { compilePolicy, type PolicyExpression } from './compile-policy.ts';

/**
 * What is wrong with the expressions of a policy, in Kubernetes' words. Blank ones are not looked at. KA-137c
 * @param policy a ValidatingAdmissionPolicy
 */
export function expressionErrors(policy: JsonObject): FieldError[] {
  const { conditions, variables, validations, annotations } = compilePolicy(objectAt(policy, 'spec'));
  const errors = (compiled: PolicyExpression | undefined, path: string): FieldError[] =>
    compiled?.problem === undefined || compiled.expression.trim() === ''
      ? []
      : [invalidField(path, compiled.expression, compiled.problem)];
  return [
    ...conditions.flatMap((condition, index) => errors(condition, `spec.matchConditions[${index}].expression`)),
    ...[...variables.values()].flatMap((variable, index) => errors(variable, `spec.variables[${index}].expression`)),
    ...validations.flatMap(({ check, messageExpression }, index) => [
      ...errors(check, `spec.validations[${index}].expression`),
      ...errors(messageExpression, `spec.validations[${index}].messageExpression`),
    ]),
    ...annotations.flatMap(({ value }, index) => errors(value, `spec.auditAnnotations[${index}].valueExpression`)),
  ];
}
