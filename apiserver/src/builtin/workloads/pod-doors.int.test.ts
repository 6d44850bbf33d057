import type { JsonObject } from '@quarterdeck/machinery';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { send } from '../../testing/request.ts';
import { startTestServer, type TestServer } from '../../testing/server.ts';
import { dataDefinitions } from '../definitions.ts';

/** What leads from a pod to where it would run, and its eviction. */

let running: TestServer;
beforeEach(async () => {
  running = await startTestServer({ definitions: dataDefinitions });
  const account = { metadata: { name: 'default' } };
  await request('POST', '/api/v1/namespaces/default/serviceaccounts', account);
});
afterEach(() => running[Symbol.asyncDispose]());

const pods = '/api/v1/namespaces/default/pods';
const budgets = '/apis/policy/v1/namespaces/default/poddisruptionbudgets';
const request = (method: string, url: string, body?: JsonObject) =>
  send(running.server.pipeline, { method, url, ...(body === undefined ? {} : { body }) });

async function runningPod(name = 'a', conditions: JsonObject[] = [{ type: 'Ready', status: 'True' }]): Promise<void> {
  const metadata = { name, labels: { app: 'web' } };
  const made = await request('POST', pods, { metadata, spec: { containers: [{ name: 'c', image: 'i' }] } });
  expect(made.status, made.text).toBe(201);
  const status = { ...(made.json.status as JsonObject), phase: 'Running', conditions };
  const updated = await request('PUT', `${pods}/${name}/status`, { ...made.json, status });
  expect(updated.status, updated.text).toBe(200);
}

async function budget(status: JsonObject | undefined, name = 'b', spec: JsonObject = {}): Promise<void> {
  const body = { metadata: { name }, spec: { minAvailable: 1, selector: { matchLabels: { app: 'web' } }, ...spec } };
  const made = await request('POST', budgets, body);
  expect(made.status, made.text).toBe(201);
  if (status === undefined) return;
  const updated = await request('PUT', `${budgets}/${name}/status`, { ...made.json, status });
  expect(updated.status, updated.text).toBe(200);
}

const evict = (name = 'a', query = '') =>
  request('POST', `${pods}/${name}/eviction${query}`, {
    apiVersion: 'policy/v1',
    kind: 'Eviction',
    metadata: { name },
  });
const healthy = { observedGeneration: 1, currentHealthy: 2, desiredHealthy: 1, expectedPods: 2, disruptionsAllowed: 1 };

test('KA-3 a pod without a budget is evicted, one that does not exist is not found', async () => {
  await runningPod();
  const { status, json } = await evict();
  expect([status, json.status]).toEqual([201, 'Success']);
  expect((await request('GET', `${pods}/a`)).status).toBe(404);
  expect((await evict()).status).toBe(404);
});

test('KA-3 a budget that nobody has worked out refuses, and says when to ask again', async () => {
  await runningPod();
  await budget(undefined);
  const { status, headers, json } = await evict();
  expect([status, headers['retry-after'], json.reason, json.message, json.details]).toEqual([
    429,
    '10',
    'TooManyRequests',
    "Cannot evict pod as it would violate the pod's disruption budget.",
    {
      causes: [
        { reason: 'DisruptionBudget', message: 'The disruption budget b is still being processed by the server.' },
      ],
      retryAfterSeconds: 10,
    },
  ]);
});

test('KA-3 a budget is counted down, and then refuses', async () => {
  await runningPod('a');
  await runningPod('c');
  await budget(healthy);
  expect((await evict('a', '?dryRun=All')).status).toBe(201);
  expect((await request('GET', `${pods}/a`)).status).toBe(200);
  expect((await evict('a')).status).toBe(201);
  const { json } = await request('GET', `${budgets}/b`);
  const { disruptionsAllowed, disruptedPods } = json.status as JsonObject;
  expect([disruptionsAllowed, Object.keys(disruptedPods as JsonObject)]).toEqual([0, ['a']]);
  const refused = await evict('c');
  expect([refused.status, (refused.json.details as JsonObject).causes]).toEqual([
    429,
    [{ reason: 'DisruptionBudget', message: 'The disruption budget b needs 1 healthy pods and has 2 currently' }],
  ]);
});

test('KA-3 a pod that is not ready goes where the budget is met without it', async () => {
  await runningPod('a', []);
  await budget({ ...healthy, disruptionsAllowed: 0 });
  expect((await evict()).status).toBe(201);
});

test('KA-3 two budgets for one pod are refused', async () => {
  await runningPod();
  await budget(healthy);
  await budget(healthy, 'other');
  const { status, json } = await evict();
  expect([status, json.message]).toEqual([
    500,
    'this pod has more than one PodDisruptionBudget, which the eviction subresource does not support',
  ]);
});

test('KA-3 nothing leads into a pod', async () => {
  await runningPod();
  const answers = await Promise.all(
    ['GET log', 'POST exec?command=ls', 'GET attach', 'POST portforward?ports=80', 'PUT proxy/x'].map(async (each) => {
      const [method = '', path = ''] = each.split(' ');
      const { status, json } = await request(method, `${pods}/a/${path}`);
      return `${status} ${json.message}`;
    }),
  );
  expect(answers).toEqual(Array.from({ length: 5 }, () => '400 pod a does not have a host assigned'));
  expect((await request('GET', `${pods}/none/log`)).status).toBe(404);
  expect((await request('DELETE', `${pods}/a/log`)).status).toBe(405);
});

test('KA-3 nothing leads into a service or a node', async () => {
  await request('POST', '/api/v1/namespaces/default/services', {
    metadata: { name: 's' },
    spec: { ports: [{ port: 80 }] },
  });
  await request('POST', '/api/v1/nodes', { metadata: { name: 'n' } });
  const service = await request('GET', '/api/v1/namespaces/default/services/s/proxy/');
  const node = await request('GET', '/api/v1/nodes/n/proxy/metrics');
  expect([service.status, service.json.message]).toEqual([503, 'no endpoints available for service "s"']);
  expect([node.status, node.json.message]).toEqual([500, 'this server has no way to the kubelet of node n']);
});
