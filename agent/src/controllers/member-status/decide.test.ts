import { ClusterProperty, type MemberClusterStatus, Node } from '@quarterdeck/apis';
import { describe, expect, test } from 'vitest';
import { condition } from '../../testing/builders.ts';
import { decide, type Seen } from './decide.ts';
import { amountsOf } from './requests.ts';

const now = Date.parse('2026-01-01T01:00:00Z');
const t1 = '2026-01-01T01:00:00Z';
const node = (
  name: string,
  over: { ready?: boolean; unschedulable?: boolean; capacity?: Record<string, string> } = {},
): Node => {
  const { ready = true, unschedulable = false, capacity = { cpu: '4', memory: '8Gi' } } = over;
  return {
    apiVersion: 'v1',
    kind: Node.kind,
    metadata: { name },
    spec: { unschedulable },
    status: { capacity, allocatable: capacity, conditions: [{ type: 'Ready', status: ready ? 'True' : 'False' }] },
  } as Node;
};
const property = (name: string, value: string | undefined): ClusterProperty => ({
  apiVersion: 'about.k8s.io/v1beta1',
  kind: ClusterProperty.kind,
  metadata: { name },
  ...(value === undefined ? {} : { spec: { value } }),
});
const seen = (over: Partial<Seen> = {}): Seen => ({
  kubernetesVersion: '1.35.4',
  agentVersion: '0.1.0',
  tunnel: false,
  api: undefined,
  identity: { make: 'certificate', trustedCAs: ['sha256:a'], issuer: 'sha256:a', expires: '2027-01-01T00:00:00Z' },
  nodes: [],
  requests: undefined,
  apis: undefined,
  properties: [],
  health: { status: 'True', message: '' },
  ...over,
});
const complete = condition('quarterdeck.dev/PropertiesComplete', 'True', {
  reason: 'AllMirrored',
  lastTransitionTime: t1,
});
const healthy = condition('ControlPlaneHealthy', 'True', { reason: 'Healthy', lastTransitionTime: t1 });

