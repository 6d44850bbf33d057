import type { JsonObject } from '@quarterdeck/machinery';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { dataDefinitions } from '../builtin/definitions.ts';
import { send } from '../testing/request.ts';
import { startTestServer, type TestServer } from '../testing/server.ts';

let running: TestServer;
beforeEach(async () => {
  running = await startTestServer({ definitions: dataDefinitions });
});
afterEach(() => running[Symbol.asyncDispose]());

const post = (url: string, body: JsonObject) => send(running.server.pipeline, { method: 'POST', url, body });
const createPod = (spec: JsonObject) =>
  post('/api/v1/namespaces/default/pods', {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'p' },
    spec: { automountServiceAccountToken: false, containers: [{ name: 'c', image: 'i' }], ...spec },
  });
const createClass = (group: string, kind: string, name: string, content: JsonObject) =>
  post(`/apis/${group}/v1/${kind.toLowerCase()}es`, {
    apiVersion: `${group}/v1`,
    kind,
    metadata: { name },
    ...content,
  });

test('KA-2 a pod has the priority of its class, and of the default one when it names none', async () => {
  await createClass('scheduling.k8s.io', 'PriorityClass', 'usual', { value: 5, globalDefault: true });
  expect((await createPod({})).json.spec).toMatchObject({ priority: 5, priorityClassName: 'usual' });
  const named = await createPod({ priorityClassName: 'system-node-critical', containers: [] });
  expect(named.status).toBe(422);
});

test('KA-3 a pod gets what its runtime costs and where it is to be had', async () => {
  const scheduling = { nodeSelector: { runtime: 'fast' } };
  const overhead = { podFixed: { cpu: '10m' } };
  await createClass('node.k8s.io', 'RuntimeClass', 'fast', { handler: 'fast', overhead, scheduling });
  expect((await createPod({ runtimeClassName: 'fast' })).json.spec).toMatchObject({
    overhead: overhead.podFixed,
    nodeSelector: scheduling.nodeSelector,
  });
});

test.each([
  [{ runtimeClassName: 'none' }, 'pods "p" is forbidden: pod rejected: RuntimeClass "none" not found'],
  [{ priorityClassName: 'none' }, 'pods "p" is forbidden: no PriorityClass with name none was found'],
])('KA-3 a pod of a class that does not exist is refused: %j', async (spec, message) => {
  const answer = await createPod(spec);
  expect([answer.status, answer.json.message]).toEqual([403, message]);
});
