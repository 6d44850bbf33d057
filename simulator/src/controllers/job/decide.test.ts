import { formatTime, type Stored } from '@quarterdeck/apis';
import { expect, test } from 'vitest';
import type { SimJob } from '../../kinds.ts';
import { type PodSettings, podObject } from '../../testing/pods.ts';
import { decideJob, indexAnnotation } from './decide.ts';
import { countEnded, trackingFinalizer } from './decide-count.ts';

const now = Date.UTC(2026, 0, 1);
const at = formatTime(now);

function job(spec: Partial<SimJob['spec']> = {}, status?: SimJob['status']): Stored<SimJob> {
  return {
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: { name: 'sum', namespace: 'default', uid: 'u', resourceVersion: '1', creationTimestamp: at },
    spec: { parallelism: 2, completions: 3, template: {}, ...spec },
    ...(status === undefined ? {} : { status }),
  };
}
const held = (name: string, state: PodSettings['state'] = 'ready', more: PodSettings = {}) =>
  podObject(name, { state, finalizers: [trackingFinalizer], ...more });
const conditions = (status: SimJob['status']) => (status?.conditions ?? []).map(({ type, reason }) => [type, reason]);

test('it starts with as many as run at once, and makes no more than are needed', () => {
  const step = decideJob(job(), [], now);
  expect(step).toMatchObject({ create: [undefined, undefined], status: { startTime: at, ready: 0 } });
  const last = decideJob(job({}, { succeeded: 2 }), [], now);
  expect(last.create).toHaveLength(1);
});

test('an Indexed job makes the lowest indexes that are open', () => {
  const done = held('sum-0-x', 'succeeded', { annotations: { [indexAnnotation]: '0' } });
  expect(decideJob(job({ completionMode: 'Indexed' }), [done], now).create).toEqual([1, 2]);
});

test('an end is written down, then let go, then counted, each once', () => {
  const pod = held('a', 'succeeded');
  const first = countEnded(job(), [pod]);
  expect(first.counts).toMatchObject({ succeeded: 0, succeededNow: 1, uncounted: { succeeded: ['uid-a'] } });
  expect(first.release).toEqual([pod]);
  const written = { uncountedTerminatedPods: { succeeded: ['uid-a'] } };
  expect(countEnded(job({}, written), [pod]).counts).toMatchObject({ succeeded: 0, succeededNow: 1 });
  const counted = { succeeded: 1, succeededNow: 1, uncounted: {} };
  expect(countEnded(job({}, written), [podObject('a', { state: 'succeeded' })]).counts).toMatchObject(counted);
  expect(countEnded(job({}, written), []).counts).toMatchObject(counted);
  expect(countEnded(job({}, { succeeded: 1 }), [podObject('a', { state: 'succeeded' })]).counts).toMatchObject(counted);
});

test('it says that it will be complete with enough successes; what still runs goes', () => {
  const step = decideJob(job({}, { succeeded: 2, startTime: at }), [held('a', 'succeeded'), held('b')], now);
  expect(conditions(step.status)).toEqual([['SuccessCriteriaMet', 'CompletionsReached']]);
  expect(step.status.completionTime).toBeUndefined();
  expect([step.create, step.remove.map(({ metadata }) => metadata.name)]).toEqual([[], ['b']]);
});

test('it is complete when nothing of it runs and all that ended is counted', () => {
  const step = decideJob(job({}, { succeeded: 2, startTime: at }), [held('a', 'succeeded'), held('b')], now);
  const counting = decideJob(job({}, step.status), [held('a', 'succeeded')], now);
  expect(conditions(counting.status)).toEqual([['SuccessCriteriaMet', 'CompletionsReached']]);
  const over = decideJob(job({}, counting.status), [], now);
  expect(conditions(over.status)).toEqual([
    ['SuccessCriteriaMet', 'CompletionsReached'],
    ['Complete', 'CompletionsReached'],
  ]);
  expect([over.status.succeeded, over.status.completionTime]).toEqual([3, at]);
});

test('it fails with one failure more than allowed, or after its time', () => {
  const failing = decideJob(job({ backoffLimit: 1 }, { failed: 1 }), [held('a', 'failed')], now);
  expect(conditions(failing.status)).toEqual([['FailureTarget', 'BackoffLimitExceeded']]);
  const failed = decideJob(job({ backoffLimit: 1 }, failing.status), [], now);
  expect(conditions(failed.status).at(-1)).toEqual(['Failed', 'BackoffLimitExceeded']);
  const startTime = formatTime(now - 5000);
  const late = decideJob(job({ activeDeadlineSeconds: 5 }, { startTime }), [held('a')], now);
  expect(conditions(late.status)).toEqual([['FailureTarget', 'DeadlineExceeded']]);
  expect(decideJob(job({ activeDeadlineSeconds: 8 }, { startTime }), [], now).requeueAfterMs).toBe(3000);
});

test('a job that is about to fail does not become complete after all', () => {
  const failing = decideJob(job({ backoffLimit: 0 }, { succeeded: 2 }), [held('a', 'failed'), held('b')], now);
  const ended = decideJob(job({ backoffLimit: 0 }, failing.status), [held('b', 'succeeded')], now);
  const over = decideJob(job({ backoffLimit: 0 }, ended.status), [], now);
  expect(conditions(over.status)).toEqual([
    ['FailureTarget', 'BackoffLimitExceeded'],
    ['Failed', 'BackoffLimitExceeded'],
  ]);
});

test('after a failure it waits before it tries again', () => {
  const terminated = { exitCode: 1, reason: 'Error', startedAt: at, finishedAt: formatTime(now - 4000) };
  const pod = held('a', 'failed');
  const containerStatuses = [
    {
      name: 'a',
      image: 'i',
      imageID: '',
      ready: false,
      started: false,
      restartCount: 0,
      state: { terminated },
      lastState: {},
    },
  ];
  const ended = { ...pod, status: { ...pod.status, containerStatuses } };
  const step = decideJob(job(), [ended], now);
  expect([step.create, step.requeueAfterMs]).toEqual([[], 6000]);
  expect(decideJob(job(), [ended], now + 6000).create).toHaveLength(2);
});

test('a suspended job stops and says so; a resumed one starts anew', () => {
  const step = decideJob(job({ suspend: true }, { startTime: at }), [held('a')], now);
  expect([step.create, step.remove.length, step.status.startTime]).toEqual([[], 1, undefined]);
  expect(conditions(step.status)).toEqual([['Suspended', 'JobSuspended']]);
  const resumed = decideJob(job({}, step.status), [], now);
  expect(conditions(resumed.status)).toEqual([['Suspended', 'JobResumed']]);
  expect(resumed.create).toHaveLength(2);
});

test('an ended job goes after its time', () => {
  const end = { type: 'Complete', status: 'True' as const, reason: 'x', message: '', lastTransitionTime: at };
  const done = job({ ttlSecondsAfterFinished: 10 }, { conditions: [end], succeeded: 3 });
  const early = decideJob(done, [], now + 4000);
  expect([early.expired, early.requeueAfterMs, early.create]).toEqual([false, 6000, []]);
  expect(decideJob(done, [], now + 10_000).expired).toBe(true);
});
