import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { view } from '../testing/builders.ts';
import { schedule } from './schedule.ts';
import type { ClusterView, FleetSnapshot, PlacementRequest } from './snapshot.ts';

const now = 1_000_000;
const names = ['a', 'b', 'c', 'd', 'e', 'f'];
const taint = fc.record({
  key: fc.constantFrom('k', 'l'),
  value: fc.constant(''),
  effect: fc.constantFrom('NoSchedule' as const, 'PreferNoSchedule' as const, 'NoExecute' as const),
  timeAdded: fc.integer({ min: 0, max: 2_000_000 }),
});
const cluster = fc.record({
  name: fc.constantFrom(...names),
  clusterSet: fc.constantFrom('default', 'other'),
  labels: fc.constantFrom<Record<string, string>>({}, { tier: 'gold' }),
  taints: fc.array(taint, { maxLength: 2 }),
  reachable: fc.boolean(),
  leaving: fc.boolean(),
});
const snapshots = fc.uniqueArray(cluster, { selector: ({ name }) => name, maxLength: 6 }).map(
  (clusters): FleetSnapshot => ({
    now,
    clusters: clusters.map(({ name, ...over }) => view(name, over)),
    boundSets: new Set(['default']),
  }),
);
const requests: fc.Arbitrary<PlacementRequest> = fc.record({
  clusterSets: fc.constantFrom(undefined, ['default']),
  terms: fc.constantFrom(undefined),
  tolerations: fc.array(
    fc.record({
      key: fc.constantFrom('k', 'l'),
      operator: fc.constant('Exists' as const),
      tolerationSeconds: fc.integer({ min: 0, max: 2000 }),
    }),
    { maxLength: 2 },
  ),
  numberOfClusters: fc.option(fc.integer({ min: 0, max: 7 }), { nil: undefined }),
});
const previous = fc.subarray(names).map((list) => new Set(list));
const namesOf = (choices: readonly { cluster: ClusterView }[]) => choices.map(({ cluster: { name } }) => name);

describe('schedule, laws', () => {
  test('PL-41 the order of clusters is nothing', () => {
    fc.assert(
      fc.property(snapshots, requests, previous, (snapshot, request, before) => {
        const turned = { ...snapshot, clusters: snapshot.clusters.toReversed() };
        expect(schedule(turned, request, before)).toEqual(schedule(snapshot, request, before));
      }),
    );
  });

  test('PL-42 a second pass changes nothing', () => {
    fc.assert(
      fc.property(snapshots, requests, previous, (snapshot, request, before) => {
        const first = namesOf(schedule(snapshot, request, before).choices);
        expect(namesOf(schedule(snapshot, request, new Set(first)).choices)).toEqual(first);
      }),
    );
  });

  test('PL-43 never more than asked', () => {
    fc.assert(
      fc.property(snapshots, requests, previous, (snapshot, request, before) => {
        const count = schedule(snapshot, request, before).choices.length;
        expect(count).toBeLessThanOrEqual(request.numberOfClusters ?? snapshot.clusters.length);
      }),
    );
  });

  test('PL-43 removing a cluster that was not chosen changes no choice', () => {
    fc.assert(
      fc.property(snapshots, requests, previous, (snapshot, request, before) => {
        const first = namesOf(schedule(snapshot, request, before).choices);
        const unchosen = snapshot.clusters.find(({ name }) => !first.includes(name));
        const smaller = { ...snapshot, clusters: snapshot.clusters.filter((each) => each !== unchosen) };
        expect(namesOf(schedule(smaller, request, new Set(first)).choices)).toEqual(first);
      }),
    );
  });

  test('PL-22 loss and taints alone never empty a placement', () => {
    fc.assert(
      fc.property(snapshots, requests, (snapshot, request) => {
        const healthy = {
          ...snapshot,
          clusters: snapshot.clusters.map((each) => ({ ...each, taints: [], reachable: true })),
        };
        const before = namesOf(schedule(healthy, request, new Set()).choices);
        const after = schedule(snapshot, request, new Set(before)).choices;
        expect(after.length).toBeGreaterThanOrEqual(before.length > 0 ? 1 : 0);
      }),
    );
  });
});
