import { once } from 'node:events';
import { type ClientRequest, type IncomingMessage, request } from 'node:http';
import type { Socket } from 'node:net';
import { ClusterRole, ConfigMap, RoleBinding, ServiceAccount } from '@quarterdeck/apis';
import { type JsonObject, parseJson, silentLogger } from '@quarterdeck/machinery';
import { configMap, eventually } from '@quarterdeck/machinery/testing';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Subresource } from '../registry/definition.ts';
import { systemUser } from '../server.ts';
import { startTestServer, type TestServer } from '../testing/server.ts';
import { type HttpListener, startHttpListener } from './listener.ts';

/** Watches over WebSocket, as Node's own client and as raw requests ask for them. */
let server: TestServer;
let listener: HttpListener;
let token: string;
const bearer = () => `base64url.bearer.authorization.k8s.io.${Buffer.from(token).toString('base64url')}`;
const rbac = 'rbac.authorization.k8s.io';
const namespace = 'default';
const client = () => server.server.client(systemUser);
const configMaps = `/api/v1/namespaces/${namespace}/configmaps?watch=true`;
const binding: RoleBinding = {
  apiVersion: `${rbac}/v1`,
  kind: 'RoleBinding',
  metadata: { name: 'watcher', namespace },
  roleRef: { apiGroup: rbac, kind: 'ClusterRole', name: 'watcher' },
  subjects: [{ kind: 'ServiceAccount', name: 'watcher', namespace }],
};

/** Leads elsewhere: answers with what it would hand on. */
const door: Subresource = {
  type: 'connect',
  kind: 'Door',
  verbs: ['get'],
  handle: async ({ user, request: { headers } }) => ({
    status: 200,
    headers: {},
    body: Buffer.from(`${user.name} ${headers['sec-websocket-protocol']} ${headers['sec-websocket-version']}`),
  }),
};

beforeAll(async () => {
  server = await startTestServer({ subresources: new Map([['configmaps', { door }]]) });
  listener = await startHttpListener({ host: '127.0.0.1', port: 0, logger: silentLogger });
  listener.mount('', server.server.pipeline);
  await client().create(ServiceAccount, {
    apiVersion: 'v1',
    kind: 'ServiceAccount',
    metadata: { name: 'watcher', namespace },
  });
  await client().create(ClusterRole, {
    apiVersion: `${rbac}/v1`,
    kind: 'ClusterRole',
    metadata: { name: 'watcher' },
    rules: [{ apiGroups: [''], resources: ['configmaps', 'configmaps/door'], verbs: ['watch', 'list', 'get'] }],
  });
  await client().create(RoleBinding, binding);
  token = await tokenOf('watcher');
});
afterAll(async () => {
  await listener[Symbol.asyncDispose]();
  await server[Symbol.asyncDispose]();
});

async function tokenOf(name: string): Promise<string> {
  const account = await client().get(ServiceAccount, { namespace, name });
  const issued = await server.server.issueToken({
    namespace,
    name,
    uid: account.metadata.uid ?? '',
    audiences: [],
    lifetimeSeconds: 3600,
  });
  return issued.token;
}

interface Opened extends AsyncDisposable {
  readonly protocol: string;
  /** The next messages, each a text. */
  take(count: number): Promise<string[]>;
  /** Why the server closed. */
  readonly closed: Promise<number>;
}

/** Opens one with Node's client. */
async function open(path: string, protocols: readonly string[]): Promise<Opened> {
  const url = `${listener.url.replace('http', 'ws')}${path}`;
  const socket = new WebSocket(url, { protocols: [...protocols], headers: { origin: 'https://page.test' } });
  const messages: string[] = [];
  socket.addEventListener('message', ({ data }) => void messages.push(data as string));
  const closed = new Promise<number>((resolve) => socket.addEventListener('close', ({ code }) => resolve(code)));
  await new Promise<void>((resolve, reject) => {
    socket.addEventListener('open', () => resolve());
    socket.addEventListener('error', () => reject(new Error('it does not open')));
  });
  return {
    protocol: socket.protocol,
    closed,
    take: async (count) => {
      await eventually(() => messages.length >= count || undefined, { message: `${count} events` });
      return messages.splice(0, count);
    },
    async [Symbol.asyncDispose]() {
      socket.close();
      await closed;
    },
  };
}

const openAsWatcher = (query = '') =>
  eventually(() => open(`${configMaps}${query}`, ['base64.binary.k8s.io', bearer()]).catch(() => undefined), {
    message: 'the right to watch',
  });

const summary = (text: string) => {
  const { type, object } = parseJson(text) as { type: string; object: JsonObject };
  return `${type} ${String((object.metadata as JsonObject | undefined)?.name ?? object.reason ?? '')}`.trim();
};

