import type { Placement } from '@quarterdeck/apis';
import { atLeast } from '@quarterdeck/machinery/testing';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { before as beforeOf, requestOf, snapshotOf, view } from '../testing/builders.ts';
import { clusterParts, randomFleet, randomNow, randomSpec } from '../testing/fleets.ts';
import { aspectsChanged } from './aspects.ts';
import type { ClusterView } from './cluster-view.ts';
import { createDependencyIndex, dependenciesOf } from './dependencies.ts';
import { runPass, unsettledBy } from './pass.ts';
import type { PlacementRequest } from './placement-request.ts';
import type { Outcome } from './schedule.ts';
import type { FleetSnapshot, Previous, Reservation } from './snapshot.ts';

interface State extends ReadonlyMap<string, Outcome> {
  readonly reservations?: readonly Reservation[];
}
const namesOf = ({ choices }: Outcome) => choices.map(({ cluster: { name } }) => name);
const previousOf = (state: State, key: string): Previous => {
  const outcome = state.get(key);
  return outcome === undefined
    ? beforeOf([])
    : beforeOf(namesOf(outcome), {
        decided: true,
        term: outcome.term,
        failback: outcome.failback,
        copies: new Map(outcome.choices.map(({ cluster, copies = 0 }) => [cluster.name, copies])),
      });
};
const decisionsOf = (state: State) => new Map([...state].map(([key, outcome]) => [key, new Set(namesOf(outcome))]));

/** Turns for some keys, again and again for whoever depends on what changed. */
function settle(
  snapshot: FleetSnapshot,
  requests: readonly PlacementRequest[],
  state: State,
  first: Iterable<string>,
  dependents: (key: string) => Iterable<string>,
): State {
  const now = new Map(state);
  let reservations = state.reservations ?? [];
  let keys = new Set(first);
  for (let round = 0; keys.size > 0 && round < 20; round++) {
    const turns = requests
      .filter(({ key }) => keys.has(key))
      .map((request) => ({ request, previous: previousOf(now, request.key) }));
    const requestOf = (key: string) => requests.find((request) => request.key === key);
    const result = runPass({ ...snapshot, reservations, decisions: decisionsOf(now) }, turns, requestOf);
    const { outcomes } = result;
    reservations = result.reservations;
    const before = decisionsOf(now);
    for (const [key, outcome] of outcomes) now.set(key, outcome);
    keys = unsettledBy(result, before, dependents);
  }
  return Object.assign(now, { reservations });
}

/** What can be seen of an outcome: everything but the room counted on, and words for what was and is. */
const visible = (state: State) =>
  Object.fromEntries(
    [...state].map(([key, outcome]) => [
      key,
      { names: namesOf(outcome), reason: outcome.reason, message: outcome.message, term: outcome.term },
    ]),
  );

type Change = { readonly index: number; readonly parts: Partial<ClusterView> };
const changes = fc.array(fc.record({ index: fc.nat({ max: 9 }), parts: clusterParts }), { minLength: 1, maxLength: 3 });
const relation = fc.constantFrom<Placement['spec']['placementAffinity']>(
  undefined,
  undefined,
  { sameClustersAs: ['p0'] },
  { otherClustersThan: ['p0'] },
);
const placements = fc
  .array(fc.record({ spec: randomSpec, relation, priority: fc.nat({ max: 2 }) }), { minLength: 1, maxLength: 4 })
  .map((list) =>
    list.map(({ spec, relation: placementAffinity, priority }, index) =>
      requestOf(index === 0 || placementAffinity === undefined ? spec : { ...spec, placementAffinity }, {
        key: `apps/p${index}`,
        priority,
      }),
    ),
  );

describe('incremental scheduling, laws', () => {
  test('PL-42 deciding only what a change can affect gives what deciding everything gives', () => {
    fc.assert(
      fc.property(randomFleet(10), placements, fc.array(changes, { maxLength: 3 }), (clusters, requests, steps) => {
        const keys = requests.map(({ key }) => key);
        const index = createDependencyIndex();
        const register = (state: State) => {
          for (const request of requests) {
            const outcome = state.get(request.key);
            index.set(request.key, dependenciesOf(request, outcome), new Set(outcome && namesOf(outcome)));
          }
        };
        let snapshot = snapshotOf(clusters, { now: randomNow });
        let state: State = settle(snapshot, requests, new Map(), keys, index.ofDecision);
        state = settle(snapshot, requests, state, keys, index.ofDecision);
        register(state);
        for (const step of steps) {
          const affected = new Set<string>();
          const edited = new Map<string, ClusterView>();
          for (const { index: at, parts } of step satisfies readonly Change[]) {
            const old = snapshot.fleet.clusters[at];
            if (old === undefined) continue;
            const now = view(old.name, { ...old, ...parts });
            edited.set(old.name, now);
            for (const key of index.ofCluster(old.name, aspectsChanged(old, now))) affected.add(key);
          }
          snapshot = { ...snapshot, fleet: snapshot.fleet.with([...edited.values()]) };
          const incremental = settle(snapshot, requests, state, affected, index.ofDecision);
          const rebuilt = { ...snapshot, ...snapshotOf([...snapshot.fleet.clusters], { now: randomNow }) };
          const full = settle(rebuilt, requests, state, keys, index.ofDecision);
          expect(visible(incremental)).toEqual(visible(full));
          // And again: nothing is left to do.
          expect(visible(settle(rebuilt, requests, full, keys, index.ofDecision))).toEqual(visible(full));
          state = full;
          register(state);
        }
      }),
      atLeast(300),
    );
  });

  test('PL-41 the order in which placements come is nothing', () => {
    fc.assert(
      fc.property(randomFleet(8), placements, (clusters, requests) => {
        const snapshot = snapshotOf(clusters, { now: randomNow });
        const turns = requests.map((request) => ({ request, previous: beforeOf([]) }));
        const outcomes = (list: typeof turns) =>
          Object.fromEntries([...runPass(snapshot, list).outcomes].map(([key, outcome]) => [key, namesOf(outcome)]));
        expect(outcomes(turns.toReversed())).toEqual(outcomes(turns));
      }),
    );
  });
});
