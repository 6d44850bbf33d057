import {
  AppliedWork,
  annotation,
  apiError,
  apiVersionOf,
  ConfigMap,
  Event,
  HealthRule,
  type Manifest,
  Work,
  WorkReport,
} from '@quarterdeck/apis';
import type { Client } from '@quarterdeck/machinery';
import { eventually } from '@quarterdeck/machinery/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { serverAway, troubledClient } from './testing/troubled-client.ts';
import {
  hubNamespace,
  isThere,
  rewrite,
  settledWork,
  startWorkEngine,
  type WorkEngine,
  workOf,
} from './testing/work-engine.ts';

/** What each side answers instead of its server's word; undefined: it is well. */
const trouble: { hub: Error | undefined; member: Error | undefined } = { hub: undefined, member: undefined };

let engine: WorkEngine;
/** The hub lists Works, and goes away when it is asked of what history they are. */
let isSilent = false;
let asked = 0;
/** Reports are refused although statuses are taken. */
let isRefusing = false;
let refusals = 0;
/** The member is unwell whenever this object is applied. */
let refusedObject: string | undefined;
let refusedApplies = 0;
const troubledApply = (client: Client): Client => ({
  ...client,
  apply: (type, object, options) => {
    if (object.metadata.name === refusedObject) {
      refusedApplies += 1;
      return Promise.reject(apiError('ServiceUnavailable', 'not now'));
    }
    if (!isRefusing || type.kind !== WorkReport.kind) return client.apply(type, object, options);
    refusals += 1;
    return Promise.reject(apiError('InternalError', 'the report was lost'));
  },
});
beforeAll(async () => {
  engine = await startWorkEngine({
    wrap: (client, of) => troubledApply(troubledClient(client, () => trouble[of])),
    askHistory: () => {
      asked += 1;
      if (isSilent) return Promise.reject(serverAway('the hub'));
      return Promise.resolve({ epoch: undefined, restoredAt: undefined, confirmed: undefined });
    },
  });
});
afterAll(() => engine[Symbol.asyncDispose]());

const configMap = (name: string, data: Record<string, string>): Manifest => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name, namespace: 'default' },
  data,
});
const at = (name: string) => ({ namespace: 'default', name });
const valueIn = async (name: string) => (await isThere(engine.member, ConfigMap, name, 'default'))?.data?.a;
const isApplied = (name: string) =>
  eventually(async () => (await settledWork(engine, name)).Applied === 'True AppliedWorkComplete', {
    timeoutMs: 30_000,
  });
const change = (name: string, data: Record<string, string>) =>
  engine.member.patch(ConfigMap, at(name), { type: 'merge', body: { data } }, { fieldManager: 'kubectl-edit' });

test('F-14 the hub is away, also over a restart of the agent: what was last asked for is kept right, then it heals', async () => {
  await engine.hub.create(Work, workOf('away', configMap('away', { a: '1' }), configMap('away2', { a: '1' })));
  await isApplied('away');
  await eventually(() => isThere(engine.hub, WorkReport, 'away', hubNamespace));
  await eventually(async () =>
    engine.cached().then((known) => known?.works.length === 1 && known.reports.length === 1),
  );
  trouble.hub = serverAway('the hub');
  await change('away', { a: '2' });
  await eventually(async () => (await valueIn('away')) === '1');
  await engine.restart();
  await change('away', { a: '3' });
  await eventually(async () => (await valueIn('away')) === '1', { timeoutMs: 20_000 });
  await engine.member.delete(ConfigMap, at('away2'));
  await eventually(async () => (await valueIn('away2')) === '1', { timeoutMs: 20_000 });
  await rewrite(engine, 'away', configMap('away', { a: '4' }));
  trouble.hub = undefined;
  await eventually(async () => (await valueIn('away')) === '4', { timeoutMs: 30_000 });
  await isApplied('away');
  await eventually(async () => (await valueIn('away2')) === undefined, { timeoutMs: 30_000 });
}, 90_000);

