import { annotation } from '@quarterdeck/apis';
import { expect, test } from 'vitest';
import { workWith } from '../../testing/builders.ts';
import { completionOf } from './completion.ts';
import type { JudgedResult } from './manifest-result.ts';

const kinds = {
  Job: { group: 'batch', version: 'v1', kind: 'Job' },
  Pod: { group: '', version: 'v1', kind: 'Pod' },
  ConfigMap: { group: '', version: 'v1', kind: 'ConfigMap' },
  PersistentVolumeClaim: { group: '', version: 'v1', kind: 'PersistentVolumeClaim' },
  Deployment: { group: 'apps', version: 'v1', kind: 'Deployment' },
} as const;
const result = (
  kind: keyof typeof kinds,
  health: JudgedResult['health']['health'],
  reason = '',
  over: Partial<JudgedResult> = {},
): JudgedResult => ({
  identifier: { ordinal: 0, kind, namespace: 'shop', name: 'a' },
  gvk: kinds[kind],
  problem: undefined,
  live: {},
  health: { health, reason, message: '' },
  healthSince: 0,
  changesAt: undefined,
  ...over,
});
const job = result('Job', 'Healthy', 'Complete');
const asks = { metadata: { name: 'w', annotations: { [annotation.removeAfterCompletion]: '60' } } };

test.each<{ name: string; results: JudgedResult[]; want: string }>([
  { name: 'a Job that ended', results: [job], want: 'True' },
  { name: 'with what it needs', results: [job, result('ConfigMap', 'Unknown')], want: 'True' },
  { name: 'a Pod that ended', results: [result('Pod', 'Healthy', 'Succeeded')], want: 'True' },
  { name: 'a Pod that runs', results: [result('Pod', 'Healthy')], want: 'Pod shop/a is not complete yet' },
  { name: 'a Job that runs', results: [job, result('Job', 'Progressing')], want: 'Job shop/a is not complete yet' },
  {
    name: 'a Job that was cleaned up after its end',
    results: [result('Job', 'Healthy', 'Complete', { live: undefined, isCompleted: true })],
    want: 'True',
  },
  { name: 'a failed Job', results: [result('Job', 'Degraded')], want: 'Job shop/a is not complete yet' },
  {
    name: 'something that runs on',
    results: [job, result('Deployment', 'Healthy')],
    want: 'Deployment shop/a runs on and is never complete',
  },
  {
    name: 'something that was not applied',
    results: [job, result('ConfigMap', 'Unknown', '', { problem: { reason: 'UnknownKind', message: '' } })],
    want: 'ConfigMap shop/a is not applied',
  },
  {
    name: 'something that is not there',
    results: [job, result('ConfigMap', 'Unknown', '', { live: undefined })],
    want: 'ConfigMap shop/a is not there',
  },
  {
    name: 'a claim that is not bound',
    results: [job, result('PersistentVolumeClaim', 'Progressing')],
    want: 'PersistentVolumeClaim shop/a is not complete yet',
  },
  {
    name: 'something whose own rule fails on it',
    results: [job, result('ConfigMap', 'Unknown', 'RuleFailed')],
    want: 'ConfigMap shop/a is not complete yet',
  },
  {
    name: 'nothing that ends',
    results: [result('ConfigMap', 'Unknown')],
    want: 'there is no Job or Pod that could end',
  },
  { name: 'nothing at all', results: [], want: 'there is no Job or Pod that could end' },
])('DL-7 whether a Work is complete: $name', ({ results, want }) => {
  const told = completionOf(workWith([], asks), results);
  expect(told?.status === 'True' ? 'True' : told?.message).toBe(want);
});

test('DL-7 a Work that does not ask is not said to be complete', () => {
  expect(completionOf(workWith([]), [job])).toBeUndefined();
});
