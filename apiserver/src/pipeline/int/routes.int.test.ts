import { createMetrics, type JsonObject } from '@quarterdeck/machinery';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { workloadDefinitions } from '../../builtin/workloads/definitions.ts';
import { send, type TestRequest } from '../../testing/request.ts';
import { startTestServer, type TestServer } from '../../testing/server.ts';
import { widgets } from '../../testing/widgets.ts';
import { createMetricsHandler } from '../operations/metrics.ts';

/** Who may reach what: every path that the server says it has, and those that it must not have. */
let server: TestServer;
beforeAll(async () => {
  const metrics = createMetrics();
  server = await startTestServer({
    definitions: [...workloadDefinitions, widgets],
    nonResource: [createMetricsHandler(metrics.registry)],
  });
});
afterAll(() => server[Symbol.asyncDispose]());

const call = (request: TestRequest) => send(server.server.pipeline, request);

interface Route {
  readonly method: string;
  readonly url: string;
}

/** Every operation of every OpenAPI document, with names filled in. */
async function publishedRoutes(): Promise<Route[]> {
  const index = await call({ url: '/openapi/v3' });
  const routes: Route[] = [];
  for (const { serverRelativeURL } of Object.values(index.json.paths as Record<string, JsonObject>)) {
    const document = await call({ url: String(serverRelativeURL) });
    for (const [path, operations] of Object.entries(document.json.paths as Record<string, JsonObject>)) {
      const url = path.replace('{namespace}', 'default').replace(/\{[a-z]+\}/g, 'x');
      for (const method of Object.keys(operations)) {
        if (/^(get|put|post|patch|delete)$/.test(method)) routes.push({ method: method.toUpperCase(), url });
      }
    }
  }
  return routes;
}

const open = ['/version', '/healthz', '/livez', '/readyz'];
const discovery = ['/api', '/api/v1', '/apis', '/apis/apps', '/apis/apps/v1', '/openapi/v2', '/openapi/v3'];
const guarded = ['/metrics', '/livez/ping', '/readyz/storage', '/.well-known/openid-configuration', '/openid/v1/jwks'];
const unknown = [
  '/',
  '/debug/pprof',
  '/admin',
  '/console',
  '/logs',
  '/apis/none.io',
  '/openapi',
  '//api/v1',
  '/API/v1',
];

describe('routes', () => {
  test('SEC-8 KA-17 without credentials no published operation can be reached, by any method', async () => {
    const routes = await publishedRoutes();
    const answers = await Promise.all(
      routes.map(async ({ method, url }) => {
        const { status } = await call({ method, url, user: null });
        return { method, url, status };
      }),
    );
    expect(routes.length).toBeGreaterThan(200);
    expect(new Set(routes.map(({ url }) => url)).size).toBeGreaterThan(80);
    expect(answers.filter(({ status }) => status !== 403)).toEqual([]);
  });

  test('SEC-8 a user without rights reaches no published object either, and reviews of themselves', async () => {
    const user = { name: 'nobody', groups: ['system:authenticated'] };
    const routes = await publishedRoutes();
    const reached = new Set<string>();
    for (const { method, url } of routes) {
      if ((await call({ method, url, user })).status !== 403) reached.add(`${method} ${url}`);
    }
    expect([...reached].sort()).toEqual([
      'POST /apis/authentication.k8s.io/v1/selfsubjectreviews',
      'POST /apis/authorization.k8s.io/v1/selfsubjectaccessreviews',
      'POST /apis/authorization.k8s.io/v1/selfsubjectrulesreviews',
    ]);
  });

  test.each([...discovery, ...guarded, ...unknown])('SEC-8 without credentials %s is 403', async (url) => {
    expect((await call({ url, user: null })).status).toBe(403);
  });

  test.each(open)('SEC-8 without credentials %s is 200, to read', async (url) => {
    expect((await call({ url, user: null })).status).toBe(200);
    expect((await call({ method: 'POST', url, user: null })).status).toBe(403);
  });

  test.each(open)('SEC-8 a bad credential opens not even %s', async (url) => {
    expect((await call({ url, user: null, headers: { authorization: 'Bearer junk' } })).status).toBe(401);
  });

  test.each(discovery)('KA-17 %s is for every user', async (url) => {
    expect((await call({ url, user: { name: 'nobody', groups: ['system:authenticated'] } })).status).toBe(200);
  });

  test.each([
    '/api/v1/namespaces/default/services/https:x:443/proxy/a',
    '/api/v1/namespaces/default/pods/x/proxy',
    '/api/v1/nodes/x/proxy/logs',
    '/api/v1/proxy/namespaces/default/services/x',
    '/proxy/http://169.254.169.254/',
  ])('SEC-5 nothing forwards requests, whoever asks: %s is 404', async (url) => {
    for (const method of ['GET', 'POST']) expect((await call({ method, url })).status).toBe(404);
  });
});

