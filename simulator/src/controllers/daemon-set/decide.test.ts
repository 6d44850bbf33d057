import type { Node, Stored } from '@quarterdeck/apis';
import { expect, test } from 'vitest';
import type { SimDaemonSet } from '../../kinds.ts';
import { revisionHash } from '../../template-hash.ts';
import { type PodSettings, podObject } from '../../testing/pods.ts';
import { daemonRevision, decideDaemonSet } from './decide.ts';

const now = Date.UTC(2026, 0, 1);
const meta = { resourceVersion: '1', creationTimestamp: '2026-01-01T00:00:00Z' };

function set(spec: Partial<SimDaemonSet['spec']> = {}): Stored<SimDaemonSet> {
  return {
    apiVersion: 'apps/v1',
    kind: 'DaemonSet',
    metadata: { ...meta, name: 'log', namespace: 'default', uid: 'u', generation: 1 },
    spec: { selector: {}, template: { metadata: { labels: { app: 'log' } }, spec: { containers: [] } }, ...spec },
  };
}
const node = (name: string, spec: Node['spec'] = {}): Stored<Node> => ({
  apiVersion: 'v1',
  kind: 'Node',
  metadata: { ...meta, name, uid: name },
  spec,
});
const on = (where: string, settings: PodSettings = {}, revision = daemonRevision(set())) =>
  podObject(`log-${where}`, { node: where, labels: { [revisionHash]: revision }, ...settings });
const three = [node('a'), node('b'), node('c')];
const tainted = node('d', { taints: [{ key: 'only', effect: 'NoSchedule' }] });
const rolling = (maxUnavailable: number | string) => ({
  updateStrategy: { type: 'RollingUpdate' as const, rollingUpdate: { maxUnavailable } },
});

test.each([
  { name: 'every node gets one', seen: [], nodes: three, create: ['a', 'b', 'c'], remove: [] },
  {
    name: 'also one that takes nothing else',
    seen: [],
    nodes: [node('a', { unschedulable: true })],
    create: ['a'],
    remove: [],
  },
  { name: 'but not one with a taint', seen: [on('d')], nodes: [tainted], create: [], remove: ['log-d'] },
  { name: 'a node that is gone has none', seen: [on('z')], nodes: [node('a')], create: ['a'], remove: ['log-z'] },
  {
    name: 'a pod that ended is replaced',
    seen: [on('a', { state: 'failed' })],
    nodes: [node('a')],
    create: ['a'],
    remove: ['log-a'],
  },
  {
    name: 'a pod that is going is waited for',
    seen: [on('a', { isDeleting: true })],
    nodes: [node('a')],
    create: [],
    remove: [],
  },
  {
    name: 'an update takes one at a time',
    seen: [on('a', {}, 'old'), on('b', {}, 'old'), on('c', {}, 'old')],
    nodes: three,
    create: [],
    remove: ['log-a'],
  },
  {
    name: 'an update waits for the new one',
    seen: [on('a', { state: 'running' }), on('b', {}, 'old'), on('c', {}, 'old')],
    nodes: three,
    create: [],
    remove: [],
  },
  {
    name: 'an update takes as many as may be missing',
    seen: [on('a', {}, 'old'), on('b', {}, 'old'), on('c', {}, 'old')],
    nodes: three,
    spec: rolling('50%'),
    create: [],
    remove: ['log-a', 'log-b'],
  },
  {
    name: 'a broken one is replaced at once',
    seen: [on('a', {}, 'old'), on('b', { state: 'running' }, 'old'), on('c')],
    nodes: three,
    create: [],
    remove: ['log-b'],
  },
  {
    name: 'nothing is updated by itself',
    seen: [on('a', {}, 'old')],
    nodes: [node('a')],
    spec: { updateStrategy: { type: 'OnDelete' as const } },
    create: [],
    remove: [],
  },
])('$name', ({ seen, nodes, spec = {}, create, remove }) => {
  const step = decideDaemonSet(set(spec), seen, nodes, now);
  expect([step.create, step.remove.map(({ metadata }) => metadata.name)]).toEqual([create, remove]);
});

test('the status counts nodes', () => {
  const seen = [on('a'), on('b', { state: 'running' }, 'old'), on('d')];
  expect(decideDaemonSet(set(), seen, [...three, tainted], now).status).toEqual({
    observedGeneration: 1,
    desiredNumberScheduled: 3,
    currentNumberScheduled: 2,
    numberMisscheduled: 1,
    numberReady: 1,
    updatedNumberScheduled: 1,
    numberAvailable: 1,
    numberUnavailable: 2,
  });
});
