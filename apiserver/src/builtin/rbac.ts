import type { FieldError } from '@quarterdeck/apis';
import { equalValues, isJsonObject, type JsonObject } from '@quarterdeck/machinery';
import type { Column, ResourceDefinition } from '../registry/definition.ts';
import {
  forbiddenField,
  invalidField,
  listAt,
  objectAt,
  objectsAt,
  requiredField,
  stringAt,
  unsupportedField,
  valueAt,
} from '../registry/fields.ts';
import { dnsSubdomainProblems, pathSegmentProblems } from '../registry/names.ts';
import { ageColumn, createdAtColumn, nameColumn, textColumn } from './columns.ts';
import { dataKind } from './data-kind.ts';

const group = 'rbac.authorization.k8s.io';

/** Rules and bindings as KA-127 and KA-128 know them; who may write them is admission's to say. */
function roleErrors(role: JsonObject, namespaced: boolean): FieldError[] {
  return objectsAt(role, 'rules').flatMap((rule, index) => ruleErrors(rule, `rules[${index}]`, namespaced));
}

function ruleErrors(rule: JsonObject, path: string, namespaced: boolean): FieldError[] {
  const urls = listAt(rule, 'nonResourceURLs');
  const groups = listAt(rule, 'apiGroups');
  const resources = listAt(rule, 'resources');
  const names = listAt(rule, 'resourceNames');
  const verbs =
    listAt(rule, 'verbs').length === 0 ? [requiredField(`${path}.verbs`, 'verbs must contain at least one value')] : [];
  if (urls.length > 0) {
    const mixed = groups.length > 0 || resources.length > 0 || names.length > 0;
    const why = mixed
      ? 'rules cannot apply to both regular resources and non-resource URLs'
      : 'namespaced rules cannot apply to non-resource URLs';
    return mixed || namespaced ? [...verbs, invalidField(`${path}.nonResourceURLs`, urls as string[], why)] : verbs;
  }
  return [
    ...verbs,
    ...(groups.length === 0
      ? [requiredField(`${path}.apiGroups`, 'resource rules must supply at least one api group')]
      : []),
    ...(resources.length === 0
      ? [requiredField(`${path}.resources`, 'resource rules must supply at least one resource')]
      : []),
  ];
}

/** Fields that people leave out: the API group of the role and of users and groups. */
function completeBinding(binding: JsonObject): JsonObject {
  const subjects = listAt(binding, 'subjects').map((subject) =>
    isJsonObject(subject) &&
    valueAt(subject, 'apiGroup') === undefined &&
    ['User', 'Group'].includes(stringAt(subject, 'kind'))
      ? { ...subject, apiGroup: group }
      : subject,
  );
  const roleRef = objectAt(binding, 'roleRef');
  return {
    ...binding,
    ...(valueAt(binding, 'subjects') === undefined ? {} : { subjects }),
    roleRef: stringAt(roleRef, 'apiGroup') === '' ? { ...roleRef, apiGroup: group } : roleRef,
  };
}

function bindingErrors(binding: JsonObject, namespaced: boolean): FieldError[] {
  const kinds = namespaced ? ['Role', 'ClusterRole'] : ['ClusterRole'];
  const kind = stringAt(binding, 'roleRef', 'kind');
  const name = stringAt(binding, 'roleRef', 'name');
  const apiGroup = stringAt(binding, 'roleRef', 'apiGroup');
  return [
    ...(apiGroup === group ? [] : [unsupportedField('roleRef.apiGroup', apiGroup, [group])]),
    ...(kinds.includes(kind) ? [] : [unsupportedField('roleRef.kind', kind, kinds)]),
    ...(name === ''
      ? [requiredField('roleRef.name')]
      : pathSegmentProblems(name).map((problem) => invalidField('roleRef.name', name, problem))),
    ...objectsAt(binding, 'subjects').flatMap((subject, index) =>
      subjectErrors(subject, `subjects[${index}]`, namespaced),
    ),
  ];
}

