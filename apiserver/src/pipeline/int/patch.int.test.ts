import type { JsonObject, JsonValue } from '@quarterdeck/machinery';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { workloadDefinitions } from '../../builtin/workloads/definitions.ts';
import { send, type TestRequest } from '../../testing/request.ts';
import { startTestServer, type TestServer } from '../../testing/server.ts';
import { widgets } from '../../testing/widgets.ts';

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer({ definitions: [...workloadDefinitions, widgets] });
});
afterAll(() => server[Symbol.asyncDispose]());

const call = (request: TestRequest) => send(server.server.pipeline, request);
const configMaps = '/api/v1/namespaces/default/configmaps';
const widgetsUrl = '/apis/x.io/v1/namespaces/default/widgets';
const types = {
  json: 'application/json-patch+json',
  merge: 'application/merge-patch+json',
  strategic: 'application/strategic-merge-patch+json',
  apply: 'application/apply-patch+yaml',
};
const patch = (type: keyof typeof types, url: string, body: JsonValue) =>
  call({ method: 'PATCH', url, headers: { 'content-type': types[type] }, body });
const meta = (object: JsonObject) => object.metadata as JsonObject;

async function configMap(name: string, more: JsonObject = {}): Promise<JsonObject> {
  const body = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name }, data: { a: '1', b: '2' }, ...more };
  return (await call({ method: 'POST', url: configMaps, body })).json;
}

describe('patches', () => {
  test.each([
    { type: 'json', body: [{ op: 'replace', path: '/data/a', value: '3' }] },
    { type: 'merge', body: { data: { a: '3' } } },
    { type: 'strategic', body: { data: { a: '3' } } },
  ] as const)('KA-67 a $type patch changes what it names', async ({ type, body }) => {
    await configMap(`p-${type}`);
    const { status, json } = await patch(type, `${configMaps}/p-${type}`, body as unknown as JsonValue);
    expect([status, json.data]).toEqual([200, { a: '3', b: '2' }]);
  });

  test('KA-67b custom kinds have no strategic merge patch: 415', async () => {
    await call({
      method: 'POST',
      url: widgetsUrl,
      body: { apiVersion: 'x.io/v1', kind: 'Widget', metadata: { name: 's' } },
    });
    const { status, json } = await patch('strategic', `${widgetsUrl}/s`, {});
    expect([status, json.reason]).toEqual([415, 'UnsupportedMediaType']);
    expect(json.message).not.toContain('strategic-merge-patch+json, ');
  });

  test.each([undefined, 'application/json', 'application/cbor', 'application/json junk'])(
    'BI-15 KA-67b a patch of type %s is 415',
    async (type) => {
      await configMap('untyped');
      const headers: Record<string, string> = type === undefined ? {} : { 'content-type': type };
      expect((await call({ method: 'PATCH', url: `${configMaps}/untyped`, headers, body: {} })).status).toBe(415);
    },
  );

  test.each([
    {
      name: 'KA-68 a test that does not hold',
      type: 'json',
      body: [{ op: 'test', path: '/data/a', value: 'x' }],
      want: 422,
    },
    {
      name: 'KA-68 replacing what is not there',
      type: 'json',
      body: [{ op: 'replace', path: '/data/zz', value: 'x' }],
      want: 422,
    },
    { name: 'BI-16 an unknown operation', type: 'json', body: [{ op: 'fold', path: '/data/a' }], want: 422 },
    {
      name: 'BI-16 more than 10,000 operations',
      type: 'json',
      body: Array.from({ length: 10_001 }, () => ({ op: 'test', path: '/data/a', value: '1' })),
      want: 413,
    },
    {
      name: 'BI-16 another uid',
      type: 'json',
      body: [{ op: 'replace', path: '/metadata/uid', value: 'x' }],
      want: 409,
    },
    { name: 'KA-46b another name', type: 'merge', body: { metadata: { name: 'other' } }, want: 400 },
    { name: 'KA-70 an invalid result', type: 'merge', body: { data: { 'a b': 'c' } }, want: 422 },
    { name: 'KA-67c force', type: 'merge', query: '?force=true', body: {}, want: 422 },
    { name: 'KA-66 a stale resourceVersion', type: 'merge', body: { metadata: { resourceVersion: '1' } }, want: 409 },
    { name: 'KA-68b a merge patch that is no object', type: 'merge', body: [], want: 400 },
  ] as const)('$name is $want', async ({ type, body, want, ...rest }) => {
    await configMap('bad');
    const query = 'query' in rest ? rest.query : '';
    const { status, json } = await patch(type, `${configMaps}/bad${query}`, body as unknown as JsonValue);
    expect([status, json.kind]).toEqual([want, 'Status']);
  });

  test('KA-61d a duplicate key in a patch is 422 under Strict', async () => {
    await configMap('dup');
    const url = `${configMaps}/dup?fieldValidation=Strict`;
    const { json } = await patch('merge', url, '{"data":{"a":"1","a":"2"}}');
    expect(json).toMatchObject({ code: 422, details: { causes: [{ field: 'patch' }] } });
  });

  test('KA-56 a patch that changes nothing leaves resourceVersion', async () => {
    const created = await configMap('same');
    expect((await patch('merge', `${configMaps}/same`, { data: { a: '1' } })).json).toEqual(created);
  });

  test('KA-66 patches that race are all done', async () => {
    await configMap('race');
    const answers = await Promise.all(
      ['a', 'b', 'c', 'd', 'e'].map((key) => patch('merge', `${configMaps}/race`, { data: { [key]: 'raced' } })),
    );
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200, 200]);
    const { json } = await call({ url: `${configMaps}/race` });
    expect(json.data).toEqual({ a: 'raced', b: 'raced', c: 'raced', d: 'raced', e: 'raced' });
  });

  test('KA-72 a write records its manager, by default the user agent', async () => {
    await configMap('managed');
    const headers = { 'content-type': types.merge, 'user-agent': 'kubectl/v1.35.0 (linux)' };
    const { json } = await call({ method: 'PATCH', url: `${configMaps}/managed`, headers, body: { data: { c: '3' } } });
    const entries = (meta(json).managedFields as { manager: string }[]).toSorted((a, b) =>
      a.manager < b.manager ? 1 : -1,
    );
    expect(entries).toMatchObject([
      { manager: 'unknown', operation: 'Update', fieldsV1: { 'f:data': { '.': {}, 'f:a': {}, 'f:b': {} } } },
      { manager: 'kubectl', operation: 'Update', fieldsV1: { 'f:data': { 'f:c': {} } } },
    ]);
  });
});

