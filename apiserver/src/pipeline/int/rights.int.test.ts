import type { JsonObject } from '@quarterdeck/machinery';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { send, type TestRequest } from '../../testing/request.ts';
import { startTestServer, type TestServer } from '../../testing/server.ts';

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server[Symbol.asyncDispose]());

const call = (request: TestRequest) => send(server.server.pipeline, request);
const rbac = '/apis/rbac.authorization.k8s.io/v1/namespaces/default';
const configMaps = '/api/v1/namespaces/default/configmaps';
const configMap = (name: string) => ({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name } });
const role = (name: string) => ({
  apiVersion: 'rbac.authorization.k8s.io/v1',
  kind: 'Role',
  metadata: { name },
  rules: [],
});

/** A caller with these rules in the namespace default, and nothing else. */
async function userWith(name: string, rules: JsonObject[]): Promise<NonNullable<TestRequest['user']>> {
  const group = 'rbac.authorization.k8s.io';
  const metadata = { name };
  const roleRef = { apiGroup: group, kind: 'Role', name };
  const subjects = [{ apiGroup: group, kind: 'User', name }];
  await call({ method: 'POST', url: `${rbac}/roles`, body: { metadata, rules } });
  await call({ method: 'POST', url: `${rbac}/rolebindings`, body: { metadata, roleRef, subjects } });
  return { name, groups: ['system:authenticated'] };
}

describe('rights to one object by its name', () => {
  const selected = '?fieldSelector=metadata.name%3Dmine';
  const owner = () =>
    userWith('owner', [{ apiGroups: [''], resources: ['configmaps'], verbs: ['*'], resourceNames: ['mine'] }]);

  test('KA-6 KA-127 allow a list that asks for it alone', async () => {
    const user = await owner();
    expect((await call({ url: `${configMaps}${selected}`, user })).status).toBe(200);
    expect((await call({ url: configMaps, user })).status).toBe(403);
  });

  test('KA-6 KA-127 allow no create, whatever selector stands beside it', async () => {
    const user = await owner();
    const body = configMap('another');
    const { status } = await call({ method: 'POST', url: `${configMaps}${selected}`, user, body });
    expect([status, (await call({ url: `${configMaps}/another` })).status]).toEqual([403, 404]);
  });

  test('KA-6 KA-127 allow no deletion of a collection, whatever selector stands beside it', async () => {
    const user = await owner();
    await call({ method: 'POST', url: configMaps, body: configMap('mine') });
    const { status } = await call({ method: 'DELETE', url: `${configMaps}${selected}`, user });
    expect([status, (await call({ url: `${configMaps}/mine` })).status]).toEqual([403, 200]);
  });
});

describe('PUT of what is not there', () => {
  const rule = (...verbs: string[]) => ({ apiGroups: ['rbac.authorization.k8s.io'], resources: ['roles'], verbs });

  test('KA-55c takes the right to create beside the one to update', async () => {
    const user = await userWith('updater', [rule('update')]);
    const url = `${rbac}/roles/refused`;
    const { status, json } = await call({ method: 'PUT', url, user, body: role('refused') });
    expect([status, json.message]).toEqual([403, expect.stringContaining('cannot create resource "roles"')]);
    expect((await call({ url })).status).toBe(404);
  });

  test('KA-55c with both it is made, and then the one to update is enough', async () => {
    const maker = await userWith('maker', [rule('create', 'update')]);
    const updater = await userWith('later-updater', [rule('update')]);
    const url = `${rbac}/roles/made`;
    const statuses = [];
    for (const user of [maker, updater]) {
      statuses.push((await call({ method: 'PUT', url, user, body: role('made') })).status);
    }
    expect(statuses).toEqual([201, 200]);
  });
});
