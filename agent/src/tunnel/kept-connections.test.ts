import { once } from 'node:events';
import { type ClientHttp2Session, connect as connectHttp2, performServerHandshake } from 'node:http2';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { text } from 'node:stream/consumers';
import type { Client } from '@quarterdeck/machinery';
import { createRawAgent, encodeCaller, systemClock, tunnelHeader } from '@quarterdeck/machinery';
import { testLogger } from '@quarterdeck/machinery/testing';
import { expect, test } from 'vitest';
import { defaultTunnelPolicy } from './policy.ts';
import { serveRequest } from './serve-request.ts';

interface Hub {
  ask(method: string, body?: string): Promise<{ readonly status: number; readonly said: string }>;
}

/** A hub with a tunnel to an agent whose member closes each connection when it is used again. */
async function startTunnel(cleanup: AsyncDisposableStack): Promise<Hub> {
  const sockets = new Set<Socket>();
  const listen = async (onConnection: (socket: Socket) => void) => {
    const server = createServer((socket) => {
      sockets.add(socket.on('error', () => undefined));
      onConnection(socket);
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    cleanup.defer(() => void server.close());
    return (server.address() as AddressInfo).port;
  };
  const memberPort = await listen((socket) => {
    socket.once('data', () => {
      socket.write('HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok');
      socket.once('data', () => socket.destroy());
    });
  });
  const baseUrl = new URL(`http://127.0.0.1:${memberPort}`);
  const member = {
    agent: createRawAgent({ baseUrl: baseUrl.href }, systemClock),
    baseUrl,
    token: { current: async () => 'token', forget: () => undefined },
    policy: { current: () => ({ type: 'known', policy: defaultTunnelPolicy }) as const },
    memberClient: {} as Client,
    logger: testLogger(),
  };
  const hubPort = await listen((socket) => {
    const session = performServerHandshake(socket, {});
    session.on('error', () => undefined);
    session.on('stream', (stream, headers) => void serveRequest(member, stream, headers));
  });
  const hub: ClientHttp2Session = connectHttp2(`http://127.0.0.1:${hubPort}`, {
    createConnection: () => connect(hubPort, '127.0.0.1'),
  });
  cleanup.defer(() => {
    member.agent.destroy();
    hub.destroy();
    for (const socket of sockets) socket.destroy();
  });
  const caller = { [tunnelHeader.caller]: encodeCaller({ user: 'ada', groups: [] }) };
  return {
    async ask(method, body) {
      const stream = hub.request({ ':method': method, ':path': '/api', ...caller }, { endStream: body === undefined });
      if (body !== undefined) stream.end(body);
      const [headers] = await once(stream, 'response');
      return { status: Number(headers[':status']), said: await text(stream) };
    },
  };
}

test('RG-52 a read over a kept connection that the member has just closed is asked again over another', async () => {
  await using cleanup = new AsyncDisposableStack();
  const hub = await startTunnel(cleanup);
  for (let round = 0; round < 3; round++) expect(await hub.ask('GET')).toEqual({ status: 200, said: 'ok' });
});

test('RG-52 a write over such a connection is not: it may have been done', async () => {
  await using cleanup = new AsyncDisposableStack();
  const hub = await startTunnel(cleanup);
  expect((await hub.ask('POST', 'a')).status).toBe(200);
  const { status, said } = await hub.ask('POST', 'a');
  expect([status, said]).toEqual([503, expect.stringContaining("this member's API does not answer its agent")]);
});
