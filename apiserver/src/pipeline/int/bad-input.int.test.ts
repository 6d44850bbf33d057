import type { JsonObject, JsonValue } from '@quarterdeck/machinery';
import { fakeClock } from '@quarterdeck/machinery/testing';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { systemUser } from '../../server.ts';
import { send, type TestRequest } from '../../testing/request.ts';
import { startTestServer, type TestServer } from '../../testing/server.ts';
import { openWatch } from '../../testing/watch.ts';
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

/** YAML of nine levels, each of nine aliases of the one before: half a billion leaves when expanded. */
function aliasBomb(): string {
  const level = (key: string, index: number) => `${key}: &${key} [${Array(9).fill(`*${'abcdefgh'[index]}`).join(',')}]`;
  return `a: &a [x,x,x,x,x,x,x,x,x]\n${[...'bcdefghi'].map(level).join('\n')}\n`;
}

const withData = (data: string) => `{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"bad"},"data":${data}}`;
const millionKeys = () => `{${Array.from({ length: 1_000_000 }, (_, index) => `"k${index}":""`).join(',')}}`;

/** Sends a body in chunks as they are asked for; resolves with the status and how many bytes were asked for. */
async function stream(chunks: Iterable<Uint8Array>, headers: Record<string, string> = {}): Promise<[number, number]> {
  let read = 0;
  const body = (async function* () {
    for (const chunk of chunks) {
      read += chunk.byteLength;
      yield chunk;
    }
  })();
  const { status } = await server.server.pipeline({
    method: 'POST',
    path: configMaps,
    query: new URLSearchParams(),
    headers,
    headerLists: {},
    body,
    peer: { type: 'internal', user: systemUser },
    signal: new AbortController().signal,
  });
  return [status, read];
}

function* endless(): Generator<Uint8Array> {
  for (;;) yield Buffer.alloc(65_536);
}

describe('bodies', () => {
  const nested = (depth: number) => `${'{"a":'.repeat(depth)}1${'}'.repeat(depth)}`;

  test.each([
    { name: 'BI-3a an alias bomb of YAML', body: aliasBomb(), yaml: true, want: 400 },
    { name: 'BI-3b 100,000 levels of JSON', body: withData(nested(100_000)), want: 400 },
    { name: 'BI-3b 10,000 levels of YAML', body: `${'['.repeat(10_000)}${']'.repeat(10_000)}`, yaml: true, want: 400 },
    { name: 'BI-3c a million keys', body: withData(millionKeys()), want: 413 },
    { name: 'BI-6 NUL in a value', body: configMap('nul', { data: { a: 'a\u0000b' } }), want: 400 },
    { name: 'BI-6 NUL in a name', body: configMap('a\u0000b'), want: 400 },
    {
      name: 'BI-6 bytes that are not UTF-8',
      body: Buffer.from('{"apiVersion":"v1","kind":"\xff"}', 'latin1'),
      want: 400,
    },
    {
      name: 'BI-7 NaN',
      body: '{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"n","generation":NaN}}',
      want: 400,
    },
  ])('$name is $want', async ({ body, yaml = false, want }) => {
    const { status } = await create(body, yaml ? { 'content-type': 'application/yaml' } : {});
    expect(status).toBe(want);
    expect(await names(configMaps)).toEqual(before);
  });

  test('BI-2a KA-63b an object of 2 MB is 413', async () => {
    const spec = { open: { text: 'x'.repeat(2_000_000) } };
    const body = { apiVersion: 'x.io/v1', kind: 'Widget', metadata: { name: 'two' }, spec };
    const { status, json } = await call({ method: 'POST', url: widgetsUrl, body });
    expect([status, json.reason]).toEqual([413, 'RequestEntityTooLarge']);
    expect((await call({ url: `${widgetsUrl}/two` })).status).toBe(404);
  });

  test('BI-2b a body that says it is too large is refused before a byte of it is read', async () => {
    expect(await stream(endless(), { 'content-length': '100000000' })).toEqual([413, 0]);
  });

  test('BI-2b a body without end is cut off at the limit', async () => {
    const [status, read] = await stream(endless());
    expect(status).toBe(413);
    expect(read).toBeLessThanOrEqual(3 * 1024 * 1024 + 65_536);
  });

  test.each(['5', '500'])('BI-2c a Content-Length of %s for another length is 400', async (length) => {
    expect((await create(configMap('length'), { 'content-length': length })).status).toBe(400);
  });
});

