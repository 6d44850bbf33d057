import { ClusterRole, ClusterRoleBinding, ignoreNotFound, Namespace, RoleBinding } from '@quarterdeck/apis';
import { eventually } from '@quarterdeck/machinery/testing';
import { expect, test } from 'vitest';
import { flowSchemas } from '../builtin/policy/flow-schemas.ts';
import { priorityClasses } from '../builtin/policy/priority-classes.ts';
import { priorityLevels } from '../builtin/policy/priority-levels.ts';
import { systemUser } from '../server.ts';
import { createMemoryDatabase } from '../storage/memory.ts';
import { send } from '../testing/request.ts';
import { startTestServer, type TestServer } from '../testing/server.ts';
import { ensureBootstrapRbac } from './bootstrap.ts';
import { bootstrapBindings, bootstrapRoles } from './bootstrap-rbac.ts';

test('KA-109 KA-129 KA-148 a first start makes namespaces, roles and bindings; a second changes nothing', async () => {
  const database = createMemoryDatabase();
  await using first = await startTestServer({ database });
  const client = first.server.client(systemUser);
  const namespaces = (await client.list(Namespace)).items.map(({ metadata }) => metadata.name);
  expect(namespaces).toEqual(['default', 'kube-node-lease', 'kube-public', 'kube-system']);
  const roles = (await client.list(ClusterRole)).items.map(({ metadata }) => metadata.name);
  expect(roles.sort()).toEqual(
    bootstrapRoles
      .filter((role) => role.namespace === undefined)
      .map(({ name }) => name)
      .sort(),
  );
  const bindings = (await client.list(ClusterRoleBinding)).items.map(({ metadata }) => metadata.name);
  expect(bindings.sort()).toEqual(
    bootstrapBindings
      .filter((binding) => binding.namespace === undefined)
      .map(({ name }) => name)
      .sort(),
  );
  const { metadata: before } = await client.list(ClusterRole);
  await ensureBootstrapRbac(client);
  expect((await client.list(ClusterRole)).metadata).toEqual(before);
});

test('KA-2 what every server has of the kinds that it serves is made once', async () => {
  const database = createMemoryDatabase();
  const definitions = [flowSchemas, priorityLevels, priorityClasses];
  const list = async ({ server }: TestServer) => {
    const paths = [
      'flowcontrol.apiserver.k8s.io/v1/flowschemas',
      'flowcontrol.apiserver.k8s.io/v1/prioritylevelconfigurations',
      'scheduling.k8s.io/v1/priorityclasses',
    ];
    const lists = await Promise.all(paths.map((path) => send(server.pipeline, { url: `/apis/${path}` })));
    return lists.map(({ json }) =>
      (json.items as { metadata: { name: string; uid: string } }[]).map((one) => one.metadata),
    );
  };
  await using first = await startTestServer({ database, definitions });
  const made = await list(first);
  expect(made.map((names) => names.map(({ name }) => name))).toEqual([
    [
      'catch-all',
      'exempt',
      'global-default',
      'kube-controller-manager',
      'kube-scheduler',
      'kube-system-service-accounts',
      'probes',
      'service-accounts',
      'system-leader-election',
      'system-node-high',
      'system-nodes',
    ],
    [
      'catch-all',
      'exempt',
      'global-default',
      'leader-election',
      'node-high',
      'system',
      'workload-high',
      'workload-low',
    ],
    ['system-cluster-critical', 'system-node-critical'],
  ]);
  await using second = await startTestServer({ database, definitions });
  expect(await list(second)).toEqual(made);
});

test('KA-148 hubs that start at once on one database all come up, with one set of roles', async () => {
  const database = createMemoryDatabase();
  const servers = await Promise.all([1, 2, 3].map(() => startTestServer({ database })));
  try {
    const lists = await Promise.all(servers.map(({ server }) => server.client(systemUser).list(ClusterRole)));
    const uids = lists.map(({ items }) => items.map(({ metadata }) => metadata.uid).sort());
    expect(uids[1]).toEqual(uids[0]);
    expect(uids[2]).toEqual(uids[0]);
  } finally {
    for (const server of servers) await server[Symbol.asyncDispose]();
  }
});

