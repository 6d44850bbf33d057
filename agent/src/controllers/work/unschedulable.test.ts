import { type ApiError, apiError, type Pod } from '@quarterdeck/apis';
import type { Client, JsonObject } from '@quarterdeck/machinery';
import { fakeClock, stored } from '@quarterdeck/machinery/testing';
import { expect, test } from 'vitest';
import { countUnschedulable, createPodLooks } from './unschedulable.ts';

const now = Date.parse('2026-01-01T00:10:00Z');
const pod = (name: string, since: string, reason = 'Unschedulable', status: 'True' | 'False' = 'False') =>
  stored<Pod>({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, namespace: 'shop' },
    spec: { containers: [] },
    status: { conditions: [{ type: 'PodScheduled', status, reason, message: '', lastTransitionTime: since }] },
  });
const old = '2026-01-01T00:08:00Z';

test('DL-23 pods count as unschedulable when the scheduler has found no node for a minute', () => {
  const going = { ...pod('e', old), metadata: { ...pod('e', old).metadata, deletionTimestamp: old } };
  const pods = [
    pod('a', old),
    pod('b', '2026-01-01T00:09:00Z'),
    pod('c', '2026-01-01T00:09:01Z'),
    pod('d', old, 'SchedulingGated'),
    pod('f', old, '', 'True'),
    going,
    { ...pod('g', old), status: {} },
  ];
  expect(countUnschedulable(pods, now)).toBe(2);
});

test('DL-23 pods are looked at while a workload is not whole, now and then, and what hinders that hinders nothing', async () => {
  const clock = fakeClock(now);
  const asked: unknown[] = [];
  let failure: ApiError | undefined;
  const list = (_type: unknown, options: { labelSelector?: string }) => {
    asked.push(options.labelSelector);
    return failure === undefined ? Promise.resolve({ items: [pod('a', old)], metadata: {} }) : Promise.reject(failure);
  };
  const client = { list } as unknown as Client;
  const gvk = { group: 'apps', version: 'v1', kind: 'Deployment' };
  const live = (readyReplicas: number): JsonObject => ({
    metadata: { uid: 'u', namespace: 'shop', name: 'web' },
    spec: { replicas: 2, selector: { matchLabels: { app: 'web' } } },
    status: { readyReplicas },
  });
  const looks = createPodLooks(clock);
  const { signal } = new AbortController();
  const look = (ready: number, kind = 'Deployment') =>
    looks.countOf(client, { gvk: { ...gvk, kind }, live: live(ready) }, signal);
  expect([await look(2), asked]).toEqual([{ count: 0, againAfterMs: undefined }, []]);
  expect(await look(1)).toEqual({ count: 1, againAfterMs: 30_000 });
  await look(1);
  expect(asked).toEqual(['app=web']);
  await clock.advance(10_000);
  await look(0);
  expect(asked).toHaveLength(2);
  failure = apiError('Forbidden', 'may not list pods');
  await clock.advance(10_000);
  expect(await look(1)).toBeUndefined();
  expect(await look(1, 'ControllerRevision')).toBeUndefined();
});

test('DL-23 a workload that is younger than a minute has no pod that has waited so long: nobody is asked', async () => {
  const clock = fakeClock(now);
  let asked = 0;
  const list = () => {
    asked++;
    return Promise.resolve({ items: [pod('a', old)], metadata: {} });
  };
  const live: JsonObject = {
    metadata: { uid: 'u', namespace: 'shop', name: 'web', creationTimestamp: '2026-01-01T00:09:30Z' },
    spec: { selector: { matchLabels: { app: 'web' } } },
  };
  const gvk = { group: 'apps', version: 'v1', kind: 'Deployment' };
  const looks = createPodLooks(clock);
  const look = () => looks.countOf({ list } as unknown as Client, { gvk, live }, new AbortController().signal);
  expect([await look(), asked]).toEqual([{ count: 0, againAfterMs: 30_000 }, 0]);
  await clock.advance(30_000);
  expect([await look(), asked]).toEqual([{ count: 1, againAfterMs: 30_000 }, 1]);
});
