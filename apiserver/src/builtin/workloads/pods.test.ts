import type { JsonObject } from '@quarterdeck/machinery';
import { describe, expect, test } from 'vitest';
import { podColumns } from './pod-columns.ts';
import { qosClass } from './pod-qos.ts';

const minutes = 60_000;
const state = (name: string, content: JsonObject, more: JsonObject = {}): JsonObject => ({
  name,
  state: content,
  ...more,
});
const running = (name: string, more: JsonObject = {}) => state(name, { running: {} }, { ready: true, ...more });
const ended = (name: string, exitCode: number, reason = '') => state(name, { terminated: { exitCode, reason } });

interface Shown {
  readonly name: string;
  readonly pod: JsonObject;
  /** Ready, status, restarts. */
  readonly cells: readonly string[];
}

const pod = (status: JsonObject, names = ['a'], init: JsonObject[] = []): JsonObject => ({
  metadata: { name: 'p' },
  spec: { containers: names.map((name) => ({ name })), initContainers: init },
  status: { phase: 'Running', ...status },
});

describe('what a table says of pods', () => {
  test.each<Shown>([
    { name: 'one that waits', pod: pod({ phase: 'Pending' }), cells: ['0/1', 'Pending', '0'] },
    { name: 'one that runs', pod: pod({ containerStatuses: [running('a')] }), cells: ['1/1', 'Running', '0'] },
    {
      name: 'one that restarted',
      pod: pod({
        containerStatuses: [
          running('a', { restartCount: 3, lastState: { terminated: { finishedAt: '1970-01-01T00:00:00Z' } } }),
        ],
      }),
      cells: ['1/1', 'Running', '3 (5m ago)'],
    },
    {
      name: 'one whose container cannot start',
      pod: pod({ containerStatuses: [state('a', { waiting: { reason: 'ImagePullBackOff' } })] }),
      cells: ['0/1', 'ImagePullBackOff', '0'],
    },
    {
      name: 'one that ended badly',
      pod: pod({ containerStatuses: [ended('a', 3)] }),
      cells: ['0/1', 'ExitCode:3', '0'],
    },
    {
      name: 'one of which a part is done',
      pod: pod({ containerStatuses: [ended('a', 0, 'Completed'), running('b')] }, ['a', 'b']),
      cells: ['1/2', 'NotReady', '0'],
    },
    {
      name: 'one whose first init container is done',
      pod: pod(
        { phase: 'Pending', initContainerStatuses: [ended('i', 0), state('j', { running: {} })] },
        ['a'],
        [{ name: 'i' }, { name: 'j' }],
      ),
      cells: ['0/1', 'Init:1/2', '0'],
    },
    {
      name: 'one whose init container failed',
      pod: pod({ initContainerStatuses: [ended('i', 1, 'Error')] }, ['a'], [{ name: 'i' }]),
      cells: ['0/1', 'Init:Error', '0'],
    },
    {
      name: 'one with a sidecar',
      pod: pod(
        { initContainerStatuses: [running('s', { started: true })], containerStatuses: [running('a')] },
        ['a'],
        [{ name: 's', restartPolicy: 'Always' }],
      ),
      cells: ['2/2', 'Running', '0'],
    },
    {
      name: 'one that is going',
      pod: { ...pod({ containerStatuses: [running('a')] }), metadata: { deletionTimestamp: 'x' } },
      cells: ['1/1', 'Terminating', '0'],
    },
    {
      name: 'one behind a gate',
      pod: pod({
        phase: 'Pending',
        conditions: [{ type: 'PodScheduled', status: 'False', reason: 'SchedulingGated' }],
      }),
      cells: ['0/1', 'SchedulingGated', '0'],
    },
  ])('KA-118 $name', ({ pod: shown, cells }) => {
    expect(podColumns.slice(1, 4).map(({ value }) => value(shown, 5 * minutes + 1))).toEqual(cells);
  });
});

const container = (limits: JsonObject, requests: JsonObject = limits): JsonObject => ({
  resources: { limits, requests },
});
const both = { cpu: '1', memory: '1Gi' };

test.each([
  { name: 'nothing asked for', containers: [{}], want: 'BestEffort' },
  { name: 'limits and requests alike', containers: [container(both)], want: 'Guaranteed' },
  { name: 'less requested', containers: [container(both, { cpu: '500m', memory: '1Gi' })], want: 'Burstable' },
  { name: 'a container without limits', containers: [container(both), {}], want: 'Burstable' },
  { name: 'a limit of one resource', containers: [container({ cpu: '1' })], want: 'Burstable' },
  { name: 'only zeros', containers: [container({ cpu: '0' })], want: 'BestEffort' },
])('KA-3 $name is $want', ({ containers, want }) => expect(qosClass({ containers })).toBe(want));
