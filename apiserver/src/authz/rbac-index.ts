import type { JsonObject } from '@quarterdeck/machinery';
import type { UserInfo } from '../authn/authenticator.ts';
import type { StorageKey } from '../storage/storage.ts';
import type { Attributes, PolicyRule } from './authorizer.ts';
import {
  type RoleRef,
  rbacResources,
  roleRefOf,
  rulesOf,
  type Subject,
  serviceAccountUser,
  subjectsOf,
} from './rbac-objects.ts';
import type { CompiledRule } from './rules.ts';
import { compileRules } from './shared-rules.ts';

/** One rule that a user holds, and through what. */
export interface HeldRule {
  readonly compiled: CompiledRule;
  readonly grant: Grant;
  readonly subject: Subject;
}

/** Every binding of one place (cluster-wide, or a namespace) that gives one role to one subject. */
interface Grant {
  readonly ref: RoleRef;
  /** Empty: cluster-wide. */
  readonly namespace: string;
  /** Names of the bindings, in the order they were added. Never empty. */
  readonly bindings: Set<string>;
}

/**
 * Roles and bindings by who holds what where. A decision looks up the names of one user in two places (cluster-wide
 * and the namespace asked for), so its cost follows what that user holds, not how many bindings or members there are:
 * KA-127, RG-21. Kept incrementally; `put` of the same object twice is harmless.
 */
export interface RbacIndex {
  put(key: StorageKey, object: JsonObject): void;
  remove(key: StorageKey): void;
  /** Cluster-wide rules first. */
  heldRules(user: UserInfo, namespace: string): readonly HeldRule[];
  /** The first of {@link heldRules} that is wanted: what every request asks, so nothing is made for the others. */
  findRule(user: UserInfo, namespace: string, isWanted: (rule: CompiledRule) => boolean): HeldRule | undefined;
  /** Roles that bindings of this user refer to and that do not exist, each once. */
  missingRoles(user: UserInfo, namespace: string): readonly RoleRef[];
  /** Rules of a role; undefined when it does not exist. `namespace` counts for a Role only. */
  rulesOf(ref: RoleRef, namespace: string): readonly PolicyRule[] | undefined;
}

/** role key -> grant */
type Grants = Map<string, Grant>;
/** subject key -> grants */
type Place = Map<string, { subject: Subject; grants: Grants }>;

interface IndexedBinding {
  readonly ref: RoleRef;
  readonly subjects: readonly Subject[];
}

