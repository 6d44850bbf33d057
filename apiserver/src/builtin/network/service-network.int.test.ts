import type { JsonObject } from '@quarterdeck/machinery';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { send } from '../../testing/request.ts';
import { startTestServer, type TestServer } from '../../testing/server.ts';
import { dataDefinitions } from '../definitions.ts';

let running: TestServer;
beforeEach(async () => {
  running = await startTestServer({
    definitions: dataDefinitions,
    serviceNetwork: {
      cidr: '10.7.0.0/29',
      nodePorts: { first: 30_000, last: 30_002 },
      endpoint: { ip: '192.0.2.1', port: 6443 },
    },
  });
});
afterEach(() => running[Symbol.asyncDispose]());

const services = '/api/v1/namespaces/default/services';
const request = (method: string, url: string, body?: JsonObject) =>
  send(running.server.pipeline, { method, url, ...(body === undefined ? {} : { body }) });
const service = (name: string, spec: JsonObject): JsonObject => ({
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name },
  spec: { ports: [{ port: 80 }], ...spec },
});
const specOf = ({ json }: { json: JsonObject }) => json.spec as JsonObject;
const portOf = (answer: { json: JsonObject }) => (specOf(answer).ports as JsonObject[])[0]?.nodePort;

test('KA-2 the Service kubernetes has the first address, and endpoints where the server listens', async () => {
  const master = await request('GET', `${services}/kubernetes`);
  expect(specOf(master)).toMatchObject({
    clusterIP: '10.7.0.1',
    ports: [{ name: 'https', port: 443, protocol: 'TCP', targetPort: 6443 }],
  });
  const endpoints = await request('GET', '/api/v1/namespaces/default/endpoints/kubernetes');
  expect(endpoints.json.subsets).toEqual([
    { addresses: [{ ip: '192.0.2.1' }], ports: [{ name: 'https', port: 6443, protocol: 'TCP' }] },
  ]);
  const ranges = await request('GET', '/apis/networking.k8s.io/v1/servicecidrs/kubernetes');
  expect(specOf(ranges)).toEqual({ cidrs: ['10.7.0.0/29'] });
});

test('KA-2 each service gets an address of its own, and keeps it when it is replaced', async () => {
  const created = await Promise.all(['a', 'b', 'c'].map((name) => request('POST', services, service(name, {}))));
  const given = created.map((answer) => specOf(answer).clusterIP);
  expect(new Set([...given, '10.7.0.1']).size).toBe(4);
  const replaced = await request('PUT', `${services}/a`, service('a', { selector: { app: 'x' } }));
  expect([replaced.status, specOf(replaced).clusterIP]).toEqual([200, given[0]]);
});

test('KA-2 an address that is taken is refused', async () => {
  const answer = await request('POST', services, service('a', { clusterIP: '10.7.0.1' }));
  expect([answer.status, answer.json.message]).toEqual([
    422,
    'Service "a" is invalid: spec.clusterIPs: Invalid value: ["10.7.0.1"]: failed to allocate IP 10.7.0.1: provided IP is already allocated',
  ]);
});

test('KA-2 node ports are given once, kept while they are needed, and dropped with the type', async () => {
  const created = [];
  for (const name of ['a', 'b', 'c'])
    created.push(await request('POST', services, service(name, { type: 'NodePort' })));
  expect(created.map(portOf).sort()).toEqual([30_000, 30_001, 30_002]);
  const again = await request('PUT', `${services}/a`, service('a', { type: 'NodePort', selector: { app: 'x' } }));
  expect(portOf(again)).toBe(portOf(created[0] ?? again));
  const plain = await request('PATCH', `${services}/a`, { spec: { type: 'ClusterIP' } });
  expect(plain.status).toBe(415);
});

test('KA-2 of two requests for one address, or one port, in the same moment, one succeeds', async () => {
  const ask = (name: string, spec: JsonObject) => request('POST', services, service(name, spec));
  const addresses = await Promise.all(['a', 'b', 'c'].map((name) => ask(name, { clusterIP: '10.7.0.5' })));
  expect(addresses.map(({ status }) => status).sort()).toEqual([201, 422, 422]);
  const refused = addresses.find(({ status }) => status === 422);
  expect(refused?.json.message).toMatch(/failed to allocate IP 10\.7\.0\.5: provided IP is already allocated$/);
  const ports = { type: 'NodePort', ports: [{ port: 80, nodePort: 30_001 }] };
  const nodePorts = await Promise.all(['d', 'e'].map((name) => ask(name, ports)));
  expect(nodePorts.map(({ status }) => status).sort()).toEqual([201, 422]);
});