describe('member status', () => {
  test('RG-32 the whole report', () => {
    const nodes = [
      node('a'),
      node('b', { capacity: { cpu: '500m', 'example.test/gpu': '2' } }),
      node('c', { unschedulable: true }),
      node('d', { ready: false }),
    ];
    expect(decide(seen({ nodes, properties: [property('zone', 'b'), property('id', 'a')] }), undefined, now)).toEqual({
      conditions: [healthy, complete],
      agent: {
        version: '0.1.0',
        identity: 'Certificate',
        trustedCAs: ['sha256:a'],
        certificateIssuer: 'sha256:a',
        certificateExpires: '2027-01-01T00:00:00Z',
      },
      version: { kubernetes: '1.35.4' },
      nodes: { total: 4, ready: 3 },
      capacity: { cpu: '12500m', 'example.test/gpu': '2', memory: '24Gi' },
      allocatable: { cpu: '4500m', 'example.test/gpu': '2', memory: '8Gi' },
      properties: [
        { name: 'id', value: 'a', lastObservedTime: t1 },
        { name: 'zone', value: 'b', lastObservedTime: t1 },
      ],
    });
  });

  const before: MemberClusterStatus = {
    conditions: [healthy, complete, condition('Joined', 'True')],
    version: { kubernetes: '1.34.0' },
    nodes: { total: 3, ready: 3 },
    capacity: { cpu: '12' },
    allocatable: { cpu: '11' },
    properties: [{ name: 'id', value: 'a', lastObservedTime: '2025-01-01T00:00:00Z' }],
  };

  test('RG-32, F-23 a member that does not answer is unhealthy, and everything else last reported stays', () => {
    const away = seen({
      kubernetesVersion: undefined,
      nodes: undefined,
      properties: undefined,
      health: { status: 'False', message: 'refused' },
    });
    const { conditions: _conditions, ...rest } = before;
    expect(decide(away, before, now)).toEqual({
      ...rest,
      agent: {
        version: '0.1.0',
        identity: 'Certificate',
        trustedCAs: ['sha256:a'],
        certificateIssuer: 'sha256:a',
        certificateExpires: '2027-01-01T00:00:00Z',
      },
      conditions: [
        condition('ControlPlaneHealthy', 'False', { reason: 'Unhealthy', message: 'refused', lastTransitionTime: t1 }),
        complete,
      ],
    });
  });

  test('RG-51 where consumers reach the member by themselves is told as long as the agent is started so', () => {
    const api = { server: 'https://m1:6443', certificateAuthorityData: 'Q0E=' };
    expect(decide(seen({ api }), before, now).agent?.api).toEqual(api);
    expect(decide(seen(), { ...before, agent: { api } }, now).agent).not.toHaveProperty('api');
  });

  test('CI-19 the time of a property moves with its value only; one that went is gone', () => {
    const status = decide(seen({ properties: [property('id', 'a'), property('new', 'x')] }), before, now);
    expect(status.properties).toEqual([
      { name: 'id', value: 'a', lastObservedTime: '2025-01-01T00:00:00Z' },
      { name: 'new', value: 'x', lastObservedTime: t1 },
    ]);
    expect(decide(seen({ properties: [property('id', 'b')] }), before, now).properties).toEqual([
      { name: 'id', value: 'b', lastObservedTime: t1 },
    ]);
    expect(decide(seen(), before, now).properties).toEqual([]);
  });

  const leftOut = (message: string) => ({ ...complete, status: 'False', reason: 'PropertiesLeftOut', message });

  test('AB-3 a property without a value counts as absent, and is named', () => {
    const status = decide(seen({ properties: [property('b', ''), property('a', undefined)] }), undefined, now);
    expect([status.properties, status.conditions[1]]).toEqual([[], leftOut('without a value: a, b')]);
  });

  test('CI-18 a value that a hub refuses does not block the rest', () => {
    const properties = [
      property('nul', 'a\0b'),
      property('half', 'a\ud83d'),
      property('ok', 'y\u0085\ufffe\u2028\x7f'),
    ];
    const status = decide(seen({ properties }), undefined, now);
    expect(status.properties?.map(({ name, value }) => [name, value])).toEqual([['ok', 'y\u0085\ufffe\u2028\x7f']]);
    expect(status.conditions[1]).toEqual(leftOut('with a character that no hub stores: half, nul'));
  });

  test('CI-18 nor do values that are together more than an object may hold', () => {
    const emoji = '\u{1f6a2}'.repeat(1024);
    const properties = Array.from({ length: 130 }, (_, index) => property(`p${index + 100}`, emoji));
    const status = decide(seen({ properties: [...properties, property('small', 's')] }), undefined, now);
    expect(status.properties?.length).toBe(128);
    expect(status.conditions[1]).toEqual(leftOut('beyond 524288 bytes of all values: p228, p229, small'));
  });

  test('AB-31 a kind that is missing and may not be installed is told, and what to do', () => {
    const missingKind = 'the agent may not install x on its cluster; install it from crds/';
    const status = decide(seen({ properties: undefined, missingKind }), before, now);
    expect(status.conditions[1]).toEqual({
      ...complete,
      status: 'False',
      reason: 'KindNotInstalled',
      message: missingKind,
    });
    expect(status.properties).toEqual(before.properties);
    expect(decide(seen({ properties: [] }), status, now).conditions[1]?.status).toBe('True');
  });

  test('CI-18, AB-34 a value that is too long is left out and named; characters count, not bytes', () => {
    const emoji = '\u{1f6a2}'.repeat(1024);
    const status = decide(
      seen({ properties: [property('fits', emoji), property('long', 'x'.repeat(1025)), property('ok', 'y')] }),
      undefined,
      now,
    );
    expect(status.properties?.map(({ name, value }) => [name, value])).toEqual([
      ['fits', emoji],
      ['ok', 'y'],
    ]);
    expect(status.conditions[1]).toEqual(leftOut('longer than 1024 characters: long'));
  });

  test('CI-18 more properties than a status holds do not block the rest', () => {
    const properties = Array.from({ length: 600 }, (_, index) => property(`p${String(index).padStart(3, '0')}`, 'v'));
    const status = decide(seen({ properties }), undefined, now);
    expect([status.properties?.length, status.conditions[1]?.status]).toEqual([512, 'False']);
    expect(status.conditions[1]?.message).toMatch(/^beyond 512 properties: p512, p513, /);
  });

  test('RG-32 a quantity that cannot be read is left out of the sum', () => {
    const nodes = [node('a', { capacity: { cpu: '1' } }), node('b', { capacity: { cpu: 'many' } })];
    expect(decide(seen({ nodes }), undefined, now).capacity).toEqual({ cpu: '1' });
  });

  test('CI-27 a second look at the same writes nothing new', () => {
    const first = decide(seen({ nodes: [node('a')], properties: [property('id', 'a')] }), undefined, now);
    expect(decide(seen({ nodes: [node('a')], properties: [property('id', 'a')] }), first, now + 60_000)).toEqual(first);
  });

  describe('requests of pods', () => {
    const counted = (cpu: string, atMs: number): Partial<Seen> => ({
      nodes: [node('a', { capacity: { cpu: '100' } })],
      requests: { byNode: new Map([['a', { amounts: amountsOf({ cpu }), pods: 1 }]]), countedAt: atMs },
    });
    const told = decide(seen(counted('50', now)), undefined, now);

    test('RG-32 are told with the time of the count', () => {
      expect(told).toMatchObject({ requested: { cpu: '50', pods: '1' }, capacityObservedTime: t1 });
    });

    test('CI-27, RG-32 a small change waits for five minutes', () => {
      const soon = now + 60_000;
      expect(decide(seen(counted('51', soon)), told, soon)).toEqual(told);
      const later = now + 5 * 60_000;
      expect(decide(seen(counted('51', later)), told, later)).toMatchObject({
        requested: { cpu: '51', pods: '1' },
        capacityObservedTime: '2026-01-01T01:05:00Z',
      });
    });

    test('RG-32 a count that failed leaves the last one, with its time', () => {
      const failed = seen({ nodes: [node('a', { capacity: { cpu: '100' } })] });
      expect(decide(failed, told, now + 3_600_000)).toMatchObject({
        requested: told.requested,
        capacityObservedTime: t1,
      });
    });
  });
});
