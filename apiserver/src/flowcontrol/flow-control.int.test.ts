import { eventually } from '@quarterdeck/machinery/testing';
import { Registry } from 'prom-client';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { dataDefinitions } from '../builtin/definitions.ts';
import { send, startTestServer, type TestServer } from '../testing/index.ts';

const base = '/apis/flowcontrol.apiserver.k8s.io/v1';
const metrics = new Registry();
let started: TestServer;
beforeAll(async () => {
  started = await startTestServer({ definitions: dataDefinitions, controllers: true, metrics });
});
afterAll(() => started[Symbol.asyncDispose]());

const post = async (plural: string, body: object) =>
  (await send(started.server.pipeline, { method: 'POST', url: `${base}/${plural}`, body: body as never })).json as {
    metadata: { uid: string };
  };
const as = async (name: string) => {
  const { headers } = await send(started.server.pipeline, {
    url: '/version',
    user: { name, groups: ['system:authenticated'] },
  });
  return [headers['x-kubernetes-pf-flowschema-uid'], headers['x-kubernetes-pf-prioritylevel-uid']];
};
const schema = (name: string, level: string) => ({
  apiVersion: 'flowcontrol.apiserver.k8s.io/v1',
  kind: 'FlowSchema',
  metadata: { name },
  spec: {
    matchingPrecedence: 1000,
    priorityLevelConfiguration: { name: level },
    rules: [
      {
        subjects: [{ kind: 'User', user: { name: 'noxu' } }],
        nonResourceRules: [{ verbs: ['*'], nonResourceURLs: ['*'] }],
      },
    ],
  },
});
const danglingOf = async (name: string) => {
  const { json } = await send(started.server.pipeline, { url: `${base}/flowschemas/${name}` });
  return (json as { status?: { conditions?: { status: string }[] } }).status?.conditions?.[0]?.status;
};

test('KA-2 requests are told which schema and level they fall under, and levels have their seats', async () => {
  const [schemaBefore, levelBefore] = await as('noxu');
  expect([schemaBefore, levelBefore]).toEqual([expect.any(String), expect.any(String)]);
  const flow = await post('flowschemas', schema('mine', 'level'));
  await eventually(async () => (await danglingOf('mine')) === 'True', {
    message: 'the schema without level to dangle',
  });
  expect(await as('noxu')).toEqual([schemaBefore, levelBefore]);

  const level = await post('prioritylevelconfigurations', {
    apiVersion: 'flowcontrol.apiserver.k8s.io/v1',
    kind: 'PriorityLevelConfiguration',
    metadata: { name: 'level' },
    spec: { type: 'Limited', limited: { nominalConcurrencyShares: 5, limitResponse: { type: 'Reject' } } },
  });
  await eventually(async () => (await danglingOf('mine')) === 'False', { message: 'the level to be found' });
  await eventually(async () => (await as('noxu'))[0] === flow.metadata.uid, { message: 'the schema to be used' });
  expect(await as('noxu')).toEqual([flow.metadata.uid, level.metadata.uid]);
  expect(await as('somebody')).toEqual([schemaBefore, levelBefore]);
  expect(await metrics.metrics()).toContain('apiserver_flowcontrol_nominal_limit_seats{priority_level="level"} 300');
});
