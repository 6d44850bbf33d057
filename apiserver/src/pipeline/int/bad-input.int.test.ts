import type { JsonObject, JsonValue } from '@quarterdeck/machinery';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { send, type TestRequest } from '../../testing/request.ts';
import { startTestServer, type TestServer } from '../../testing/server.ts';
import { widgets } from '../../testing/widgets.ts';

/** What nobody should send, and the answer that each gets. Nothing of it is ever stored. */
let server: TestServer;
beforeAll(async () => {
  server = await startTestServer({ definitions: [widgets] });
});
afterAll(() => server[Symbol.asyncDispose]());

const call = (request: TestRequest) => send(server.server.pipeline, request);
const configMaps = '/api/v1/namespaces/default/configmaps';
const widgetsUrl = '/apis/x.io/v1/namespaces/default/widgets';
const configMap = (name: JsonValue, more: JsonObject = {}): JsonObject => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name },
  ...more,
});
const widgetText = (spec: string) =>
  `{"apiVersion":"x.io/v1","kind":"Widget","metadata":{"name":"probe"},"spec":{"open":{"n":${spec}}}}`;
const create = (body: TestRequest['body'], headers: Record<string, string> = {}) =>
  call({ method: 'POST', url: configMaps, headers, ...(body === undefined ? {} : { body }) });
const names = async (url: string) => {
  const { json } = await call({ url });
  return (json.items as JsonObject[]).map((item) => (item.metadata as JsonObject).name);
};

let before: unknown;
beforeEach(async () => {
  before = await names(configMaps);
});

describe('bodies', () => {
  const nested = (depth: number) => `${'{"a":'.repeat(depth)}1${'}'.repeat(depth)}`;

  test.each([
    {
      name: 'BI-3b 100,000 levels of JSON',
      body: `{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"deep"},"data":${nested(100_000)}}`,
      want: 400,
    },
    {
      name: 'BI-3b 10,000 levels of YAML',
      body: `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: deep}\ndata: ${'['.repeat(10_000)}${']'.repeat(10_000)}\n`,
      yaml: true,
      want: 400,
    },
    {
      name: 'BI-3a an alias bomb of YAML',
      body: `a: &a [x,x,x,x,x,x,x,x,x]\n${[...'bcdefghi'].map((key, index) => `${key}: &${key} [${Array(9).fill(`*${'abcdefgh'[index]}`).join(',')}]`).join('\n')}\n`,
      yaml: true,
      want: 400,
    },
    {
      name: 'BI-3c a million keys',
      body: `{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"keys"},"data":{${Array.from({ length: 1_000_000 }, (_, index) => `"k${index}":""`).join(',')}}}`,
      want: 413,
    },
    { name: 'BI-2a an object of 2 MB', body: configMap('two', { data: { a: 'x'.repeat(2_000_000) } }), want: 413 },
    { name: 'BI-6 NUL in a value', body: configMap('nul', { data: { a: 'a\u0000b' } }), want: 400 },
    { name: 'BI-6 NUL in a name', body: configMap('a\u0000b'), want: 400 },
    { name: 'BI-6 bytes that are not UTF-8', body: Buffer.from('{"apiVersion":"v1","kind":"\xff"}', 'latin1'), want: 400 },
    { name: 'BI-7 NaN', body: '{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"n","generation":NaN}}', want: 400 },
  ])('$name is $want', async ({ body, yaml = false, want }) => {
    const { status } = await create(body, yaml ? { 'content-type': 'application/yaml' } : {});
    expect(status).toBe(want);
    expect(await names(configMaps)).toEqual(before);
  });

  test('BI-2b a body that says it is too large is refused before a byte of it is read', async () => {
    let read = 0;
    const response = await server.server.pipeline({
      method: 'POST',
      path: configMaps,
      query: new URLSearchParams(),
      headers: { 'content-length': '100000000' },
      headerLists: {},
      body: (async function* () {
        read += 1;
        yield Buffer.alloc(1024);
      })(),
      peer: { type: 'internal', user: { name: 'root', groups: ['system:masters'] } },
      signal: new AbortController().signal,
    });
    expect([response.status, read]).toEqual([413, 0]);
  });

  test('BI-2b a body without end is cut off at the limit', async () => {
    let read = 0;
    const response = await server.server.pipeline({
      method: 'POST',
      path: configMaps,
      query: new URLSearchParams(),
      headers: {},
      headerLists: {},
      body: (async function* () {
        for (;;) {
          read += 65_536;
          yield Buffer.alloc(65_536);
        }
      })(),
      peer: { type: 'internal', user: { name: 'root', groups: ['system:masters'] } },
      signal: new AbortController().signal,
    });
    expect(response.status).toBe(413);
    expect(read).toBeLessThanOrEqual(3 * 1024 * 1024 + 65_536);
  });
});

describe('numbers', () => {
  test.each(['9007199254740993', '-9223372036854775808', '0', '1.5', '-0'])(
    'BI-7 KA-52 %s comes back as it was',
    async (number) => {
      await call({ method: 'DELETE', url: `${widgetsUrl}/probe` });
      const { status } = await call({ method: 'POST', url: widgetsUrl, body: widgetText(number) });
      expect(status).toBe(201);
      expect((await call({ url: `${widgetsUrl}/probe` })).text).toContain(`"n":${number === '-0' ? '0' : number}`);
    },
  );

  test.each(['1e400', '-1e400', 'Infinity', '01', '1.', '.5', '0x10'])('BI-7 %s is 400', async (number) => {
    expect((await call({ method: 'POST', url: widgetsUrl, body: widgetText(number) })).status).toBe(400);
  });

  test.each(['9223372036854775808', '1.5', '"1"'])('BI-7 the 64-bit integer %s is 422', async (number) => {
    const body = `{"apiVersion":"x.io/v1","kind":"Widget","metadata":{"name":"serial"},"spec":{"serial":${number}}}`;
    expect((await call({ method: 'POST', url: widgetsUrl, body })).status).toBe(422);
  });
});

