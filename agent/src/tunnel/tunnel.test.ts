import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { apiError, StatusReason } from '@quarterdeck/apis';
import type { Client } from '@quarterdeck/machinery';
import { eventually, fakeClock, testLogger } from '@quarterdeck/machinery/testing';
import { expect, test } from 'vitest';
import { startTunnel } from './tunnel.ts';

test('RG-53 a hub that serves no tunnels, as a Kubernetes cluster, is asked again every ten minutes', async () => {
  let asked = 0;
  const hub = createServer((request, response) => {
    asked += 1;
    response.writeHead(request.url?.endsWith('/memberclusters/m1/tunnel') === true ? 404 : 500).end();
  });
  await new Promise<void>((resolve) => hub.listen(0, '127.0.0.1', resolve));
  const hubUrl = `http://127.0.0.1:${(hub.address() as AddressInfo).port}`;
  const clock = fakeClock();
  const logger = testLogger();
  const stop = new AbortController();
  const noPolicy = async () => {
    throw apiError(StatusReason.NotFound, 'not found');
  };
  const tunnel = startTunnel(
    {
      clusterName: 'm1',
      hubUrl,
      tls: () => ({}),
      member: { baseUrl: 'http://127.0.0.1:1' },
      memberClient: { get: noPolicy } as unknown as Client,
      clock,
      logger,
      random: () => 1,
    },
    stop.signal,
  );
  expect(tunnel.isServed).toBeUndefined();
  await eventually(() => tunnel.isServed === false);
  expect(asked).toBe(1);
  await clock.advance(9 * 60_000);
  expect(asked).toBe(1);
  await clock.advance(60_000);
  await eventually(() => asked === 2);
  stop.abort();
  await tunnel.stopped;
  hub.close();
  hub.closeAllConnections();
});
