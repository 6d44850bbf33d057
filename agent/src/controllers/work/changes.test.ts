import type { Condition } from '@quarterdeck/apis';
import { expect, test } from 'vitest';
import { outcomeEvents, removalOf, repairEvents } from './changes.ts';
import type { ManifestResult } from './manifest-result.ts';
import { outcomeOf } from './told-outcome.ts';

const condition = (type: string, status: Condition['status'], observedGeneration: number, message = ''): Condition => ({
  type,
  status,
  reason: 'Test',
  message,
  observedGeneration,
  lastTransitionTime: '2026-01-01T00:00:00Z',
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
  const events = [...outcomeEvents(outcomeOf(before), after, results), ...repairEvents(results)];
  expect(events.map(({ type, reason, message }) => `${type} ${reason}: ${message}`)).toEqual(want);
});

test('DL-23 the event of an outcome is the same one whenever it is told, and another one of each outcome', () => {
  const keys = (...after: Condition[]) => outcomeEvents(undefined, after, [result()]).map(({ key }) => key);
  const later = { lastTransitionTime: '2026-01-01T00:00:09Z' };
  const now = keys(applied('False', 2, 'first a'), degraded('True', 'a'));
  expect(keys(applied('False', 2, 'first b'), degraded('True', 'b'))).toEqual(now);
  const others = [keys(applied('False', 3)), keys({ ...applied('False', 2), ...later })];
  expect(new Set([now[0], ...others.flat()]).size).toBe(3);
});

test('WK-33 objects that went with their manifests are named', () => {
  expect(removalOf([identifier])?.message).toBe('no longer in the Work: ConfigMap shop/a');
  expect(removalOf([])).toBeUndefined();
});