test('F-14, DL-22, DL-23 health rules are kept while the hub is away, over a restart too, and go when it says so', async () => {
  const kept = async () => (await engine.cached())?.healthRules?.map(({ metadata }) => metadata.name);
  await engine.hub.create(HealthRule, {
    apiVersion: apiVersionOf(HealthRule),
    kind: HealthRule.kind,
    metadata: { name: 'kept' },
    spec: {
      target: { group: 'example.test', kind: 'Thing' },
      feedback: [{ name: 'phase', jsonPath: '.status.phase' }],
      otherwise: 'Progressing',
      awaitsObservedGeneration: 'WhenPresent',
    },
  });
  await eventually(async () => (await kept())?.join() === 'kept', { timeoutMs: 20_000 });
  trouble.hub = serverAway('the hub');
  await engine.restart();
  await change('away', { a: '5' });
  await eventually(async () => (await valueIn('away')) === '4', { timeoutMs: 20_000 });
  expect(await kept()).toEqual(['kept']);
  await engine.hub.delete(HealthRule, { name: 'kept' });
  trouble.hub = undefined;
  await eventually(async () => (await kept())?.length === 0, { timeoutMs: 30_000 });
}, 90_000);

test('RG-10, F-14 a hub that goes away before it has said of what history its Works are has what was delivered kept', async () => {
  await engine.hub.create(Work, workOf('unasked', configMap('unasked', { a: '1' })));
  await isApplied('unasked');
  isSilent = true;
  asked = 0;
  await engine.restart();
  await eventually(() => asked > 0);
  await change('unasked', { a: '2' });
  await eventually(async () => (await valueIn('unasked')) === '1', { timeoutMs: 20_000 });
  isSilent = false;
  await rewrite(engine, 'unasked', configMap('unasked', { a: '3' }));
  await eventually(async () => (await valueIn('unasked')) === '3', { timeoutMs: 30_000 });
}, 90_000);

test('DL-21, F-14 a repair while the hub is away is told when it is back', async () => {
  await engine.hub.create(Work, workOf('untold', configMap('untold', { a: '1' })));
  await isApplied('untold');
  await eventually(() => isThere(engine.hub, WorkReport, 'untold', hubNamespace));
  trouble.hub = serverAway('the hub');
  await change('untold', { a: '2' });
  await eventually(async () => (await valueIn('untold')) === '1');
  trouble.hub = undefined;
  const drift = await eventually(
    async () => {
      const report = await engine.hub.get(WorkReport, { namespace: hubNamespace, name: 'untold' });
      return report.status?.manifests?.[0]?.drift;
    },
    { timeoutMs: 30_000 },
  );
  expect([drift.state, drift.repairs, drift.fields]).toEqual([
    'Repaired',
    1,
    [{ path: '.data.a', wanted: '"1"', seen: '"2"', manager: 'kubectl-edit' }],
  ]);
}, 60_000);

test('DL-21, F-14 a repair while the hub is away is told also by an agent that was restarted meanwhile', async () => {
  await engine.hub.create(Work, workOf('outlived', configMap('outlived', { a: '1' })));
  await isApplied('outlived');
  await eventually(() => isThere(engine.hub, WorkReport, 'outlived', hubNamespace));
  await eventually(async () => (await engine.cached())?.works.some(({ metadata }) => metadata.name === 'outlived'));
  trouble.hub = serverAway('the hub');
  await change('outlived', { a: '2' });
  await eventually(async () => (await valueIn('outlived')) === '1');
  const notes = async () => {
    const { items } = await engine.member.list(AppliedWork);
    const journal = items.find(({ spec }) => spec.workName === 'outlived');
    return journal?.metadata.annotations?.[annotation.untoldRepairs];
  };
  await eventually(async () => (await notes()) !== undefined);
  await engine.restart();
  trouble.hub = undefined;
  const drift = await eventually(
    async () => {
      const report = await engine.hub.get(WorkReport, { namespace: hubNamespace, name: 'outlived' });
      return report.status?.manifests?.[0]?.drift;
    },
    { timeoutMs: 30_000 },
  );
  expect([drift.state, drift.repairs, drift.fields?.[0]?.path]).toEqual(['Repaired', 1, '.data.a']);
  await eventually(async () => (await notes()) === undefined, { timeoutMs: 20_000 });
}, 90_000);

