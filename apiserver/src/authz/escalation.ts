import { notFound } from '@quarterdeck/apis';
import { equalValues, goQuote, isJsonObject, type JsonObject } from '@quarterdeck/machinery';
import type { AdmissionAttributes, AdmissionContext, AdmissionPlugin } from '../admission/admission.ts';
import type { PolicyRule } from './authorizer.ts';
import { compactRules, describeRule, missingRules, quotedList, TooManyRulesError } from './covers.ts';
import { forbiddenObject } from './forbidden.ts';
import { aggregationSelectorsOf, type RoleRef, rbacGroup, rbacResources, roleRefOf, rulesOf } from './rbac-objects.ts';
import { getStoredObject } from './stored-object.ts';

const roleResources = ['roles', 'clusterroles'];
const bindingResources = ['rolebindings', 'clusterrolebindings'];
const everything: readonly PolicyRule[] = [
  { verbs: ['*'], apiGroups: ['*'], resources: ['*'] },
  { verbs: ['*'], nonResourceURLs: ['*'] },
];

/**
 * Nobody grants what they do not hold. A role may be written by who holds every rule in it, or the verb `escalate` on
 * it; a binding by who holds every rule of its role, or the verb `bind` on that role. Everybody else gets a 403 that
 * lists what is missing. KA-128
 */
export const escalationPlugin: AdmissionPlugin = {
  name: 'RBACEscalation',
  handles: ({ operation, group, resource, subresource }) =>
    group === rbacGroup &&
    subresource === '' &&
    (operation === 'CREATE' || operation === 'UPDATE') &&
    (roleResources.includes(resource) || bindingResources.includes(resource)),
  validate(attributes, context) {
    const { object, oldObject } = attributes;
    if (object === undefined || isCollectorsWrite(object, oldObject)) return;
    if (roleResources.includes(attributes.resource)) checkRole(attributes, object, context);
    else checkBinding(attributes, object, context);
  },
};

function checkRole(attributes: AdmissionAttributes, role: JsonObject, context: AdmissionContext): void {
  const { resource, name } = attributes;
  if (mayUseVerb('escalate', { resource, name }, attributes, context)) return;
  refuseUnlessHeld(rulesOf(role), attributes, context);
  // What an aggregated role will hold is not known yet, so only who holds everything may make or change one.
  const isAggregated = [role, attributes.oldObject].some((one) => one !== undefined && aggregationSelectorsOf(one));
  if (isAggregated && missingFrom(everything, attributes, context).length > 0) {
    throw refuse(attributes, 'must have cluster-admin privileges to use the aggregationRule');
  }
}

function checkBinding(attributes: AdmissionAttributes, binding: JsonObject, context: AdmissionContext): void {
  const ref = roleRefOf(binding);
  // Validation refuses such a binding; it grants nothing in any case.
  if (ref === undefined) return;
  const resource = ref.kind === 'Role' ? 'roles' : 'clusterroles';
  if (mayUseVerb('bind', { resource, name: ref.name }, attributes, context)) return;
  refuseUnlessHeld(rulesOfRef(ref, attributes.namespace, context), attributes, context);
}

function mayUseVerb(
  verb: 'escalate' | 'bind',
  role: { resource: string; name: string },
  attributes: AdmissionAttributes,
  context: AdmissionContext,
): boolean {
  const { user, namespace } = attributes;
  const request = { user, verb, group: rbacGroup, version: '*', subresource: '', namespace, ...role };
  return context.authorizer.authorize(request).allowed;
}

function rulesOfRef(ref: RoleRef, namespace: string, { store }: AdmissionContext): PolicyRule[] {
  const key =
    ref.kind === 'Role'
      ? { resource: rbacResources.roles, namespace, name: ref.name }
      : { resource: rbacResources.clusterRoles, namespace: '', name: ref.name };
  const role = getStoredObject(store, key);
  if (role !== undefined) return rulesOf(role);
  throw notFound({ group: rbacGroup, plural: ref.kind === 'Role' ? 'roles' : 'clusterroles' }, ref.name);
}

function refuseUnlessHeld(
  rules: readonly PolicyRule[],
  attributes: AdmissionAttributes,
  context: AdmissionContext,
): void {
  const missing = missingFrom(rules, attributes, context);
  if (missing.length === 0) return;
  const { name, groups } = attributes.user;
  const who = `user ${goQuote(name)} (groups=${quotedList(groups)})`;
  const list = [...new Set(compactRules(missing).map(describeRule))].sort();
  throw refuse(attributes, `${who} is attempting to grant RBAC permissions not currently held:\n${list.join('\n')}`);
}

function missingFrom(
  rules: readonly PolicyRule[],
  attributes: AdmissionAttributes,
  { authorizer }: AdmissionContext,
): PolicyRule[] {
  try {
    return missingRules(authorizer.rulesFor(attributes.user, attributes.namespace), rules);
  } catch (error) {
    if (!(error instanceof TooManyRulesError)) throw error;
    throw refuse(attributes, `${error.message} with those that you hold: grant them in several roles`);
  }
}

function refuse({ group, resource, name }: AdmissionAttributes, why: string) {
  return forbiddenObject({ group, plural: resource }, name, why);
}

/** Whoever may update a role may also take its finalizers and owners off, so that it can be collected. */
function isCollectorsWrite(object: JsonObject, oldObject: JsonObject | undefined): boolean {
  return oldObject !== undefined && equalValues(withoutCollectorFields(object), withoutCollectorFields(oldObject));
}

function withoutCollectorFields(object: JsonObject): JsonObject {
  if (!isJsonObject(object.metadata)) return object;
  const { ownerReferences: _o, finalizers: _f, managedFields: _m, resourceVersion: _r, ...metadata } = object.metadata;
  return { ...object, metadata };
}
