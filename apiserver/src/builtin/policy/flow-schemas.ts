import type { FieldError } from '@quarterdeck/apis';
import { equalValues, type JsonObject } from '@quarterdeck/machinery';
import {
  forbiddenField,
  invalidField,
  numberAt,
  objectAt,
  objectsAt,
  requiredField,
  stringAt,
  stringsAt,
  unsupportedField,
  valueAt,
} from '../../registry/fields.ts';
import { dnsLabelProblems, dnsSubdomainProblems } from '../../registry/names.ts';
import { duplicateField, each, named, needed, oneOf } from '../checks.ts';
import { ageColumn, cell, nameColumn } from '../columns.ts';
import { allMetadata, dataKind, status } from '../data-kind.ts';
import { withSpec } from '../defaults.ts';
import { mandatoryFlowSchemas } from './mandatory-flow-control.ts';

const mostPrecedence = 10_000;
const verbs = ['create', 'delete', 'deletecollection', 'get', 'list', 'patch', 'proxy', 'update', 'watch'];
const subjectKinds = ['Group', 'ServiceAccount', 'User'];
const subjectFields: Readonly<Record<string, string>> = {
  Group: 'group',
  ServiceAccount: 'serviceAccount',
  User: 'user',
};

function validate(schema: JsonObject): FieldError[] {
  const spec = objectAt(schema, 'spec');
  const name = stringAt(schema, 'metadata', 'name');
  const level = objectAt(spec, 'priorityLevelConfiguration');
  const mandatory = mandatoryFlowSchemas[name];
  return [
    ...precedenceErrors(numberAt(spec, 'matchingPrecedence') ?? 0, name),
    ...oneOf(objectAt(spec, 'distinguisherMethod'), 'spec.distinguisherMethod', 'type', ['ByNamespace', 'ByUser']),
    ...(stringAt(level, 'name') === ''
      ? [requiredField('spec.priorityLevelConfiguration.name', 'must reference a priority level')]
      : named(level, 'spec.priorityLevelConfiguration', 'name', dnsSubdomainProblems)),
    ...each(spec, 'spec', 'rules', ruleErrors),
    ...(mandatory === undefined || equalValues(spec, mandatory)
      ? []
      : [invalidField('spec', spec, `spec of '${name}' must equal the fixed value`)]),
    ...conditionErrors(schema),
  ];
}

function precedenceErrors(precedence: number, name: string): FieldError[] {
  const path = 'spec.matchingPrecedence';
  if (precedence <= 0) return [invalidField(path, precedence, 'must be a positive value')];
  if (precedence > mostPrecedence)
    return [invalidField(path, precedence, `must not be greater than ${mostPrecedence}`)];
  if (precedence !== 1 || name === 'exempt') return [];
  return [invalidField(path, precedence, "only the schema named 'exempt' may have matchingPrecedence 1")];
}

/** Conditions differ by type; shared with the priority levels. */
export function conditionErrors(object: JsonObject): FieldError[] {
  const types = objectsAt(object, 'status', 'conditions').map((condition) => stringAt(condition, 'type'));
  return types.flatMap((type, index) => {
    const path = `status.conditions[${index}].type`;
    if (type === '') return [requiredField(path)];
    return types.indexOf(type) === index ? [] : [duplicateField(path, type)];
  });
}

function ruleErrors(rule: JsonObject, path: string): FieldError[] {
  const isEmpty = objectsAt(rule, 'resourceRules').length + objectsAt(rule, 'nonResourceRules').length === 0;
  return [
    ...needed(rule, path, 'subjects', 'subjects must contain at least one value'),
    ...each(rule, path, 'subjects', subjectErrors),
    ...(isEmpty ? [requiredField(path, 'at least one of resourceRules and nonResourceRules has to be non-empty')] : []),
    ...each(rule, path, 'resourceRules', resourceRuleErrors),
    ...each(rule, path, 'nonResourceRules', nonResourceRuleErrors),
  ];
}

function subjectErrors(subject: JsonObject, path: string): FieldError[] {
  const kind = stringAt(subject, 'kind');
  const own = subjectFields[kind];
  if (own === undefined) return [unsupportedField(`${path}.kind`, kind, subjectKinds)];
  const foreign = Object.entries(subjectFields).filter(
    ([, field]) => field !== own && valueAt(subject, field) !== undefined,
  );
  const given = objectAt(subject, own);
  return [
    ...foreign.map(([name, field]) =>
      forbiddenField(`${path}.${field}`, `${field} is forbidden when subject kind is not '${name}'`),
    ),
    ...(valueAt(subject, own) === undefined
      ? [requiredField(`${path}.${own}`, `${own} is required when subject kind is '${kind}'`)]
      : [
          ...needed(given, `${path}.${own}`, 'name'),
          ...(kind === 'ServiceAccount' ? accountErrors(given, `${path}.${own}`) : []),
        ]),
  ];
}

