import { createServer, type Server } from 'node:http';
import { type ClientHttp2Stream, connect, constants } from 'node:http2';
import type { AddressInfo } from 'node:net';
import { apiError, StatusReason } from '@quarterdeck/apis';
import { type Client, type Clock, encodeCaller, tunnelHeader } from '@quarterdeck/machinery';
import { eventually, fakeClock, testLogger } from '@quarterdeck/machinery/testing';
import { expect, test } from 'vitest';
import { startTunnel } from './tunnel.ts';

async function startOn(hub: Server, clock: Clock, cleanup: AsyncDisposableStack) {
  await new Promise<void>((resolve) => hub.listen(0, '127.0.0.1', resolve));
  const noPolicy = async () => {
    throw apiError(StatusReason.NotFound, 'not found');
  };
  const stop = new AbortController();
  const tunnel = startTunnel(
    {
      clusterName: 'm1',
      hubUrl: `http://127.0.0.1:${(hub.address() as AddressInfo).port}`,
      tls: () => ({}),
      member: { baseUrl: 'http://127.0.0.1:1' },
      memberClient: { get: noPolicy, create: () => new Promise(() => {}) } as unknown as Client,
      clock,
      logger: testLogger(),
      random: () => 1,
    },
    stop.signal,
  );
  cleanup.defer(async () => {
    stop.abort();
    await tunnel.stopped;
    hub.close();
    hub.closeAllConnections();
  });
  return Object.assign(tunnel, { stop: () => stop.abort() });
}

test('RG-53 a hub that serves no tunnels, as a Kubernetes cluster, is asked again every ten minutes', async () => {
  await using cleanup = new AsyncDisposableStack();
  let asked = 0;
  const hub = createServer((request, response) => {
    asked += 1;
    response.writeHead(request.url?.endsWith('/memberclusters/m1/tunnel') === true ? 404 : 500).end();
  });
  const clock = fakeClock();
  const tunnel = await startOn(hub, clock, cleanup);
  expect(tunnel.isServed).toBeUndefined();
  await eventually(() => tunnel.isServed === false);
  expect(asked).toBe(1);
  await clock.advance(9 * 60_000);
  expect(asked).toBe(1);
  await clock.advance(60_000);
  await eventually(() => asked === 2);
});

test('RG-52 a tunnel that breaks is opened again, after pauses that grow', async () => {
  await using cleanup = new AsyncDisposableStack();
  const clock = fakeClock();
  const opened: number[] = [];
  const hub = createServer();
  const broken = { count: 0 };
  hub.on('upgrade', (_request, socket) => {
    opened.push(clock.now());
    socket.on('error', () => undefined);
    socket.on('close', () => {
      broken.count += 1;
    });
    socket.end('HTTP/1.1 101 Switching Protocols\r\nconnection: Upgrade\r\nupgrade: quarterdeck-tunnel.v1\r\n\r\n');
    socket.resume();
  });
  const tunnel = await startOn(hub, clock, cleanup);
  await eventually(() => tunnel.isServed === true && broken.count === 1);
  const first = clock.now();
  while (opened.length < 5) {
    const before = opened.length;
    await clock.advance(250);
    if (opened.length === before) await new Promise((resolve) => setImmediate(resolve));
    if (opened.length > before) await eventually(() => broken.count === opened.length);
  }
  const pauses = opened.slice(1).map((at, index) => at - (index === 0 ? first : (opened[index] ?? 0)));
  expect(pauses.every((pause, index) => pause >= 1000 * 2 ** index)).toBe(true);
  expect(tunnel.isServed).toBe(true);
});

test('RG-52 what is under way when the agent stops is broken off: half an answer must not look whole', async () => {
  await using cleanup = new AsyncDisposableStack();
  const hub = createServer();
  const asked = Promise.withResolvers<ClientHttp2Stream>();
  hub.on('upgrade', (_request, socket) => {
    socket.write(
      'HTTP/1.1 101 Switching Protocols\r\nconnection: Upgrade\r\nupgrade: quarterdeck-tunnel.v1\r\n\r\n',
      () => {
        const session = connect('http://member.invalid', { createConnection: () => socket });
        session.on('error', () => undefined);
        const caller = encodeCaller({ user: 'ada', groups: [] });
        const stream = session.request({ ':path': '/api', [tunnelHeader.caller]: caller });
        stream.on('error', () => undefined);
        session.once('remoteSettings', () => session.ping(() => asked.resolve(stream)));
      },
    );
  });
  const tunnel = await startOn(hub, fakeClock(), cleanup);
  const stream = await asked.promise;
  const closed = new Promise((resolve) => stream.once('close', resolve));
  tunnel.stop();
  await closed;
  expect(stream.rstCode).toBe(constants.NGHTTP2_INTERNAL_ERROR);
});