describe('numbers', () => {
  test.each(['9007199254740993', '-9223372036854775808', '0', '1.5', '-0'])(
    'BI-7 KA-52 %s comes back as it was',
    async (number) => {
      await call({ method: 'DELETE', url: `${widgetsUrl}/probe` });
      const { status } = await call({ method: 'POST', url: widgetsUrl, body: widgetText(number) });
      expect(status).toBe(201);
      expect((await call({ url: `${widgetsUrl}/probe` })).text).toContain(`"n":${number}}`);
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
    ['a name of 254 characters', 'a'.repeat(254)],
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

  test.each(['..', '.', '%2e%2e', 'a%2fb', '..%2f..%2fsecrets', 'Upper'])(
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
  test.each(['abc', '-1', '1.5', '00x', '99999999999999999999999'])(
    'BI-11 a list at version %s is 400',
    async (version) => {
      expect((await call({ url: `${configMaps}?resourceVersion=${version}` })).status).toBe(400);
    },
  );

  test.each(['1', 'abc'])('BI-11 a create with version %s is refused', async (resourceVersion) => {
    const body = configMap('versioned', { metadata: { name: 'versioned', resourceVersion } });
    expect((await create(body)).status).toBe(400);
    expect(await names(configMaps)).toEqual(before);
  });

  test('BI-11 version 0 is none to a create, as in Kubernetes', async () => {
    const body = configMap('unversioned', { metadata: { name: 'unversioned', resourceVersion: '0' } });
    expect((await call({ method: 'POST', url: `${configMaps}?dryRun=All`, body })).status).toBe(201);
  });

  test.each(['-1', 'NaN', '1.5', 'x'])('BI-13 the limit %s is 400', async (limit) => {
    expect((await call({ url: `${configMaps}?limit=${limit}` })).status).toBe(400);
  });

  test('BI-13 a limit beyond everything gives everything', async () => {
    expect(await names(`${configMaps}?limit=1000000000`)).toEqual(before);
  });

  test.each(['-5', '1000000000000'])('BI-14 a watch of timeoutSeconds=%s is clamped, and ends', async (seconds) => {
    const clock = fakeClock();
    await using timed = await startTestServer({ clock });
    const url = `${configMaps}?watch=true&resourceVersionMatch=NotOlderThan&sendInitialEvents=false&timeoutSeconds=${seconds}`;
    await using watch = await openWatch(timed.server.pipeline, { url });
    expect(watch.status).toBe(200);
    let ended = false;
    const end = watch.next().then((event) => {
      ended = event === undefined;
    });
    await clock.advance(29 * 60_000);
    expect(ended).toBe(false);
    await clock.advance(seconds === '-5' ? 31 * 60_000 : 1_000_000_000);
    await end;
    expect(ended).toBe(true);
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

describe('unknown fields', () => {
  const named = (name: string, metadata: string, spec: string) =>
    `{"apiVersion":"x.io/v1","kind":"Widget","metadata":{"name":"${name}"${metadata}},"spec":${spec}}`;
  const strictly = (body: string) => call({ method: 'POST', url: `${widgetsUrl}?fieldValidation=Strict`, body });

  test.each([
    ['metadata', named('strict', ',"lables":{"a":"b"}', '{}'), 'unknown field "metadata.lables"'],
    ['the spec', named('strict', '', '{"sise":1}'), 'unknown field "spec.sise"'],
    ['an item', named('strict', '', '{"parts":[{"name":"a","cnt":1}]}'), 'unknown field "spec.parts[0].cnt"'],
    ['an open corner, twice', named('strict', '', '{"open":{"a":1,"a":2}}'), 'duplicate field "spec.open.a"'],
  ])('KA-61e BI-4 of a custom kind count in %s', async (_where, body, message) => {
    const { status, json } = await strictly(body);
    expect([status, json.message]).toEqual([400, expect.stringContaining(message)]);
    expect((await call({ url: `${widgetsUrl}/strict` })).status).toBe(404);
  });

  test('KA-61e in an open corner of a custom kind any field is known', async () => {
    expect((await strictly(named('opened', '', '{"open":{"a":{"b":1}}}'))).status).toBe(201);
  });
});

describe('writes', () => {
  test.each([
    {
      name: 'BI-16 a JSON patch of the uid',
      type: 'json',
      body: [{ op: 'replace', path: '/metadata/uid', value: 'x' }],
      want: 409,
    },
    {
      name: 'BI-16 a patch of the name',
      type: 'json',
      body: [{ op: 'replace', path: '/metadata/name', value: 'x' }],
      want: 400,
    },
    { name: 'BI-17 null on a required field', type: 'merge', body: { spec: { parts: [{ name: null }] } }, want: 422 },
    {
      name: 'BI-20 a merge patch of the namespace',
      type: 'merge',
      body: { metadata: { namespace: 'other' } },
      want: 400,
    },
  ])('$name is $want', async ({ type, body, want }) => {
    await call({
      method: 'POST',
      url: widgetsUrl,
      body: { apiVersion: 'x.io/v1', kind: 'Widget', metadata: { name: 'w' } },
    });
    const was = await call({ url: `${widgetsUrl}/w` });
    const headers = { 'content-type': `application/${type}-patch+json` };
    const { status } = await call({ method: 'PATCH', url: `${widgetsUrl}/w`, headers, body });
    expect(status).toBe(want);
    expect((await call({ url: `${widgetsUrl}/w` })).json).toEqual(was.json);
  });

  test('BI-22 KA-45b a flood of names that collide ends in 409, after eight of them', async () => {
    let asked = 0;
    await using constant = await startTestServer({
      random: () => {
        asked += 1;
        return 0;
      },
    });
    const request: TestRequest = {
      method: 'POST',
      url: configMaps,
      body: configMap('', { metadata: { generateName: 'g-' } }),
    };
    const first = await send(constant.server.pipeline, request);
    asked = 0;
    const second = await send(constant.server.pipeline, request);
    expect(first.status).toBe(201);
    expect([second.status, second.json.reason]).toEqual([409, 'AlreadyExists']);
    expect(second.json.details).toMatchObject({ retryAfterSeconds: 1 });
    expect(asked).toBe(8 * 5);
  });

  test('KA-46c a cluster-scoped object loses the namespace that its body names', async () => {
    const body = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'nowhere', namespace: 'default' } };
    const { status, json } = await call({ method: 'POST', url: '/api/v1/namespaces', body });
    expect([status, (json.metadata as JsonObject).namespace]).toEqual([201, undefined]);
  });

  test.each([
    ['a create', 'POST', configMaps, configMap('forced')],
    ['an update', 'PUT', `${configMaps}/kube-root-ca.crt`, configMap('kube-root-ca.crt')],
  ])('BI-18 KA-67c force on %s is 422', async (_what, method, url, body) => {
    expect((await call({ method, url: `${url}?force=true`, body })).status).toBe(422);
    expect(await names(configMaps)).toEqual(before);
  });

  test('BI-20 KA-116 the data of an immutable ConfigMap stay, by any way of writing', async () => {
    const url = `${configMaps}/fixed`;
    await create(configMap('fixed', { immutable: true, data: { a: '1' } }));
    const was = (await call({ url })).json;
    const patch = async (type: string, body: JsonValue, query = '') => {
      const headers = { 'content-type': `application/${type}` };
      return (await call({ method: 'PATCH', url: `${url}${query}`, headers, body })).status;
    };
    const changed = configMap('fixed', { immutable: true, data: { a: '2' } });
    expect((await call({ method: 'PUT', url, body: changed })).status).toBe(422);
    expect(await patch('merge-patch+json', { immutable: null })).toBe(422);
    expect(await patch('strategic-merge-patch+json', { data: { b: '1' } })).toBe(422);
    expect(await patch('json-patch+json', [{ op: 'remove', path: '/data/a' }])).toBe(422);
    expect(await patch('apply-patch+yaml', changed, '?fieldManager=m&force=true')).toBe(422);
    expect((await call({ url })).json).toEqual(was);
    expect((await call({ method: 'DELETE', url })).status).toBe(200);
  });
});
