import type { FieldError } from '@quarterdeck/apis';
import { equalValues, isJsonObject, type JsonObject } from '@quarterdeck/machinery';
import { expressionErrors } from '../../admission/policy/policy-errors.ts';
import {
  forbiddenField,
  invalidField,
  listAt,
  objectAt,
  objectsAt,
  requiredField,
  stringAt,
  stringsAt,
  unsupportedField,
  valueAt,
} from '../../registry/fields.ts';
import { dnsSubdomainProblems, pathSegmentProblems, qualifiedNameProblems } from '../../registry/names.ts';
import { conditionTimes, duplicates, each, named, needed, oneOf, selectorProblems } from '../checks.ts';
import { cell, numberColumn, selectorText } from '../columns.ts';
import { allMetadata, dataKind, status } from '../data-kind.ts';
import { withAbsent, withPart, withSpec } from '../defaults.ts';
import { completeMatch, conditionErrors, matchErrors } from './match-rules.ts';

const reasons = ['Forbidden', 'Invalid', 'RequestEntityTooLarge'];
const mostAnnotations = 20;
const mostExpressionBytes = 5 * 1024;
const lower = /^[a-z](?:[-a-z0-9]*[a-z0-9])?$/;

/** All but what the expressions say. */
function policyErrors(policy: JsonObject): FieldError[] {
  const spec = objectAt(policy, 'spec');
  const paramKind = valueAt(spec, 'paramKind');
  const constraints = valueAt(spec, 'matchConstraints');
  return [
    ...(isJsonObject(paramKind) ? paramKindErrors(paramKind, 'spec.paramKind') : []),
    ...(isJsonObject(constraints)
      ? [
          ...matchErrors(constraints, 'spec.matchConstraints'),
          ...needed(constraints, 'spec.matchConstraints', 'resourceRules'),
        ]
      : [requiredField('spec.matchConstraints')]),
    ...conditionErrors(spec, 'spec'),
    ...each(spec, 'spec', 'variables', variableErrors),
    ...each(spec, 'spec', 'validations', validationErrors),
    ...annotationErrors(spec, stringAt(policy, 'metadata', 'name')),
    ...conditionTimes(policy),
  ];
}

function paramKindErrors(kind: JsonObject, path: string): FieldError[] {
  const apiVersion = stringAt(kind, 'apiVersion');
  const [version = '', group, ...more] = apiVersion.split('/').reverse();
  const name = stringAt(kind, 'kind');
  const isBad =
    more.length > 0 || !lower.test(version) || (group !== undefined && dnsSubdomainProblems(group).length > 0);
  return [
    ...needed(kind, path, 'apiVersion'),
    ...(apiVersion !== '' && isBad ? [invalidField(`${path}.apiVersion`, apiVersion, 'must be GROUP/VERSION')] : []),
    ...needed(kind, path, 'kind'),
    ...(name !== '' && !lower.test(name.toLowerCase())
      ? [invalidField(`${path}.kind`, name, 'may have mixed case, but should otherwise match a DNS-1035 label')]
      : []),
  ];
}

function variableErrors(variable: JsonObject, path: string): FieldError[] {
  const name = stringAt(variable, 'name');
  return [
    ...(name.trim() === '' ? [requiredField(`${path}.name`, 'name is not specified')] : []),
    ...(name.trim() !== '' && !/^[_a-zA-Z][_a-zA-Z0-9]*$/.test(name)
      ? [invalidField(`${path}.name`, name, 'must be a valid CEL identifier')]
      : []),
    ...missingExpression(variable, path),
  ];
}

function missingExpression(holder: JsonObject, path: string): FieldError[] {
  return stringAt(holder, 'expression').trim() === ''
    ? [requiredField(`${path}.expression`, 'expression is not specified')]
    : [];
}

function validationErrors(validation: JsonObject, path: string): FieldError[] {
  const blank = (field: string) => {
    const text = valueAt(validation, field);
    return typeof text === 'string' && text !== '' && text.trim() === ''
      ? [invalidField(`${path}.${field}`, text, 'must be non-empty if specified')]
      : [];
  };
  const message = stringAt(validation, 'message');
  return [
    ...missingExpression(validation, path),
    ...blank('messageExpression'),
    ...blank('message'),
    ...(/[\r\n]/.test(message.trim())
      ? [invalidField(`${path}.message`, message, 'must not contain line breaks')]
      : []),
    ...oneOf(validation, path, 'reason', reasons),
  ];
}

function annotationErrors(spec: JsonObject, name: string): FieldError[] {
  const annotations = objectsAt(spec, 'auditAnnotations');
  const path = 'spec.auditAnnotations';
  if (listAt(spec, 'validations').length === 0 && annotations.length === 0) {
    const why = 'validations or auditAnnotations must contain at least one item';
    return [requiredField('spec.validations', why), requiredField(path, why)];
  }
  const keys = annotations.map((annotation) => stringAt(annotation, 'key'));
  return [
    ...(annotations.length > mostAnnotations
      ? [invalidField(path, [...annotations], `must not have more than ${mostAnnotations} auditAnnotations`)]
      : []),
    ...annotations.flatMap((annotation, index) => {
      const expression = stringAt(annotation, 'valueExpression').trim();
      return [
        ...qualifiedNameProblems(`${name}/${keys[index] ?? ''}`).map((problem) =>
          invalidField(`${path}[${index}].key`, keys[index], problem),
        ),
        ...(expression === ''
          ? [requiredField(`${path}[${index}].valueExpression`, 'valueExpression is not specified')]
          : []),
        ...(expression.length > mostExpressionBytes
          ? [
              requiredField(
                `${path}[${index}].valueExpression`,
                `must not exceed ${mostExpressionBytes} bytes in length`,
              ),
            ]
          : []),
      ];
    }),
    ...duplicates(keys, (index) => `${path}[${index}].key`),
  ];
}

