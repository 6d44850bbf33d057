import { equalValues, isJsonObject, type JsonObject, type JsonValue } from '@quarterdeck/machinery';
import type { PolicyRule } from './authorizer.ts';
import type { BootstrapBinding, BootstrapRole } from './bootstrap-rbac.ts';
import { missingRules } from './covers.ts';
import { aggregationSelectorsOf, rbacGroup, rulesOf } from './rbac-objects.ts';

/**
 * How the server's own roles and bindings are brought up to date at start: what is missing is added, what people added
 * is kept, and an object annotated `rbac.authorization.kubernetes.io/autoupdate: "false"` is left alone. Pure. KA-129
 */

const apiVersion = `${rbacGroup}/v1`;
const autoUpdate = 'rbac.authorization.kubernetes.io/autoupdate';
const ownLabels = { 'kubernetes.io/bootstrapping': 'rbac-defaults' };
const ownAnnotations = { [autoUpdate]: 'true' };

export function roleObject(role: BootstrapRole): JsonObject {
  return {
    apiVersion,
    kind: role.namespace === undefined ? 'ClusterRole' : 'Role',
    metadata: metadataOf(role),
    ...(role.aggregates === undefined ? {} : { aggregationRule: aggregationRule(role.aggregates) }),
    rules: (role.rules ?? []).map(ruleObject),
  };
}

export function bindingObject(binding: BootstrapBinding): JsonObject {
  return {
    apiVersion,
    kind: binding.namespace === undefined ? 'ClusterRoleBinding' : 'RoleBinding',
    metadata: metadataOf(binding),
    roleRef: { apiGroup: rbacGroup, kind: binding.role.kind, name: binding.role.name },
    subjects: [...binding.subjects],
  };
}

/** The role as it shall be; undefined when nothing is to be done. */
export function mergeRole(stored: JsonObject, wanted: JsonObject): JsonObject | undefined {
  if (isLeftAlone(stored)) return undefined;
  const selectors = aggregationSelectorsOf(stored) ?? [];
  const newSelectors = (aggregationSelectorsOf(wanted) ?? []).filter((one) => !includesValue(selectors, one));
  const merged: JsonObject = {
    ...stored,
    metadata: mergeMetadata(stored, wanted),
    ...(newSelectors.length === 0
      ? {}
      : { aggregationRule: { clusterRoleSelectors: [...selectors, ...newSelectors] } }),
    // Rules of an aggregated role belong to the controller that gathers them.
    ...(aggregationSelectorsOf(wanted) === undefined ? { rules: mergeRules(stored, wanted) } : {}),
  };
  return equalValues(merged, stored) ? undefined : merged;
}

export type BindingChange = { readonly type: 'update' | 'replace'; readonly object: JsonObject };

/** `replace`: the binding refers to another role, which cannot be changed, so it has to be deleted and made anew. */
export function mergeBinding(stored: JsonObject, wanted: JsonObject): BindingChange | undefined {
  if (isLeftAlone(stored)) return undefined;
  const subjects = list(stored.subjects);
  const missing = list(wanted.subjects).filter((subject) => !includesValue(subjects, subject));
  if (!equalValues(stored.roleRef, wanted.roleRef)) return { type: 'replace', object: wanted };
  const merged = { ...stored, metadata: mergeMetadata(stored, wanted), subjects: [...subjects, ...missing] };
  const isSame = missing.length === 0 && equalValues(merged.metadata, stored.metadata);
  return isSame ? undefined : { type: 'update', object: merged };
}

function mergeRules(stored: JsonObject, wanted: JsonObject): JsonValue[] {
  const missing = missingRules(rulesOf(stored), rulesOf(wanted));
  const kept = list(stored.rules);
  if (missing.length === 0) return kept;
  // The whole rules that lack something are added, rather than their splinters.
  const lacking = rulesOf(wanted).filter((rule) => missingRules(rulesOf(stored), [rule]).length > 0);
  return [...kept, ...lacking.map(ruleObject)];
}

function metadataOf({ name, namespace, ...rest }: { name: string; namespace?: string } & object): JsonObject {
  const labels = 'labels' in rest ? (rest.labels as Readonly<Record<string, string>> | undefined) : undefined;
  return {
    name,
    ...(namespace === undefined ? {} : { namespace }),
    labels: { ...ownLabels, ...labels },
    annotations: { ...ownAnnotations },
  };
}

function mergeMetadata(stored: JsonObject, wanted: JsonObject): JsonObject {
  const metadata = object(stored.metadata);
  const own = object(wanted.metadata);
  return {
    ...metadata,
    labels: { ...object(metadata.labels), ...object(own.labels) },
    annotations: { ...object(own.annotations), ...object(metadata.annotations) },
  };
}

function isLeftAlone(stored: JsonObject): boolean {
  return object(object(stored.metadata).annotations)[autoUpdate] === 'false';
}

const aggregationRule = (label: string): JsonObject => ({
  clusterRoleSelectors: [{ matchLabels: { [label]: 'true' } }],
});

function ruleObject(rule: PolicyRule): JsonObject {
  const copy: JsonObject = {};
  for (const [key, values] of Object.entries(rule) as [string, readonly string[]][]) copy[key] = [...values];
  return copy;
}

const list = (value: JsonValue | undefined): JsonValue[] => (Array.isArray(value) ? value : []);
const object = (value: JsonValue | undefined): JsonObject => (isJsonObject(value) ? value : {});
const includesValue = (values: readonly JsonValue[], value: JsonValue) => values.some((one) => equalValues(one, value));
