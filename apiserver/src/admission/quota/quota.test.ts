import type { JsonObject } from '@quarterdeck/machinery';
import { describe, expect, test } from 'vitest';
import { chargeTo } from './charge.ts';
import { isBestEffort, missingAmounts, podResources } from './pod-usage.ts';
import { matchesScopes, type Quota, readQuota } from './quota.ts';
import { resourceListObject } from './resource-list.ts';
import { countedBy, countsUnder, usageOf } from './usage.ts';

const now = Date.UTC(2026, 0, 1);
const pods = { group: '', resource: 'pods' };
const container = (requests: JsonObject, limits: JsonObject = {}, more: JsonObject = {}): JsonObject => ({
  name: 'c',
  resources: { requests, limits },
  ...more,
});
const pod = (containers: JsonObject[], more: JsonObject = {}): JsonObject => ({ spec: { containers, ...more } });
const usage = (of: { group: string; resource: string }, object: JsonObject) =>
  resourceListObject(usageOf(of, object, now));

describe('what a pod takes', () => {
  test.each([
    {
      name: 'KA-119 containers add up',
      object: pod([container({ cpu: '100m' }), container({ cpu: '1', memory: '1Gi' })]),
      want: { cpu: '1100m', memory: '1Gi' },
    },
    {
      name: 'KA-119 an init container counts where it takes more than all that follow',
      object: pod([container({ cpu: '100m', memory: '1Gi' })], {
        initContainers: [container({ cpu: '2', memory: '1Mi' })],
      }),
      want: { cpu: '2', memory: '1Gi' },
    },
    {
      name: 'KA-119 a side-car runs beside the init containers after it, and beside the rest',
      object: pod([container({ cpu: '1' })], {
        initContainers: [container({ cpu: '500m' }, {}, { restartPolicy: 'Always' }), container({ cpu: '1500m' })],
      }),
      want: { cpu: '2' },
    },
    {
      name: 'KA-119 overhead comes on top',
      object: pod([container({ cpu: '1' })], { overhead: { cpu: '250m', memory: '1Mi' } }),
      want: { cpu: '1250m', memory: '1Mi' },
    },
    {
      name: 'KA-119 what is set for the whole pod counts instead',
      object: pod([container({ cpu: '1', 'example.com/gpu': '1' })], { resources: { requests: { cpu: '3' } } }),
      want: { cpu: '3', 'example.com/gpu': '1' },
    },
  ])('$name', ({ object, want }) => expect(resourceListObject(podResources(object, 'requests'))).toEqual(want));

  test('KA-119 quotas count it under several names', () => {
    const requests = { cpu: '1', 'hugepages-2Mi': '4Mi', 'example.com/gpu': '2', 'ephemeral-storage': '1Gi' };
    expect(usage(pods, pod([container(requests, { memory: '1Gi' })]))).toEqual({
      'count/pods': '1',
      pods: '1',
      cpu: '1',
      'requests.cpu': '1',
      'hugepages-2Mi': '4Mi',
      'requests.hugepages-2Mi': '4Mi',
      'requests.example.com/gpu': '2',
      'ephemeral-storage': '1Gi',
      'requests.ephemeral-storage': '1Gi',
      'limits.memory': '1Gi',
    });
  });

  test.each([
    { name: 'KA-119 a pod that ended', more: { status: { phase: 'Failed' } }, counts: false },
    {
      name: 'KA-119 a pod whose time to stop is over',
      more: { metadata: { deletionTimestamp: '2025-12-31T23:59:00Z', deletionGracePeriodSeconds: 30 } },
      counts: false,
    },
    {
      name: 'KA-119 a pod that is being stopped',
      more: { metadata: { deletionTimestamp: '2025-12-31T23:59:59Z', deletionGracePeriodSeconds: 30 } },
      counts: true,
    },
  ])('$name counts as an object, and otherwise: $counts', ({ more, counts }) => {
    const found = usage(pods, { ...pod([container({ cpu: '1' })]), ...(more as JsonObject) });
    expect([found['count/pods'], found.pods !== undefined]).toEqual(['1', counts]);
  });

  test('KA-119 a quota on CPU or memory asks every container to name them', () => {
    const two = [container({ cpu: '1' }, {}, { name: 'b' }), container({}, { cpu: '1' }, { name: 'a' })];
    const hard = ['requests.cpu', 'limits.cpu', 'requests.ephemeral-storage', 'pods'];
    expect(missingAmounts(pod(two), hard)).toBe('limits.cpu for: b; requests.cpu for: a');
    expect(missingAmounts(pod(two, { resources: { requests: { cpu: '1' } } }), hard)).toBeUndefined();
    expect(missingAmounts(pod(two), ['pods'])).toBeUndefined();
  });
});

