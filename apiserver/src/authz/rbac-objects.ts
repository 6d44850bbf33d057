import { isJsonObject, type JsonObject, type JsonValue } from '@quarterdeck/machinery';
import type { PolicyRule } from './authorizer.ts';

/** The four RBAC resources, by the names that storage uses. */
export const rbacResources = Object.freeze({
  roles: 'roles.rbac.authorization.k8s.io',
  clusterRoles: 'clusterroles.rbac.authorization.k8s.io',
  roleBindings: 'rolebindings.rbac.authorization.k8s.io',
  clusterRoleBindings: 'clusterrolebindings.rbac.authorization.k8s.io',
});

export const rbacGroup = 'rbac.authorization.k8s.io';

export interface RoleRef {
  readonly kind: 'Role' | 'ClusterRole';
  readonly name: string;
}

export interface Subject {
  readonly kind: 'User' | 'Group' | 'ServiceAccount';
  readonly name: string;
  /** Of a ServiceAccount; empty: the binding's own namespace. */
  readonly namespace: string;
}

/** The rules of a Role or ClusterRole. What does not have a rule's shape grants nothing. */
export function rulesOf(role: JsonObject): PolicyRule[] {
  return objects(role.rules).map(parseRule);
}

function parseRule(rule: JsonObject): PolicyRule {
  return {
    verbs: strings(rule.verbs),
    ...optionalList('apiGroups', rule.apiGroups),
    ...optionalList('resources', rule.resources),
    ...optionalList('resourceNames', rule.resourceNames),
    ...optionalList('nonResourceURLs', rule.nonResourceURLs),
  };
}

function optionalList<K extends string>(key: K, value: JsonValue | undefined): Partial<Record<K, string[]>> {
  const list = strings(value);
  return (list.length === 0 ? {} : { [key]: list }) as Partial<Record<K, string[]>>;
}

/** Undefined when the binding refers to nothing that RBAC knows; such a binding grants nothing. */
export function roleRefOf(binding: JsonObject): RoleRef | undefined {
  const ref = binding.roleRef;
  if (!isJsonObject(ref) || typeof ref.name !== 'string') return undefined;
  return ref.kind === 'Role' || ref.kind === 'ClusterRole' ? { kind: ref.kind, name: ref.name } : undefined;
}

export function subjectsOf(binding: JsonObject): Subject[] {
  const subjects: Subject[] = [];
  for (const { kind, name, namespace } of objects(binding.subjects)) {
    if (typeof name !== 'string') continue;
    if (kind !== 'User' && kind !== 'Group' && kind !== 'ServiceAccount') continue;
    subjects.push({ kind, name, namespace: typeof namespace === 'string' ? namespace : '' });
  }
  return subjects;
}

/** User name of a service account. KA-121 */
export function serviceAccountUser(namespace: string, name: string): string {
  return `system:serviceaccount:${namespace}:${name}`;
}

/** The label selectors of an aggregated ClusterRole; undefined when it is not one. KA-128 */
export function aggregationSelectorsOf(role: JsonObject): JsonObject[] | undefined {
  const rule = role.aggregationRule;
  if (!isJsonObject(rule)) return undefined;
  const selectors = objects(rule.clusterRoleSelectors);
  return selectors.length === 0 ? undefined : selectors;
}

function objects(value: JsonValue | undefined): JsonObject[] {
  return Array.isArray(value) ? value.filter(isJsonObject) : [];
}

/** A copy of just its length: what grows by adding has room for sixteen, and each rule of each role is kept. */
function strings(value: JsonValue | undefined): string[] {
  return Array.isArray(value) ? value.filter((item) => typeof item === 'string').slice() : [];
}
