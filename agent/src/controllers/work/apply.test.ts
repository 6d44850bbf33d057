import { annotation, type KubeObject, label, type Stored } from '@quarterdeck/apis';
import type { Client, JsonObject } from '@quarterdeck/machinery';
import { expect, test } from 'vitest';
import { appliedWork, configMapManifest, liveObject, readOne } from '../../testing/builders.ts';
import { applyManifest } from './apply.ts';
import { createHeldFields } from './held-fields.ts';
import { createRepairGuard } from './repair-guard.ts';
import { createSuperseded } from './superseded.ts';

const mine = appliedWork('mine');
const manifest = readOne(configMapManifest());
const type = { group: '', version: 'v1', kind: 'ConfigMap', plural: 'configmaps', scope: 'Namespaced' as const };

/** As the member holds it: by us alone, or with our text changed by an update of somebody else. */
function held(resourceVersion: string, text: string): Stored<KubeObject> {
  const isOurs = text === 'x';
  const marks = {
    'f:labels': { [`f:${label.appliedWork}`]: {} },
    'f:annotations': { [`f:${annotation.manifestHash}`]: {} },
    'f:ownerReferences': { [`k:{"uid":"${mine.metadata.uid}"}`]: {} },
  };
  const ours = { 'f:metadata': marks, ...(isOurs ? { 'f:data': { 'f:text': {} } } : {}) };
  const theirs = { manager: 'kubectl-edit', operation: 'Update', fieldsV1: { 'f:data': { 'f:text': {} } } };
  const live = liveObject(manifest, {
    labels: { [label.appliedWork]: 'mine' },
    annotations: { [annotation.manifestHash]: manifest.hash },
    managedFields: [{ manager: 'fm', operation: 'Apply', fieldsV1: ours }, ...(isOurs ? [] : [theirs])],
  } as KubeObject['metadata']);
  return { ...live, data: { text }, metadata: { ...live.metadata, resourceVersion } } as unknown as Stored<KubeObject>;
}

test('DL-20, DL-21 what was put back is not put back again while the watch still shows how it was', async () => {
  let watched = held('5', 'changed');
  let stored = watched;
  const applied: JsonObject[] = [];
  const client = {
    get: () => Promise.resolve(stored),
    apply: (_type: unknown, body: JsonObject) => {
      applied.push(body);
      stored = held('6', 'x');
      return Promise.resolve(stored);
    },
  };
  const context = {
    memberClient: client as unknown as Client,
    watchers: {
      peek: () => watched,
      ensure: () => {},
      ready: () => Promise.resolve(),
      mode: () => 'Cluster' as const,
      endIdle: () => 0,
    },
    held: createHeldFields(),
    superseded: createSuperseded(),
    guard: createRepairGuard(),
    isPaused: false,
    applied: mine,
    fieldManager: 'fm',
    now: 0,
    signal: new AbortController().signal,
  };
  const pass = () => applyManifest(context, { manifest, type, journalUid: 'uid-live', appliedHash: manifest.hash });
  const first = await pass();
  expect([first.drift?.state, first.problem, applied.length]).toEqual(['Repaired', undefined, 1]);
  const second = await pass();
  expect([second.drift, second.live?.metadata.resourceVersion, applied.length]).toEqual([undefined, '6', 1]);
  watched = stored;
  expect([(await pass()).drift, applied.length]).toEqual([undefined, 1]);
  // The same change once more is drift once more.
  watched = stored = held('7', 'changed');
  expect([(await pass()).drift?.state, applied.length]).toEqual(['Repaired', 2]);
});
