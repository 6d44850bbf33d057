import type { JsonObject } from '@quarterdeck/machinery';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { dataDefinitions } from '../builtin/definitions.ts';
import { send } from '../testing/request.ts';
import { startTestServer, type TestServer } from '../testing/server.ts';
import { createServiceResolver } from './resolve-service.ts';

let running: TestServer;
beforeEach(async () => {
  running = await startTestServer({ definitions: dataDefinitions });
});
afterEach(() => running[Symbol.asyncDispose]());

async function create(path: string, metadata: JsonObject, rest: JsonObject): Promise<void> {
  const { status, text } = await send(running.server.pipeline, {
    method: 'POST',
    url: path,
    body: { metadata, ...rest },
  });
  if (status !== 201) throw new Error(text);
}

const core = '/api/v1/namespaces/default';
const named = { name: 'hooks' };
const resolve = (port = 443) =>
  createServiceResolver(running.server.store)({ namespace: 'default', name: 'hooks', port });
const ports = [
  { name: 'a', port: 443 },
  { name: 'b', port: 444 },
];

test('KA-106b a service that does not exist, has no such port or no endpoints leads nowhere, and that is said', async () => {
  expect(resolve()).toEqual({ problem: 'service "default/hooks" does not exist on this hub' });
  await create(`${core}/services`, named, { spec: { ports } });
  expect(resolve(1)).toEqual({ problem: 'service "default/hooks" has no port 1' });
  expect(resolve()).toEqual({
    problem:
      'service "default/hooks" has no endpoints: the hub has no service network and runs no pods; name a url instead, or write an EndpointSlice',
  });
});

test('KA-106b a service leads to a ready endpoint of the port of its name', async () => {
  await create(`${core}/services`, named, { spec: { ports } });
  await create(
    '/apis/discovery.k8s.io/v1/namespaces/default/endpointslices',
    { name: 'hooks-1', labels: { 'kubernetes.io/service-name': 'hooks' } },
    {
      addressType: 'IPv4',
      endpoints: [{ addresses: ['192.0.2.1'], conditions: { ready: false } }, { addresses: ['192.0.2.2'] }],
      ports: [
        { name: 'b', port: 9444 },
        { name: 'a', port: 9443 },
      ],
    },
  );
  expect([resolve(), resolve(444)]).toEqual([
    { host: '192.0.2.2', port: 9443 },
    { host: '192.0.2.2', port: 9444 },
  ]);
});

test('KA-106b a service leads to the addresses of its Endpoints, or to its external name', async () => {
  await create(`${core}/services`, named, { spec: { ports: [{ port: 443 }] } });
  await create(`${core}/endpoints`, named, {
    subsets: [{ addresses: [{ ip: '192.0.2.3' }], ports: [{ port: 9443 }] }],
  });
  expect(resolve()).toEqual({ host: '192.0.2.3', port: 9443 });
  await create(
    `${core}/services`,
    { name: 'away' },
    { spec: { type: 'ExternalName', externalName: 'hooks.example.com' } },
  );
  const away = createServiceResolver(running.server.store)({ namespace: 'default', name: 'away', port: 8443 });
  expect(away).toEqual({ host: 'hooks.example.com', port: 8443 });
});
