import { atLeast } from '@quarterdeck/machinery/testing';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { before as beforeOf, requestOf, snapshotOf } from '../testing/builders.ts';
import { randomFleet, randomNow, randomSpec } from '../testing/fleets.ts';
import type { ClusterView } from './cluster-view.ts';
import type { PlacementRequest } from './placement-request.ts';
import { domainOf } from './plugins/filter/spread-key.ts';
import { type Outcome, schedule } from './schedule.ts';
import type { FleetSnapshot, Previous } from './snapshot.ts';

const fleets = randomFleet(9);
const requests = randomSpec.map((spec) => requestOf(spec));
const names = Array.from({ length: 9 }, (_, index) => `c${index}`);
const previous = fc.subarray(names, { maxLength: 4 }).map((list) => beforeOf(list, { decided: true }));
const at = (clusters: readonly ClusterView[], over: Partial<FleetSnapshot> = {}) =>
  snapshotOf(clusters, { now: randomNow, ...over });
const namesOf = ({ choices }: Outcome) => choices.map(({ cluster: { name } }) => name);
const after = (outcome: Outcome): Previous =>
  beforeOf(namesOf(outcome), {
    decided: true,
    term: outcome.term,
    failback: outcome.failback,
    copies: new Map(outcome.choices.map(({ cluster, copies = 0 }) => [cluster.name, copies])),
  });

/** Whether chosen clusters break a hard spread rule, those aside that may (PL-22) or whose domain is unknown. */
function breaksSpread(request: PlacementRequest, outcome: Outcome, candidates: readonly ClusterView[]): boolean {
  // Without any valid set the previous one stays. PL-14
  if (outcome.choices.some(({ reason }) => reason === 'KeptTainted')) return false;
  if (outcome.reason === 'SpreadUnsatisfiable') return false;
  return request.spread.some((rule) => {
    if (!rule.hard) return false;
    const counts = new Map<string, number>();
    for (const cluster of candidates) {
      const domain = domainOf(rule, cluster);
      if (domain !== undefined) counts.set(domain, 0);
    }
    for (const { cluster } of outcome.choices) {
      const domain = domainOf(rule, cluster);
      if (domain !== undefined) counts.set(domain, (counts.get(domain) ?? 0) + 1);
    }
    const used = [...counts.values()].filter((count) => count > 0);
    if (used.length === 0) return false;
    const most = Math.max(...used);
    return most > rule.maxPerDomain || used.length < rule.minDomains;
  });
}

describe('schedule, laws', () => {
  test('PL-41 the order of clusters is nothing', () => {
    fc.assert(
      fc.property(fleets, requests, previous, (clusters, request, before) => {
        const turned = schedule(at(clusters.toReversed()), request, before);
        expect(turned).toEqual(schedule(at(clusters), request, before));
      }),
      atLeast(300),
    );
  });

  test('PL-40, PL-42 a second pass changes nothing', () => {
    fc.assert(
      fc.property(fleets, requests, previous, (clusters, request, before) => {
        const snapshot = at(clusters);
        const first = schedule(snapshot, request, before);
        const second = schedule(snapshot, request, after(first));
        expect({ names: namesOf(second), term: second.term }).toEqual({ names: namesOf(first), term: first.term });
      }),
      atLeast(500),
    );
  });

  test('PL-43 never more than asked', () => {
    fc.assert(
      fc.property(fleets, requests, previous, (clusters, request, before) => {
        const count = schedule(at(clusters), request, before).choices.length;
        expect(count).toBeLessThanOrEqual(request.numberOfClusters ?? clusters.length);
      }),
    );
  });

  test('PL-43, PL-14 no hard spread rule is ever broken', () => {
    fc.assert(
      fc.property(fleets, requests, previous, (clusters, request, before) => {
        expect(breaksSpread(request, schedule(at(clusters), request, before), clusters)).toBe(false);
      }),
      atLeast(300),
    );
  });

  test('PL-43 removing a cluster that was not chosen changes no choice of a placement that has what it asks for', () => {
    fc.assert(
      fc.property(fleets, requests, previous, (clusters, request, before) => {
        const first = schedule(at(clusters), request, before);
        fc.pre(first.satisfied && request.spread.every(({ hard }) => !hard));
        const unchosen = clusters.find(({ name }) => !namesOf(first).includes(name));
        const smaller = at(clusters.filter((each) => each !== unchosen));
        expect(namesOf(schedule(smaller, request, after(first)))).toEqual(namesOf(first));
      }),
    );
  });

  test('PL-43 adding a tolerated taint changes nothing', () => {
    fc.assert(
      fc.property(
        fleets,
        randomSpec,
        fc.constantFrom('NoSchedule' as const, 'NoExecute' as const),
        (clusters, spec, effect) => {
          const request = requestOf({
            ...spec,
            tolerations: [...(spec.tolerations ?? []), { key: 'new', operator: 'Exists' }],
          });
          const first = schedule(at(clusters), request, beforeOf([]));
          const taint = { key: 'new', value: 'x', effect, timeAdded: randomNow };
          const tainted = at(clusters.map((each) => ({ ...each, taints: [...each.taints, taint] })));
          expect(namesOf(schedule(tainted, request, after(first)))).toEqual(namesOf(first));
        },
      ),
    );
  });

  test('PL-22 loss and taints alone never empty a placement', () => {
    fc.assert(
      fc.property(fleets, requests, (clusters, request) => {
        const healthy = at(clusters.map((each) => ({ ...each, taints: [], reachable: true })));
        const first = schedule(healthy, request, beforeOf([]));
        const later = schedule(at(clusters), request, after(first));
        expect(later.choices.length).toBeGreaterThanOrEqual(first.choices.length > 0 ? 1 : 0);
      }),
      atLeast(300),
    );
  });

  test('PL-23 under the brake loss changes no decision', () => {
    fc.assert(
      fc.property(fleets, requests, (clusters, request) => {
        const calm = clusters.map((each) => ({ ...each, taints: [] }));
        const first = schedule(at(calm), request, beforeOf([]));
        const lossTaint = {
          key: 'quarterdeck.dev/unreachable',
          value: '',
          effect: 'NoExecute' as const,
          timeAdded: randomNow - 1_000_000,
        };
        const lost = at(
          calm.map((each) => ({ ...each, reachable: false, taints: [lossTaint] })),
          { brake: true },
        );
        expect(namesOf(schedule(lost, request, after(first)))).toEqual(namesOf(first));
      }),
    );
  });

  test('PL-12 growing leaves every choice in place', () => {
    fc.assert(
      fc.property(fleets, requests, (clusters, request) => {
        fc.pre(request.numberOfClusters !== undefined && request.spread.every(({ hard }) => !hard));
        const first = schedule(at(clusters), request, beforeOf([]));
        const more = { ...request, numberOfClusters: (request.numberOfClusters ?? 0) + 2 };
        fc.pre(request.candidateTerms.length === 0 && request.copies === undefined);
        const grown = namesOf(schedule(at(clusters), more, after(first)));
        expect(namesOf(first).filter((name) => !grown.includes(name))).toEqual([]);
      }),
    );
  });
});
