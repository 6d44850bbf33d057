import type { Node, Stored } from '@quarterdeck/apis';
import { expect, test } from 'vitest';
import { podObject } from '../../testing/pods.ts';
import { schedule } from './decide.ts';
import { podRequests } from './decide-fit.ts';

function node(
  name: string,
  settings: { cpu?: string; labels?: Record<string, string>; spec?: Node['spec'] } = {},
): Stored<Node> {
  const { cpu = '4', labels = {}, spec } = settings;
  return {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: { name, uid: name, resourceVersion: '1', creationTimestamp: '2026-01-01T00:00:00Z', labels },
    ...(spec === undefined ? {} : { spec }),
    status: { allocatable: { cpu, memory: '8Gi', pods: '3' } },
  };
}

const asking = (name: string, cpu: string, more: object = {}) => {
  const resources = { requests: { cpu } };
  return podObject(name, {
    state: 'pending',
    spec: { containers: [{ name: 'app', image: 'i', resources }], ...more },
  });
};
const taint = { taints: [{ key: 'only', value: 'gpu', effect: 'NoSchedule' }] };

test.each([
  {
    name: 'pods spread over what is emptiest',
    pods: [asking('a', '1'), asking('b', '1')],
    nodes: [node('x'), node('y')],
    want: ['x', 'y'],
  },
  {
    name: 'a pod goes where it fits',
    pods: [asking('a', '3')],
    nodes: [node('x', { cpu: '2' }), node('y')],
    want: ['y'],
  },
  {
    name: 'a selector counts',
    pods: [asking('a', '1', { nodeSelector: { zone: 'b' } })],
    nodes: [node('x'), node('y', { labels: { zone: 'b' } })],
    want: ['y'],
  },
  {
    name: 'a toleration opens a taint',
    pods: [asking('a', '1', { tolerations: [{ key: 'only', operator: 'Exists' }] })],
    nodes: [node('x', { spec: taint })],
    want: ['x'],
  },
  {
    name: 'requests are exact',
    pods: [asking('a', '1500m'), asking('b', '2500m')],
    nodes: [node('x')],
    want: ['x', 'x'],
  },
])('$name', ({ pods, nodes, want }) => {
  const { assignments, unschedulable } = schedule(pods, [], nodes);
  expect(assignments.map((one) => one.node)).toEqual(want);
  expect(unschedulable).toEqual([]);
});

test('a pod that fits nowhere is told why, per reason', () => {
  const nodes = [
    node('a', { cpu: '1' }),
    node('b', { cpu: '1' }),
    node('c', { spec: taint }),
    node('d', { spec: { unschedulable: true } }),
  ];
  const { assignments, unschedulable } = schedule([asking('big', '2')], [], nodes);
  expect(assignments).toEqual([]);
  expect(unschedulable.map(({ message }) => message)).toEqual([
    '0/4 nodes are available: 1 node(s) had untolerated taint {only: gpu}, 1 node(s) were unschedulable, 2 Insufficient cpu.',
  ]);
  expect(schedule([asking('big', '2')], [], []).unschedulable[0]?.message).toBe('no nodes available to schedule pods');
});

test('what is bound takes room until it has ended', () => {
  const bound = [
    podObject('a', { node: 'x' }),
    podObject('b', { node: 'x' }),
    podObject('c', { node: 'x', state: 'succeeded' }),
  ];
  const { assignments, unschedulable } = schedule([asking('d', '1'), asking('e', '1')], bound, [node('x')]);
  expect(assignments.map(({ pod }) => pod.metadata.name)).toEqual(['d']);
  expect(unschedulable.map(({ message }) => message)).toEqual(['0/1 nodes are available: 1 Too many pods.']);
});

test('a pod takes the sum of its containers or its largest init container; limits stand in for requests', () => {
  const container = (resources: object) => ({ name: 'c', image: 'i', resources });
  const containers = [container({ requests: { cpu: '100m' } }), container({ limits: { cpu: '200m', memory: '1Ki' } })];
  const initContainers = [container({ requests: { cpu: '1' } })];
  const pod = podObject('p', { spec: { containers, initContainers } });
  expect(Object.fromEntries(podRequests(pod))).toEqual({ pods: 1000, cpu: 1000, memory: 1_024_000 });
});
