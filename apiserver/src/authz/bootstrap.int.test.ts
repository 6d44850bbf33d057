import { ClusterRole, ClusterRoleBinding, ignoreNotFound, Namespace } from '@quarterdeck/apis';
import { expect, test } from 'vitest';
import { systemUser } from '../server.ts';
import { createMemoryDatabase } from '../storage/memory.ts';
import { startTestServer } from '../testing/server.ts';
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
  expect(bindings.sort()).toEqual(bootstrapBindings.map(({ name }) => name).sort());
  const { metadata: before } = await client.list(ClusterRole);
  await ensureBootstrapRbac(client);
  expect((await client.list(ClusterRole)).metadata).toEqual(before);
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
