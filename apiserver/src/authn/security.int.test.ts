import { ClusterRole, ClusterRoleBinding, Namespace, RoleBinding, ServiceAccount } from '@quarterdeck/apis';
import type { JsonObject } from '@quarterdeck/machinery';
import { eventually, namespaceObject } from '@quarterdeck/machinery/testing';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { emptyBody } from '../client/body.ts';
import { systemUser } from '../server.ts';
import { send, startTestServer, type TestServer } from '../testing/index.ts';
import { decodePem } from '../tls/pem.ts';

/** Whole requests from the network, through the pipeline of a whole server. */
let started: TestServer;
beforeEach(async () => {
  started = await startTestServer();
});
afterEach(() => started[Symbol.asyncDispose]());

const client = () => started.server.client(systemUser);
const whoami = '/apis/authentication.k8s.io/v1/selfsubjectreviews';
const review = { apiVersion: 'authentication.k8s.io/v1', kind: 'SelfSubjectReview' };

/** A request from the network with these headers. */
const ask = (url: string, headers: Record<string, string> = {}, body?: JsonObject) =>
  send(started.server.pipeline, { url, headers, user: null, ...(body === undefined ? {} : { method: 'POST', body }) });

/** A GET with a client certificate, groups in one header each. */
async function askAs(
  user: string,
  groups: string[],
  url: string,
  headers: Record<string, string> = {},
): Promise<number> {
  const { certificate } = await started.pki.issueClient({ user, groups });
  const response = await started.server.pipeline({
    method: 'GET',
    path: url,
    query: new URLSearchParams(),
    headers,
    headerLists: {},
    body: emptyBody,
    peer: { type: 'network', address: '192.0.2.1', clientCertificate: decodePem(certificate, 'CERTIFICATE')[0] },
    signal: new AbortController().signal,
  });
  return response.status;
}