export function createRbacIndex(): RbacIndex {
  const roles = new Map<string, readonly CompiledRule[]>();
  const bindings = new Map<string, IndexedBinding>();
  const places = new Map<string, Place>();

  function addBinding(key: StorageKey, binding: IndexedBinding): void {
    const place = getOrCreate(places, key.namespace, () => new Map() as Place);
    for (const subject of binding.subjects) {
      const held = getOrCreate(place, subjectKey(subject), () => ({ subject, grants: new Map() as Grants }));
      const grant = getOrCreate(held.grants, roleKey(binding.ref, key.namespace), () => ({
        ref: binding.ref,
        namespace: key.namespace,
        bindings: new Set<string>(),
      }));
      grant.bindings.add(key.name);
    }
  }

  function removeBinding(key: StorageKey): void {
    const id = bindingKey(key);
    const binding = bindings.get(id);
    const place = places.get(key.namespace);
    if (binding === undefined || place === undefined) return;
    bindings.delete(id);
    for (const subject of binding.subjects) {
      const held = place.get(subjectKey(subject));
      const role = roleKey(binding.ref, key.namespace);
      const grant = held?.grants.get(role);
      grant?.bindings.delete(key.name);
      if (grant?.bindings.size === 0) held?.grants.delete(role);
      if (held?.grants.size === 0) place.delete(subjectKey(subject));
    }
    if (place.size === 0) places.delete(key.namespace);
  }

  /** In the order of {@link RbacIndex.heldRules}, until `visit` has found what it looks for. */
  function findGrant<T>(
    user: UserInfo,
    namespace: string,
    visit: (subject: Subject, grant: Grant) => T | undefined,
  ): T | undefined {
    const keys = userKeys(user);
    for (const placeName of namespace === '' ? [''] : ['', namespace]) {
      const place = places.get(placeName);
      if (place === undefined) continue;
      for (const key of keys) {
        const held = place.get(key);
        if (held === undefined) continue;
        for (const grant of held.grants.values()) {
          const found = visit(held.subject, grant);
          if (found !== undefined) return found;
        }
      }
    }
    return undefined;
  }
  const rulesGiven = (grant: Grant) => roles.get(roleKey(grant.ref, grant.namespace)) ?? [];

  return {
    put(key, object) {
      if (isRole(key)) {
        roles.set(storedRoleKey(key), compileRules(rulesOf(object)));
        return;
      }
      removeBinding(key);
      const ref = roleRefOf(object);
      // A ClusterRoleBinding has no namespace to find a Role in.
      if (ref === undefined || (ref.kind === 'Role' && key.namespace === '')) return;
      const binding = { ref, subjects: qualified(subjectsOf(object), key.namespace) };
      bindings.set(bindingKey(key), binding);
      addBinding(key, binding);
    },
    remove(key) {
      if (isRole(key)) roles.delete(storedRoleKey(key));
      else removeBinding(key);
    },
    heldRules(user, namespace) {
      const held: HeldRule[] = [];
      findGrant(user, namespace, (subject, grant) => {
        for (const compiled of rulesGiven(grant)) held.push({ compiled, grant, subject });
        return undefined;
      });
      return held;
    },
    findRule: (user, namespace, isWanted) =>
      findGrant(user, namespace, (subject, grant) => {
        const compiled = rulesGiven(grant).find(isWanted);
        return compiled === undefined ? undefined : { compiled, grant, subject };
      }),
    missingRoles(user, namespace) {
      const missing = new Map<string, RoleRef>();
      findGrant(user, namespace, (_subject, grant) => {
        const key = roleKey(grant.ref, grant.namespace);
        if (!roles.has(key)) missing.set(key, grant.ref);
        return undefined;
      });
      return [...missing.values()];
    },
    rulesOf(ref, namespace) {
      return roles.get(roleKey(ref, namespace))?.map((compiled) => compiled.rule);
    },
  };
}

/** The first held rule that allows the request, or undefined. */
export function findAllowing(index: RbacIndex, attributes: Attributes): HeldRule | undefined {
  const namespace = 'namespace' in attributes ? attributes.namespace : '';
  return index.findRule(attributes.user, namespace, (rule) => rule.allows(attributes));
}

const isRole = (key: StorageKey) => key.resource === rbacResources.roles || key.resource === rbacResources.clusterRoles;

const bindingKey = (key: StorageKey) => `${key.namespace}/${key.name}`;
const storedRoleKey = (key: StorageKey) => `${key.namespace}/${key.name}`;
/** A ClusterRole lives in no namespace, so its key is that of a role in the namespace ''. */
const roleKey = (ref: RoleRef, namespace: string) => `${ref.kind === 'Role' ? namespace : ''}/${ref.name}`;

/** A service account is a user of a fixed name, so both are one key. KA-121 */
function subjectKey(subject: Subject): string {
  switch (subject.kind) {
    case 'Group':
      return `group:${subject.name}`;
    case 'User':
      return `user:${subject.name}`;
    case 'ServiceAccount':
      return `user:${serviceAccountUser(subject.namespace, subject.name)}`;
  }
}

function userKeys(user: UserInfo): Set<string> {
  return new Set([`user:${user.name}`, ...user.groups.map((group) => `group:${group}`)]);
}

/** Service accounts get the binding's namespace when they name none; without either they match nobody. */
function qualified(subjects: readonly Subject[], namespace: string): Subject[] {
  return subjects
    .map((subject) =>
      subject.kind === 'ServiceAccount' && subject.namespace === '' ? { ...subject, namespace } : subject,
    )
    .filter((subject) => subject.kind !== 'ServiceAccount' || subject.namespace !== '');
}

function getOrCreate<K, V>(map: Map<K, V>, key: K, create: () => V): V {
  const found = map.get(key);
  if (found !== undefined) return found;
  const created = create();
  map.set(key, created);
  return created;
}
