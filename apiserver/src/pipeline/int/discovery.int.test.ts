import type { JsonObject } from '@quarterdeck/machinery';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { send, type TestRequest } from '../../testing/request.ts';
import { startTestServer, type TestServer } from '../../testing/server.ts';
import { widgets } from '../../testing/widgets.ts';

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer({ definitions: [widgets] });
});
afterAll(() => server[Symbol.asyncDispose]());

const call = (request: TestRequest) => send(server.server.pipeline, request);
const aggregated = (version: string) =>
  `application/json;as=APIGroupDiscoveryList;v=${version};g=apidiscovery.k8s.io,application/json`;

describe('discovery', () => {
  test('KA-10 the versions of core and the groups beside it', async () => {
    expect((await call({ url: '/api' })).json).toMatchObject({ kind: 'APIVersions', versions: ['v1'] });
    const { json } = await call({ url: '/apis' });
    expect(json.kind).toBe('APIGroupList');
    expect((json.groups as JsonObject[]).map(({ name }) => name)).toEqual([
      'events.k8s.io',
      'authentication.k8s.io',
      'authorization.k8s.io',
      'certificates.k8s.io',
      'rbac.authorization.k8s.io',
      'apiextensions.k8s.io',
      'coordination.k8s.io',
      'x.io',
    ]);
  });

  test('KA-10 KA-16 resources with their names and subresources', async () => {
    const { json } = await call({ url: '/apis/x.io/v1' });
    const verbs = ['create', 'delete', 'deletecollection', 'get', 'list', 'patch', 'update', 'watch'];
    expect(json).toEqual({
      kind: 'APIResourceList',
      apiVersion: 'v1',
      groupVersion: 'x.io/v1',
      resources: [
        {
          name: 'widgets',
          singularName: 'widget',
          namespaced: true,
          kind: 'Widget',
          verbs,
          shortNames: ['wd'],
          categories: ['all'],
          storageVersionHash: '9UrJHqBfEPs=',
        },
        {
          name: 'widgets/scale',
          singularName: '',
          namespaced: true,
          group: 'autoscaling',
          version: 'v1',
          kind: 'Scale',
          verbs: ['get', 'patch', 'update'],
        },
        {
          name: 'widgets/status',
          singularName: '',
          namespaced: true,
          kind: 'Widget',
          verbs: ['get', 'patch', 'update'],
        },
      ],
    });
  });

  test.each(['v2', 'v2beta1'])(
    'KA-11 KA-12 aggregated %s, on both roots, named in its Content-Type',
    async (version) => {
      for (const [url, group] of [
        ['/api', ''],
        ['/apis', 'x.io'],
      ] as const) {
        const { json, headers } = await call({ url, headers: { accept: aggregated(version) } });
        expect(headers['content-type']).toBe(
          `application/json;g=apidiscovery.k8s.io;v=${version};as=APIGroupDiscoveryList`,
        );
        expect([json.kind, json.apiVersion]).toEqual(['APIGroupDiscoveryList', `apidiscovery.k8s.io/${version}`]);
        const names = (json.items as { metadata: JsonObject }[]).map(({ metadata }) => metadata.name ?? '');
        expect(names).toContain(group);
      }
    },
  );

  test('KA-14 an unchanged document is 304, a changed one is not', async () => {
    const accept = aggregated('v2');
    const first = await call({ url: '/apis', headers: { accept } });
    const etag = String(first.headers.etag);
    expect(first.headers.vary).toBe('Accept');
    expect((await call({ url: '/apis', headers: { accept, 'if-none-match': etag } })).status).toBe(304);
    server.server.registry.unregister('x.io', 'widgets');
    expect((await call({ url: '/apis', headers: { accept, 'if-none-match': etag } })).status).toBe(200);
    server.server.registry.register(widgets);
  });

  test('KA-7 a group or version that is not there is 404', async () => {
    for (const url of ['/apis/none.io', '/apis/x.io/v9', '/api/v9']) expect((await call({ url })).status).toBe(404);
  });

  test('KA-11 an Accept that nothing serves is 406', async () => {
    expect((await call({ url: '/apis', headers: { accept: 'application/vnd.kubernetes.protobuf' } })).status).toBe(406);
  });
});