describe('apply', () => {
  const apply = (name: string, more: JsonObject, query: string) =>
    patch('apply', `${configMaps}/${name}?${query}`, {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name },
      ...more,
    });

  test('KA-71 creates what is missing, then merges', async () => {
    const first = await apply('ssa', { data: { a: '1', b: '2' } }, 'fieldManager=one');
    expect(first.status).toBe(201);
    const second = await apply('ssa', { data: { a: '1' } }, 'fieldManager=one');
    expect([second.status, second.json.data]).toEqual([200, { a: '1' }]);
    expect(meta(second.json).managedFields).toMatchObject([
      { manager: 'one', operation: 'Apply', fieldsV1: { 'f:data': { 'f:a': {} } } },
    ]);
  });

  test('KA-76b KA-76c a field of another manager is a conflict, unless forced', async () => {
    await apply('owned', { data: { a: '1' } }, 'fieldManager=one');
    const { status, json } = await apply('owned', { data: { a: '2' } }, 'fieldManager=two');
    expect(status).toBe(409);
    expect(json.details).toMatchObject({ causes: [{ reason: 'FieldManagerConflict', field: '.data.a' }] });
    expect(json.message).toContain('conflict with "one"');
    const forced = await apply('owned', { data: { a: '2' } }, 'fieldManager=two&force=true');
    expect([forced.status, forced.json.data]).toEqual([200, { a: '2' }]);
  });

  test('KA-79 applying the same again changes nothing', async () => {
    const first = await apply('again', { data: { a: '1' } }, 'fieldManager=one');
    expect((await apply('again', { data: { a: '1' } }, 'fieldManager=one')).json).toEqual(first.json);
  });

  test.each([
    { name: 'KA-71b BI-18 no fieldManager', more: {}, query: '', want: 422 },
    { name: 'KA-71b a manager of 129 characters', more: {}, query: `fieldManager=${'x'.repeat(129)}`, want: 422 },
    {
      name: 'KA-71b BI-18 managedFields',
      more: { metadata: { name: 'bad-ssa', managedFields: [] } },
      query: 'fieldManager=a',
      want: 400,
    },
    { name: 'KA-71b no name', more: { metadata: {} }, query: 'fieldManager=a', want: 400 },
    { name: 'KA-71b another apiVersion', more: { apiVersion: 'v2' }, query: 'fieldManager=a', want: 400 },
    {
      name: 'KA-71b a uid of nothing',
      more: { metadata: { name: 'bad-ssa', uid: 'x' } },
      query: 'fieldManager=a',
      want: 409,
    },
    {
      name: 'KA-61 an unknown field, strictly',
      more: { dta: {} },
      query: 'fieldManager=a&fieldValidation=Strict',
      want: 400,
    },
  ])('$name is $want', async ({ more, query, want }) => {
    const { status, json } = await apply('bad-ssa', more as JsonObject, query);
    expect([status, json.kind]).toEqual([want, 'Status']);
  });

  test('KA-71 creating takes the right to create', async () => {
    const rules = [{ apiGroups: [''], resources: ['configmaps'], verbs: ['patch', 'get'] }];
    const rbac = '/apis/rbac.authorization.k8s.io/v1/namespaces/default';
    const kind = (name: string, more: JsonObject) => ({
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: name,
      metadata: { name: 'patcher' },
      ...more,
    });
    await call({ method: 'POST', url: `${rbac}/roles`, body: kind('Role', { rules }) });
    const roleRef = { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: 'patcher' };
    await call({
      method: 'POST',
      url: `${rbac}/rolebindings`,
      body: kind('RoleBinding', { roleRef, subjects: [{ kind: 'User', name: 'pat' }] }),
    });
    const user = { name: 'pat', groups: ['system:authenticated'] };
    const body = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'not-mine' } };
    const url = `${configMaps}/not-mine?fieldManager=pat`;
    const { status, json } = await call({ method: 'PATCH', url, headers: { 'content-type': types.apply }, body, user });
    expect(status).toBe(403);
    expect(json.message).toContain('cannot create resource "configmaps"');
  });

  test('KA-64 KA-73 apply to status owns status alone', async () => {
    const name = 'ssa-status';
    await call({
      method: 'POST',
      url: widgetsUrl,
      body: { apiVersion: 'x.io/v1', kind: 'Widget', metadata: { name }, spec: { size: 1 } },
    });
    const body = {
      apiVersion: 'x.io/v1',
      kind: 'Widget',
      metadata: { name },
      spec: { size: 9 },
      status: { phase: 'ok' },
    };
    const { json } = await patch('apply', `${widgetsUrl}/${name}/status?fieldManager=s`, body);
    expect(json).toMatchObject({ spec: { size: 1 }, status: { phase: 'ok' } });
    const mine = (meta(json).managedFields as JsonObject[]).find(({ manager }) => manager === 's');
    expect(mine).toMatchObject({ subresource: 'status', fieldsV1: { 'f:status': { 'f:phase': {} } } });
  });
});