function accountErrors(account: JsonObject, path: string): FieldError[] {
  return [
    ...(stringAt(account, 'name') === '*' ? [] : named(account, path, 'name', dnsSubdomainProblems)),
    ...(stringAt(account, 'namespace') === ''
      ? [requiredField(`${path}.namespace`, 'must specify namespace for service account')]
      : named(account, path, 'namespace', dnsLabelProblems)),
  ];
}

function verbErrors(rule: JsonObject, path: string): FieldError[] {
  const given = stringsAt(rule, 'verbs');
  const at = `${path}.verbs`;
  if (given.length === 0) return [requiredField(at, 'verbs must contain at least one value')];
  if (given.includes('*')) return alone(given, at, 'other verbs');
  return given.every((verb) => verbs.includes(verb)) ? [] : [unsupportedField(at, [...given], verbs)];
}

/** `*` stands for all, and so by itself. */
function alone(given: readonly string[], path: string, others: string): FieldError[] {
  return given.length > 1 && given.includes('*')
    ? [invalidField(path, [...given], `if '*' is present, must not specify ${others}`)]
    : [];
}

function resourceRuleErrors(rule: JsonObject, path: string): FieldError[] {
  const namespaces = stringsAt(rule, 'namespaces');
  const at = `${path}.namespaces`;
  return [
    ...verbErrors(rule, path),
    ...needed(rule, path, 'apiGroups', 'resource rules must supply at least one api group'),
    ...alone(stringsAt(rule, 'apiGroups'), `${path}.apiGroups`, 'other api groups'),
    ...needed(rule, path, 'resources', 'resource rules must supply at least one resource'),
    ...alone(stringsAt(rule, 'resources'), `${path}.resources`, 'other resources'),
    ...(namespaces.length === 0 && valueAt(rule, 'clusterScope') !== true
      ? [requiredField(at, 'resource rules that are not cluster scoped must supply at least one namespace')]
      : []),
    ...alone(namespaces, at, 'other namespaces'),
    ...(namespaces.includes('*') ? [] : namespaces).flatMap((namespace, index) =>
      dnsLabelProblems(namespace).map((problem) =>
        invalidField(
          `${at}[${index}]`,
          namespace,
          `each member of this list must be '*' or a DNS-1123 label; ${problem}`,
        ),
      ),
    ),
  ];
}

function nonResourceRuleErrors(rule: JsonObject, path: string): FieldError[] {
  const urls = stringsAt(rule, 'nonResourceURLs');
  const at = `${path}.nonResourceURLs`;
  return [
    ...verbErrors(rule, path),
    ...needed(rule, path, 'nonResourceURLs', 'nonResourceURLs must contain at least one value'),
    ...alone(urls, at, 'other non-resource URLs'),
    ...(urls.includes('*') ? [] : urls).flatMap((url, index) =>
      urlProblems(url)
        .slice(0, 1)
        .map((problem) => invalidField(`${at}[${index}]`, url, problem)),
    ),
  ];
}

function urlProblems(url: string): string[] {
  if (url === '') return ['must not be empty'];
  if (url === '/') return [];
  const stars = url.split('*').length - 1;
  return [
    ...(url.startsWith('/') ? [] : ['must start with slash']),
    ...(url.includes(' ') ? ['must not contain white-space'] : []),
    ...(url.includes('//') ? ['must not contain double slash'] : []),
    ...(stars > 1 || (stars === 1 && !url.endsWith('/*')) ? ['wildcard can only do suffix matching'] : []),
  ];
}

/** Stored and checked; what they do to requests is KA-139. KA-2 */
export const flowSchemas = dataKind({
  group: 'flowcontrol.apiserver.k8s.io',
  kind: 'FlowSchema',
  plural: 'flowschemas',
  scope: 'Cluster',
  allColumns: [
    nameColumn,
    cell('PriorityLevel', 'Which level serves its requests.', (schema) =>
      stringAt(schema, 'spec', 'priorityLevelConfiguration', 'name'),
    ),
    cell(
      'MatchingPrecedence',
      'The lowest that fits decides.',
      (schema) => numberAt(schema, 'spec', 'matchingPrecedence') ?? 0,
    ),
    cell(
      'DistinguisherMethod',
      'What makes flows of its requests.',
      (schema) => stringAt(schema, 'spec', 'distinguisherMethod', 'type') || undefined,
    ),
    ageColumn,
    cell('MissingPL', 'Whether the level does not exist.', (schema) => {
      const dangling = objectsAt(schema, 'status', 'conditions').find((one) => stringAt(one, 'type') === 'Dangling');
      return dangling === undefined ? '?' : stringAt(dangling, 'status');
    }),
  ],
  subresources: { status },
  strategy: {
    statusKeeps: allMetadata,
    hasGeneration: true,
    complete: (schema) =>
      withSpec(schema, (spec) =>
        (numberAt(spec, 'matchingPrecedence') ?? 0) === 0 ? { ...spec, matchingPrecedence: 1000 } : spec,
      ),
    validate,
  },
});