function subjectErrors(subject: JsonObject, path: string, namespaced: boolean): FieldError[] {
  const name = stringAt(subject, 'name');
  const apiGroup = stringAt(subject, 'apiGroup');
  const missing = name === '' ? [requiredField(`${path}.name`)] : [];
  switch (stringAt(subject, 'kind')) {
    case 'ServiceAccount':
      return [
        ...missing,
        ...(name === ''
          ? []
          : dnsSubdomainProblems(name).map((problem) => invalidField(`${path}.name`, name, problem))),
        ...(apiGroup === '' ? [] : [unsupportedField(`${path}.apiGroup`, apiGroup, [''])]),
        ...(stringAt(subject, 'namespace') === '' && !namespaced ? [requiredField(`${path}.namespace`)] : []),
      ];
    case 'User':
    case 'Group':
      return [...missing, ...(apiGroup === group ? [] : [unsupportedField(`${path}.apiGroup`, apiGroup, [group])])];
    default:
      return [
        ...missing,
        unsupportedField(`${path}.kind`, valueAt(subject, 'kind'), ['ServiceAccount', 'User', 'Group']),
      ];
  }
}

function roleRefErrors(binding: JsonObject, old: JsonObject): FieldError[] {
  const roleRef = objectAt(binding, 'roleRef');
  return equalValues(roleRef, objectAt(old, 'roleRef'))
    ? []
    : [invalidField('roleRef', roleRef, 'cannot change roleRef')];
}

function role(kind: string, plural: string, namespaced: boolean): ResourceDefinition {
  return dataKind({
    group,
    kind,
    plural,
    scope: namespaced ? 'Namespaced' : 'Cluster',
    allColumns: [nameColumn, createdAtColumn],
    strategy: {
      allowCreateOnUpdate: true,
      validateName: pathSegmentProblems,
      validate: (object) => [
        ...roleErrors(object, namespaced),
        ...(namespaced && valueAt(object, 'aggregationRule') !== undefined
          ? [forbiddenField('aggregationRule', 'only cluster roles aggregate')]
          : []),
      ],
    },
  });
}

const subjectsOf = (binding: JsonObject, kind: string) =>
  objectsAt(binding, 'subjects')
    .filter((subject) => stringAt(subject, 'kind') === kind)
    .map((subject) =>
      kind === 'ServiceAccount'
        ? `${stringAt(subject, 'namespace')}/${stringAt(subject, 'name')}`
        : stringAt(subject, 'name'),
    )
    .join(', ');

const bindingColumns: readonly Column[] = [
  nameColumn,
  textColumn('Role', 'The role that is granted.', (object) => {
    return `${stringAt(object, 'roleRef', 'kind')}/${stringAt(object, 'roleRef', 'name')}`;
  }),
  ageColumn,
  textColumn('Users', 'Users it is granted to.', (object) => subjectsOf(object, 'User'), 1),
  textColumn('Groups', 'Groups it is granted to.', (object) => subjectsOf(object, 'Group'), 1),
  textColumn(
    'ServiceAccounts',
    'Service accounts it is granted to.',
    (object) => subjectsOf(object, 'ServiceAccount'),
    1,
  ),
];

function binding(kind: string, plural: string, namespaced: boolean): ResourceDefinition {
  return dataKind({
    group,
    kind,
    plural,
    scope: namespaced ? 'Namespaced' : 'Cluster',
    allColumns: bindingColumns,
    strategy: {
      allowCreateOnUpdate: true,
      validateName: pathSegmentProblems,
      complete: completeBinding,
      validate: (object) => bindingErrors(object, namespaced),
      validateUpdate: roleRefErrors,
    },
  });
}

export const roles = role('Role', 'roles', true);
export const clusterRoles = role('ClusterRole', 'clusterroles', false);
export const roleBindings = binding('RoleBinding', 'rolebindings', true);
export const clusterRoleBindings = binding('ClusterRoleBinding', 'clusterrolebindings', false);