describe('names and paths', () => {
  test.each([
    ['254 characters', 'a'.repeat(254)],
    ['an upper-case name', 'Upper'],
    ['two dots', '..'],
    ['a slash', 'a/b'],
    ['an escaped slash', 'a%2fb'],
    ['a blank', ' '],
    ['an empty name', ''],
  ])('BI-8 %s is 422', async (_what, name) => {
    const { status, json } = await create(configMap(name));
    expect([status, json.reason]).toEqual([422, 'Invalid']);
    expect(await names(configMaps)).toEqual(before);
  });

  test('BI-8 a name that is no text is 400', async () => {
    expect((await create(configMap(7))).status).toBe(400);
  });

  test.each(['..', '.', '%2e%2e', 'a%2fb', '..%2f..%2fsecrets', 'Upper', 'a'.repeat(5000)])(
    'BI-8 the path of %s reads nothing else',
    async (segment) => {
      const { status, json } = await call({ url: `${configMaps}/${segment}` });
      expect([status, json.kind]).toEqual([404, 'Status']);
    },
  );

  test('BI-8 a path that does not decode is 400', async () => {
    expect((await call({ url: `${configMaps}/%zz` })).status).toBe(400);
  });
});

describe('queries', () => {
  test.each(['abc', '-1', '1.5', '00x', '99999999999999999999999'])('BI-11 a list at version %s is 400', async (version) => {
    expect((await call({ url: `${configMaps}?resourceVersion=${version}` })).status).toBe(400);
  });

  test.each(['0', '1', 'abc'])('BI-11 a create with version %s is refused', async (resourceVersion) => {
    const body = configMap('versioned', { metadata: { name: 'versioned', resourceVersion } });
    expect((await create(body)).status).toBe(400);
    expect(await names(configMaps)).toEqual(before);
  });

  test.each(['-1', 'NaN', '1.5', 'x'])('BI-13 the limit %s is 400', async (limit) => {
    expect((await call({ url: `${configMaps}?limit=${limit}` })).status).toBe(400);
  });

  test('BI-13 a limit beyond everything gives everything', async () => {
    expect(await names(`${configMaps}?limit=1000000000`)).toEqual(before);
  });

  test.each(['-5', '1000000000000'])('BI-14 timeoutSeconds=%s is clamped', async (seconds) => {
    expect((await call({ url: `${configMaps}?timeoutSeconds=${seconds}` })).status).toBe(200);
  });

  test('BI-9 ten thousand terms of a selector are answered', async () => {
    const selector = Array.from({ length: 10_000 }, (_, index) => `k${index}!=v`).join(',');
    expect((await call({ url: `${configMaps}?labelSelector=${encodeURIComponent(selector)}` })).status).toBe(200);
  });

  test.each(['', 'forged', Buffer.from('{"rv":1,"key":"a"}').toString('base64url')])(
    'BI-12 the continue token "%s" is refused, unless empty',
    async (token) => {
      const { status } = await call({ url: `${configMaps}?continue=${token}` });
      expect(status).toBe(token === '' ? 200 : 400);
    },
  );
});

describe('writes', () => {
  test.each([
    { name: 'BI-16 a JSON patch of the uid', type: 'json', body: [{ op: 'replace', path: '/metadata/uid', value: 'x' }], want: 409 },
    { name: 'BI-16 a patch of the name', type: 'json', body: [{ op: 'replace', path: '/metadata/name', value: 'x' }], want: 400 },
    { name: 'BI-17 null on a required field', type: 'merge', body: { spec: { parts: [{ name: null }] } }, want: 422 },
    { name: 'BI-20 a merge patch of the namespace', type: 'merge', body: { metadata: { namespace: 'other' } }, want: 400 },
  ])('$name is $want', async ({ type, body, want }) => {
    await call({ method: 'POST', url: widgetsUrl, body: { apiVersion: 'x.io/v1', kind: 'Widget', metadata: { name: 'w' } } });
    const was = await call({ url: `${widgetsUrl}/w` });
    const headers = { 'content-type': `application/${type}-patch+json` };
    const { status } = await call({ method: 'PATCH', url: `${widgetsUrl}/w`, headers, body });
    expect(status).toBe(want);
    expect((await call({ url: `${widgetsUrl}/w` })).json).toEqual(was.json);
  });

  test('BI-22 KA-45b a flood of names that collide ends in 409, after eight of them', async () => {
    let asked = 0;
    const constant = await startTestServer({
      random: () => {
        asked += 1;
        return 0;
      },
    });
    const request: TestRequest = { method: 'POST', url: configMaps, body: configMap('', { metadata: { generateName: 'g-' } }) };
    const first = await send(constant.server.pipeline, request);
    asked = 0;
    const second = await send(constant.server.pipeline, request);
    await constant[Symbol.asyncDispose]();
    expect(first.status).toBe(201);
    expect([second.status, second.json.reason]).toEqual([409, 'AlreadyExists']);
    expect(second.json.details).toMatchObject({ retryAfterSeconds: 1 });
    expect(asked).toBe(8 * 5);
  });
});
