import type { Condition, Work, WorkReport } from '@quarterdeck/apis';
import { expect, test } from 'vitest';
import { conditionLines, diffLines, driftLines, statusRows } from './work-view.ts';

const at = '2026-01-01T00:00:00Z';
const condition = (type: string, status: Condition['status'], reason: string, message = ''): Condition => ({
  type,
  status,
  reason,
  message,
  observedGeneration: 1,
  lastTransitionTime: at,
});
const web = { ordinal: 0, group: 'apps', kind: 'Deployment', namespace: 'shop', name: 'web' };
const work: Work = {
  apiVersion: 'multicluster.x-k8s.io/v1alpha1',
  kind: 'Work',
  metadata: { name: 'w', generation: 2 },
  status: {
    conditions: [condition('Applied', 'False', 'AppliedWorkFailed', '1 of 2')],
    manifestConditions: [
      { identifier: web, conditions: [condition('Applied', 'True', 'AppliedManifestComplete')] },
      { identifier: { ordinal: 1 }, conditions: [condition('Applied', 'False', 'InvalidManifest', 'kind is missing')] },
    ],
  },
};
const report: WorkReport = {
  apiVersion: 'quarterdeck.dev/v1alpha1',
  kind: 'WorkReport',
  metadata: { name: 'w' },
  status: {
    observedWorkGeneration: 1,
    manifests: [
      {
        identifier: web,
        health: 'Progressing',
        message: '1 of 2 replicas ready',
        replicas: { desired: 2, ready: 1 },
        drift: {
          state: 'Repaired',
          firstSeenTime: at,
          lastSeenTime: at,
          repairs: 2,
          fields: [{ path: '.spec.replicas', wanted: '2', seen: '5', manager: 'kubectl (scale)' }],
        },
      },
    ],
  },
};

test('WK-37, DL-23 a line for each manifest, with the reason where it is not applied', () => {
  expect(statusRows(work, report)).toEqual([
    ['OBJECT', 'APPLIED', 'HEALTH', 'READY', 'DRIFT', 'MESSAGE'],
    ['Deployment shop/web', 'yes', 'Progressing', '1/2', 'repaired', '1 of 2 replicas ready'],
    ['manifest 1', 'no: InvalidManifest', 'Unknown', '', '', 'kind is missing'],
  ]);
});

test('WK-37 what is about an older generation says so', () => {
  expect(conditionLines(work)).toEqual(['Applied: False AppliedWorkFailed: 1 of 2 (about an older generation)']);
  expect(conditionLines({ ...work, status: { conditions: [] } })).toEqual(['the agent has not looked at it yet']);
});

test('DL-21 drift by field, with wanted and seen values; what was put right is no difference any more', () => {
  expect(driftLines(report, false)).toEqual([
    `Deployment shop/web: fields were changed at ${at}; put right 2 times`,
    '  .spec.replicas: 5, wanted 2   by kubectl (scale)',
  ]);
  expect(driftLines(report, true)).toEqual([]);
  expect(driftLines(undefined, false)).toEqual([]);
});

test('DL-21 what is not applied differs, and so may what the agent has not told of yet', () => {
  const told = (status: NonNullable<Work['status']>, generation = 1): Work => ({
    ...work,
    metadata: { name: 'w', generation },
    status,
  });
  const { status: failing = { conditions: [] } } = work;
  const failed = 'manifest 1: not applied: InvalidManifest: kind is missing';
  expect(diffLines(told(failing), report)).toEqual([failed]);
  const drifted = structuredClone(report);
  const [first] = drifted.status?.manifests ?? [];
  if (first?.drift !== undefined) first.drift.state = 'Reported';
  expect(diffLines(told(failing), drifted)).toEqual([
    failed,
    `Deployment shop/web: fields were changed at ${at}; left as it is, by its policy`,
    '  .spec.replicas: 5, wanted 2   by kubectl (scale)',
  ]);
  const whole = { conditions: [condition('Applied', 'True', 'AppliedWorkComplete')], manifestConditions: [] };
  expect(diffLines(told(whole), report)).toEqual([]);
  expect(diffLines(told(whole, 2), report)).toEqual([
    'the agent has not told yet what became of the latest change; before it:',
  ]);
  const away = { conditions: [condition('Applied', 'Unknown', 'AgentUnreachable', 'no contact')] };
  expect(diffLines(told(away), report)).toEqual(['not known: no contact']);
  expect(diffLines(told({ conditions: [] }), report)).toEqual(['the agent has not looked at it yet']);
  const looked = {
    conditions: [condition('Applied', 'False', 'AppliedWorkFailed')],
    manifestConditions: [{ identifier: web, conditions: [condition('Applied', 'False', 'ReportOnly')] }],
  };
  expect(diffLines(told(looked), report)).toEqual([]);
});