/** One opening by hand; what becomes of it. */
async function opening(path: string, headers: Record<string, string>): Promise<IncomingMessage & { body?: string }> {
  const asked = ask(path, headers);
  const [answer] = (await Promise.race([once(asked, 'upgrade'), once(asked, 'response')])) as [IncomingMessage];
  let body = '';
  if (answer.statusCode === 101) answer.socket.destroy();
  else for await (const piece of answer) body += String(piece);
  return Object.assign(answer, { body });
}

const whole = {
  connection: 'Upgrade',
  upgrade: 'websocket',
  origin: 'https://page.test',
  'sec-websocket-version': '13',
  'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==',
};
function ask(path: string, headers: Record<string, string>): ClientRequest {
  const authorization = `Bearer ${token}`;
  const given = Object.fromEntries(Object.entries({ authorization, ...whole, ...headers }).filter(([, v]) => v !== ''));
  const asked = request({ host: listener.host, port: listener.port, path, agent: false, headers: given });
  asked.end();
  return asked;
}

describe('a watch over WebSocket', () => {
  test('KA-85b each event is a text of its own, to the bearer of a token among the subprotocols', async () => {
    await using seen = await openAsWatcher('&fieldSelector=metadata.name%3Dbig');
    expect(seen.protocol).toBe('base64.binary.k8s.io');
    await client().create(ConfigMap, { ...configMap('big'), data: { text: 'x'.repeat(100_000) } });
    const [first = ''] = await seen.take(1);
    expect([summary(first), first.endsWith('}\n'), first.length > 100_000]).toEqual(['ADDED big', true, true]);
    await client().delete(ConfigMap, { namespace, name: 'big' });
    expect((await seen.take(1)).map(summary)).toEqual(['DELETED big']);
  });

  test('KA-85b KA-90 the first state comes as single messages, with its bookmark', async () => {
    for (const name of ['one', 'two', 'three']) {
      await client().create(ConfigMap, { ...configMap(name), metadata: { name, namespace, labels: { in: 'first' } } });
    }
    await using seen = await openAsWatcher(
      '&labelSelector=in%3Dfirst&sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true',
    );
    const texts = await seen.take(4);
    expect(texts.map(summary)).toEqual(['ADDED one', 'ADDED three', 'ADDED two', 'BOOKMARK']);
    expect(texts[3]).toContain('"k8s.io/initial-events-end":"true"');
  });

  test('KA-85b KA-91 ends by a goodbye when its time is over', async () => {
    await using seen = await openAsWatcher('&resourceVersion=0&timeoutSeconds=1&labelSelector=in%3Dnone');
    expect(await seen.closed).toBe(1000);
  });

  test('KA-85b RG-22 ends when the right to it goes', async () => {
    await using seen = await openAsWatcher('&labelSelector=in%3Dnone');
    await client().delete(RoleBinding, { namespace, name: 'watcher' });
    expect(await seen.closed).toBe(1000);
    await eventually(async () => (await opening(configMaps, {})).statusCode === 403 || undefined);
    await client().create(RoleBinding, binding);
    await using again = await openAsWatcher('&labelSelector=in%3Dnone');
    expect(again.protocol).toBe('base64.binary.k8s.io');
  });

  test('KA-85b what a watch is refused for is told before the connection is switched', async () => {
    const { statusCode, body } = await opening(`${configMaps}&resourceVersion=x`, {});
    expect([statusCode, (parseJson(body ?? '') as JsonObject).reason]).toEqual([400, 'BadRequest']);
  });

  test('KA-6 KA-85b one object is read, not watched, whatever the query says', async () => {
    await client().create(ConfigMap, configMap('read'));
    const { statusCode, body } = await opening(`/api/v1/namespaces/${namespace}/configmaps/read?watch=true`, {});
    expect([statusCode, (parseJson(body ?? '') as JsonObject).kind]).toEqual([200, 'ConfigMap']);
  });

  test('KA-85b KA-145 a listener that stops says goodbye', async () => {
    const other = await startHttpListener({ host: '127.0.0.1', port: 0, logger: silentLogger });
    other.mount('', server.server.pipeline);
    const socket = new WebSocket(`${other.url.replace('http', 'ws')}${configMaps}&labelSelector=in%3Dnone`, {
      protocols: ['base64.binary.k8s.io', bearer()],
      headers: { origin: 'https://page.test' },
    });
    await new Promise((resolve) => socket.addEventListener('open', resolve));
    const code = new Promise<number>((resolve) => socket.addEventListener('close', (event) => resolve(event.code)));
    await other.stop({ graceMs: 0 });
    expect(await code).toBe(1001);
  });

  test('KA-85b a ping is answered, a message is not, and a goodbye is returned', async () => {
    const [, socket] = (await once(ask(`${configMaps}&labelSelector=in%3Dnone`, {}), 'upgrade')) as [unknown, Socket];
    const ping = [0x89, 0x82, 0, 0, 0, 0, 0x68, 0x69];
    const message = [0x81, 0x81, 0, 0, 0, 0, 0x21];
    const close = [0x88, 0x82, 0, 0, 0, 0, 0x03, 0xe8];
    socket.write(Buffer.from([...message, ...ping, ...close]));
    const heard: Buffer[] = [];
    for await (const piece of socket) heard.push(piece as Buffer);
    expect([...Buffer.concat(heard)]).toEqual([0x8a, 2, 0x68, 0x69, 0x88, 2, 0x03, 0xe8]);
  });

  test('KA-85b KA-29 what asks for protobuf alone gets it in binary messages', async () => {
    await client().create(ConfigMap, {
      ...configMap('bin'),
      metadata: { name: 'bin', namespace, labels: { in: 'bin' } },
    });
    const asked = ask(`${configMaps}&labelSelector=in%3Dbin`, { accept: 'application/vnd.kubernetes.protobuf' });
    const [, socket, head] = (await once(asked, 'upgrade')) as [unknown, Socket, Buffer];
    let first = head;
    const isWhole = () => first.byteLength >= 4 && first.byteLength >= 4 + first.readUInt16BE(2);
    while (!isWhole()) first = Buffer.concat([first, ((await once(socket, 'data')) as [Buffer])[0]]);
    socket.destroy();
    // A whole binary message with two octets of length, whose first field is the type of the event.
    expect([first[0], first[1], first.subarray(4, 11).toString('latin1')]).toEqual([0x82, 126, '\x0a\x05ADDED']);
    expect(first.readUInt16BE(2)).toBe(first.byteLength - 4);
  });
});

