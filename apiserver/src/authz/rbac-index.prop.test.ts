import type { JsonObject } from '@quarterdeck/machinery';
import { atLeast } from '@quarterdeck/machinery/testing';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { UserInfo } from '../authn/authenticator.ts';
import type { StorageKey } from '../storage/storage.ts';
import type { Attributes, PolicyRule } from './authorizer.ts';
import { createRbacIndex, findAllowing } from './rbac-index.ts';
import { rbacResources, roleRefOf, rulesOf, serviceAccountUser, subjectsOf } from './rbac-objects.ts';
import { ruleAllows } from './rules.ts';

/**
 * The index against the plainest possible reading of the same objects: go through every binding, resolve its role, try
 * each rule. Random sequences of puts and removals, then random questions.
 */
const names = fc.constantFrom('a', 'b', 'c');
const namespaces = fc.constantFrom('n1', 'n2');
const some = <T>(arbitrary: fc.Arbitrary<T>) => fc.array(arbitrary, { maxLength: 2 });

const rules: fc.Arbitrary<JsonObject> = fc.oneof(
  fc.record({
    verbs: some(fc.constantFrom('get', 'list', '*')),
    apiGroups: some(fc.constantFrom('', 'apps', '*')),
    resources: some(fc.constantFrom('pods', 'pods/status', '*/status', '*')),
    resourceNames: some(names),
  }),
  fc.record({ verbs: some(fc.constantFrom('get', '*')), nonResourceURLs: some(fc.constantFrom('/x', '/x/*', '*')) }),
);

const subjects: fc.Arbitrary<JsonObject> = fc.oneof(
  fc.record({ kind: fc.constant('User'), name: fc.oneof(names, fc.constant('system:serviceaccount:n1:a')) }),
  fc.record({ kind: fc.constant('Group'), name: names }),
  fc.record({ kind: fc.constant('ServiceAccount'), name: names, namespace: namespaces }),
  fc.record({ kind: fc.constant('ServiceAccount'), name: names }),
  fc.record({ kind: fc.constant('Robot'), name: names }),
);

const refs: fc.Arbitrary<JsonObject> = fc.record({
  kind: fc.constantFrom('Role', 'ClusterRole', 'Nonsense'),
  name: names,
});

interface Stored {
  key: StorageKey;
  object: JsonObject | undefined;
}

const role = (resource: string, namespace: fc.Arbitrary<string>) =>
  fc.record({
    key: fc.record({ resource: fc.constant(resource), namespace, name: names }),
    object: fc.option(fc.record({ rules: some(rules) }), { nil: undefined, freq: 4 }),
  });
const binding = (resource: string, namespace: fc.Arbitrary<string>) =>
  fc.record({
    key: fc.record({ resource: fc.constant(resource), namespace, name: names }),
    object: fc.option(fc.record({ roleRef: refs, subjects: some(subjects) }), { nil: undefined, freq: 4 }),
  });
const everywhere = fc.constant('');
const changes: fc.Arbitrary<Stored[]> = fc.array(
  fc.oneof(
    role(rbacResources.clusterRoles, everywhere),
    role(rbacResources.roles, namespaces),
    binding(rbacResources.clusterRoleBindings, everywhere),
    binding(rbacResources.roleBindings, namespaces),
  ) as fc.Arbitrary<Stored>,
  { maxLength: 30 },
);

const users: fc.Arbitrary<UserInfo> = fc.record({
  name: fc.oneof(names, fc.constantFrom('system:serviceaccount:n1:a', 'system:serviceaccount:n2:b')),
  groups: some(names),
});
const questions: fc.Arbitrary<Attributes> = users.chain((user) =>
  fc.oneof(
    fc.record({
      user: fc.constant(user),
      verb: fc.constantFrom('get', 'list', 'delete'),
      group: fc.constantFrom('', 'apps'),
      version: fc.constant('v1'),
      resource: fc.constantFrom('pods', 'secrets'),
      subresource: fc.constantFrom('', 'status'),
      namespace: fc.constantFrom('', 'n1', 'n2'),
      name: fc.constantFrom('', 'a', 'b'),
    }),
    fc.record({ user: fc.constant(user), verb: fc.constant('get'), path: fc.constantFrom('/x', '/x/y', '/z') }),
  ),
);

function naiveRules(objects: Map<string, Stored>, user: UserInfo, namespace: string): PolicyRule[] {
  const found: PolicyRule[] = [];
  for (const { key, object } of objects.values()) {
    const isCluster = key.resource === rbacResources.clusterRoleBindings;
    const isLocal = key.resource === rbacResources.roleBindings && namespace !== '' && key.namespace === namespace;
    if (object === undefined || !(isCluster || isLocal)) continue;
    const applies = subjectsOf(object).some((subject) => {
      if (subject.kind === 'User') return subject.name === user.name;
      if (subject.kind === 'Group') return user.groups.includes(subject.name);
      const home = subject.namespace === '' ? key.namespace : subject.namespace;
      return home !== '' && serviceAccountUser(home, subject.name) === user.name;
    });
    const ref = roleRefOf(object);
    if (!applies || ref === undefined || (ref.kind === 'Role' && isCluster)) continue;
    const roleKey =
      ref.kind === 'Role'
        ? `${rbacResources.roles} ${key.namespace} ${ref.name}`
        : `${rbacResources.clusterRoles}  ${ref.name}`;
    const target = objects.get(roleKey)?.object;
    if (target !== undefined) found.push(...rulesOf(target));
  }
  return found;
}

test('KA-127 the index decides as a walk over every binding does, whatever was put and removed before', () => {
  fc.assert(
    fc.property(changes, fc.array(questions, { minLength: 1, maxLength: 10 }), (steps, asked) => {
      const index = createRbacIndex();
      const objects = new Map<string, Stored>();
      for (const step of steps) {
        objects.set(`${step.key.resource} ${step.key.namespace} ${step.key.name}`, step);
        if (step.object === undefined) index.remove(step.key);
        else index.put(step.key, step.object);
      }
      for (const attributes of asked) {
        const namespace = 'namespace' in attributes ? attributes.namespace : '';
        const naive = naiveRules(objects, attributes.user, namespace);
        const held = [...index.heldRules(attributes.user, namespace)].map(({ compiled }) => compiled.rule);
        expect(new Set(held.map((one) => JSON.stringify(one)))).toEqual(
          new Set(naive.map((one) => JSON.stringify(one))),
        );
        const first = index.heldRules(attributes.user, namespace).find(({ compiled }) => compiled.allows(attributes));
        expect(findAllowing(index, attributes)).toEqual(first);
        expect(first !== undefined).toBe(naive.some((one) => ruleAllows(one, attributes)));
      }
    }),
    atLeast(300),
  );
});
