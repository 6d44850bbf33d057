import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { ClusterProfile } from '@quarterdeck/apis';
import { eventually, testLogger } from '@quarterdeck/machinery/testing';
import { expect, test } from 'vitest';
import { createClusterAccess } from './cluster-access.ts';
import { parseProviderFile } from './provider-file.ts';

const providers = parseProviderFile(
  '{"providers": [{"name": "p", "execConfig": {"apiVersion": "client.authentication.k8s.io/v1", "command": "none"}}]}',
);
const profile = (server: string): ClusterProfile => ({
  apiVersion: 'multicluster.x-k8s.io/v1alpha1',
  kind: 'ClusterProfile',
  metadata: { namespace: 'default', name: 'm1' },
  spec: { clusterManager: { name: 'test' } },
  status: { accessProviders: [{ name: 'p', cluster: { server } }] },
});

test('CP-24, CP-25 refusals of one token that come late make the plugin run once, not once for each', async () => {
  await using cleanup = new AsyncDisposableStack();
  const waiting: ServerResponse[] = [];
  const server = createServer((request, response) => {
    if (request.headers.authorization === 'Bearer token-1') waiting.push(response);
    else response.setHeader('content-type', 'application/json').end('{}');
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  cleanup.defer(() => {
    server.close();
    server.closeAllConnections();
  });
  let runs = 0;
  const access = cleanup.use(
    createClusterAccess({
      providers,
      environment: {},
      logger: testLogger(),
      run: async () => {
        runs += 1;
        return { token: `token-${runs}` };
      },
    }),
  );
  const { client } = access.connect(profile(`http://127.0.0.1:${(server.address() as AddressInfo).port}`));
  const refused = Array.from({ length: 3 }, () => client.getRaw('/a').catch((error: { code?: number }) => error.code));
  await eventually(() => waiting.length === 3);
  for (const response of waiting) {
    response.writeHead(401).end();
    await Promise.race(refused);
    await eventually(async () => (await client.getRaw('/b').catch(() => undefined)) !== undefined);
  }
  expect(await Promise.all(refused)).toEqual([401, 401, 401]);
  expect(await client.getRaw('/c')).toEqual({});
  expect(runs).toBe(2);
});
