import type { ReplicaSet, Stored } from '@quarterdeck/apis';
import { expect, test } from 'vitest';
import { podObject } from '../../testing/pods.ts';
import { decideReplicaSet } from './decide.ts';

const now = Date.UTC(2026, 0, 1);
const set = (replicas: number, spec: Partial<ReplicaSet['spec']> = {}): Stored<ReplicaSet> => ({
  apiVersion: 'apps/v1',
  kind: 'ReplicaSet',
  metadata: {
    name: 'web',
    namespace: 'default',
    uid: 'u',
    resourceVersion: '1',
    creationTimestamp: '2026-01-01T00:00:00Z',
    generation: 4,
  },
  spec: { replicas, selector: {}, template: { metadata: { labels: { app: 'web' } } }, ...spec },
});
const names = (pods: readonly { metadata: { name: string } }[]) => pods.map(({ metadata }) => metadata.name);

test('what is missing is made; ended and going pods do not count', () => {
  const pods = [
    podObject('a', { labels: { app: 'web' } }),
    podObject('b', { state: 'pending' }),
    podObject('c', { state: 'failed' }),
    podObject('d', { isDeleting: true }),
  ];
  expect(decideReplicaSet(set(5), pods, now)).toEqual({
    create: 3,
    remove: [],
    status: { replicas: 2, fullyLabeledReplicas: 1, readyReplicas: 1, availableReplicas: 1, observedGeneration: 4 },
    requeueAfterMs: undefined,
  });
});

test('of too many those that are missed least go', () => {
  const pods = [
    podObject('old', { node: 'n', at: now - 60_000 }),
    podObject('young', { node: 'n', at: now - 1000 }),
    podObject('running', { node: 'n', state: 'running' }),
    podObject('pending', { node: 'n', state: 'pending' }),
    podObject('unbound', { state: 'pending' }),
  ];
  const removed = (replicas: number) => names(decideReplicaSet(set(replicas), pods, now).remove);
  expect(removed(0)).toEqual(['unbound', 'pending', 'running', 'young', 'old']);
  expect(removed(4)).toEqual(['unbound']);
  expect(removed(5)).toEqual([]);
});

test('a pod is available when it has been ready for long enough', () => {
  const pods = [podObject('a', { at: now - 10_000 }), podObject('b', { at: now - 4000 })];
  const { status, requeueAfterMs } = decideReplicaSet(set(2, { minReadySeconds: 10 }), pods, now);
  expect([status.readyReplicas, status.availableReplicas, requeueAfterMs]).toEqual([2, 1, 6000]);
});

test('a set that is going makes and removes nothing', () => {
  const going = set(3);
  going.metadata.deletionTimestamp = '2026-01-01T00:00:00Z';
  const { create, remove } = decideReplicaSet(going, [], now);
  expect([create, remove]).toEqual([0, []]);
});
