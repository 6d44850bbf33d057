import type { Condition, Stored, Work } from '@quarterdeck/apis';
import { stored } from '@quarterdeck/machinery/testing';
import { expect, test } from 'vitest';
import { changesOf, removalOf } from './changes.ts';
import type { ManifestResult } from './manifest-result.ts';

const condition = (type: string, status: Condition['status'], observedGeneration: number, message = ''): Condition => ({
  type,
  status,
  reason: 'Test',
  message,
  observedGeneration,
  lastTransitionTime: '2026-01-01T00:00:00Z',
});
const work = (...conditions: Condition[]): Stored<Work> =>
  stored({
    apiVersion: 'multicluster.x-k8s.io/v1alpha1',
    kind: 'Work',
    metadata: { name: 'w', namespace: 'member-m1', generation: 2 },
    ...(conditions.length === 0 ? {} : { status: { conditions } }),
  });
const identifier = { ordinal: 0, kind: 'ConfigMap', namespace: 'shop', name: 'a' };
const result = (more: Partial<ManifestResult> = {}): ManifestResult => ({
  identifier,
  gvk: undefined,
  problem: undefined,
  ...more,
});
const drift = (fields: string[], manager?: string): ManifestResult['drift'] => ({
  state: 'Repaired',
  isMissing: fields.length === 0,
  fields: fields.map((path) => ({ path, ...(manager === undefined ? {} : { manager }) })),
});

const applied = (status: Condition['status'], generation: number, message = '') =>
  condition('Applied', status, generation, message);
const degraded = (status: Condition['status'], message = '') => condition('Degraded', status, 2, message);

test.each<{ name: string; before: Condition[]; after: Condition[]; results?: ManifestResult[]; want: string[] }>([
  {
    name: 'DL-23 each generation that was applied is told once',
    before: [applied('True', 1)],
    after: [applied('True', 2)],
    want: ['Normal Applied: generation 2: 1 object applied'],
  },
  { name: 'DL-23 what stays is not told', before: [applied('True', 2)], after: [applied('True', 2)], want: [] },
  {
    name: 'DL-23 a failure is told with its message',
    before: [],
    after: [applied('False', 2, '1 of 1 manifests not applied')],
    want: ['Warning ApplyFailed: generation 2: 1 of 1 manifests not applied'],
  },
  {
    name: 'DL-22 what degrades is told, and that it recovered',
    before: [applied('True', 2), degraded('False')],
    after: [applied('True', 2), degraded('True', 'the primary is gone')],
    want: ['Warning Degraded: the primary is gone'],
  },
  {
    name: 'DL-22 a recovery is told',
    before: [applied('True', 2), degraded('True')],
    after: [applied('True', 2), degraded('False')],
    want: ['Normal Recovered: no object is degraded any more'],
  },
  {
    name: 'DL-21 a repair names fields, object and manager',
    before: [applied('True', 2)],
    after: [applied('True', 2)],
    results: [
      result({ drift: drift(['.data.a', '.data.b', '.data.c', '.data.d', '.data.e', '.data.f'], 'kubectl-edit') }),
      result({ drift: drift([]) }),
    ],
    want: [
      'Normal DriftRepaired: .data.a, .data.b, .data.c, .data.d, .data.e and 1 more of ConfigMap shop/a put back; changed by kubectl-edit',
      'Normal DriftRepaired: ConfigMap shop/a was deleted on the member; it is made again',
    ],
  },
])('$name', ({ before, after, results = [result()], want }) => {
  const events = changesOf(work(...before), { conditions: after }, results);
  expect(events.map(({ type, reason, message }) => `${type} ${reason}: ${message}`)).toEqual(want);
});

test('WK-33 objects that went with their manifests are named', () => {
  expect(removalOf([identifier])?.message).toBe('no longer in the Work: ConfigMap shop/a');
  expect(removalOf([])).toBeUndefined();
});
