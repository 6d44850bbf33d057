import type { Store } from '../cache/store.ts';
import type { Authorizer, PolicyRule } from './authorizer.ts';
import { findAllowing, type HeldRule, type RbacIndex } from './rbac-index.ts';
import { type RoleRef, rbacGroup } from './rbac-objects.ts';
import { type FollowOptions, followStore } from './store-index.ts';

/** Members may do everything, whatever the roles say: the way back in when roles are broken. KA-127 */
export const privilegedGroup = 'system:masters';

const everything: readonly PolicyRule[] = Object.freeze([
  { verbs: ['*'], apiGroups: ['*'], resources: ['*'] },
  { verbs: ['*'], nonResourceURLs: ['*'] },
]);

/** An authorizer that follows the roles and bindings of a store. The store must be ready. Dispose it before the store. */
export function createRbacAuthorizer(store: Store, options: FollowOptions): Authorizer & AsyncDisposable {
  const followed = followStore(store, options);
  return {
    ...rbacAuthorizer(() => followed.index),
    [Symbol.asyncDispose]: () => followed[Symbol.asyncDispose](),
  };
}

/**
 * RBAC over an index that somebody keeps up to date. Nothing is allowed unless a rule says so. KA-127
 * @param current the index as of now, asked for each decision
 */
export function rbacAuthorizer(current: () => RbacIndex): Authorizer {
  return {
    authorize(attributes) {
      if (attributes.user.groups.includes(privilegedGroup)) return { allowed: true, reason: '' };
      const index = current();
      const held = findAllowing(index, attributes);
      if (held !== undefined) return { allowed: true, reason: `RBAC: allowed by ${describe(held)}` };
      const namespace = 'namespace' in attributes ? attributes.namespace : '';
      return { allowed: false, reason: describeMissing(index.missingRoles(attributes.user, namespace)) };
    },
    rulesFor(user, namespace) {
      if (user.groups.includes(privilegedGroup)) return everything;
      const rules = new Set<PolicyRule>();
      for (const held of current().heldRules(user, namespace)) rules.add(held.compiled.rule);
      return [...rules];
    },
  };
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