describe('a right on one name', () => {
  const configMaps = '/api/v1/namespaces/default/configmaps';
  const user = { name: 'pat', groups: ['system:authenticated'] };
  const configMap = (name: string, namespace = 'default'): JsonObject => ({
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name, namespace },
    data: { by: 'pat' },
  });

  beforeAll(async () => {
    const url = '/apis/rbac.authorization.k8s.io/v1/namespaces/default';
    const apiVersion = 'rbac.authorization.k8s.io/v1';
    const metadata = { name: 'one-name' };
    const verbs = ['get', 'list', 'update', 'patch', 'delete'];
    const rules = [{ apiGroups: [''], resources: ['configmaps'], resourceNames: ['mine'], verbs }];
    const roleRef = { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: 'one-name' };
    const subjects = [{ kind: 'User', name: 'pat' }];
    await call({ method: 'POST', url: `${url}/roles`, body: { apiVersion, kind: 'Role', metadata, rules } });
    const binding = { apiVersion, kind: 'RoleBinding', metadata, roleRef, subjects };
    await call({ method: 'POST', url: `${url}/rolebindings`, body: binding });
    for (const name of ['mine', 'other']) {
      await call({ method: 'POST', url: configMaps, body: { ...configMap(name), data: { by: 'root' } } });
    }
  });

  test.each([
    ['another name', configMap('other')],
    ['another namespace', configMap('mine', 'kube-system')],
  ])('SEC-13a does not reach %s through the body', async (_what, body) => {
    const url = `${configMaps}/mine`;
    const headers = { 'content-type': 'application/merge-patch+json' };
    expect((await call({ method: 'PUT', url, body, user })).status).toBe(400);
    expect((await call({ method: 'PATCH', url, body, headers, user })).status).toBe(400);
    expect((await call({ url: `${configMaps}/other` })).json.data).toEqual({ by: 'root' });
  });

  test('SEC-13a does not reach others through collections or selectors', async () => {
    const collection = { url: configMaps, user };
    expect((await call({ url: `${configMaps}/other`, user })).status).toBe(403);
    expect((await call(collection)).status).toBe(403);
    expect((await call({ ...collection, url: `${configMaps}?fieldSelector=metadata.name%3Dother` })).status).toBe(403);
    expect((await call({ ...collection, url: `${configMaps}?fieldSelector=metadata.name!%3Dmine` })).status).toBe(403);
    expect((await call({ ...collection, method: 'DELETE' })).status).toBe(403);
    const { status, json } = await call({ ...collection, url: `${configMaps}?fieldSelector=metadata.name%3Dmine` });
    expect([status, (json.items as JsonObject[]).length]).toEqual([200, 1]);
  });
});

describe('the second view of events', () => {
  test('SEC-9 is open to those only who hold rights on it, whatever they hold on the first', async () => {
    const user = { name: 'viewer', groups: ['system:authenticated'] };
    const apiVersion = 'rbac.authorization.k8s.io/v1';
    const url = '/apis/rbac.authorization.k8s.io/v1/namespaces/default';
    const metadata = { name: 'core-events' };
    const rules = [{ apiGroups: [''], resources: ['events'], verbs: ['*'] }];
    const roleRef = { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: 'core-events' };
    const subjects = [{ kind: 'User', name: 'viewer' }];
    await call({ method: 'POST', url: `${url}/roles`, body: { apiVersion, kind: 'Role', metadata, rules } });
    const binding = { apiVersion, kind: 'RoleBinding', metadata, roleRef, subjects };
    await call({ method: 'POST', url: `${url}/rolebindings`, body: binding });
    const paths = ['/api/v1/namespaces/default/events', '/apis/events.k8s.io/v1/namespaces/default/events'];
    const statuses = await Promise.all(paths.map(async (path) => (await call({ url: path, user })).status));
    expect(statuses).toEqual([200, 403]);
    for (const method of ['POST', 'DELETE']) {
      expect((await call({ method, url: paths[1] ?? '', user, body: {} })).status).toBe(403);
    }
  });
});

describe('the order of filters', () => {
  const secrets = '/api/v1/namespaces/default/secrets';

  test.each([
    { name: 'a deadline that cannot be read comes before a bad credential', url: '?timeout=x', token: true, want: 400 },
    { name: 'a bad credential before the right to impersonate', token: true, as: 'root', want: 401 },
    { name: 'the right to impersonate before the right to read', as: 'root', want: 403 },
    { name: 'rights before whether the kind exists', path: '/apis/none.io/v1/things', want: 403 },
    { name: 'rights before whether the method exists', method: 'BREW', want: 403 },
    { name: 'rights before the body is read', method: 'POST', body: '{', want: 403 },
  ])('KA-9b $name: $want', async ({ url = '', path = secrets, token = false, as, method = 'GET', body, want }) => {
    const { status, json, headers } = await call({
      method,
      url: `${path}${url}`,
      user: null,
      headers: {
        'audit-id': 'mine',
        ...(token ? { authorization: 'Bearer junk' } : {}),
        ...(as === undefined ? {} : { 'impersonate-user': as }),
      },
      ...(body === undefined ? {} : { body }),
    });
    expect([status, json.kind, headers['audit-id']]).toEqual([want, 'Status', 'mine']);
    if (as !== undefined && !token) expect(json.message).toContain('cannot impersonate resource "users"');
  });
});