describe('scale', () => {
  test('KA-65 reads and writes replicas of the parent', async () => {
    const name = 'scaled';
    const body = { apiVersion: 'x.io/v1', kind: 'Widget', metadata: { name }, spec: { replicas: 2 } };
    const created = (await call({ method: 'POST', url: widgetsUrl, body })).json;
    const url = `${widgetsUrl}/${name}/scale`;
    const read = (await call({ url })).json;
    expect(read).toEqual({
      kind: 'Scale',
      apiVersion: 'autoscaling/v1',
      metadata: {
        name,
        namespace: 'default',
        uid: meta(created).uid,
        resourceVersion: meta(created).resourceVersion,
        creationTimestamp: meta(created).creationTimestamp,
      },
      spec: { replicas: 2 },
      status: { replicas: 0 },
    });
    const put = await call({ method: 'PUT', url, body: { ...read, spec: { replicas: 5 } } });
    expect([put.status, put.json.spec]).toEqual([200, { replicas: 5 }]);
    expect((await call({ method: 'PUT', url, body: { ...read, spec: { replicas: 6 } } })).status).toBe(409);
    expect((await patch('merge', url, { spec: { replicas: 7 } })).json.spec).toEqual({ replicas: 7 });
    const parent = (await call({ url: `${widgetsUrl}/${name}` })).json;
    expect(parent.spec).toEqual({ replicas: 7, size: 3 });
    expect(meta(parent).generation).toBe(3);
  });

  const unknown = { metadata: { name: 'strict' }, spec: { replicas: 4, speed: 1 }, odd: true };
  const scaleBody: JsonObject = { apiVersion: 'autoscaling/v1', kind: 'Scale', ...unknown };
  const scaleText = JSON.stringify(scaleBody).replace('"speed"', '"replicas":3,"speed"');
  const texts = ['unknown field "odd"', 'unknown field "spec.speed"'];
  const warned = texts.map((text) => `299 - "${text.replaceAll('"', '\\"')}"`);

  async function strictWidget(replicas: number): Promise<void> {
    const body = { apiVersion: 'x.io/v1', kind: 'Widget', metadata: { name: 'strict' }, spec: { replicas } };
    const url = `${widgetsUrl}/strict`;
    await call({ method: 'DELETE', url });
    expect((await call({ method: 'POST', url: widgetsUrl, body })).status).toBe(201);
  }
  const replicasNow = async () => ((await call({ url: `${widgetsUrl}/strict` })).json.spec as JsonObject).replicas;

  test.each([
    { dryRun: '', after: 4 },
    { dryRun: '&dryRun=All', after: 2 },
  ])(
    'KA-61, KA-65 fields that no Scale has are refused, told or left, as fieldValidation says $dryRun',
    async (row) => {
      const url = (level: string) => `${widgetsUrl}/strict/scale?fieldValidation=${level}${row.dryRun}`;
      const put = (level: string) => call({ method: 'PUT', url: url(level), body: scaleBody });
      const merge = (level: string) => patch('merge', url(level), unknown);
      await strictWidget(2);
      const answers = [await put('Strict'), await merge('Strict')];
      expect(answers.map(({ status, json }) => [status, json.reason])).toEqual([
        [400, 'BadRequest'],
        [422, 'Invalid'],
      ]);
      for (const { json } of answers) expect(json.message).toContain(`strict decoding error: ${texts.join(', ')}`);
      expect(await replicasNow()).toBe(2);
      for (const write of [put, merge]) {
        await strictWidget(2);
        const { status, json, headers } = await write('Warn');
        expect([status, json.spec, headers.warning]).toEqual([200, { replicas: 4 }, warned]);
        expect(await replicasNow()).toBe(row.after);
        const silent = await write('Ignore');
        expect([silent.status, silent.headers.warning]).toEqual([200, undefined]);
      }
    },
  );

  test('KA-61, KA-65 of a doubled field in a Scale the last counts, unless under Strict', async () => {
    await strictWidget(2);
    const put = (level: string) =>
      call({ method: 'PUT', url: `${widgetsUrl}/strict/scale?fieldValidation=${level}`, body: Buffer.from(scaleText) });
    const strict = await put('Strict');
    expect([strict.status, strict.json.message]).toEqual([
      400,
      `strict decoding error: ${[...texts, 'duplicate field "spec.replicas"'].join(', ')}`,
    ]);
    const { status, json } = await put('Ignore');
    expect([status, json.spec]).toEqual([200, { replicas: 3 }]);
  });

  test('KA-61d, KA-65 an applied Scale has no fields that no Scale has', async () => {
    await strictWidget(2);
    const answers = await Promise.all(
      ['Ignore', 'Strict'].map((level) =>
        patch('apply', `${widgetsUrl}/strict/scale?fieldManager=a&force=true&fieldValidation=${level}`, scaleBody),
      ),
    );
    const why =
      'failed to create typed patch object (/strict; autoscaling/v1, Kind=Scale): errors:\n' +
      '  .odd: field not declared in schema\n  .spec.speed: field not declared in schema';
    expect(answers.map(({ status, json }) => [status, json.message])).toEqual(answers.map(() => [400, why]));
    expect(await replicasNow()).toBe(2);
  });

  test.each([
    { name: 'text', spec: { replicas: '3' }, want: 400 },
    { name: 'a part of one', spec: { replicas: 1.5 }, want: 400 },
    { name: 'less than none', spec: { replicas: -1 }, want: 422 },
  ])('KA-65 replicas that are $name are refused, and scale nothing', async ({ spec, want }) => {
    await strictWidget(2);
    const url = `${widgetsUrl}/strict/scale`;
    expect((await call({ method: 'PUT', url, body: { ...scaleBody, spec } })).status).toBe(want);
    expect((await patch('merge', url, { spec })).status).toBe(422);
    expect(await replicasNow()).toBe(2);
  });

  test('KA-65 a patch that names no replicas does not scale to none what has no replicas', async () => {
    await call({
      method: 'POST',
      url: widgetsUrl,
      body: { apiVersion: 'x.io/v1', kind: 'Widget', metadata: { name: 'bare' } },
    });
    const url = `${widgetsUrl}/bare/scale`;
    const { status, json } = await patch('merge', url, { metadata: { labels: { a: 'b' } } });
    expect([status, json.message]).toEqual([400, 'the spec replicas field ".spec.replicas" cannot be empty']);
    const scaled = await patch('merge', url, { spec: { replicas: 1 } });
    expect([scaled.status, scaled.json.spec]).toEqual([200, { replicas: 1 }]);
  });

  test('KA-65 without a value at the spec path: 500', async () => {
    await call({
      method: 'POST',
      url: widgetsUrl,
      body: { apiVersion: 'x.io/v1', kind: 'Widget', metadata: { name: 'unscaled' } },
    });
    const { status, json } = await call({ url: `${widgetsUrl}/unscaled/scale` });
    expect([status, json.reason]).toEqual([500, 'InternalError']);
  });

  test('KA-32, KA-65 a Scale has columns of its own', async () => {
    const body = { apiVersion: 'x.io/v1', kind: 'Widget', metadata: { name: 'shown' }, spec: { replicas: 2 } };
    await call({ method: 'POST', url: widgetsUrl, body });
    const headers = { accept: 'application/json;as=Table;v=v1;g=meta.k8s.io,application/json' };
    const { json } = await call({ url: `${widgetsUrl}/shown/scale?includeObject=None`, headers });
    expect(json).toMatchObject({
      kind: 'Table',
      columnDefinitions: ['Name', 'Desired', 'Available', 'Age'].map((name) => ({ name })),
      rows: [{ cells: ['shown', 2, 0, expect.stringMatching(/^\d+s$/)], object: null }],
    });
  });

  test('KA-65 a built-in selector is shown as text', async () => {
    const template = { metadata: { labels: { app: 'w' } }, spec: { containers: [{ name: 'c', image: 'i' }] } };
    const spec = { selector: { matchLabels: { app: 'w' } }, template };
    const url = '/apis/apps/v1/namespaces/default/deployments';
    await call({
      method: 'POST',
      url,
      body: { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'd' }, spec },
    });
    const { json } = await call({ url: `${url}/d/scale` });
    expect([json.spec, json.status]).toEqual([{ replicas: 1 }, { replicas: 0, selector: 'app=w' }]);
  });
});

