import { formatQuantity, type Quantity } from '@quarterdeck/machinery';
import { describe, expect, test } from 'vitest';
import { member, profile } from '../testing/builders.ts';
import { viewOf as look } from './view.ts';

const viewOf = (
  seen: Parameters<typeof look>[0]['member'],
  home: string,
  found: ReturnType<typeof profile> | undefined,
) => look({ member: seen, clusterSet: seen.spec.clusterSet, home, isSetThere: true, profile: found, scores: [] });

describe('viewOf', () => {
  const home = 'clusterset-default';
  test('PL-1 a member with its profile, as the filters see it', () => {
    const seen = member('m1', {
      metadata: { ...member('m1').metadata, labels: { tier: 'gold' } },
      spec: {
        acceptance: 'Accepted',
        clusterSet: 'default',
        taints: [
          { key: 'k', effect: 'NoExecute', timeAdded: '2026-01-01T00:00:00Z' },
          { key: 'l', value: 'v', effect: 'NoSchedule' },
        ],
      },
      status: {
        conditions: [
          {
            type: 'HubLeaseCurrent',
            status: 'True',
            reason: 'LeaseRenewed',
            message: '',
            lastTransitionTime: '2026-01-01T00:00:00Z',
          },
        ],
      },
    });
    expect(viewOf(seen, home, profile('m1', home))).toEqual({
      name: 'm1',
      profileNamespace: home,
      isPublished: true,
      clusterSet: 'default',
      labels: { tier: 'gold' },
      taints: [
        { key: 'k', value: '', effect: 'NoExecute', timeAdded: Date.parse('2026-01-01T00:00:00Z') },
        { key: 'l', value: 'v', effect: 'NoSchedule' },
      ],
      reachable: true,
      leaving: false,
      properties: {},
      version: undefined,
      capacity: undefined,
      conditions: { HubLeaseCurrent: 'True' },
      apis: undefined,
      scores: {},
    });
  });

  test('CI-9 a copy of a profile is not its publication; PL-1 neither is none', () => {
    const copy = profile('m1', home, { metadata: { labels: { 'quarterdeck.dev/profile-copy-of': 'blue' } } });
    expect(
      [viewOf(member('m1'), home, copy), viewOf(member('m1'), home, undefined)].map(({ isPublished }) => isPublished),
    ).toEqual([false, false]);
  });

  test.each([
    { said: undefined, want: true },
    { said: 'default', want: true },
    { said: 'edge', want: false },
  ])('AB-36 a cluster that says to be of the set $said is used as one of default: $want', ({ said, want }) => {
    const properties = said === undefined ? [] : [{ name: 'clusterset.k8s.io', value: said }];
    expect(viewOf(member('m1', { status: { properties } }), home, profile('m1', home)).isPublished).toBe(want);
  });

  test('RG-40 who leaves or is not accepted is leaving; who was never heard of is not reachable', () => {
    const going = member('m1', { metadata: { ...member('m1').metadata, deletionTimestamp: '2026-01-01T00:00:00Z' } });
    const pending = member('m1', { spec: { acceptance: 'Pending', clusterSet: 'default' } });
    expect(
      [going, pending, member('m1')]
        .map((each) => viewOf(each, home, undefined))
        .map(({ leaving, reachable }) => [leaving, reachable]),
    ).toEqual([
      [true, false],
      [true, false],
      [false, false],
    ]);
  });

  test('RG-32, PL-5, PL-17 capacity, free room by nodes, and served kinds, as the agent reports them', () => {
    const seen = viewOf(
      member('m1', {
        status: {
          version: { kubernetes: '1.35.4' },
          capacity: { cpu: '8' },
          allocatable: { cpu: '7500m', pods: '110' },
          requested: { cpu: '500m', pods: '10', broken: 'x' },
          nodeGroups: [{ count: 2, free: { cpu: '3' } }],
          capacityObservedTime: '2026-01-01T00:00:00Z',
          apis: { kinds: ['/v1/Pod', 'apps/v1/Deployment'], complete: true },
          properties: [{ name: 'gpus', value: '4' }],
        },
      }),
      home,
      undefined,
    );
    const texts = (amounts: ReadonlyMap<string, Quantity> | undefined) =>
      Object.fromEntries([...(amounts ?? [])].map(([name, amount]) => [name, formatQuantity(amount)]));
    expect([texts(seen.capacity?.total), texts(seen.capacity?.free), texts(seen.capacity?.nodes?.[0]?.free)]).toEqual([
      { cpu: '8' },
      { cpu: '7', pods: '100' },
      { cpu: '3' },
    ]);
    expect([seen.version, seen.capacity?.observedAt, seen.properties, [...(seen.apis?.kinds ?? [])]]).toEqual([
      '1.35.4',
      Date.parse('2026-01-01T00:00:00Z'),
      { gpus: '4' },
      ['/v1/Pod', 'apps/v1/Deployment'],
    ]);
  });
});