describe('what other objects take', () => {
  const services = { group: '', resource: 'services' };
  const claims = { group: '', resource: 'persistentvolumeclaims' };
  const service = (spec: JsonObject) => usage(services, { spec: { ports: [{ nodePort: 30_000 }, {}], ...spec } });

  test('KA-119 a service its ports on nodes and its load balancer', () => {
    const want = { 'count/services': '1', services: '1' };
    expect([
      service({ type: 'ClusterIP' }),
      service({ type: 'NodePort' }),
      service({ type: 'LoadBalancer' }),
      service({ type: 'LoadBalancer', allocateLoadBalancerNodePorts: false }),
    ]).toEqual([
      { ...want, 'services.nodeports': '0', 'services.loadbalancers': '0' },
      { ...want, 'services.nodeports': '2', 'services.loadbalancers': '0' },
      { ...want, 'services.nodeports': '2', 'services.loadbalancers': '1' },
      { ...want, 'services.nodeports': '1', 'services.loadbalancers': '1' },
    ]);
  });

  test('KA-119 a claim its storage, whole bytes of it, and of its class', () => {
    const spec = { storageClassName: 'fast', resources: { requests: { storage: '1500m' } } };
    expect(usage(claims, { spec, status: { allocatedResources: { storage: '1Gi' } } })).toEqual({
      'count/persistentvolumeclaims': '1',
      persistentvolumeclaims: '1',
      'requests.storage': '1Gi',
      'fast.storageclass.storage.k8s.io/persistentvolumeclaims': '1',
      'fast.storageclass.storage.k8s.io/requests.storage': '1Gi',
    });
    expect(usage(claims, { spec })['requests.storage']).toBe('2');
  });

  test('KA-119 anything else is counted by its kind, some by their bare name too', () => {
    expect(usage({ group: '', resource: 'secrets' }, {})).toEqual({ 'count/secrets': '1', secrets: '1' });
    expect(usage({ group: 'example.com', resource: 'secrets' }, {})).toEqual({ 'count/secrets.example.com': '1' });
  });

  test.each([
    ['count/widgets.example.com', { group: 'example.com', resource: 'widgets' }],
    ['configmaps', { group: '', resource: 'configmaps' }],
    ['requests.example.com/gpu', pods],
    ['limits.memory', pods],
    ['services.nodeports', services],
    ['fast.storageclass.storage.k8s.io/requests.storage', claims],
    ['unheard-of', undefined],
  ])('KA-119 %s is counted by the right kind', (name, want) => {
    expect(countedBy(name)).toEqual(want);
    if (want !== undefined) expect(countsUnder(want, name)).toBe(true);
  });
});

