import type { UserInfo } from '../authn/authenticator.ts';
import type { Store } from '../cache/store.ts';
import type { StorageKey } from '../storage/storage.ts';
import type { Attributes, Authorizer, Decision, PolicyRule } from './authorizer.ts';
import { findAllowing, type HeldRule, type RbacIndex } from './rbac-index.ts';
import { type RoleRef, rbacGroup, rbacResources } from './rbac-objects.ts';
import { createStandingRights, type SupportedDecision } from './standing-rights.ts';
import { followStore, type IndexOptions } from './store-index.ts';

/** Members may do everything, whatever the roles say: the way back in when roles are broken. KA-127 */
export const privilegedGroup = 'system:masters';

const everything: readonly PolicyRule[] = Object.freeze([
  { verbs: ['*'], apiGroups: ['*'], resources: ['*'] },
  { verbs: ['*'], nonResourceURLs: ['*'] },
]);

/** An authorizer that follows the roles and bindings of a store. The store must be ready. Dispose it before the store. */
export function createRbacAuthorizer(store: Store, options: IndexOptions): Authorizer & AsyncDisposable {
  const current = () => followed.index;
  const authorizer = rbacAuthorizer(current);
  const standing = createStandingRights(authorizer, (attributes) => decideWithSupport(current(), attributes));
  const followed = followStore(store, {
    ...options,
    onChange: (key) => (key === undefined ? standing.reloaded() : standing.changed(key)),
  });
  return {
    ...authorizer,
    hold: standing.hold,
    [Symbol.asyncDispose]: () => followed[Symbol.asyncDispose](),
  };
}

/**
 * RBAC over an index that somebody keeps up to date. Nothing is allowed unless a rule says so. KA-127
 * @param current the index as of now, asked for each decision
 */
export function rbacAuthorizer(current: () => RbacIndex): Authorizer {
  return {
    authorize: (attributes) => decide(current(), attributes),
    rulesFor(user, namespace) {
      if (isPrivileged(user)) return everything;
      const rules = new Set<PolicyRule>();
      for (const held of current().heldRules(user, namespace)) rules.add(held.compiled.rule);
      return [...rules];
    },
  };
}

function decide(index: RbacIndex, attributes: Attributes): Decision {
  if (isPrivileged(attributes.user)) return { allowed: true, reason: '' };
  return decisionOf(index, attributes, findAllowing(index, attributes));
}

function decideWithSupport(index: RbacIndex, attributes: Attributes): SupportedDecision {
  if (isPrivileged(attributes.user)) return { allowed: true, reason: '', support: [] };
  const held = findAllowing(index, attributes);
  return { ...decisionOf(index, attributes, held), support: held === undefined ? [] : supportOf(held) };
}

const isPrivileged = ({ groups }: UserInfo): boolean => groups.includes(privilegedGroup);

function decisionOf(index: RbacIndex, attributes: Attributes, held: HeldRule | undefined): Decision {
  if (held !== undefined) return { allowed: true, reason: `RBAC: allowed by ${describe(held)}` };
  const namespace = 'namespace' in attributes ? attributes.namespace : '';
  return { allowed: false, reason: describeMissing(index.missingRoles(attributes.user, namespace)) };
}

/** The role, and the first of the bindings that give it: without one of them the rule is held by others, or lost. */
function supportOf({ grant }: HeldRule): StorageKey[] {
  const { ref, namespace, bindings } = grant;
  const [name = ''] = bindings;
  const isRole = ref.kind === 'Role';
  const { roles, clusterRoles, roleBindings, clusterRoleBindings } = rbacResources;
  return [
    { resource: isRole ? roles : clusterRoles, namespace: isRole ? namespace : '', name: ref.name },
    { resource: namespace === '' ? clusterRoleBindings : roleBindings, namespace, name },
  ];
}

function describe({ grant, subject }: HeldRule): string {
  const [binding = ''] = grant.bindings;
  const kind = grant.namespace === '' ? 'ClusterRoleBinding' : 'RoleBinding';
  const bindingName = grant.namespace === '' ? binding : `${binding}/${grant.namespace}`;
  const subjectName = subject.kind === 'ServiceAccount' ? `${subject.name}/${subject.namespace}` : subject.name;
  return `${kind} "${bindingName}" of ${grant.ref.kind} "${grant.ref.name}" to ${subject.kind} "${subjectName}"`;
}

/** Empty when no role is missing: a plain refusal needs no reason. */
function describeMissing(roles: readonly RoleRef[]): string {
  const texts = roles.map((ref) => `${ref.kind.toLowerCase()}.${rbacGroup} "${ref.name}" not found`);
  if (texts.length === 0) return '';
  return `RBAC: ${texts.length === 1 ? texts[0] : `[${texts.join(', ')}]`}`;
}
