import type { JsonObject } from '@quarterdeck/machinery';
import { expect, test } from 'vitest';
import { jobStatusErrors } from './job-status.ts';
import { statusCountErrors } from './status-counts.ts';

const rules = { counts: ['replicas'], ofReplicas: ['readyReplicas', 'availableReplicas'], ready: 'readyReplicas' };
const counted = (status: JsonObject, old: JsonObject = {}) =>
  statusCountErrors({ status }, { status: old }, rules).map(({ field, message }) => `${field}: ${message}`);

test.each<[status: JsonObject, old: JsonObject | undefined, want: string[]]>([
  [{ replicas: 2, readyReplicas: 2, availableReplicas: 1 }, undefined, []],
  [{ readyReplicas: 1 }, undefined, ['status.readyReplicas: Invalid value: 1: cannot be greater than status.replicas']],
  [
    { replicas: 2, availableReplicas: 1 },
    undefined,
    ['status.availableReplicas: Invalid value: 1: cannot be greater than readyReplicas'],
  ],
  [
    { replicas: -1, readyReplicas: -1, availableReplicas: -1 },
    undefined,
    ['status.replicas: Invalid value: -1: must be greater than or equal to 0'],
  ],
  [{ collisionCount: 1 }, { collisionCount: 1, replicas: 1 }, []],
  [{}, { collisionCount: 0 }, ['status.collisionCount: Invalid value: 0: cannot be decremented']],
  // What an earlier server let in does not stop writes beside it.
  [{ readyReplicas: 1 }, { readyReplicas: 1 }, []],
])('KA-3 counts of a workload: %o after %o', (status, old, want) => expect(counted(status, old)).toEqual(want));

const conditions = (...types: readonly string[]) => types.map((type) => ({ type, status: 'True' }));
const [start, end] = ['2020-01-02T03:04:05Z', '2020-01-02T03:05:05Z'];
const fields = (status: JsonObject, old: JsonObject = {}, spec: JsonObject = {}) =>
  jobStatusErrors({ spec, status }, { spec, status: old }).map(({ field }) => field.slice('status.'.length));
const complete = { conditions: conditions('SuccessCriteriaMet', 'Complete'), startTime: start, completionTime: end };

test.each<[what: string, status: JsonObject, old: JsonObject | undefined, want: string[]]>([
  ['it ends well', complete, undefined, []],
  ['it ends badly', { conditions: conditions('FailureTarget', 'Failed'), startTime: start }, undefined, []],
  [
    'it ends both ways',
    { ...complete, conditions: conditions('Complete', 'Failed') },
    undefined,
    Array(3).fill('conditions'),
  ],
  ['it runs on', { ...complete, active: 1, terminating: 1 }, undefined, ['active', 'terminating']],
  ['it ends before it starts', { ...complete, startTime: end, completionTime: start }, undefined, ['completionTime']],
  ['it never started', { ...complete, startTime: '' }, undefined, ['startTime']],
  ['it ends anew', { ...complete, completionTime: start }, complete, ['completionTime']],
  ['it goes on', { startTime: start }, complete, ['conditions', 'conditions']],
  ['it loses pods', { succeeded: 1, failed: 1 }, { succeeded: 2, failed: 2 }, ['failed', 'succeeded']],
  ['more are ready than there are', { ready: 1 }, undefined, ['ready']],
  [
    'it leaves pods uncounted',
    { ...complete, uncountedTerminatedPods: { failed: ['a'] } },
    undefined,
    ['uncountedTerminatedPods'],
  ],
  [
    'a pod ends twice',
    { uncountedTerminatedPods: { failed: ['a'], succeeded: ['a'] } },
    undefined,
    ['uncountedTerminatedPods.failed[0]'],
  ],
  [
    'indexes of a job without',
    { completedIndexes: '0', failedIndexes: '' },
    undefined,
    ['completedIndexes', 'failedIndexes'],
  ],
  ['what was so before', { ...complete, active: 1, message: 'x' }, { ...complete, active: 1 }, []],
])('KA-3 status of a job: %s', (_, status, old, want) => expect(fields(status, old)).toEqual(want));

test('KA-3 indexes of a job stay in their bounds, and end one way', () => {
  const spec = { completionMode: 'Indexed', completions: 3, backoffLimitPerIndex: 1 };
  expect(fields({ completedIndexes: '0-1', failedIndexes: '2' }, {}, spec)).toEqual([]);
  expect(fields({ completedIndexes: '3', failedIndexes: 'x' }, {}, spec)).toEqual([
    'completedIndexes',
    'failedIndexes',
  ]);
  expect(fields({ completedIndexes: '0-1', failedIndexes: '1' }, {}, spec)).toEqual(['failedIndexes']);
});