describe('OpenAPI v3', () => {
  const index = async () =>
    (await call({ url: '/openapi/v3' })).json.paths as Record<string, { serverRelativeURL: string }>;

  test('KA-21 the index leads to documents that never change under their hash', async () => {
    const paths = await index();
    expect(Object.keys(paths)).toContain('api/v1');
    const url = paths['apis/x.io/v1']?.serverRelativeURL ?? '';
    const { status, headers, json } = await call({ url });
    expect([status, headers['cache-control'], json.openapi]).toEqual([200, 'public, immutable', '3.0.0']);
    expect(url).toBe(`/openapi/v3/apis/x.io/v1?hash=${String(headers.etag).replaceAll('"', '')}`);
  });

  test('KA-21 a wrong hash leads to the right one, none is served plainly, another form is 406', async () => {
    const right = (await index())['api/v1']?.serverRelativeURL;
    const wrong = await call({ url: '/openapi/v3/api/v1?hash=00' });
    expect([wrong.status, wrong.headers.location]).toEqual([301, right]);
    const plain = await call({ url: '/openapi/v3/api/v1' });
    expect([plain.status, plain.headers['cache-control']]).toEqual([200, 'no-cache, private']);
    expect((await call({ url: '/openapi/v3/api/v1', headers: { accept: 'application/yaml' } })).status).toBe(406);
  });

  test.each([
    'application/com.github.proto-openapi.spec.v3.v1.0+protobuf',
    'application/com.github.proto-openapi.spec.v3@v1.0+protobuf',
    'application/com.github.proto-openapi.spec.v3.v1.0+protobuf, application/json',
  ])('KA-21b a document for %s is protobuf, under the hash that it has in JSON', async (accept) => {
    const url = (await index())['apis/x.io/v1']?.serverRelativeURL ?? '';
    const { status, headers, text } = await call({ url, headers: { accept } });
    expect([status, headers['content-type'], headers['cache-control']]).toEqual([
      200,
      'application/com.github.proto-openapi.spec.v3.v1.0+protobuf',
      'public, immutable',
    ]);
    expect(text.startsWith('\n\u00053.0.0\u0012')).toBe(true);
    expect(text).toContain('io.x.v1.Widget');
    const etag = String(headers.etag);
    expect(etag).toBe((await call({ url })).headers.etag);
    expect((await call({ url, headers: { accept, 'if-none-match': etag } })).status).toBe(304);
    const wrong = await call({ url: '/openapi/v3/apis/x.io/v1?hash=00', headers: { accept } });
    expect([wrong.status, wrong.headers.location]).toEqual([301, url]);
    expect((await call({ url: '/openapi/v3', headers: { accept } })).headers['content-type']).toBe('application/json');
  });

  test('KA-22 KA-23 what kubectl reads to decide how to patch', async () => {
    const patchOf = async (url: string, path: string) => {
      const { json } = await call({ url });
      const patch = (json.paths as Record<string, Record<string, JsonObject>>)[path]?.patch ?? {};
      const names = (patch.parameters as JsonObject[]).map(({ name }) => name);
      return {
        types: Object.keys((patch.requestBody as { content: JsonObject }).content),
        names,
        kind: patch['x-kubernetes-group-version-kind'],
        action: patch['x-kubernetes-action'],
      };
    };
    const core = await patchOf('/openapi/v3/api/v1', '/api/v1/namespaces/{namespace}/configmaps/{name}');
    expect(core.types).toContain('application/strategic-merge-patch+json');
    expect(core.names).toEqual(expect.arrayContaining(['dryRun', 'fieldManager', 'fieldValidation', 'force']));
    expect([core.kind, core.action]).toEqual([{ group: '', version: 'v1', kind: 'ConfigMap' }, 'patch']);
    const custom = await patchOf('/openapi/v3/apis/x.io/v1', '/apis/x.io/v1/namespaces/{namespace}/widgets/{name}');
    expect(custom.types).not.toContain('application/strategic-merge-patch+json');
  });

  test('KA-21 nothing in a document is an empty list or map, which typed readers would not write again', async () => {
    const { json } = await call({ url: '/openapi/v3/api/v1' });
    const paths = Object.values(json.paths as JsonObject) as JsonObject[];
    expect(paths.filter(({ parameters }) => Array.isArray(parameters) && parameters.length === 0)).toEqual([]);
  });

  test('KA-24 KA-25 definitions name their kind, metadata is complete', async () => {
    const { json } = await call({ url: '/openapi/v3/apis/x.io/v1' });
    const { schemas } = json.components as { schemas: Record<string, JsonObject> };
    expect(schemas['io.x.v1.Widget']).toMatchObject({
      'x-kubernetes-group-version-kind': [{ group: 'x.io', version: 'v1', kind: 'Widget' }],
      'x-kubernetes-selectable-fields': [{ fieldPath: '.spec.color' }],
      properties: {
        metadata: { allOf: [{ $ref: '#/components/schemas/io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta' }] },
        spec: { properties: { parts: { 'x-kubernetes-list-type': 'map', 'x-kubernetes-list-map-keys': ['name'] } } },
      },
    });
    const meta = schemas['io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta']?.properties as JsonObject;
    expect(Object.keys(meta)).toEqual(expect.arrayContaining(['name', 'labels', 'ownerReferences', 'managedFields']));
  });

  test('KA-26a version 2 as JSON with references of its own', async () => {
    const { json } = await call({ url: '/openapi/v2' });
    expect(json.swagger).toBe('2.0');
    const definitions = json.definitions as Record<string, { properties: Record<string, JsonObject> }>;
    expect(definitions['io.x.v1.Widget']?.properties.metadata?.$ref).toBe(
      '#/definitions/io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta',
    );
  });

  test.each([
    'application/com.github.proto-openapi.spec.v2@v1.0+protobuf',
    'application/com.github.proto-openapi.spec.v2.v1.0+protobuf',
    'application/com.github.proto-openapi.spec.v2@v1.0+protobuf, application/json;q=0.5',
  ])('KA-26b version 2 in protobuf for %s, with an ETag of its own', async (accept) => {
    const url = '/openapi/v2';
    const { status, headers, text } = await call({ url, headers: { accept } });
    expect([status, headers['content-type']]).toEqual([
      200,
      'application/com.github.proto-openapi.spec.v2.v1.0+protobuf',
    ]);
    expect(text).toContain('io.x.v1.Widget');
    const etag = String(headers.etag);
    expect(etag).not.toBe((await call({ url })).headers.etag);
    expect((await call({ url, headers: { accept, 'if-none-match': etag } })).status).toBe(304);
  });

  test.each([
    ['application/json, application/com.github.proto-openapi.spec.v2@v1.0+protobuf', 200],
    ['application/yaml', 406],
    ['application/vnd.kubernetes.protobuf', 406],
  ])('KA-26 version 2 for %s: %s', async (accept, status) => {
    const answer = await call({ url: '/openapi/v2', headers: { accept } });
    expect([answer.status, answer.headers['content-type']]).toEqual([status, 'application/json']);
  });
});

