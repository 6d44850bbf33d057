import { apiVersionOf, ConfigMap, findCondition, HealthRule, type Manifest, Work, WorkReport } from '@quarterdeck/apis';
import { eventually } from '@quarterdeck/machinery/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { hubNamespace, settledWork, startWorkEngine, type WorkEngine, workOf } from './testing/work-engine.ts';

let engine: WorkEngine;
beforeAll(async () => {
  engine = await startWorkEngine();
});
afterAll(async () => {
  await engine[Symbol.asyncDispose]();
  expect(engine.logger.messages('error')).toEqual([]);
});

const configMap = (name: string, fields?: string): Manifest => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: {
    name,
    namespace: 'default',
    ...(fields === undefined ? {} : { annotations: { 'quarterdeck.dev/feedback-fields': fields } }),
  },
  data: { a: '1' },
});
const askOfConfigMaps = (name: string, feedback: NonNullable<HealthRule['spec']['feedback']>) =>
  engine.hub.create(HealthRule, {
    apiVersion: apiVersionOf(HealthRule),
    kind: HealthRule.kind,
    metadata: { name },
    spec: {
      target: { group: '', kind: 'ConfigMap' },
      feedback,
      otherwise: 'Progressing',
      awaitsObservedGeneration: 'WhenPresent',
    },
  });
/** As an operator of the kind would: no field of ours. */
const operate = (name: string, data: Record<string, string | null>) =>
  engine.member.patch(
    ConfigMap,
    { namespace: 'default', name },
    { type: 'merge', body: { data } },
    { fieldManager: 'operator' },
  );
const statusOf = async (name: string) =>
  (await engine.hub.get(WorkReport, { namespace: hubNamespace, name }).catch(() => undefined))?.status;
const fieldsOf = async (name: string) => (await statusOf(name))?.manifests?.map(({ fields = [] }) => fields);
const isApplied = (name: string) =>
  eventually(async () => (await settledWork(engine, name)).Applied === 'True AppliedWorkComplete');
const untilFields = (name: string, want: unknown) =>
  eventually(
    async () => {
      expect(await fieldsOf(name)).toEqual(want);
      return true;
    },
    { timeoutMs: 30_000 },
  );

test('DL-23 fields that a HealthRule asks of a kind are in the reports of its objects, after those of the manifest, and keep their last value', async () => {
  await engine.hub.create(
    Work,
    workOf('kinds', configMap('named', 'own=.metadata.name; a=.data.none'), configMap('plain')),
  );
  await isApplied('kinds');
  const own = { name: 'own', value: '"named"' };
  const none = { name: 'a', error: 'the path finds nothing' };
  await untilFields('kinds', [[own, none], []]);
  await askOfConfigMaps('fields', [
    { name: 'phase', jsonPath: '.data.phase' },
    { name: 'size', expression: 'size(object.data)' },
    { name: 'a', jsonPath: '.data.a' },
  ]);
  const rule = 'fields';
  const phase = { name: 'phase', rule };
  const size = (count: number) => ({ name: 'size', value: `${count}`, rule });
  const a = { name: 'a', value: '"1"', rule };
  const unread = { ...phase, error: 'the path finds nothing' };
  await untilFields('kinds', [
    [own, none, unread, size(1)],
    [unread, size(1), a],
  ]);
  await operate('plain', { phase: 'Running' });
  const running = { ...phase, value: '"Running"' };
  await untilFields('kinds', [
    [own, none, unread, size(1)],
    [running, size(2), a],
  ]);
  await operate('plain', { phase: null });
  await untilFields('kinds', [
    [own, none, unread, size(1)],
    [{ ...running, error: 'the path finds nothing' }, size(1), a],
  ]);
  const read = findCondition((await statusOf('kinds'))?.conditions, 'FieldsRead');
  expect([read?.status, read?.message]).toEqual([
    'False',
    '3 of 7 fields could not be read, first a of ConfigMap default/named: the path finds nothing',
  ]);
  await engine.hub.delete(HealthRule, { name: 'fields' });
  await untilFields('kinds', [[own, none], []]);
}, 90_000);

test('DL-23 a field that flaps is told at a pace, and in the end as it is', async () => {
  await engine.hub.create(Work, workOf('flaps', configMap('flaps', 'beat=.data.beat')));
  await isApplied('flaps');
  await eventually(async () => (await fieldsOf('flaps')) !== undefined);
  engine.counted.hub.forget();
  const started = performance.now();
  for (let beat = 1; beat <= 60; beat++) await operate('flaps', { beat: `${beat}` });
  await untilFields('flaps', [[{ name: 'beat', value: '"60"' }]]);
  const seconds = (performance.now() - started) / 1000;
  const writes = engine.counted.hub.calls.filter((call) => call === 'apply WorkReport').length;
  expect(writes).toBeLessThanOrEqual(6 + Math.ceil(seconds / 10));
}, 60_000);
