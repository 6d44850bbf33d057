import { PassThrough } from 'node:stream';
import { apiError, memberUserName, StatusReason } from '@quarterdeck/apis';
import type { ApiRequest, ApiResponse } from '@quarterdeck/apiserver';
import { type Client, tunnelAudience, tunnelProtocol } from '@quarterdeck/machinery';
import { eventually, fakeClock, testLogger } from '@quarterdeck/machinery/testing';
import { describe, expect, test } from 'vitest';
import type { Tunnels } from '../tunnels.ts';
import { createDelegation } from './delegation.ts';
import { doorsPipeline } from './pipeline.ts';

const agent = memberUserName('m1', 'uid-1');

/** A Kubernetes hub that knows these tokens and rights, and the member m1; and what it was asked. */
function kubernetesHub() {
  const clock = fakeClock();
  const asked: string[] = [];
  const rights = new Set([
    `alice get proxy m1`,
    `alice create proxy m1`,
    ' get proxy m1',
    `${agent} create tunnel m1`,
    'alice get proxy m2',
  ]);
  const users: Record<string, { username: string; audience?: string; groups?: string[] }> = {
    alices: { username: 'alice' },
    alicesAsAdmin: { username: 'alice', groups: ['admins'] },
    agents: { username: agent },
    bound: { username: 'alice', audience: tunnelAudience('m1') },
    nameless: { username: '' },
  };
  const state = { isBusy: false };
  const client = {
    async create(type: { kind: string }, object: { spec: Record<string, unknown> }) {
      const { spec } = object;
      if (state.isBusy) throw apiError(StatusReason.TooManyRequests, 'too many requests');
      if (type.kind === 'TokenReview') {
        const user = users[String(spec.token)];
        const audiences = spec.audiences as string[] | undefined;
        asked.push(`token ${spec.token} ${audiences ?? ''}`.trim());
        const authenticated = user !== undefined && user.audience === audiences?.[0];
        const groups = [...(user?.groups ?? []), 'system:authenticated'];
        return { status: { authenticated, user: { username: user?.username, groups } } };
      }
      const { verb, subresource, namespace, name } = spec.resourceAttributes as Record<string, string>;
      const what = `${spec.user} ${verb} ${subresource} ${namespace === undefined ? '' : `${namespace}/`}${name}`;
      asked.push(what);
      return { status: { allowed: rights.has(what) || (spec.groups as string[]).includes('admins') } };
    },
    async list() {
      return { items: [], metadata: { resourceVersion: '1' } };
    },
    async get(_type: unknown, { name }: { name: string }) {
      if (name !== 'm1') throw apiError(StatusReason.NotFound, 'not found');
      return {};
    },
  } as unknown as Client;
  const accepted: string[] = [];
  const issued: Record<string, unknown>[] = [];
  const session = {
    request(headers: Record<string, unknown>) {
      issued.push(headers);
      const stream = new PassThrough();
      queueMicrotask(() => stream.emit('response', { ':status': 201 }));
      stream.write('{"token":"a.b.c","expirationTimestamp":"2026-01-01T01:00:00Z"}');
      return stream;
    },
  };
  let hasTunnel = false;
  const tunnels: Tunnels = {
    isOnlyProcess: true,
    accept: (name) => void accepted.push(name),
    get: () => (hasTunnel ? (session as unknown as ReturnType<Tunnels['get']>) : undefined),
    [Symbol.dispose]: () => undefined,
  };
  const delegation = createDelegation({ client, clientCa: () => '', clock });
  const pipeline = doorsPipeline({ tunnels, delegation, hubClient: client, clock, logger: testLogger() });
  const ask = async (path: string, over: Partial<ApiRequest> & { token?: string } = {}) => {
    const { token, ...rest } = over;
    return await pipeline({
      method: 'GET',
      path,
      query: new URLSearchParams(),
      headers: token === undefined ? {} : { authorization: `Bearer ${token}` },
      headerLists: {},
      body: (async function* () {})(),
      peer: { type: 'network', address: '::1', clientCertificate: undefined },
      signal: new AbortController().signal,
      ...rest,
    });
  };
  const openTunnel = () => {
    hasTunnel = true;
  };
  return { clock, state, asked, rights, accepted, issued, openTunnel, ask };
}