test('DL-21, F-23 a repair in a pass that fails afterwards is told when the member is well again', async () => {
  const fails = 'refused-b';
  await engine.hub.create(Work, workOf('half', configMap('refused-a', { a: '1' }), configMap(fails, { a: '1' })));
  await isApplied('half');
  await eventually(() => isThere(engine.hub, WorkReport, 'half', hubNamespace));
  refusedObject = fails;
  await change(fails, { a: '2' });
  await eventually(() => refusedApplies > 0, { timeoutMs: 20_000 });
  await change('refused-a', { a: '3' });
  await eventually(async () => (await valueIn('refused-a')) === '1', { timeoutMs: 20_000 });
  expect(await valueIn(fails)).toBe('2');
  refusedObject = undefined;
  await eventually(async () => (await valueIn(fails)) === '1', { timeoutMs: 30_000 });
  const drifts = await eventually(
    async () => {
      const { status } = await engine.hub.get(WorkReport, { namespace: hubNamespace, name: 'half' });
      const all = (status?.manifests ?? []).map(({ drift }) => drift);
      return all.length === 2 && all.every((drift) => drift !== undefined) && all;
    },
    { timeoutMs: 30_000 },
  );
  expect(drifts.map((drift) => [drift?.state, drift?.fields?.[0]?.seen])).toEqual([
    ['Repaired', '"3"'],
    ['Repaired', '"2"'],
  ]);
}, 90_000);

test('DL-23, F-14 what a Work came to is told once, though its report fails and the agent is restarted before and after', async () => {
  const told = async () => {
    const { items } = await engine.hub.list(Event, { namespace: hubNamespace });
    const ofWork = items.filter(({ involvedObject }) => involvedObject.name === 'eventful');
    return ofWork.map(({ reason, message }) => `${reason}: ${message}`).sort();
  };
  isRefusing = true;
  await engine.hub.create(Work, workOf('eventful', configMap('eventful', { a: '1' })));
  await isApplied('eventful');
  await engine.restart();
  await eventually(() => refusals > 1, { timeoutMs: 20_000 });
  expect(await isThere(engine.hub, WorkReport, 'eventful', hubNamespace)).toBeUndefined();
  isRefusing = false;
  await eventually(() => isThere(engine.hub, WorkReport, 'eventful', hubNamespace), { timeoutMs: 30_000 });
  const first = 'Applied: generation 1: 1 object applied';
  expect(await told()).toEqual([first]);
  await engine.restart();
  await rewrite(engine, 'eventful', configMap('eventful', { a: '2' }));
  await isApplied('eventful');
  await eventually(async () => (await told()).length > 1);
  expect(await told()).toEqual([first, 'Applied: generation 2: 1 object applied']);
}, 90_000);

test('DL-31 without its cache, and with the hub away, the agent touches nothing', async () => {
  await engine.hub.create(Work, workOf('lost', configMap('lost', { a: '1' })));
  await isApplied('lost');
  await engine.stopAgent();
  engine.forgetCache();
  trouble.hub = serverAway('the hub');
  engine.counted.hub.forget();
  engine.counted.member.forget();
  await engine.restart();
  await change('lost', { a: '2' });
  // It has asked the hub again and again, and the member as well.
  await eventually(() => engine.counted.hub.calls.filter((call) => call.endsWith(' Work')).length > 3);
  const writes = engine.counted.member.calls.filter((call) => /^(create|update|patch|apply|delete)/.test(call));
  expect([writes, await valueIn('lost')]).toEqual([[], '2']);
  trouble.hub = undefined;
  await eventually(async () => (await valueIn('lost')) === '1', { timeoutMs: 30_000 });
}, 60_000);

test.each([
  { name: 'down', failure: serverAway('the member') },
  { name: '429', failure: apiError('TooManyRequests', 'slow down') },
  { name: '500', failure: apiError('InternalError', 'broken') },
  { name: '503', failure: apiError('ServiceUnavailable', 'not yet') },
])(
  'F-23 the member API is $name: nothing is believed gone, and when it is well again everything is right',
  async ({ failure }) => {
    const name = `unwell-${failure.message.replace(/\W/g, '')}`;
    await engine.hub.create(Work, workOf(name, configMap(name, { a: '1' })));
    await isApplied(name);
    const { uid } = (await engine.member.get(ConfigMap, at(name))).metadata;
    trouble.member = failure;
    await rewrite(engine, name, configMap(name, { a: '2' }));
    await engine.hub.create(Work, workOf(`${name}-new`, configMap(`${name}-new`, { a: '1' })));
    await eventually(() => engine.counted.member.calls.length > 0);
    trouble.member = undefined;
    await eventually(async () => (await valueIn(name)) === '2', { timeoutMs: 30_000 });
    await isApplied(name);
    await isApplied(`${name}-new`);
    expect((await engine.member.get(ConfigMap, at(name))).metadata.uid).toBe(uid);
  },
  60_000,
);
