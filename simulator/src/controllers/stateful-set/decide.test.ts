import type { Stored } from '@quarterdeck/apis';
import { expect, test } from 'vitest';
import type { SimStatefulSet, StoredPod } from '../../kinds.ts';
import { revisionHash } from '../../template-hash.ts';
import { type PodSettings, podObject } from '../../testing/pods.ts';
import { decideStatefulSet, ordinalOf, updateRevision } from './decide.ts';

const now = Date.UTC(2026, 0, 1);

function set(spec: Partial<SimStatefulSet['spec']> = {}): Stored<SimStatefulSet> {
  return {
    apiVersion: 'apps/v1',
    kind: 'StatefulSet',
    metadata: {
      name: 'db',
      namespace: 'default',
      uid: 'u',
      resourceVersion: '1',
      creationTimestamp: '2026-01-01T00:00:00Z',
      generation: 2,
    },
    spec: { replicas: 3, selector: {}, template: { metadata: { labels: { app: 'db' } } }, ...spec },
  };
}

const current = (settings: PodSettings = {}): PodSettings => ({
  ...settings,
  labels: { [revisionHash]: updateRevision(set()) },
});
const old = (settings: PodSettings = {}): PodSettings => ({ ...settings, labels: { [revisionHash]: 'db-old' } });
const pods = (...settings: readonly PodSettings[]): StoredPod[] =>
  settings.map((one, ordinal) => podObject(`db-${ordinal}`, one));
const partition = { type: 'RollingUpdate' as const, rollingUpdate: { partition: 2 } };

test.each([
  { name: 'the first pod comes first', seen: [], create: [0], remove: [] },
  {
    name: 'all at once in parallel',
    seen: [],
    spec: { podManagementPolicy: 'Parallel' as const },
    create: [0, 1, 2],
    remove: [],
  },
  { name: 'ordinals start where they are told', seen: [], spec: { ordinals: { start: 5 } }, create: [5], remove: [] },
  { name: 'the next waits for the one before', seen: pods(current({ state: 'running' })), create: [], remove: [] },
  { name: 'the next comes after the one before', seen: pods(current(), current()), create: [2], remove: [] },
  { name: 'a gap is filled', seen: pods(current(), current(), current()).toSpliced(1, 1), create: [1], remove: [] },
  {
    name: 'a gap above a broken pod waits',
    seen: pods(current({ state: 'running' }), current(), current()).toSpliced(1, 1),
    create: [],
    remove: [],
  },
  {
    name: 'the last goes first',
    seen: pods(current(), current(), current(), current(), current()),
    create: [],
    remove: ['db-4'],
  },
  {
    name: 'one goes at a time',
    seen: pods(current(), current(), current(), current(), current({ isDeleting: true })),
    create: [],
    remove: [],
  },
  {
    name: 'all surplus goes in parallel',
    seen: pods(current(), current(), current(), current(), current()),
    spec: { podManagementPolicy: 'Parallel' as const },
    create: [],
    remove: ['db-4', 'db-3'],
  },
  { name: 'an update starts at the end', seen: pods(old(), old(), old()), create: [], remove: ['db-2'] },
  {
    name: 'an update waits for the new one',
    seen: pods(old(), old(), current({ state: 'running' })),
    create: [],
    remove: [],
  },
  { name: 'an update goes on', seen: pods(old(), old(), current()), create: [], remove: ['db-1'] },
  {
    name: 'an update stops at the partition',
    seen: pods(old(), old(), current()),
    spec: { updateStrategy: partition },
    create: [],
    remove: [],
  },
  {
    name: 'nothing is updated by itself',
    seen: pods(old(), old(), old()),
    spec: { updateStrategy: { type: 'OnDelete' as const } },
    create: [],
    remove: [],
  },
  {
    name: 'a pod that ended is made again',
    seen: pods(current({ state: 'failed' }), current(), current()),
    create: [],
    remove: ['db-0'],
  },
])('$name', ({ seen, spec = {}, create, remove }) => {
  const step = decideStatefulSet(set(spec), seen, now);
  expect([step.create, step.remove.map(({ metadata }) => metadata.name)]).toEqual([create, remove]);
});

test('the status counts by revision, and the current one moves when all have moved', () => {
  const revision = updateRevision(set());
  const rolling = { ...set(), status: { replicas: 3, currentRevision: 'db-old' } };
  const status = (seen: StoredPod[]) => decideStatefulSet(rolling, seen, now).status;
  expect(status(pods(old(), old(), current({ state: 'running' })))).toEqual({
    observedGeneration: 2,
    replicas: 3,
    readyReplicas: 2,
    availableReplicas: 2,
    currentReplicas: 2,
    updatedReplicas: 1,
    currentRevision: 'db-old',
    updateRevision: revision,
  });
  expect(status(pods(current(), current(), current())).currentRevision).toBe(revision);
});

test.each([
  { name: 'db-0', want: 0 },
  { name: 'db-12', want: 12 },
  { name: 'db-01', want: undefined },
  { name: 'db-x', want: undefined },
  { name: 'other-1', want: undefined },
])('$name has the ordinal $want', ({ name, want }) => expect(ordinalOf(set(), name)).toBe(want));