describe('the opening of a WebSocket', () => {
  test('KA-85b the answer is the one that RFC 6455 works out for its example', async () => {
    const { statusCode, headers } = await opening(configMaps, {});
    expect([statusCode, headers['sec-websocket-accept'], headers.upgrade]).toEqual([
      101,
      's3pPLMBiTxaQ9kYGzzhZRbK+xOo=',
      'websocket',
    ]);
  });

  test.each<{ name: string; headers: Record<string, string>; code: number }>([
    { name: 'no key', headers: { 'sec-websocket-key': '' }, code: 400 },
    { name: 'another version', headers: { 'sec-websocket-version': '8' }, code: 400 },
    { name: 'no version', headers: { 'sec-websocket-version': '' }, code: 400 },
    { name: 'no origin', headers: { origin: '' }, code: 403 },
    { name: 'an origin that is no URL', headers: { origin: 'null' }, code: 403 },
    { name: 'several subprotocols', headers: { 'sec-websocket-protocol': 'a, b' }, code: 400 },
    {
      name: 'a bad token',
      headers: { authorization: '', 'sec-websocket-protocol': 'base64url.bearer.authorization.k8s.io.eA, a' },
      code: 401,
    },
    { name: 'nobody', headers: { authorization: '' }, code: 403 },
    { name: 'the accepted form YAML', headers: { accept: 'application/yaml' }, code: 406 },
  ])('KA-85b $name is $code with a Status', async ({ headers, code }) => {
    const answer = await opening(configMaps, headers);
    expect([answer.statusCode, (parseJson(answer.body ?? '') as JsonObject).kind]).toEqual([code, 'Status']);
  });

  test('KA-85b a client of another version is told which', async () => {
    const { headers } = await opening(configMaps, { 'sec-websocket-version': '8' });
    expect(headers['sec-websocket-version']).toBe('13');
    const other = await opening(configMaps, { origin: '' });
    expect(other.headers['sec-websocket-version']).toBeUndefined();
  });

  test('KA-85b a good token beside a bad header is enough, and is named in no answer', async () => {
    const { statusCode, headers } = await opening(configMaps, {
      authorization: 'Bearer nobody',
      'sec-websocket-protocol': `${bearer()}, chat`,
    });
    expect([statusCode, headers['sec-websocket-protocol']]).toEqual([101, 'chat']);
  });

  test('KA-85b SEC-6 a token among the subprotocols of another upgrade opens, and is handed on to nobody', async () => {
    await client().create(ConfigMap, configMap('doored'));
    const { statusCode, body } = await opening('/api/v1/namespaces/default/configmaps/doored/door', {
      authorization: '',
      'sec-websocket-protocol': `v5.channel.k8s.io,${bearer()},v4.channel.k8s.io`,
    });
    const seen = 'system:serviceaccount:default:watcher v5.channel.k8s.io, v4.channel.k8s.io 13';
    expect([statusCode, body]).toEqual([200, seen]);
  });

  test('KA-85b a list does not care for the wish to switch', async () => {
    const { statusCode, body } = await opening('/api/v1/namespaces/default/configmaps', {});
    expect([statusCode, (parseJson(body ?? '') as JsonObject).kind]).toEqual([200, 'ConfigMapList']);
  });
});
