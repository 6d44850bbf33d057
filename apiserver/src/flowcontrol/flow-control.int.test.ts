import type { JsonObject } from '@quarterdeck/machinery';
import { eventually, fakeClock } from '@quarterdeck/machinery/testing';
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
  expect(await metrics.metrics()).toContain('apiserver_flowcontrol_nominal_limit_seats{priority_level="level"} 12');
});

const nameOf = async (uid: unknown, plural: string) => {
  const { json } = await send(started.server.pipeline, { url: `${base}/${plural}` });
  const { items } = json as unknown as { items: readonly { metadata: { name: string; uid: string } }[] };
  return items.find(({ metadata }) => metadata.uid === uid)?.metadata.name;
};

test.each([
  {
    who: { name: 'ada', groups: ['system:authenticated'] },
    url: '/version',
    schema: 'global-default',
    level: 'global-default',
  },
  { who: { name: 'ada', groups: ['system:authenticated'] }, url: '/livez', schema: 'probes', level: 'exempt' },
  {
    who: { name: 'root', groups: ['system:masters', 'system:authenticated'] },
    url: '/version',
    schema: 'exempt',
    level: 'exempt',
  },
  {
    who: { name: 'system:node:n1', groups: ['system:nodes', 'system:authenticated'] },
    url: '/version',
    schema: 'system-nodes',
    level: 'system',
  },
  {
    who: { name: 'system:kube-scheduler', groups: ['system:authenticated'] },
    url: '/version',
    schema: 'kube-scheduler',
    level: 'workload-high',
  },
  {
    who: { name: 'system:serviceaccount:kube-system:a', groups: ['system:serviceaccounts', 'system:authenticated'] },
    url: '/version',
    schema: 'kube-system-service-accounts',
    level: 'workload-high',
  },
  {
    who: { name: 'system:serviceaccount:kube-system:a', groups: ['system:serviceaccounts', 'system:authenticated'] },
    url: '/apis/coordination.k8s.io/v1/namespaces/default/leases/a',
    schema: 'system-leader-election',
    level: 'leader-election',
  },
  {
    who: { name: 'system:serviceaccount:default:a', groups: ['system:serviceaccounts', 'system:authenticated'] },
    url: '/version',
    schema: 'service-accounts',
    level: 'workload-low',
  },
])('KA-2 $who.name falls under the suggested schema $schema at $url', async ({ who, url, schema: flow, level }) => {
  const { headers } = await send(started.server.pipeline, { url, user: who });
  expect([
    await nameOf(headers['x-kubernetes-pf-flowschema-uid'], 'flowschemas'),
    await nameOf(headers['x-kubernetes-pf-prioritylevel-uid'], 'prioritylevelconfigurations'),
  ]).toEqual([flow, level]);
});

test('KA-2 suggested objects are brought up to date and made again, and those that were taken over are left alone', async () => {
  const clock = fakeClock(Date.UTC(2026, 0, 1));
  await using server = await startTestServer({ definitions: dataDefinitions, controllers: true, clock });
  const url = (name: string) => `${base}/flowschemas/${name}`;
  const get = async (name: string) => (await send(server.server.pipeline, { url: url(name) })).json;
  const patch = async (name: string, body: JsonObject) =>
    await send(server.server.pipeline, {
      method: 'PATCH',
      url: url(name),
      headers: { 'content-type': 'application/merge-patch+json' },
      body,
    });
  const precedence = async (name: string) => (((await get(name)).spec ?? {}) as JsonObject).matchingPrecedence;
  const untouched = await get('global-default');
  await patch('service-accounts', { spec: { matchingPrecedence: 8000 } });
  await patch('kube-scheduler', {
    metadata: { annotations: { 'apf.kubernetes.io/autoupdate-spec': 'false' } },
    spec: { matchingPrecedence: 700 },
  });
  await send(server.server.pipeline, { method: 'DELETE', url: url('probes') });
  await eventually(async () => {
    await clock.advance(60_000);
    expect([await precedence('service-accounts'), await precedence('probes')]).toEqual([9000, 2]);
    return true;
  });
  expect(await precedence('kube-scheduler')).toBe(700);
  expect(((await get('global-default')).metadata as JsonObject).generation).toBe(1);
  expect((await get('global-default')).spec).toEqual(untouched.spec);
  expect(((await get('global-default')).metadata as JsonObject).annotations).toEqual({
    'apf.kubernetes.io/autoupdate-spec': 'true',
  });
});