async function accountToken(name: string): Promise<string> {
  await client().create(ServiceAccount, {
    apiVersion: 'v1',
    kind: 'ServiceAccount',
    metadata: { name, namespace: 'default' },
  });
  const body = { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenRequest', spec: {} };
  const url = `/api/v1/namespaces/default/serviceaccounts/${name}/token`;
  const { json } = await send(started.server.pipeline, { method: 'POST', url, body });
  return String((json.status as JsonObject).token);
}

describe('who is asking', () => {
  test('KA-120 KA-130 a certificate, a service account token, and nothing', async () => {
    const token = await accountToken('bot');
    const { status, json } = await ask(whoami, { authorization: `Bearer ${token}` }, review);
    expect([status, (json.status as JsonObject).userInfo]).toEqual([
      201,
      {
        username: 'system:serviceaccount:default:bot',
        uid: expect.any(String),
        groups: ['system:serviceaccounts', 'system:serviceaccounts:default', 'system:authenticated'],
        extra: { 'authentication.kubernetes.io/credential-id': [expect.stringMatching(/^JTI=/)] },
      },
    ]);
    expect(await askAs('root', ['system:masters'], '/api/v1/namespaces')).toBe(200);
    expect(await askAs('ada', [], '/api/v1/namespaces')).toBe(403);
    expect((await ask('/version')).status).toBe(200);
    expect((await ask('/api/v1/namespaces')).status).toBe(403);
  });

  test('BI-26 a bad credential is 401 even for what anonymous callers may read', async () => {
    for (const authorization of [
      'Bearer nonsense',
      'Bearer a.b.c',
      'Basic cm9vdDpyb290',
      'Bearer abcdef.0123456789abcdef',
    ]) {
      const { status, json } = await ask('/version', { authorization });
      expect([status, json.reason, json.message]).toEqual([401, 'Unauthorized', 'Unauthorized']);
    }
  });

  test('BI-28 SEC-6 headers of front proxies name nobody', async () => {
    const headers = { 'x-remote-user': 'root', 'x-remote-group': 'system:masters', 'x-forwarded-user': 'root' };
    expect((await ask('/api/v1/namespaces', headers)).status).toBe(403);
    expect(await askAs('ada', [], '/api/v1/namespaces', headers)).toBe(403);
  });

  test('BI-28 KA-126 impersonation without the right is 403, with it the rights are those of the other', async () => {
    expect(await askAs('ada', [], '/api/v1/namespaces', { 'impersonate-user': 'root' })).toBe(403);
    const asMaster = { 'impersonate-user': 'root', 'impersonate-group': 'system:masters' };
    expect(await askAs('ada', [], '/api/v1/namespaces', asMaster)).toBe(403);
    expect(await askAs('root', ['system:masters'], '/api/v1/namespaces', { 'impersonate-user': 'ada' })).toBe(403);
    expect(await askAs('root', ['system:masters'], '/api/v1/namespaces', asMaster)).toBe(200);
  });
});

describe('what they may do', () => {
  const rbac = 'rbac.authorization.k8s.io';

  async function member(name: string): Promise<void> {
    await client().create(Namespace, namespaceObject(`member-${name}`));
    await client().create(RoleBinding, {
      apiVersion: `${rbac}/v1`,
      kind: 'RoleBinding',
      metadata: { name: 'member', namespace: `member-${name}` },
      roleRef: { apiGroup: rbac, kind: 'ClusterRole', name: 'reader' },
      subjects: [{ kind: 'User', apiGroup: rbac, name: `member:${name}` }],
    });
  }

  test('SEC-3 RG-21 one member reads its own namespace and nobody else', async () => {
    const rules = [{ verbs: ['get', 'list', 'watch'], apiGroups: [''], resources: ['secrets'] }];
    await client().create(ClusterRole, {
      apiVersion: `${rbac}/v1`,
      kind: 'ClusterRole',
      metadata: { name: 'reader' },
      rules,
    });
    await member('a');
    await member('b');
    const read = (url: string) => askAs('member:a', ['members'], url);
    await eventually(async () => (await read('/api/v1/namespaces/member-a/secrets')) === 200);
    expect(await read('/api/v1/namespaces/member-b/secrets')).toBe(403);
    expect(await read('/api/v1/secrets')).toBe(403);
    expect(await read('/api/v1/namespaces/kube-system/secrets')).toBe(403);
    expect(await read('/api/v1/namespaces/member-a/configmaps')).toBe(403);

    await client().delete(RoleBinding, { namespace: 'member-a', name: 'member' });
    await eventually(async () => (await read('/api/v1/namespaces/member-a/secrets')) === 403);
  });

  test('KA-128 nobody grants what they do not hold, by any way of writing', async () => {
    const rules = [{ verbs: ['*'], apiGroups: [rbac], resources: ['roles', 'rolebindings', 'clusterrolebindings'] }];
    await client().create(ClusterRole, {
      apiVersion: `${rbac}/v1`,
      kind: 'ClusterRole',
      metadata: { name: 'keeper' },
      rules,
    });
    await client().create(ClusterRoleBinding, {
      apiVersion: `${rbac}/v1`,
      kind: 'ClusterRoleBinding',
      metadata: { name: 'keeper' },
      roleRef: { apiGroup: rbac, kind: 'ClusterRole', name: 'keeper' },
      subjects: [{ kind: 'User', apiGroup: rbac, name: 'ada' }],
    });
    const ada = started.server.client({ name: 'ada', groups: ['system:authenticated'] });
    const object: ClusterRoleBinding = {
      apiVersion: `${rbac}/v1`,
      kind: 'ClusterRoleBinding',
      metadata: { name: 'mine' },
      roleRef: { apiGroup: rbac, kind: 'ClusterRole', name: 'cluster-admin' },
      subjects: [{ kind: 'User', apiGroup: rbac, name: 'ada' }],
    };
    const message = 'is attempting to grant RBAC permissions not currently held';
    const refusal = { code: 403, message: expect.stringContaining(message) };
    await eventually(() => ada.list(ClusterRoleBinding));
    await expect(ada.create(ClusterRoleBinding, object)).rejects.toMatchObject(refusal);
    await expect(ada.update(ClusterRoleBinding, object)).rejects.toMatchObject(refusal);
    await expect(ada.apply(ClusterRoleBinding, object, { fieldManager: 'x' })).rejects.toMatchObject(refusal);
    const body = { subjects: [{ kind: 'User', apiGroup: rbac, name: 'ada' }] };
    const patch = ada.patch(ClusterRoleBinding, { name: 'cluster-admin' }, { type: 'merge', body });
    await expect(patch).rejects.toMatchObject(refusal);
  });

  test('SEC-15 KA-122 a token ends with its account, at once', async () => {
    const token = await accountToken('bot');
    const headers = { authorization: `Bearer ${token}` };
    expect((await ask(whoami, headers, review)).status).toBe(201);
    await client().delete(ServiceAccount, { namespace: 'default', name: 'bot' });
    expect((await ask(whoami, headers, review)).status).toBe(401);
  });
});
