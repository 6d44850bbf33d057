import type { FieldError } from '@quarterdeck/apis';
import { isJsonObject, type JsonObject } from '@quarterdeck/machinery';
import { invalidField, requiredField, stringAt, stringsAt, valueAt } from '../../registry/fields.ts';
import { pathSegmentProblems, qualifiedNameProblems } from '../../registry/names.ts';
import { duplicates, each, needed, oneOf, selectorProblems, tooManyField } from '../checks.ts';
import { withAbsent, withEach } from '../defaults.ts';

/** What webhooks and policies share: which requests they are for. KA-135, KA-137 */

const mostConditions = 64;

/** Groups, versions, resources and operations of one rule. */
export function ruleErrors(rule: JsonObject, path: string): FieldError[] {
  const list = (field: string) => stringsAt(rule, field);
  return [
    ...needed(rule, path, 'operations'),
    ...alone(list('operations'), `${path}.operations`, 'operations'),
    ...needed(rule, path, 'apiGroups'),
    ...alone(list('apiGroups'), `${path}.apiGroups`, 'API groups'),
    ...needed(rule, path, 'apiVersions'),
    ...alone(list('apiVersions'), `${path}.apiVersions`, 'API versions'),
    ...list('apiVersions').flatMap((version, index) =>
      version === '' ? [requiredField(`${path}.apiVersions[${index}]`)] : [],
    ),
    ...needed(rule, path, 'resources'),
    ...resourceErrors(list('resources'), `${path}.resources`),
    ...oneOf(rule, path, 'scope', ['*', 'Cluster', 'Namespaced']),
  ];
}

/** The same with names of objects, as policies have it. */
function namedRuleErrors(rule: JsonObject, path: string): FieldError[] {
  const names = stringsAt(rule, 'resourceNames');
  const at = (index: number) => `${path}.resourceNames[${index}]`;
  return [
    ...names.flatMap((name, index) =>
      pathSegmentProblems(name).map((problem) => invalidField(at(index), name, problem)),
    ),
    ...duplicates(names, at),
    ...ruleErrors(rule, path),
  ];
}

function alone(given: readonly string[], path: string, what: string): FieldError[] {
  return given.length > 1 && given.includes('*')
    ? [invalidField(path, [...given], `if '*' is present, must not specify other ${what}`)]
    : [];
}

function resourceErrors(resources: readonly string[], path: string): FieldError[] {
  const value = [...resources];
  const parts = resources.map((resource) => resource.split('/'));
  const before = (index: number, test: (part: readonly string[]) => boolean) => parts.slice(0, index).some(test);
  return [
    ...resources.flatMap((resource, index) => {
      const at = `${path}[${index}]`;
      const [name = '', sub] = parts[index] ?? [];
      if (resource === '') return [requiredField(at)];
      if (sub === undefined) return [];
      return [
        ...(before(index, (part) => part[0] === name && part[1] === '*')
          ? [invalidField(at, resource, `if '${name}/*' is present, must not specify ${resource}`)]
          : []),
        ...(before(index, (part) => part[0] === '*' && part[1] === sub)
          ? [invalidField(at, resource, `if '*/${sub}' is present, must not specify ${resource}`)]
          : []),
      ];
    }),
    ...(resources.length > 1 && resources.includes('*/*')
      ? [invalidField(path, value, "if '*/*' is present, must not specify other resources")]
      : []),
    ...(resources.includes('*') && resources.some((resource) => resource !== '*' && !resource.includes('/'))
      ? [invalidField(path, value, "if '*' is present, must not specify other resources without subresources")]
      : []),
  ];
}

/** A MatchResources. */
export function matchErrors(match: JsonObject, path: string): FieldError[] {
  return [
    ...selectorProblems(match, path, 'namespaceSelector'),
    ...selectorProblems(match, path, 'objectSelector'),
    ...each(match, path, 'resourceRules', namedRuleErrors),
    ...each(match, path, 'excludeResourceRules', namedRuleErrors),
    ...oneOf(match, path, 'matchPolicy', ['Equivalent', 'Exact'], true),
  ];
}

/** Expressions by name; what they say is checked by who evaluates them. */
export function conditionErrors(object: JsonObject, path: string): FieldError[] {
  const conditions = valueAt(object, 'matchConditions');
  const given = Array.isArray(conditions) ? conditions.filter(isJsonObject) : [];
  const at = `${path}.matchConditions`;
  return [
    ...(given.length > mostConditions ? [tooManyField(at, given.length, mostConditions)] : []),
    ...given.flatMap((condition, index) => [
      ...(stringAt(condition, 'expression').trim() === '' ? [requiredField(`${at}[${index}].expression`)] : []),
      ...(stringAt(condition, 'name') === ''
        ? [requiredField(`${at}[${index}].name`)]
        : qualifiedNameProblems(stringAt(condition, 'name')).map((problem) =>
            invalidField(`${at}[${index}].name`, stringAt(condition, 'name'), problem),
          )),
    ]),
    ...duplicates(
      given.map((condition) => stringAt(condition, 'name')),
      (index) => `${at}[${index}].name`,
    ),
  ];
}

/** Absent means every object, in equivalent versions too. */
export function completeMatch(match: JsonObject): JsonObject {
  const filled = withAbsent(match, { matchPolicy: 'Equivalent', namespaceSelector: {}, objectSelector: {} });
  return withEach(withEach(filled, 'resourceRules', completeRule), 'excludeResourceRules', completeRule);
}

export function completeRule(rule: JsonObject): JsonObject {
  return withAbsent(rule, { scope: '*' });
}
