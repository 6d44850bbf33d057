import { ConfigMap, Deployment, type Manifest, Pod, Work } from '@quarterdeck/apis';
import { systemClock } from '@quarterdeck/machinery';
import { eventually } from '@quarterdeck/machinery/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { adopt } from './adopt.ts';
import { hubNamespace, isThere, startWorkEngine, type WorkEngine, workOf } from './testing/work-engine.ts';

let engine: WorkEngine;
beforeAll(async () => {
  engine = await startWorkEngine();
});
afterAll(async () => {
  await engine[Symbol.asyncDispose]();
});

const settings = (name: string, text: string): Manifest & { apiVersion: string; kind: string } => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name, namespace: 'default' },
  data: { text },
});
const app: Manifest & { apiVersion: string; kind: string } = {
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'app', namespace: 'default' },
  spec: {
    replicas: 2,
    selector: { matchLabels: { app: 'app' } },
    template: {
      metadata: { labels: { app: 'app' } },
      spec: { containers: [{ name: 'app', image: 'example.test/app:1' }] },
    },
  },
};
const files = [app, settings('odd', 'wanted'), settings('absent', 'x')];
const work = { namespace: hubNamespace, name: 'taken' };
const request = { work, manifests: files, isConfirmed: false, timeoutMs: 30_000 };
const equalOnly = { differing: false, missing: false };

async function pods(): Promise<string[]> {
  const { items } = await engine.member.list(Pod, { namespace: 'default', labelSelector: 'app=app' });
  return items.map(({ metadata }) => metadata.uid).sort();
}

test('DL-2, DL-4 what runs is compared by the agent, without a trace, and taken over without touching its pods', async () => {
  await engine.member.apply(Deployment, app as never, { fieldManager: 'kubectl' });
  await engine.member.apply(ConfigMap, settings('odd', 'seen') as never, { fieldManager: 'kubectl' });
  await eventually(async () => (await pods()).length === 2);
  const [before, deployed] = [await pods(), await engine.member.get(Deployment, { namespace: 'default', name: 'app' })];

  const asked = await adopt(engine.hub, systemClock, { ...request, also: equalOnly });
  expect(asked.found.map(({ title, state, message }) => [title, state, message])).toEqual([
    ['Deployment default/app', 'Equal', ''],
    ['ConfigMap default/odd', 'Differs', '1 field'],
    ['ConfigMap default/absent', 'Missing', 'not on the cluster'],
  ]);
  expect(asked.found[1]?.drift?.fields).toEqual([
    { path: '.data.text', wanted: '"wanted"', seen: '"seen"', manager: 'kubectl' },
  ]);
  const untouched = await engine.member.get(Deployment, { namespace: 'default', name: 'app' });
  expect(untouched.metadata.labels).toBeUndefined();

  const taken = await adopt(engine.hub, systemClock, { ...request, also: equalOnly, isConfirmed: true });
  const conditions = taken.work?.status?.manifestConditions ?? [];
  expect(conditions.map(({ identifier }) => identifier.name)).toEqual(['app']);
  expect(taken.work?.status?.conditions.find(({ type }) => type === 'Applied')?.status).toBe('True');
  const now = await engine.member.get(Deployment, { namespace: 'default', name: 'app' });
  expect([now.metadata.uid, now.spec]).toEqual([deployed.metadata.uid, deployed.spec]);
  expect(await pods()).toEqual(before);
  expect(await isThere(engine.member, ConfigMap, 'absent', 'default')).toBeUndefined();
});

test('DL-4 what differs or is missing is taken when that is asked for, and outlives the Work', async () => {
  const other = { namespace: hubNamespace, name: 'rest' };
  const also = { differing: true, missing: true };
  const manifests = files.slice(1);
  const { found } = await adopt(engine.hub, systemClock, {
    ...request,
    work: other,
    manifests,
    also,
    isConfirmed: true,
  });
  expect(found.map(({ state }) => state)).toEqual(['Differs', 'Missing']);
  const odd = await engine.member.get(ConfigMap, { namespace: 'default', name: 'odd' });
  expect(odd.data).toEqual({ text: 'wanted' });

  await engine.hub.delete(Work, other);
  await eventually(async () => (await isThere(engine.hub, Work, 'rest', hubNamespace)) === undefined);
  expect((await isThere(engine.member, ConfigMap, 'absent', 'default'))?.data).toEqual({ text: 'x' });
});

test('DL-4 a Work of that name is left alone', async () => {
  await engine.hub.create(Work, workOf('busy'));
  const busy = { ...request, work: { namespace: hubNamespace, name: 'busy' }, also: equalOnly };
  await expect(adopt(engine.hub, systemClock, busy)).rejects.toThrow('there is a Work busy in member-m1');
});