const unset = '<unset>';

/** Stored and checked, their expressions too; admission/policy runs them. KA-1, KA-137 */
export const validatingAdmissionPolicies = dataKind({
  group: 'admissionregistration.k8s.io',
  kind: 'ValidatingAdmissionPolicy',
  plural: 'validatingadmissionpolicies',
  scope: 'Cluster',
  categories: ['api-extensions'],
  columns: [
    numberColumn('Validations', 'How many rules it has.', (policy) => listAt(policy, 'spec', 'validations').length),
    cell('ParamKind', 'The kind of its parameters.', (policy) => {
      const kind = valueAt(policy, 'spec', 'paramKind');
      return isJsonObject(kind) ? `${stringAt(kind, 'apiVersion')}/${stringAt(kind, 'kind')}` : unset;
    }),
  ],
  subresources: { status },
  strategy: {
    statusKeeps: allMetadata,
    hasGeneration: true,
    allowUnconditionalUpdate: false,
    complete: (policy) =>
      withSpec(policy, (spec) =>
        withPart(withAbsent(spec, { failurePolicy: 'Fail' }), 'matchConstraints', completeMatch),
      ),
    validate: policyErrors,
    validateCreate: expressionErrors,
    // What was stored by a server that understood it stays.
    validateUpdate: (policy, old) => (equalValues(policy.spec, old.spec) ? [] : expressionErrors(policy)),
  },
});

const actions = ['Audit', 'Deny', 'Warn'];

function bindingErrors(binding: JsonObject): FieldError[] {
  const spec = objectAt(binding, 'spec');
  const reference = valueAt(spec, 'paramRef');
  const match = valueAt(spec, 'matchResources');
  const given = stringsAt(spec, 'validationActions');
  const path = 'spec.validationActions';
  return [
    ...named(spec, 'spec', 'policyName', dnsSubdomainProblems, true),
    ...(isJsonObject(reference) ? paramErrors(reference, 'spec.paramRef') : []),
    ...(isJsonObject(match) ? matchErrors(match, 'spec.matchResources') : []),
    ...given.flatMap((action, index) =>
      actions.includes(action) ? [] : [unsupportedField(`${path}[${index}]`, action, actions)],
    ),
    ...duplicates(given, (index) => `${path}[${index}]`),
    ...(given.includes('Deny') && given.includes('Warn')
      ? [
          invalidField(
            path,
            [...given],
            'must not contain both Deny and Warn (repeating the same validation failure information in the API response and headers serves no purpose)',
          ),
        ]
      : []),
    ...(given.length === 0 ? [requiredField(path, 'at least one validation action is required')] : []),
  ];
}

function paramErrors(reference: JsonObject, path: string): FieldError[] {
  const name = stringAt(reference, 'name');
  const hasSelector = valueAt(reference, 'selector') !== undefined;
  const both = 'name and selector are mutually exclusive';
  return [
    ...named(reference, path, 'name', pathSegmentProblems),
    ...selectorProblems(reference, path, 'selector'),
    ...(name !== '' && hasSelector
      ? [forbiddenField(`${path}.name`, both), forbiddenField(`${path}.selector`, both)]
      : []),
    ...(name === '' && !hasSelector ? [requiredField(path, 'one of name or selector must be specified')] : []),
    ...oneOf(reference, path, 'parameterNotFoundAction', ['Deny', 'Allow'], true),
  ];
}

function paramText(binding: JsonObject): string {
  const reference = valueAt(binding, 'spec', 'paramRef');
  if (!isJsonObject(reference)) return unset;
  const name = stringAt(reference, 'name');
  if (name !== '') return `${stringAt(reference, 'namespace') || '*'}/${name}`;
  return selectorText(objectAt(reference, 'selector')) ?? unset;
}

/** Stored and checked. KA-1 */
export const validatingAdmissionPolicyBindings = dataKind({
  group: 'admissionregistration.k8s.io',
  kind: 'ValidatingAdmissionPolicyBinding',
  plural: 'validatingadmissionpolicybindings',
  scope: 'Cluster',
  categories: ['api-extensions'],
  columns: [
    cell('PolicyName', 'The policy.', (binding) => stringAt(binding, 'spec', 'policyName')),
    cell('ParamRef', 'Its parameters.', paramText),
  ],
  strategy: {
    hasGeneration: true,
    allowUnconditionalUpdate: false,
    complete: (binding) => withSpec(binding, (spec) => withPart(spec, 'matchResources', completeMatch)),
    validate: bindingErrors,
  },
});