test('KA-129 what was taken away comes back, what was added stays, a wrong binding is replaced', async () => {
  await using started = await startTestServer();
  const client = started.server.client(systemUser);
  const own = { verbs: ['get'], apiGroups: ['example.com'], resources: ['widgets'] };
  const basic = await client.get(ClusterRole, { name: 'system:basic-user' });
  await client.update(ClusterRole, { ...basic, rules: [own] });
  await client.delete(ClusterRole, { name: 'system:discovery' });
  await client.delete(ClusterRoleBinding, { name: 'system:basic-user' });
  await client.create(ClusterRoleBinding, {
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'ClusterRoleBinding',
    metadata: { name: 'system:basic-user' },
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'view' },
    subjects: [],
  });
  await ensureBootstrapRbac(client);
  expect((await client.get(ClusterRole, { name: 'system:basic-user' })).rules).toEqual([own, ...(basic.rules ?? [])]);
  expect(await ignoreNotFound(client.get(ClusterRole, { name: 'system:discovery' }))).toBeDefined();
  const binding = await client.get(ClusterRoleBinding, { name: 'system:basic-user' });
  expect(binding.roleRef.name).toBe('system:basic-user');
});

test('KA-128, KA-129 view, edit and admin hold what their parts say, each more than the one before', async () => {
  await using started = await startTestServer({ controllers: true });
  const client = started.server.client(systemUser);
  const bind = (name: string) =>
    client.create(RoleBinding, {
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'RoleBinding',
      metadata: { name, namespace: 'default' },
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name },
      subjects: [{ apiGroup: 'rbac.authorization.k8s.io', kind: 'User', name }],
    });
  const names = ['view', 'edit', 'admin'];
  for (const name of names) await bind(name);
  await client.create(ClusterRole, {
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'ClusterRole',
    metadata: { name: 'widgets', labels: { 'rbac.authorization.k8s.io/aggregate-to-edit': 'true' } },
    rules: [{ apiGroups: ['example.com'], resources: ['widgets'], verbs: ['create'] }],
  });
  const may = async (user: string, verb: string, group: string, resource: string, namespace = 'default') => {
    const [plain = '', subresource = ''] = resource.split('/');
    const resourceAttributes = { namespace, verb, group, resource: plain, subresource };
    const { json } = await send(started.server.pipeline, {
      method: 'POST',
      url: '/apis/authorization.k8s.io/v1/subjectaccessreviews',
      body: {
        apiVersion: 'authorization.k8s.io/v1',
        kind: 'SubjectAccessReview',
        spec: { user, resourceAttributes },
      },
    });
    return (json.status as { allowed: boolean }).allowed;
  };
  const table: [verb: string, group: string, resource: string, who: string[]][] = [
    ['list', '', 'pods', names],
    ['get', 'apps', 'deployments/scale', names],
    ['get', '', 'pods/log', names],
    ['get', '', 'secrets', ['edit', 'admin']],
    ['create', 'batch', 'jobs', ['edit', 'admin']],
    ['create', '', 'pods/eviction', ['edit', 'admin']],
    ['create', 'example.com', 'widgets', ['edit', 'admin']],
    ['create', 'rbac.authorization.k8s.io', 'roles', ['admin']],
    ['update', '', 'resourcequotas', []],
    ['update', '', 'pods/status', []],
    ['create', '', 'namespaces', []],
  ];
  await eventually(() => may('admin', 'create', 'example.com', 'widgets'));
  for (const [verb, group, resource, who] of table) {
    const allowed = await Promise.all(
      names.map(async (name) => ((await may(name, verb, group, resource)) ? [name] : [])),
    );
    expect([verb, resource, allowed.flat()]).toEqual([verb, resource, who]);
  }
  expect(await may('admin', 'list', '', 'pods', 'kube-system')).toBe(false);
});
