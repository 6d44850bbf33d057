import { once } from 'node:events';
import { createServer } from 'node:http';
import { connect, createServer as createHubSide, type IncomingHttpHeaders } from 'node:http2';
import type { AddressInfo, Server } from 'node:net';
import { text } from 'node:stream/consumers';
import type { Client } from '@quarterdeck/machinery';
import { createRawAgent, encodeCaller, tunnelHeader } from '@quarterdeck/machinery';
import { fakeClock, testLogger } from '@quarterdeck/machinery/testing';
import { expect, test } from 'vitest';
import { parseTunnelPolicy } from './policy.ts';
import type { PolicyState } from './policy-source.ts';
import { serveRequest } from './serve-request.ts';

/** A member that counts who asks it, and the agent's end of a tunnel to it whose rules the test changes. */
async function startMember(cleanup: AsyncDisposableStack) {
  const listen = async (server: Server) => {
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    cleanup.defer(() => void server.close());
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  };
  const asked: IncomingHttpHeaders[] = [];
  const api = createServer((request, response) => {
    asked.push(request.headers);
    response.end('{}');
  });
  const baseUrl = await listen(api);
  const clock = fakeClock();
  const agent = createRawAgent({ baseUrl }, clock);
  cleanup.defer(() => agent.destroy());
  const rules: { state: PolicyState; issueToken: () => Promise<string> } = {
    state: { type: 'known', policy: parseTunnelPolicy('') },
    issueToken: () => Promise.resolve('member-token'),
  };
  const member = {
    agent,
    baseUrl: new URL(baseUrl),
    token: { current: () => rules.issueToken(), forget: () => {} },
    memberClient: {} as Client,
    policy: { current: () => rules.state },
    logger: testLogger(),
  };
  const tunnelEnd = createHubSide();
  tunnelEnd.on('stream', (stream, headers) => void serveRequest(member, stream, headers));
  const session = connect(await listen(tunnelEnd));
  cleanup.defer(() => session.destroy());
  const get = async (user: string) => {
    const caller = encodeCaller({ user, groups: [] });
    const stream = session.request({ ':path': '/api/v1/pods', [tunnelHeader.caller]: caller });
    const [[headers], body] = await Promise.all([once(stream, 'response'), text(stream)]);
    return { status: (headers as IncomingHttpHeaders)[':status'], body };
  };
  return { get, asked, rules };
}

test('RG-50 a request is made as whom the rules make of its caller, by the token of the tunnel', async () => {
  await using cleanup = new AsyncDisposableStack();
  const { get, asked } = await startMember(cleanup);
  expect(await get('ada')).toEqual({ status: 200, body: '{}' });
  expect(asked).toMatchObject([{ authorization: 'Bearer member-token', 'impersonate-user': 'quarterdeck:ada' }]);
});

test('RG-50 what the administrator forbids while the token of the tunnel is awaited does not reach the member', async () => {
  await using cleanup = new AsyncDisposableStack();
  const { get, asked, rules } = await startMember(cleanup);
  rules.issueToken = () => {
    rules.state = { type: 'known', policy: parseTunnelPolicy('allow: { users: [bob] }') };
    return Promise.resolve('member-token');
  };
  const answer = await get('ada');
  expect([answer.status, asked]).toEqual([403, []]);
  expect(answer.body).toContain('this member does not let you in');
});

test('RG-50 nobody is carried without a token of the tunnel, and none is asked for whom the rules refuse', async () => {
  await using cleanup = new AsyncDisposableStack();
  const { get, asked, rules } = await startMember(cleanup);
  let issued = 0;
  rules.issueToken = () => {
    issued += 1;
    return Promise.reject(new Error('no right'));
  };
  expect((await get('ada')).status).toBe(503);
  rules.state = { type: 'unknown', why: 'the member is away' };
  expect((await get('ada')).status).toBe(403);
  expect([issued, asked]).toEqual([1, []]);
});