const proxy = '/apis/quarterdeck.dev/v1alpha1/memberclusters/m1/proxy';
const saying = ({ status, body }: ApiResponse): [number, string] => {
  const text = Buffer.from(body as Uint8Array).toString('utf8');
  return [status, text.startsWith('{') ? String((JSON.parse(text) as { message: string }).message) : text];
};

describe('the port of the hub program', () => {
  const noTunnel = 'm1 has no tunnel to this hub now: its agent is away, or runs without --tunnel';

  test.each<{
    name: string;
    path?: string;
    over?: Parameters<ReturnType<typeof kubernetesHub>['ask']>[1];
    want: [number, string];
  }>([
    { name: 'who may', over: { token: 'alices' }, want: [503, noTunnel] },
    { name: 'who may, deeper', path: `${proxy}/api/v1/pods`, over: { token: 'alices' }, want: [503, noTunnel] },
    { name: 'a token for this member alone', over: { token: 'bound' }, want: [503, noTunnel] },
    { name: 'nobody', want: [401, 'Unauthorized'] },
    { name: 'a token of a user without a name', over: { token: 'nameless' }, want: [401, 'Unauthorized'] },
    { name: 'an unknown token', over: { token: 'x' }, want: [401, 'Unauthorized'] },
    {
      name: 'a token for one member at another',
      path: proxy.replace('m1', 'm2'),
      over: { token: 'bound' },
      want: [401, 'Unauthorized'],
    },
    {
      name: 'who may not',
      over: { token: 'alices', method: 'DELETE' },
      want: [
        403,
        'memberclusters.quarterdeck.dev "m1" is forbidden: User "alice" cannot delete resource "memberclusters/proxy" in API group "quarterdeck.dev" at the cluster scope',
      ],
    },
    {
      name: 'a member that does not exist',
      path: proxy.replace('m1', 'm2'),
      over: { token: 'alices' },
      want: [404, 'memberclusters.quarterdeck.dev "m2" not found'],
    },
    {
      name: 'acting as another',
      over: { token: 'alices', headers: { 'impersonate-user': 'bob' } },
      want: [400, 'nobody acts as another on this port: ask as yourself'],
    },
    {
      name: 'another path',
      path: '/api/v1/pods',
      over: { token: 'alices' },
      want: [
        404,
        'this port serves proxy, tunnel and token of member clusters and explanations of placements, and nothing else',
      ],
    },
    { name: 'a probe', path: '/healthz', want: [200, 'ok'] },
  ])('RG-53, SEC-5 $name', async ({ path = proxy, over, want }) => {
    expect(saying(await kubernetesHub().ask(path, over))).toEqual(want);
  });

  test('RG-53 a verdict of the Kubernetes hub holds for ten seconds', async () => {
    const { ask, asked, clock } = kubernetesHub();
    for (const _ of [1, 2, 3]) await ask(proxy, { token: 'alices' });
    expect(asked).toEqual(['token alices', 'alice get proxy m1']);
    await clock.advance(10_000);
    await ask(proxy, { token: 'alices' });
    expect(asked).toHaveLength(4);
  });

  test('RG-53 a verdict is that of one user with these groups', async () => {
    const { ask } = kubernetesHub();
    const path = `${proxy}/api/v1/nodes/n1`;
    expect((await ask(path, { token: 'alicesAsAdmin', method: 'DELETE' })).status).toBe(503);
    expect((await ask(path, { token: 'alices', method: 'DELETE' })).status).toBe(403);
  });

  test.each(['tunnel', 'token'])(
    'RG-51, RG-53 a token that is for the proxy of a member opens no %s',
    async (other) => {
      const { ask, rights, issued, accepted, openTunnel } = kubernetesHub();
      openTunnel();
      for (const right of ['tunnel m1', 'token m1', 'token m1:shop:deployer']) rights.add(`alice create ${right}`);
      const asking = { token: 'bound', method: 'POST', body: body(wanted), upgrade: tunnelProtocol };
      expect(saying(await ask(proxy.replace('/proxy', `/${other}`), asking))).toEqual([401, 'Unauthorized']);
      expect([issued, accepted]).toEqual([[], []]);
    },
  );

  test('SEC-7, RG-50 whatever rights somebody else has, a tunnel is taken from the agent alone', async () => {
    const { ask, rights, accepted } = kubernetesHub();
    rights.add('alice create tunnel m1');
    const offer = { token: 'alices', method: 'POST', upgrade: tunnelProtocol };
    expect(saying(await ask(proxy.replace('/proxy', '/tunnel'), offer))).toEqual([
      403,
      'only the agent of m1 may offer its tunnel',
    ]);
    expect(accepted).toEqual([]);
  });

  test('RG-50, RG-53 a tunnel is taken from the agent, and cut when it loses the right, not while the hub is too busy to judge', async () => {
    const { ask, accepted, rights, clock, state } = kubernetesHub();
    const path = proxy.replace('/proxy', '/tunnel');
    const offer = { token: 'agents', method: 'POST', upgrade: tunnelProtocol };
    expect((await ask(path, { ...offer, token: 'alices' })).status).toBe(403);
    const answer = await ask(path, offer);
    expect(answer.status).toBe(101);
    const connection = new PassThrough();
    answer.takeOver?.(connection);
    expect(accepted).toEqual(['m1']);
    await clock.advance(10_000);
    expect(connection.destroyed).toBe(false);
    state.isBusy = true;
    await clock.advance(10_000);
    await clock.advance(10_000);
    expect(connection.destroyed).toBe(false);
    state.isBusy = false;
    rights.delete(`${agent} create tunnel m1`);
    await clock.advance(10_000);
    await clock.advance(10_000);
    await eventually(() => connection.destroyed);
  });

  const token = proxy.replace('/proxy', '/token');
  const body = (text: string) =>
    (async function* () {
      yield Buffer.from(text);
    })();
  const wanted = JSON.stringify({ spec: { serviceAccount: { namespace: 'shop', name: 'deployer' } } });

  test('RG-53, RG-51 a token of an account of the member is handed on, to whoever has the right on member and account', async () => {
    const { ask, rights, clock, issued, openTunnel } = kubernetesHub();
    openTunnel();
    const post = async () => await ask(token, { token: 'alices', method: 'POST', body: body(wanted) });
    const refused = async () => {
      await clock.advance(10_000); // verdicts hold that long
      return saying(await post());
    };
    expect(await refused()).toEqual([403, expect.stringContaining('"m1" is forbidden')]);
    rights.add('alice create token m1');
    expect(await refused()).toEqual([403, expect.stringContaining('"m1:shop:deployer" is forbidden')]);
    expect(issued).toEqual([]);
    rights.add('alice create token m1:shop:deployer');
    await clock.advance(10_000);
    const answer = await post();
    expect([answer.status, JSON.parse(Buffer.from(answer.body as Uint8Array).toString('utf8'))]).toEqual([
      201,
      {
        spec: { serviceAccount: { namespace: 'shop', name: 'deployer' } },
        status: { token: 'a.b.c', expirationTimestamp: '2026-01-01T01:00:00Z' },
      },
    ]);
    expect(issued).toHaveLength(1);
  });

  test.each([
    { name: 'no JSON', text: '{', want: [400, 'the body must be an object as JSON'] },
    { name: 'no object', text: '[]', want: [400, 'the body must be an object as JSON'] },
    { name: 'too much', text: ' '.repeat(65_537), want: [413, 'the body is over 65536 bytes'] },
    {
      name: 'no account',
      text: '{}',
      want: [400, 'spec.serviceAccount must name a service account of the member: namespace and name'],
    },
    {
      // The right to `m1:shop:deployer` is asked for by that name.
      name: 'what would be read as another account',
      text: JSON.stringify({ spec: { serviceAccount: { namespace: 'shop:deployer', name: 'x' } } }),
      want: [400, 'spec.serviceAccount must name a service account of the member: namespace and name'],
    },
  ])('RG-53, RG-51 a request for a token with $name in it is refused', async ({ text, want }) => {
    const { ask, rights } = kubernetesHub();
    rights.add('alice create token m1');
    expect(saying(await ask(token, { token: 'alices', method: 'POST', body: body(text) }))).toEqual(want);
  });

  test('RG-53, PL-34 the explanation of a placement, to whoever has the right to it there', async () => {
    const { ask, rights, asked } = kubernetesHub();
    const path = '/apis/quarterdeck.dev/v1alpha1/namespaces/shop/placements/gold/explanation';
    expect(saying(await ask(path, { token: 'alices' }))[0]).toBe(403);
    expect(asked.at(-1)).toBe('alice get explanation shop/gold');
    const other = path.replace('shop', 'app');
    rights.add('alice get explanation app/gold');
    expect(saying(await ask(other, { token: 'alices' }))).toEqual([404, 'not found']);
    expect(saying(await ask(other, { token: 'alices', method: 'POST' }))[0]).toBe(405);
  });
});
