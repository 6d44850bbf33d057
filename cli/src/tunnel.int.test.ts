import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { connect } from 'node:tls';
import {
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
import {
  createHttpClient,
  type HttpClient,
  type HttpClientOptions,
  loadKubeconfig,
  proxyPath,
  tunnelAudience,
} from '@quarterdeck/machinery';
import { eventually } from '@quarterdeck/machinery/testing';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { accept, isAvailable, startTestFleet, type TestFleet } from './testing/fleet.ts';

/** The tunnel as users of the hub know it: a hub, agents and simulated members, over TLS. */

const cleanup = new AsyncDisposableStack();
let fleet: TestFleet;
let m1: HttpClient;
let admin: HttpClientOptions;
let standIn: StandIn;

const kinds: Readonly<Record<string, ResourceType>> = {
  ServiceAccount,
  ClusterRole,
  ClusterRoleBinding,
  Role,
  RoleBinding,
};
const rbac = 'rbac.authorization.k8s.io';
const bind = (name: string, role: string, user: string): ClusterRoleBinding => ({
  apiVersion: apiVersionOf(ClusterRoleBinding),
  kind: ClusterRoleBinding.kind,
  metadata: { name },
  roleRef: { apiGroup: rbac, kind: 'ClusterRole', name: role },
  subjects: [{ kind: 'User', apiGroup: rbac, name: user }],
});
const consumer = { namespace: 'default', name: 'consumer' };
const consumerUser = 'system:serviceaccount:default:consumer';
const through = (member: string, options: HttpClientOptions = admin): HttpClient =>
  cleanup.use(createHttpClient({ ...options, baseUrl: `${fleet.hub.url}${proxyPath(member)}` }));

interface Spoken extends KubeObject {
  spec?: unknown;
  status?: { token?: string; userInfo?: { username: string; groups: string[] } };
}
const spoken = (type: object) =>
  ({ group: '', version: 'v1', scope: 'Cluster', ...type }) as unknown as ResourceType<Spoken>;
const reviews = spoken({ group: 'authentication.k8s.io', kind: 'SelfSubjectReview', plural: 'selfsubjectreviews' });
const whoAmI = async (client: HttpClient) => {
  const answer = await client.create(reviews, {
    apiVersion: 'authentication.k8s.io/v1',
    kind: 'SelfSubjectReview',
    metadata: {},
  });
  return answer.status?.userInfo;
};
const tokenOf = async (audiences: string[]): Promise<string> => {
  const type = ServiceAccount as unknown as ResourceType<Spoken>;
  const frame = { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenRequest' };
  const asked = { ...frame, metadata: consumer, spec: { audiences } };
  return (await fleet.admin.create(type, asked, { subresource: 'token' })).status?.token ?? '';
};
const outcome = (call: Promise<unknown>) =>
  call.then(
    () => 'allowed',
    (error: { code?: number }) => error.code,
  );

async function openMember(name: string): Promise<void> {
  const member = fleet.memberClient(name);
  await member.create(Namespace, { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'quarterdeck-system' } });
  for (const object of tunnelRights) {
    const type = kinds[object.kind ?? ''];
    if (type !== undefined) await member.create(type, object as KubeObject);
  }
}

/** What a member's API server could be, as far as a tunnel can tell: it keeps the headers, and echoes upgraded streams. */
interface StandIn extends Disposable {
  readonly baseUrl: string;
  /** Requests that are being answered. */
  readonly open: number;
  readonly heard: { readonly url: string; readonly headers: IncomingHttpHeaders }[];
}

async function startStandIn(): Promise<StandIn> {
  const heard: { url: string; headers: IncomingHttpHeaders }[] = [];
  const sockets = new Set<Socket>();
  const open = new Set<object>();
  const server: Server = createServer((request, response) => {
    open.add(response);
    response.once('close', () => open.delete(response));
    heard.push({ url: request.url ?? '', headers: request.headers });
    response.writeHead(200, { 'content-type': 'text/plain', 'set-cookie': 'a=b' }).write('line 1\n');
    if (request.url?.endsWith('/flood') === true) flood();
    else setTimeout(() => response.end('line 2\n'), 10);
    function flood(): void {
      while (!response.destroyed && response.write(Buffer.alloc(64 * 1024)));
      if (!response.destroyed) response.once('drain', flood);
    }
  });
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
  });
  server.on('upgrade', (request, socket) => {
    heard.push({ url: request.url ?? '', headers: request.headers });
    const protocol = request.headers['sec-websocket-protocol'];
    const chosen = protocol === undefined ? '' : `sec-websocket-protocol: ${protocol}\r\n`;
    const { upgrade } = request.headers;
    socket.write(`HTTP/1.1 101 Switching Protocols\r\nconnection: Upgrade\r\nupgrade: ${upgrade}\r\n${chosen}\r\n`);
    socket.on('data', (bytes) => socket.write(bytes));
    socket.on('end', () => socket.end('bye'));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    baseUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}/prefix`,
    heard,
    get open() {
      return open.size;
    },
    [Symbol.dispose]() {
      server.close();
      for (const socket of sockets) socket.destroy();
    },
  };
}

/** A connection to the hub as a client that switches protocols makes it. */
async function openStream(path: string, headers: readonly string[], method = 'GET'): Promise<Socket> {
  const { hostname, port } = new URL(fleet.hub.url);
  const tls = typeof admin.tls === 'function' ? admin.tls() : admin.tls;
  const { ca, cert, key } = tls ?? {};
  const socket = connect({
    host: hostname,
    port: Number(port),
    ALPNProtocols: ['http/1.1'],
    ...{ ca, cert, key },
  } as object);
  await new Promise((resolve, reject) => socket.once('secureConnect', resolve).once('error', reject));
  socket.write([`${method} ${path} HTTP/1.1`, 'host: hub', ...headers, '', ''].join('\r\n'));
  return socket;
}

/** Reads until the text holds what is waited for, or the stream ends. */
function readUntil(socket: Socket, wanted: string): Promise<string> {
  return new Promise((resolve) => {
    let text = '';
    const done = () => {
      socket.off('data', take);
      resolve(text);
    };
    const take = (bytes: Buffer) => {
      text += bytes.toString('latin1');
      if (text.includes(wanted)) done();
    };
    socket.on('data', take);
    socket.once('close', done);
  });
}

beforeAll(async () => {
  standIn = cleanup.use(await startStandIn());
  fleet = cleanup.use(await startTestFleet(['m1', 'm2', 'm3']));
  await Promise.all(['m1', 'm3'].map(openMember));
  await fleet.join('m1', { tunnel: true });
  await fleet.join('m2');
  await fleet.join('m3', { tunnel: { baseUrl: standIn.baseUrl } });
  await isAvailable(fleet.admin, 'm1');
  admin = await loadKubeconfig({ text: await fleet.hub.adminKubeconfig() });
  m1 = through('m1');
  await fleet
    .memberClient('m1')
    .create(ClusterRoleBinding, bind('a', 'cluster-admin', 'quarterdeck:quarterdeck:admin'));
  await fleet.memberClient('m1').create(ClusterRoleBinding, bind('c', 'view', `quarterdeck:${consumerUser}`));
  await fleet.admin.create(ServiceAccount, { apiVersion: 'v1', kind: 'ServiceAccount', metadata: consumer });
  await fleet.admin.create(ClusterRole, {
    apiVersion: apiVersionOf(ClusterRole),
    kind: ClusterRole.kind,
    metadata: { name: 'through' },
    rules: [
      {
        apiGroups: ['quarterdeck.dev'],
        resources: ['memberclusters/proxy'],
        resourceNames: ['m1', 'm2'],
        verbs: ['get', 'create'],
      },
    ],
  });
  await fleet.admin.create(ClusterRoleBinding, bind('through', 'through', consumerUser));
  await eventually(async () => (await outcome(m1.get(Namespace, { name: 'default' }))) === 'allowed', {
    timeoutMs: 20_000,
  });
  // The stand-in speaks no JSON: an answer at all is what counts.
  await eventually(async () => (await outcome(through('m3').getRaw('/ready'))) !== 503, { timeoutMs: 20_000 });
});
afterAll(() => cleanup.disposeAsync());

describe('requests', () => {
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

  test('RG-52 fifty watches at once, beside readers that read nothing', async () => {
    const flooded = await Promise.all(
      [1, 2, 3].map(async () => {
        const socket = held(await openStream(`${proxyPath('m3')}/flood`, []));
        return socket.pause();
      }),
    );
    const stop = new AbortController();
    const names = Array.from({ length: 50 }, (_, index) => `watched-${index}`);
    const seen = names.map(async (name) => {
      const options = { namespace: 'default', fieldSelector: `metadata.name=${name}`, signal: stop.signal };
      for await (const event of m1.watch(ConfigMap, options)) {
        if (event.type === 'ADDED') return event.object.metadata.name;
      }
      return undefined;
    });
    for (const name of names) {
      const metadata = { namespace: 'default', name };
      await fleet.memberClient('m1').create(ConfigMap, { apiVersion: 'v1', kind: 'ConfigMap', metadata });
    }
    expect(await Promise.all(seen)).toEqual(names);
    stop.abort();
    const text = await readUntil(held(await openStream(`${proxyPath('m3')}/logs`, [])), 'line 2');
    expect(text).toContain('line 1');
    for (const socket of flooded) expect(socket.destroyed).toBe(false);
    await eventually(() => standIn.open === flooded.length);
    for (const socket of flooded) socket.destroy();
    await eventually(() => standIn.open === 0);
  });

  test('RG-50 a member without a tunnel says so; one that does not exist is not found', async () => {
    await expect(through('m2').get(Namespace, { name: 'default' })).rejects.toMatchObject({
      code: 503,
      message: 'm2 has no tunnel to this hub now: its agent is away, or runs without --tunnel',
    });
    expect(await outcome(through('m9').get(Namespace, { name: 'default' }))).toBe(404);
  });

  test('SEC-5 nothing but the API of the member is reached', async () => {
    const before = standIn.heard.length;
    for (const path of ['/../secret', '/%2e%2e/secret', '/a/..', '//other.host/x']) {
      const text = await readUntil(held(await openStream(`${proxyPath('m3')}${path}`, [])), '\r\n\r\n');
      expect([path, text.split('\r\n')[0]]).toEqual([path, 'HTTP/1.1 400 Bad Request']);
    }
    expect(standIn.heard.length).toBe(before);
  });
});

describe('who it is on the member', () => {
  test('RG-50 users and groups of the hub arrive prefixed', async () => {
    const client = through('m1', { baseUrl: '', tls: { ca: fleet.hub.caPem }, token: await tokenOf([]) });
    expect(await whoAmI(client)).toMatchObject({
      username: `quarterdeck:${consumerUser}`,
      groups: [
        'quarterdeck:system:serviceaccounts',
        'quarterdeck:system:serviceaccounts:default',
        'quarterdeck:system:authenticated',
        'system:authenticated',
      ],
    });
  });

  test('RG-50, SEC-6 administrators of the hub are nobody on the member, and cannot name themselves there', async () => {
    const root = { user: 'root', groups: ['system:masters'] };
    expect(await outcome(through('m1', { ...admin, impersonate: root }).list(ConfigMap))).toBe(403);
    const headers = ['x-remote-user: x', 'x-forwarded-for: 1.2.3.4', 'cookie: c', 'authorization: Basic eDp5'];
    const socket = await openStream(`${proxyPath('m3')}/headers`, headers);
    await readUntil(held(socket), 'line 2');
    const heard = standIn.heard.find(({ url }) => url.endsWith('/headers'))?.headers ?? {};
    expect(Object.keys(heard).sort()).toEqual(
      ['authorization', 'host', 'impersonate-group', 'impersonate-user'].sort(),
    );
    expect(heard['impersonate-user']).toBe('quarterdeck:quarterdeck:admin');
    expect(heard.authorization).toMatch(/^Bearer ey/);
  });

  test('RG-51 a token for one member is good for that member, and for nothing else', async () => {
    const token = await tokenOf([tunnelAudience('m1')]);
    const options = { baseUrl: fleet.hub.url, tls: { ca: fleet.hub.caPem }, token };
    expect(await outcome(through('m1', options).get(Namespace, { name: 'default' }))).toBe('allowed');
    expect(await outcome(through('m2', options).get(Namespace, { name: 'default' }))).toBe(401);
    expect(await outcome(cleanup.use(createHttpClient(options)).get(Namespace, { name: 'default' }))).toBe(401);
  });

  test('RG-50 without the right nothing passes', async () => {
    const options = { baseUrl: fleet.hub.url, tls: { ca: fleet.hub.caPem }, token: await tokenOf([]) };
    expect(await outcome(through('m3', options).get(Namespace, { name: 'default' }))).toBe(403);
    const ref = { namespace: 'default', name: 'nothing' };
    expect(await outcome(through('m1', options).delete(ConfigMap, ref))).toBe(403);
  });
});

describe('switched protocols', () => {
  test.each([
    { protocol: 'websocket', method: 'GET', more: [] },
    { protocol: 'SPDY/3.1', method: 'GET', more: [] },
    // As kubectl does it.
    { protocol: 'SPDY/3.1', method: 'POST', more: ['content-length: 0'] },
  ])('RG-52 $protocol by $method is relayed as it is, to its end', async ({ protocol, method, more }) => {
    const bearer = 'base64url.bearer.authorization.k8s.io.c2VjcmV0';
    const path = `${proxyPath('m3')}/api/v1/namespaces/a/pods/b/exec?command=a&command=b`;
    const headers = [
      'connection: Upgrade',
      `upgrade: ${protocol}`,
      `sec-websocket-protocol: v5.channel.k8s.io, ${bearer}`,
      ...more,
    ];
    const socket = await openStream(path, headers, method);
    held(socket);
    const head = await readUntil(socket, '\r\n\r\n');
    expect(
      head
        .split('\r\n')
        .filter((line) => /^(HTTP|upgrade|connection|sec)/.test(line))
        .sort(),
    ).toEqual([
      'HTTP/1.1 101 Switching Protocols',
      'connection: Upgrade',
      'sec-websocket-protocol: v5.channel.k8s.io',
      `upgrade: ${protocol}`,
    ]);
    const bytes = Buffer.from(Array.from({ length: 256 }, (_, index) => index));
    socket.write(bytes);
    expect(await readUntil(socket, '\xff')).toBe(bytes.toString('latin1'));
    socket.end();
    expect(await readUntil(socket, 'bye')).toBe('bye');
    expect(standIn.heard.at(-1)?.url).toBe('/prefix/api/v1/namespaces/a/pods/b/exec?command=a&command=b');
  });

  test('RG-52 a refusal to switch is an answer like any other', async () => {
    const path = `${proxyPath('m1')}/api/v1/namespaces/default/pods/none/exec`;
    const socket = await openStream(path, ['connection: Upgrade', 'upgrade: websocket']);
    const text = await readUntil(held(socket), '"code":404');
    expect(text.split('\r\n')[0]).toBe('HTTP/1.1 404 Not Found');
  });

  test('SEC-7 a tunnel is offered by the agent of the member alone', async () => {
    const path = '/apis/quarterdeck.dev/v1alpha1/memberclusters/m2/tunnel';
    const ask = ['connection: Upgrade', 'upgrade: quarterdeck-tunnel.v1', 'content-length: 0'];
    const text = await readUntil(held(await openStream(path, ask, 'POST')), 'may offer');
    expect(text.split('\r\n')[0]).toBe('HTTP/1.1 403 Forbidden');
  });
});

describe('the inventory', () => {
  test('RG-51, CP-37 the profile of a member with a tunnel says how to use it', async () => {
    const providersOf = async (name: string) => {
      const { status } = await fleet.admin.get(ClusterProfile, { namespace: 'clusterset-default', name });
      return status?.accessProviders;
    };
    await eventually(async () => (await providersOf('m1')) !== undefined, { timeoutMs: 30_000 });
    expect(await providersOf('m1')).toEqual([
      {
        name: 'quarterdeck-tunnel',
        cluster: {
          server: `${fleet.hub.url}${proxyPath('m1')}`,
          'certificate-authority-data': Buffer.from(fleet.hub.caPem).toString('base64'),
          extensions: [{ name: 'client.authentication.k8s.io/exec', extension: { clusterName: 'm1' } }],
        },
      },
    ]);
    expect(await providersOf('m2')).toBeUndefined();
  });
});

describe('the end of it', () => {
  const watching = async (client: HttpClient) => {
    const watch = client.watch(Namespace, {})[Symbol.asyncIterator]();
    await watch.next();
    return {
      async ended(): Promise<boolean> {
        try {
          while ((await watch.next()).done !== true);
        } catch {
          // It may as well break off.
        }
        return true;
      },
    };
  };

  test('RG-50 who loses the right has open streams cut', async () => {
    const options = { baseUrl: fleet.hub.url, tls: { ca: fleet.hub.caPem }, token: await tokenOf([]) };
    const theirs = await watching(through('m1', options));
    await fleet.admin.delete(ClusterRoleBinding, { name: 'through' });
    expect(await theirs.ended()).toBe(true);
  });

  test('RG-50 what the administrator of the member forbids is refused, and cut', async () => {
    const ours = await watching(m1);
    await fleet.memberClient('m1').create(ConfigMap, {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { namespace: 'quarterdeck-system', name: 'quarterdeck-tunnel' },
      data: { 'policy.yaml': 'verbs: [get]\nusers: [{ hub: "quarterdeck:admin", member: ada }]\n' },
    });
    expect(await ours.ended()).toBe(true);
    await expect(m1.list(Namespace)).rejects.toMatchObject({
      code: 403,
      message: 'this member does not allow the verb list through the tunnel',
    });
    await expect(m1.get(Namespace, { name: 'default' })).rejects.toMatchObject({
      code: 403,
      message: expect.stringContaining('User "ada" cannot get'),
    });
  });

  test('RG-22, RG-50 the tunnel of a member that is denied is closed', async () => {
    const socket = await openStream(`${proxyPath('m3')}/x`, ['connection: Upgrade', 'upgrade: websocket']);
    await readUntil(socket, '\r\n\r\n');
    await accept(fleet.admin, 'm3', 'Denied');
    await readUntil(socket, 'never');
    expect(await outcome(through('m3').getRaw('/x'))).toBe(503);
    expect((await fleet.admin.get(MemberCluster, { name: 'm3' })).spec.acceptance).toBe('Denied');
  });
});

/** Closed with the suite; a socket's own disposal takes a closed one for an error. */
function held(socket: Socket): Socket {
  cleanup.defer(() => void socket.destroy());
  return socket;
}
