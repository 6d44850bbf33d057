import {
  ApiError,
  apiVersionOf,
  ClusterProfile,
  ClusterRole,
  ClusterRoleBinding,
  ConfigMap,
  type KubeObject,
  MemberCluster,
  Namespace,
  type ResourceType,
  Role,
  RoleBinding,
  ServiceAccount,
  tunnelRights,
} from '@quarterdeck/apis';
import { createHttpClient, type HttpClient, loadKubeconfig, proxyPath, type WatchEvent } from '@quarterdeck/machinery';
import { eventually } from '@quarterdeck/machinery/testing';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { accept, isAvailable, startTestFleet, type TestFleet } from './testing/fleet.ts';

/** The tunnel as users of the hub know it: a hub, an agent and a simulated member, over TLS. */

const cleanup = new AsyncDisposableStack();
let fleet: TestFleet;
let m1: HttpClient;

const kinds: Readonly<Record<string, ResourceType>> = { ServiceAccount, ClusterRole, ClusterRoleBinding, Role, RoleBinding };
const rbac = 'rbac.authorization.k8s.io';
const bind = (name: string, role: string, user: string): ClusterRoleBinding => ({
  apiVersion: apiVersionOf(ClusterRoleBinding),
  kind: ClusterRoleBinding.kind,
  metadata: { name },
  roleRef: { apiGroup: rbac, kind: 'ClusterRole', name: role },
  subjects: [{ kind: 'User', apiGroup: rbac, name: user }],
});

beforeAll(async () => {
  fleet = cleanup.use(await startTestFleet(['m1', 'm2']));
  const member = fleet.memberClient('m1');
  await member.create(Namespace, { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'quarterdeck-system' } });
  for (const object of tunnelRights) {
    const type = kinds[object.kind ?? ''];
    if (type !== undefined) await member.create(type, object as KubeObject);
  }
  await fleet.join('m1', { tunnel: true });
  await fleet.join('m2');
  await isAvailable(fleet.admin, 'm1');
  const connection = await loadKubeconfig({ text: await fleet.hub.adminKubeconfig() });
  m1 = cleanup.use(createHttpClient({ ...connection, baseUrl: `${fleet.hub.url}${proxyPath('m1')}` }));
  await member.create(ClusterRoleBinding, bind('hub-admin', 'cluster-admin', 'quarterdeck:quarterdeck:admin'));
  await eventually(() => m1.get(Namespace, { name: 'default' }).then(() => true, () => false), { timeoutMs: 20_000 });
});
afterAll(() => cleanup.disposeAsync());

test('RG-50, RG-52 objects of the member are read, written and deleted through the hub', async () => {
  const ref = { namespace: 'default', name: 'through' };
  const object = { apiVersion: 'v1', kind: 'ConfigMap', metadata: ref, data: { a: 'ü'.repeat(200_000) } };
  await m1.create(ConfigMap, object);
  expect((await fleet.memberClient('m1').get(ConfigMap, ref)).data).toEqual(object.data);
  await m1.patch(ConfigMap, ref, { type: 'merge', body: { data: { a: 'b' } } });
  expect((await m1.get(ConfigMap, ref)).data).toEqual({ a: 'b' });
  await m1.delete(ConfigMap, ref);
  await expect(m1.get(ConfigMap, ref)).rejects.toMatchObject({ code: 404 });
});
