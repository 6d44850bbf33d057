import { Node, Pod } from '@quarterdeck/apis';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { capacityOf, isWorthReporting } from './capacity.ts';
import { addRequests, amountsOf, type NodeRequests, requestsOf } from './requests.ts';

type Spec = NonNullable<Pod['spec']>;
const container = (requests: Record<string, string>, over: object = {}) => ({
  name: 'c',
  resources: { requests },
  ...over,
});
const pod = (spec: Partial<Spec> & object, phase = 'Running'): Pod =>
  ({ apiVersion: 'v1', kind: Pod.kind, metadata: { name: 'p' }, spec, status: { phase } }) as Pod;
const node = (name: string, allocatable: Record<string, string>, over: object = {}): Node =>
  ({
    apiVersion: 'v1',
    kind: Node.kind,
    metadata: { name },
    spec: over,
    status: { capacity: allocatable, allocatable, conditions: [{ type: 'Ready', status: 'True' }] },
  }) as Node;
const texts = (amounts: ReturnType<typeof requestsOf>) =>
  Object.fromEntries([...amounts].map(([name, { nanos }]) => [name, Number(nanos) / 1e9]));

describe('what a pod holds', () => {
  test.each([
    {
      name: 'RG-32 the sum of its containers',
      spec: { containers: [container({ cpu: '1' }), container({ cpu: '500m', memory: '1Gi' })] },
      want: { cpu: 1.5, memory: 1_073_741_824 },
    },
    {
      name: 'RG-32 an init container that needs more',
      spec: { containers: [container({ cpu: '1' })], initContainers: [container({ cpu: '3' })] },
      want: { cpu: 3 },
    },
    {
      name: 'RG-32 sidecars run beside the containers, and beside later init containers',
      spec: {
        containers: [container({ cpu: '1' })],
        initContainers: [container({ cpu: '2' }, { restartPolicy: 'Always' }), container({ cpu: '3' })],
      },
      want: { cpu: 5 },
    },
    {
      name: 'RG-32 requests of the pod win; the overhead is added',
      spec: { containers: [container({ cpu: '1' })], resources: { requests: { cpu: '2' } }, overhead: { cpu: '250m' } },
      want: { cpu: 2.25 },
    },
    { name: 'RG-32 what is no quantity is left out', spec: { containers: [container({ cpu: 'much' })] }, want: {} },
  ])('$name', ({ spec, want }) => {
    expect(texts(requestsOf(pod(spec as Spec)))).toEqual(want);
  });

  test('RG-32 pods without a node, and pods that have ended, hold nothing', () => {
    const byNode = new Map<string, NodeRequests>();
    const containers = [container({ cpu: '1' })];
    addRequests(byNode, [
      pod({ containers, nodeName: 'a' } as Spec),
      pod({ containers } as Spec, 'Pending'),
      pod({ containers, nodeName: 'a' } as Spec, 'Succeeded'),
      pod({ containers, nodeName: 'a' } as Spec, 'Failed'),
    ]);
    expect([...byNode].map(([name, { pods }]) => [name, pods])).toEqual([['a', 1]]);
  });
});

describe('the capacity of a member', () => {
  const requests = new Map<string, NodeRequests>([
    ['a', { amounts: amountsOf({ cpu: '3' }), pods: 7 }],
    ['c', { amounts: amountsOf({ cpu: '4' }), pods: 1 }],
  ]);

  test('RG-32 sums, requests with pods, and nodes by room; an unschedulable node counts in neither', () => {
    const nodes = [
      node('a', { cpu: '4', pods: '10' }),
      node('b', { cpu: '4', pods: '10' }),
      node('c', { cpu: '4', pods: '10' }, { unschedulable: true }),
    ];
    expect(capacityOf(nodes, requests)).toEqual({
      nodes: { total: 3, ready: 3 },
      capacity: { cpu: '12', pods: '30' },
      allocatable: { cpu: '8', pods: '20' },
      requested: { cpu: '3', pods: '7' },
      nodeGroups: [
        { count: 1, free: { cpu: '4', pods: '10' } },
        { count: 1, free: { cpu: '1', pods: '3' } },
      ],
    });
  });

  test('RG-32 without a count of pods nothing is said of requests', () => {
    expect(Object.keys(capacityOf([node('a', { cpu: '4' })], undefined))).toEqual(['nodes', 'capacity', 'allocatable']);
  });

  test('RG-32 room read from the groups is never more than the nodes have', () => {
    const cores = fc.array(fc.integer({ min: 0, max: 64 }), { maxLength: 60 });
    fc.assert(
      fc.property(cores, fc.integer({ min: 1, max: 8 }), (frees, request) => {
        const nodes = frees.map((cpu, index) => node(`n${index}`, { cpu: String(cpu) }));
        const { nodeGroups = [] } = capacityOf(nodes, new Map());
        const copies = (cpu: number) => Math.floor(cpu / request);
        const told = nodeGroups.reduce((sum, { count, free }) => sum + count * copies(Number(free.cpu)), 0);
        expect(nodeGroups.length).toBeLessThanOrEqual(8);
        expect(nodeGroups.reduce((sum, { count }) => sum + count, 0)).toBe(nodes.length);
        expect(told).toBeLessThanOrEqual(frees.reduce((sum, cpu) => sum + copies(cpu), 0));
      }),
    );
  });
});

describe('what is worth telling', () => {
  const report = (cpu: string | undefined, allocatable = '100') => ({
    allocatable: { cpu: allocatable },
    ...(cpu === undefined ? {} : { requested: { cpu } }),
  });
  test.each([
    { name: 'nothing moved', before: report('50'), next: report('50'), want: false },
    { name: 'a pod came', before: report('50'), next: report('51'), want: false },
    { name: 'more than 2 % moved', before: report('50'), next: report('53'), want: true },
    { name: 'a resource is asked for that nobody has', before: report('50', '0'), next: report('51', '0'), want: true },
    { name: 'the first count', before: report(undefined), next: report('1'), want: true },
    { name: 'still no count', before: report(undefined), next: report(undefined), want: false },
  ])('CI-27, RG-32 $name: $want', ({ before, next, want }) => expect(isWorthReporting(before, next)).toBe(want));
});
