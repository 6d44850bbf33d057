import {
  AppliedWork,
  annotation,
  apiError,
  apiVersionOf,
  ConfigMap,
  HealthRule,
  type Manifest,
  Work,
  WorkReport,
} from '@quarterdeck/apis';
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
beforeAll(async () => {
  engine = await startWorkEngine({
    wrap: (client, of) => troubledClient(client, () => trouble[of]),
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