describe('scopes', () => {
  const plain = pod([container({})]);
  const limited = pod([container({ cpu: '1' })]);
  const affinity = (term: JsonObject) => ({
    affinity: { podAffinity: { preferredDuringSchedulingIgnoredDuringExecution: [{ podAffinityTerm: term }] } },
  });
  const classExpression = (operator: string, values: string[] = []): JsonObject => ({
    scopeSelector: { matchExpressions: [{ scopeName: 'PriorityClass', operator, values }] },
  });
  test.each<[what: string, spec: JsonObject, object: JsonObject, matches: boolean]>([
    ['none', {}, plain, true],
    ['BestEffort', { scopes: ['BestEffort'] }, plain, true],
    ['BestEffort of a pod with requests', { scopes: ['BestEffort'] }, limited, false],
    ['NotBestEffort', { scopes: ['NotBestEffort'] }, limited, true],
    ['Terminating', { scopes: ['Terminating'] }, pod([], { activeDeadlineSeconds: 0 }), true],
    ['Terminating of a pod without an end', { scopes: ['Terminating'] }, plain, false],
    ['two, one of which does not hold', { scopes: ['NotTerminating', 'NotBestEffort'] }, plain, false],
    ['a priority class', classExpression('In', ['high']), pod([], { priorityClassName: 'high' }), true],
    ['another priority class', classExpression('In', ['high']), pod([], { priorityClassName: 'low' }), false],
    ['no priority class', classExpression('DoesNotExist'), plain, true],
    ['any priority class', classExpression('Exists'), plain, false],
    ['not of a class', classExpression('NotIn', ['high']), plain, true],
    ['other namespaces', { scopes: ['CrossNamespacePodAffinity'] }, pod([], affinity({ namespaces: ['x'] })), true],
    ['all namespaces', { scopes: ['CrossNamespacePodAffinity'] }, pod([], affinity({ namespaceSelector: {} })), true],
    ['its own namespace', { scopes: ['CrossNamespacePodAffinity'] }, pod([], affinity({})), false],
  ])('KA-119 %s', (_what, spec, object, matches) =>
    expect(matchesScopes(readQuota({ metadata: { name: 'q' }, spec }), pods, object)).toBe(matches),
  );

  test('KA-119 only pods have them', () => {
    const quota = readQuota({ metadata: { name: 'q' }, spec: { scopes: ['BestEffort'] } });
    expect(matchesScopes(quota, { group: '', resource: 'secrets' }, {})).toBe(false);
  });

  test('KA-119 amounts of nothing make no pod better than best effort', () => {
    expect([isBestEffort(pod([container({ cpu: '0' })])), isBestEffort(limited)]).toEqual([true, false]);
  });
});

describe('charging', () => {
  const quota = (hard: JsonObject, used: JsonObject): Quota =>
    readQuota({ metadata: { name: 'q' }, spec: { hard }, status: { used } });
  const charge = (of: Quota, object: JsonObject, oldObject?: JsonObject, resource = 'services') => {
    const charged = chargeTo(of, { of: { group: '', resource }, object, oldObject, now });
    if ('refusal' in charged) return charged.refusal;
    return charged.used === undefined ? 'nothing' : resourceListObject(charged.used);
  };
  const service = (type: string): JsonObject => ({ spec: { type, ports: [{}] } });
  const limits = quota({ 'services.nodeports': '2', pods: '1' }, { 'services.nodeports': '1', pods: '1' });

  test('KA-119 a change is charged by what it takes more', () => {
    expect([
      charge(limits, service('NodePort'), service('ClusterIP')),
      charge(limits, service('LoadBalancer'), service('NodePort')),
      charge(limits, service('ClusterIP'), service('NodePort')),
    ]).toEqual([{ 'services.nodeports': '2', pods: '1' }, 'nothing', 'nothing']);
  });

  test('KA-119 what comes under the scopes of a quota by a change is charged whole', () => {
    const spec = { hard: { pods: '1' }, scopes: ['Terminating'] };
    const ending = (used: string) => readQuota({ metadata: { name: 'q' }, spec, status: { used: { pods: used } } });
    const [open, bounded] = [pod([]), pod([], { activeDeadlineSeconds: 5 })];
    expect([
      charge(ending('0'), bounded, open, 'pods'),
      charge(ending('1'), bounded, bounded, 'pods'),
      charge(ending('1'), open, bounded, 'pods'),
    ]).toEqual([{ pods: '1' }, 'nothing', 'nothing']);
    expect(charge(ending('1'), bounded, open, 'pods')).toMatch(/^exceeded quota/);
  });

  test('KA-119 what is exceeded is told, and nothing else', () => {
    const full = quota({ 'services.nodeports': '1', services: '9' }, { 'services.nodeports': '1', services: '1' });
    expect(charge(full, service('NodePort'))).toBe(
      'exceeded quota: q, requested: services.nodeports=1, used: services.nodeports=1, limited: services.nodeports=1',
    );
  });

  test('KA-119 a quota that was lowered below what is used refuses more, not less', () => {
    const lowered = quota({ services: '1', 'services.nodeports': '5' }, { services: '4', 'services.nodeports': '0' });
    expect(charge(lowered, service('NodePort'), service('ClusterIP'))).toEqual({
      services: '4',
      'services.nodeports': '1',
    });
    expect(charge(lowered, service('ClusterIP'))).toMatch(/^exceeded quota/);
  });

  test('KA-119 what a quota does not limit is free', () => {
    expect(charge(quota({ pods: '0' }, { pods: '0' }), service('ClusterIP'))).toBe('nothing');
  });
});