describe('operations', () => {
  test('KA-18 the version is one that clients can parse', async () => {
    const { json } = await call({ url: '/version' });
    expect(json).toMatchObject({
      major: '1',
      minor: '35',
      gitVersion: expect.stringMatching(/^v1\.35\.\d+\+quarterdeck/),
    });
  });

  test('KA-19 health by check, with exclusions, and readiness ends with a drain', async () => {
    expect((await call({ url: '/livez' })).text).toBe('ok');
    expect((await call({ url: '/readyz?verbose' })).text).toBe(
      '[+]ping ok\n[+]storage ok\n[+]shutdown ok\nreadyz check passed\n',
    );
    expect((await call({ url: '/readyz/storage' })).text).toBe('ok');
    expect((await call({ url: '/readyz/nothing' })).status).toBe(404);
    await using other = await startTestServer();
    other.server.drain();
    const drained = await send(other.server.pipeline, { url: '/readyz' });
    expect([drained.status, drained.text]).toEqual([500, expect.stringContaining('[-]shutdown failed')]);
    expect((await send(other.server.pipeline, { url: '/readyz?exclude=shutdown' })).status).toBe(200);
    expect((await send(other.server.pipeline, { url: '/livez' })).status).toBe(200);
  });

  test('KA-123 the documents of the token issuer', async () => {
    const { json } = await call({ url: '/.well-known/openid-configuration' });
    expect(json).toMatchObject({ issuer: 'https://hub.test', jwks_uri: 'https://hub.test/openid/v1/jwks' });
    const keys = await call({ url: '/openid/v1/jwks' });
    expect(keys.headers['content-type']).toBe('application/jwk-set+json');
  });

  test('a server that is not started, or stopped, answers 503', async () => {
    const other = await startTestServer();
    await other[Symbol.asyncDispose]();
    const { status, headers, json } = await send(other.server.pipeline, { url: '/version' });
    expect([status, headers['retry-after'], json.reason]).toEqual([503, '1', 'ServiceUnavailable']);
  });
});