describe('what an applied configuration says wrongly, under Strict', () => {
  const apply = (url: string, yaml: string, fieldValidation = 'Strict') =>
    call({
      method: 'PATCH',
      url: `${url}?fieldManager=a&fieldValidation=${fieldValidation}`,
      headers: { 'content-type': types.apply },
      body: yaml,
    });
  const yaml = (name: string, rest: string) => `apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: ${name}\n${rest}`;

  test('KA-61 doubled keys are told by line, all of them', async () => {
    const doubled = yaml('doubled', 'data:\n  a: b\n  a: c\n  b: c\n  b: d\n');
    const { status, json } = await apply(`${configMaps}/doubled`, doubled);
    expect([status, json.reason, json.message]).toEqual([
      400,
      'BadRequest',
      'error strict decoding YAML: error converting YAML to JSON: yaml: unmarshal errors:\n' +
        '  line 7: key "a" already set in map\n  line 9: key "b" already set in map',
    ]);
  });

  test('KA-61 a doubled key in JSON is told by line too', async () => {
    const body = '{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"j"},\n"data":{"a":"b","a":"c"}}';
    const { status, json } = await apply(`${configMaps}/j`, body);
    expect([status, json.message]).toEqual([
      400,
      'error strict decoding YAML: error converting YAML to JSON: yaml: unmarshal errors:\n  line 2: key "a" already set in map',
    ]);
  });

  test('KA-61 under Warn a doubled key is a warning, and the last one counts', async () => {
    const answer = await apply(`${configMaps}/warned`, yaml('warned', 'data:\n  a: b\n  a: c\n'), 'Warn');
    expect([answer.status, answer.json.data, answer.headers.warning]).toEqual([
      201,
      { a: 'c' },
      ['299 - "line 7: key \\"a\\" already set in map"'],
    ]);
  });

  test.each([
    { what: 'one field', rest: '  x: 1\n', said: ' .metadata.x: field not declared in schema' },
    {
      what: 'two fields',
      rest: '  x: 1\nw: q\n',
      said: ' errors:\n  .metadata.x: field not declared in schema\n  .w: field not declared in schema',
    },
  ])('KA-61 $what that the schema does not know', async ({ rest, said }) => {
    const { status, json } = await apply(`${configMaps}/unknown`, yaml('unknown', rest));
    expect([status, json.message]).toEqual([
      400,
      `failed to create typed patch object (/unknown; /v1, Kind=ConfigMap):${said}`,
    ]);
  });
});
