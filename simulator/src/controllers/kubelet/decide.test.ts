import { expect, test } from 'vitest';
import { podObject } from '../../testing/pods.ts';
import { fateOf, podAnnotations, wantedStatus } from './decide.ts';
import { parseGoDuration } from './go-duration.ts';

const delays = { ready: { minMs: 100, maxMs: 200 }, failureProbability: 0 };
const now = Date.UTC(2026, 0, 1);
const fate = { readyAfterMs: 1000, failure: undefined, exitAfterMs: 2000, exitCode: 0 };

test.each([
  { text: '2s', want: 2000 },
  { text: '1m30s', want: 90_000 },
  { text: '1.5h', want: 5_400_000 },
  { text: '250ms', want: 250 },
  { text: '0', want: 0 },
  { text: '', want: undefined },
  { text: '3', want: undefined },
  { text: '2 s', want: undefined },
])('the duration "$text" is $want ms', ({ text, want }) => expect(parseGoDuration(text)).toBe(want));

test('a fate is drawn from seed and name: the same each time, another for another pod', () => {
  const first = fateOf(podObject('a'), delays, 's');
  expect(fateOf(podObject('a'), delays, 's')).toEqual(first);
  const readies = ['a', 'b', 'c'].map((name) => fateOf(podObject(name), delays, 's').readyAfterMs);
  expect(new Set(readies).size).toBe(3);
  expect(readies.every((ms) => ms >= 100 && ms <= 200)).toBe(true);
  expect(fateOf(podObject('a'), { ...delays, failureProbability: 1 }, 's').failure).toBe('CrashLoopBackOff');
});

test('annotations decide over draws', () => {
  const annotations = {
    [podAnnotations.readyAfter]: '2s',
    [podAnnotations.fail]: 'ErrImagePull',
    [podAnnotations.exitAfter]: '1s',
    [podAnnotations.exitCode]: '7',
  };
  expect(fateOf(podObject('a', { annotations }), delays, 's')).toEqual({
    readyAfterMs: 2000,
    failure: 'ErrImagePull',
    exitAfterMs: 1000,
    exitCode: 7,
  });
});

const once = { restartPolicy: 'Never' as const };
test.each([
  { name: 'is being made', age: 400, spec: {}, want: ['Pending', false, 'ContainerCreating', 600] },
  { name: 'runs', age: 1000, spec: {}, want: ['Running', true, 'running', undefined] },
  { name: 'runs once', age: 1500, spec: once, want: ['Running', true, 'running', 1500] },
  { name: 'has done its work', age: 3000, spec: once, want: ['Succeeded', false, 'Completed', undefined] },
  { name: 'has failed', age: 3000, spec: once, code: 2, want: ['Failed', false, 'Error', undefined] },
  {
    name: 'cannot start',
    age: 9000,
    spec: {},
    failure: 'ErrImagePull',
    want: ['Pending', false, 'ErrImagePull', undefined],
  },
])('a pod $name', ({ age, spec, want, code = 0, failure }) => {
  const pod = podObject('a', { state: 'pending', node: 'n', spec });
  const { status, requeueAfterMs } = wantedStatus(pod, { ...fate, exitCode: code, failure }, age, now);
  const ready = status.conditions?.find(({ type }) => type === 'Ready')?.status === 'True';
  const { state } = status.containerStatuses?.[0] ?? {};
  const reason = state?.waiting?.reason ?? state?.terminated?.reason ?? (state?.running === undefined ? '' : 'running');
  expect([status.phase, ready, reason, requeueAfterMs]).toEqual(want);
});

test.each([
  { resources: {}, want: 'BestEffort' },
  { resources: { requests: { cpu: '1' } }, want: 'Burstable' },
  { resources: { limits: { cpu: '1', memory: '1Gi' } }, want: 'Guaranteed' },
  { resources: { requests: { cpu: '1' }, limits: { cpu: '2', memory: '1Gi' } }, want: 'Burstable' },
])('$resources is $want', ({ resources, want }) => {
  const pod = podObject('a', { spec: { containers: [{ name: 'a', image: 'i', resources }] } });
  expect(wantedStatus(pod, fate, 0, now).status.qosClass).toBe(want);
});
