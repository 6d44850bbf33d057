import { ClusterRole, ClusterRoleBinding, ConfigMap } from '@quarterdeck/apis';
import { configMap, eventually } from '@quarterdeck/machinery/testing';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { systemUser } from '../server.ts';
import { startTestServer, type TestServer } from '../testing/index.ts';

let started: TestServer;
beforeEach(async () => {
  started = await startTestServer();
});
afterEach(() => started[Symbol.asyncDispose]());

const rbac = 'rbac.authorization.k8s.io';
const root = () => started.server.client(systemUser);
/** A user who may write ConfigMaps, and what else is said; ready to be used. */
async function writer(name: string, more: NonNullable<ClusterRole['rules']> = []) {
  const metadata = { name };
  const rules = [{ apiGroups: [''], resources: ['configmaps'], verbs: ['*'] }, ...more];
  await root().create(ClusterRole, { apiVersion: `${rbac}/v1`, kind: 'ClusterRole', metadata, rules });
  await root().create(ClusterRoleBinding, {
    apiVersion: `${rbac}/v1`,
    kind: 'ClusterRoleBinding',
    metadata,
    roleRef: { apiGroup: rbac, kind: 'ClusterRole', name },
    subjects: [{ apiGroup: rbac, kind: 'User', name }],
  });
  const client = started.server.client({ name, groups: ['system:authenticated'] });
  await eventually(() => client.list(ConfigMap, { namespace: 'default' }));
  return client;
}
const owner = (apiVersion: string, kind: string, name: string, blockOwnerDeletion: boolean) => ({
  ownerReferences: [{ apiVersion, kind, name, uid: 'u', blockOwnerDeletion }],
});

test('KA-48b whoever may not update the finalizers of an owner does not block its deletion', async () => {
  const client = await writer('ada');
  await expect(client.create(ConfigMap, configMap('a', {}, owner('v1', 'ConfigMap', 'o', true)))).rejects.toMatchObject(
    {
      code: 403,
      message: `configmaps "a" is forbidden: cannot set blockOwnerDeletion if an ownerReference refers to a resource you can't set finalizers on: `,
    },
  );
  const kept = await client.create(ConfigMap, configMap('a', {}, owner('v1', 'ConfigMap', 'o', false)));
  const { ownerReferences } = owner('v1', 'ConfigMap', 'o', true);
  const metadata = { ...kept.metadata, ownerReferences };
  await expect(client.update(ConfigMap, { ...kept, metadata })).rejects.toMatchObject({ code: 403 });
  // What somebody else has set stays allowed.
  const blocked = await root().update(ConfigMap, { ...kept, metadata });
  await client.update(ConfigMap, { ...blocked, data: { a: 'b' } });
});

test('KA-48b whoever may, does; of a kind that nobody serves it cannot be told', async () => {
  const client = await writer('eve', [{ apiGroups: [''], resources: ['configmaps/finalizers'], verbs: ['update'] }]);
  await client.create(ConfigMap, configMap('a', {}, owner('v1', 'ConfigMap', 'o', true)));
  const strange = configMap('b', {}, owner('example.com/v1', 'Gadget', 'o', true));
  await expect(client.create(ConfigMap, strange)).rejects.toMatchObject({
    code: 403,
    message: 'configmaps "b" is forbidden: cannot set blockOwnerDeletion: kind Gadget in example.com/v1 is not served',
  });
});
