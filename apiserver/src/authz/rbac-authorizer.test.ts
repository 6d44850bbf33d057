import type { JsonObject } from '@quarterdeck/machinery';
import { eventually, testLogger } from '@quarterdeck/machinery/testing';
import { expect, test } from 'vitest';
import { startStoredObjects } from '../testing/stored-objects.ts';
import type { ResourceAttributes } from './authorizer.ts';
import { createRbacAuthorizer, rbacAuthorizer } from './rbac-authorizer.ts';
import { createRbacIndex } from './rbac-index.ts';
import { rbacResources } from './rbac-objects.ts';

const ada = { name: 'ada', groups: ['ops', 'system:authenticated'] };
const getPods = (more: Partial<ResourceAttributes> = {}): ResourceAttributes => ({
  user: ada,
  verb: 'get',
  group: '',
  version: 'v1',
  resource: 'pods',
  subresource: '',
  namespace: 'default',
  name: 'p',
  ...more,
});
const podReader: JsonObject = { rules: [{ verbs: ['get'], apiGroups: [''], resources: ['pods'] }] };
const bindTo = (kind: string, name: string, ...subjects: JsonObject[]): JsonObject => ({
  roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind, name },
  subjects,
});
const key = (resource: string, namespace: string, name: string) => ({ resource, namespace, name });

function index(...entries: [ReturnType<typeof key>, JsonObject][]) {
  const made = createRbacIndex();
  for (const [one, object] of entries) made.put(one, object);
  return made;
}

test.each([
  {
    name: 'KA-127 nothing is allowed by default',
    entries: [],
    want: { allowed: false, reason: '' },
  },
  {
    name: 'KA-127 a cluster role bound cluster-wide holds in every namespace',
    entries: [
      [key(rbacResources.clusterRoles, '', 'reader'), podReader],
      [
        key(rbacResources.clusterRoleBindings, '', 'b'),
        bindTo('ClusterRole', 'reader', { kind: 'Group', name: 'ops' }),
      ],
    ],
    want: { allowed: true, reason: 'RBAC: allowed by ClusterRoleBinding "b" of ClusterRole "reader" to Group "ops"' },
  },
  {
    name: 'KA-127 a cluster role bound in a namespace holds there',
    entries: [
      [key(rbacResources.clusterRoles, '', 'reader'), podReader],
      [key(rbacResources.roleBindings, 'default', 'b'), bindTo('ClusterRole', 'reader', { kind: 'User', name: 'ada' })],
    ],
    want: { allowed: true, reason: 'RBAC: allowed by RoleBinding "b/default" of ClusterRole "reader" to User "ada"' },
  },
  {
    name: 'KA-127 a binding of another namespace does not count',
    entries: [
      [key(rbacResources.clusterRoles, '', 'reader'), podReader],
      [key(rbacResources.roleBindings, 'other', 'b'), bindTo('ClusterRole', 'reader', { kind: 'User', name: 'ada' })],
    ],
    want: { allowed: false, reason: '' },
  },
  {
    name: 'KA-127 a role of another namespace is not the role meant',
    entries: [
      [key(rbacResources.roles, 'other', 'reader'), podReader],
      [key(rbacResources.roleBindings, 'default', 'b'), bindTo('Role', 'reader', { kind: 'User', name: 'ada' })],
    ],
    want: { allowed: false, reason: 'RBAC: role.rbac.authorization.k8s.io "reader" not found' },
  },
] as {
  name: string;
  entries: [ReturnType<typeof key>, JsonObject][];
  want: { allowed: boolean; reason: string };
}[])('$name', ({ entries, want }) => {
  expect(rbacAuthorizer(() => index(...entries)).authorize(getPods())).toEqual(want);
});

test('KA-127 system:masters may do everything without any role', () => {
  const authorizer = rbacAuthorizer(() => index());
  const root = { name: 'root', groups: ['system:masters'] };
  expect(authorizer.authorize({ user: root, verb: 'delete', path: '/anything' })).toEqual({
    allowed: true,
    reason: '',
  });
  expect(authorizer.authorize(getPods({ user: root }))).toEqual({ allowed: true, reason: '' });
  expect(authorizer.rulesFor(root, '')).toEqual([
    { verbs: ['*'], apiGroups: ['*'], resources: ['*'] },
    { verbs: ['*'], nonResourceURLs: ['*'] },
  ]);
});

test('KA-127 names that look like members of system:masters are only names', () => {
  const authorizer = rbacAuthorizer(() => index());
  for (const user of [
    { name: 'system:masters', groups: [] },
    { name: 'x', groups: ['system:masters ', 'System:Masters', 'a,system:masters'] },
  ]) {
    expect(authorizer.authorize(getPods({ user }))).toEqual({ allowed: false, reason: '' });
  }
});

test('RG-21 a decision looks at what one user holds, however many members have bindings', () => {
  const made = index([key(rbacResources.clusterRoles, '', 'member'), podReader]);
  for (let i = 0; i < 2000; i++) {
    const binding = bindTo('ClusterRole', 'member', { kind: 'User', name: `member-${i}` });
    made.put(key(rbacResources.roleBindings, `member-${i}`, 'member'), binding);
  }
  const user = { name: 'member-7', groups: ['members'] };
  expect([...made.heldRules(user, 'member-7')]).toHaveLength(1);
  expect([...made.heldRules(user, 'member-8')]).toHaveLength(0);
});

test('KA-127 changes of roles and bindings in the store take effect, without asking', async () => {
  const logger = testLogger();
  await using objects = await startStoredObjects(logger);
  await objects.put(rbacResources.clusterRoles, { metadata: { name: 'reader' }, ...podReader });
  await using authorizer = createRbacAuthorizer(objects.store, { logger, clock: objects.clock });
  const allowed = () => authorizer.authorize(getPods()).allowed;
  expect(allowed()).toBe(false);

  const binding = bindTo('ClusterRole', 'reader', { kind: 'User', name: 'ada' });
  await objects.put(rbacResources.roleBindings, { metadata: { name: 'b', namespace: 'default' }, ...binding });
  await eventually(() => allowed());
  expect(authorizer.rulesFor(ada, 'default')).toEqual([{ verbs: ['get'], apiGroups: [''], resources: ['pods'] }]);

  await objects.put(rbacResources.clusterRoles, { metadata: { name: 'reader' }, rules: [] });
  await eventually(() => !allowed());
  await objects.put(rbacResources.clusterRoles, { metadata: { name: 'reader' }, ...podReader });
  await eventually(() => allowed());

  await objects.remove(key(rbacResources.roleBindings, 'default', 'b'));
  await eventually(() => !allowed());
});
