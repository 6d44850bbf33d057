import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { apiError, StatusReason } from '@quarterdeck/apis';
import type { Client } from '@quarterdeck/machinery';
import { eventually, fakeClock, testLogger } from '@quarterdeck/machinery/testing';
import { expect, test } from 'vitest';
import { openTunnels } from './open-tunnels.ts';

/** A process of a hub that takes tunnels, or, as a Kubernetes API does, none. */
async function startProcess(cleanup: AsyncDisposableStack, takes: boolean): Promise<{ url: string; asked: string[] }> {
  const asked: string[] = [];
  const server: Server = createServer((request, response) => {
    asked.push(request.url ?? '');
    response.writeHead(404).end();
  });
  if (takes) {
    server.on('upgrade', (request, socket) => {
      asked.push(request.url ?? '');
      socket.on('error', () => undefined);
      socket.write('HTTP/1.1 101 Switching Protocols\r\nconnection: Upgrade\r\nupgrade: quarterdeck-tunnel.v1\r\n\r\n');
      cleanup.defer(() => void socket.destroy());
    });
  }
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  cleanup.defer(() => {
    server.close();
    server.closeAllConnections();
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, asked };
}

function open(cleanup: AsyncDisposableStack, hubUrl: string, at: readonly { url: string }[]) {
  const noPolicy = async () => {
    throw apiError(StatusReason.NotFound, 'not found');
  };
  const stop = new AbortController();
  const tunnels = openTunnels(
    {
      clusterName: 'm1',
      hubUrl,
      tls: () => ({}),
      member: { baseUrl: 'http://127.0.0.1:1' },
      memberClient: { get: noPolicy } as unknown as Client,
      clock: fakeClock(),
      logger: testLogger(),
      at,
    },
    stop.signal,
  );
  cleanup.defer(async () => {
    stop.abort();
    await tunnels.stopped;
  });
  return tunnels;
}

const path = '/apis/quarterdeck.dev/v1alpha1/memberclusters/m1/tunnel';

test('RG-52 a tunnel to each address that takes one, and to the hub where none is given', async () => {
  await using cleanup = new AsyncDisposableStack();
  const [hub, a, b] = await Promise.all([true, true, true].map((takes) => startProcess(cleanup, takes)));
  if (hub === undefined || a === undefined || b === undefined) throw new Error('three were started');
  const tunnels = open(cleanup, hub.url, [a, b]);
  await eventually(() => a.asked.length === 1 && b.asked.length === 1 && tunnels.isServed === true);
  expect([hub.asked, a.asked, b.asked]).toEqual([[], [path], [path]]);
  const alone = open(cleanup, hub.url, []);
  await eventually(() => alone.isServed === true);
  expect(hub.asked).toEqual([path]);
});

test('RG-53 consumers are told of it as soon as one address takes it, and not when none does', async () => {
  await using cleanup = new AsyncDisposableStack();
  const [none, other, one] = await Promise.all([false, false, true].map((takes) => startProcess(cleanup, takes)));
  if (none === undefined || other === undefined || one === undefined) throw new Error('three were started');
  const some = open(cleanup, none.url, [none, one]);
  const nowhere = open(cleanup, none.url, [none, other]);
  expect(nowhere.isServed).toBeUndefined();
  await eventually(() => some.isServed === true && nowhere.isServed === false);
});
