import type { Placement } from '@quarterdeck/apis';
import { describe, expect, test } from 'vitest';
import { before, requestOf, snapshotOf, view } from '../testing/builders.ts';
import type { ClusterView, Taint } from './cluster-view.ts';
import { explain } from './explain.ts';
import { type Outcome, schedule } from './schedule.ts';
import type { FleetSnapshot } from './snapshot.ts';

const now = Date.parse('2026-01-01T00:00:00Z');
const fleet = (...clusters: ClusterView[]): FleetSnapshot => snapshotOf(clusters);
const request = (spec: Placement['spec'] = {}): Placement['spec'] => spec;
const run = (snapshot: FleetSnapshot, spec: Placement['spec'], previous: readonly string[] = []): Outcome =>
  schedule(snapshot, requestOf(spec), before(previous));
const bound = (...sets: string[]) => new Map([['apps', new Set(sets)]]);
const tainted = (effect: Taint['effect'], over: Partial<Taint> = {}): Taint => ({
  key: 'k',
  value: 'v',
  effect,
  timeAdded: now,
  ...over,
});
const chosen = ({ choices }: Outcome) => choices.map(({ cluster, reason }) => `${cluster.name} ${reason}`);
const gold = { labels: { tier: 'gold' } };
const tier = (value: string) => ({ labelSelector: { matchLabels: { tier: value } } });
const tierGold = [tier('gold')];

describe('schedule', () => {
  test.each([
    {
      name: 'PL-10 without a number every suitable cluster is chosen, by name',
      snapshot: fleet(view('b'), view('a')),
      want: ['a Chosen', 'b Chosen'],
    },
    {
      name: 'PL-10 with a number the first by name are chosen',
      snapshot: fleet(view('c'), view('b'), view('a')),
      asked: request({ numberOfClusters: 2 }),
      want: ['a Chosen', 'b Chosen'],
    },
    {
      name: 'PL-4 a cluster is suitable when one of the terms holds',
      snapshot: fleet(view('a', gold), view('b'), view('c', { labels: { tier: 'silver' } })),
      asked: request({ clusterSelectorTerms: [...tierGold, tier('silver')] }),
      want: ['a Chosen', 'c Chosen'],
    },
    {
      name: 'PL-1 a set that is not bound is out of reach',
      snapshot: fleet(view('a', { clusterSet: 'other' }), view('b')),
      want: ['b Chosen'],
    },
    {
      name: 'PL-1 a bound set that the placement does not name is left out',
      snapshot: { ...fleet(view('a', { clusterSet: 'other' }), view('b')), bound: bound('default', 'other') },
      asked: request({ clusterSets: ['default'] }),
      want: ['b Chosen'],
    },
    {
      name: 'PL-1, PL-6 a missing profile keeps new placements out and drops no chosen cluster',
      snapshot: fleet(view('a', { isPublished: false }), view('b', { isPublished: false })),
      previous: ['a'],
      want: ['a Kept'],
    },
    {
      name: 'PL-12 growing leaves existing choices alone',
      snapshot: fleet(view('a'), view('b'), view('c')),
      asked: request({ numberOfClusters: 2 }),
      previous: ['c'],
      want: ['a Chosen', 'c Kept'],
    },
    {
      name: 'PL-12 shrinking drops lost clusters first',
      snapshot: fleet(view('a', { reachable: false }), view('b')),
      asked: request({ numberOfClusters: 1 }),
      previous: ['a', 'b'],
      want: ['b Kept'],
    },
    {
      name: 'PL-20 a required term that no longer holds removes a chosen cluster',
      snapshot: fleet(view('a'), view('b', gold)),
      asked: request({ clusterSelectorTerms: tierGold }),
      previous: ['a', 'b'],
      want: ['b Kept'],
    },
    {
      name: 'PL-20 a cluster that leaves the fleet is dropped at once',
      snapshot: fleet(view('a', { leaving: true }), view('b')),
      previous: ['a', 'b'],
      want: ['b Kept'],
    },
    {
      name: 'PL-8 an untolerated NoSchedule taint keeps new placements away',
      snapshot: fleet(view('a', { taints: [tainted('NoSchedule')] }), view('b')),
      want: ['b Chosen'],
    },
    {
      name: 'PL-8 an untolerated NoSchedule taint does not remove a chosen cluster',
      snapshot: fleet(view('a', { taints: [tainted('NoSchedule')] })),
      previous: ['a'],
      want: ['a KeptTainted'],
    },
    {
      name: 'PL-8 a toleration lets a tainted cluster be chosen',
      snapshot: fleet(view('a', { taints: [tainted('NoSchedule')] })),
      asked: request({ tolerations: [{ key: 'k', operator: 'Equal', value: 'v' }] }),
      want: ['a Chosen'],
    },
    {
      name: 'PL-10 PreferNoSchedule is chosen last',
      snapshot: fleet(view('a', { taints: [tainted('PreferNoSchedule')] }), view('b')),
      asked: request({ numberOfClusters: 1 }),
      want: ['b Chosen'],
    },
    {
      name: 'PL-22 an untolerated NoExecute taint leads to a swap',
      snapshot: fleet(view('a', { taints: [tainted('NoExecute')] }), view('b')),
      asked: request({ numberOfClusters: 1 }),
      previous: ['a'],
      want: ['b Chosen'],
    },
    {
      name: 'PL-22 without a substitute a tainted cluster stays, marked',
      snapshot: fleet(view('a', { taints: [tainted('NoExecute')] })),
      asked: request({ numberOfClusters: 1 }),
      previous: ['a'],
      want: ['a KeptTainted'],
    },
    {
      name: 'PL-22 without a number taints and loss never empty a placement',
      snapshot: fleet(view('a', { taints: [tainted('NoExecute')] }), view('b', { reachable: false })),
      previous: ['a', 'b'],
      want: ['a KeptTainted', 'b KeptUnreachable'],
    },
    {
      name: 'PL-22 a lost cluster stays chosen and a lost one is not newly chosen',
      snapshot: fleet(view('a', { reachable: false }), view('b', { reachable: false })),
      previous: ['a'],
      want: ['a KeptUnreachable'],
    },
  ])('$name', ({ snapshot, asked = request(), previous = [], want }) => {
    expect(chosen(run(snapshot, asked, previous))).toEqual(want);
  });

  test('PL-8 tolerationSeconds keeps a cluster until it expires, and names that moment', () => {
    const snapshot = fleet(view('a', { taints: [tainted('NoExecute')] }), view('b'));
    const asked = request({
      numberOfClusters: 1,
      tolerations: [{ key: 'k', operator: 'Exists', effect: 'NoExecute', tolerationSeconds: 60 }],
    });
    const early = run(snapshot, asked, ['a']);
    expect([chosen(early), early.nextMoment]).toEqual([['a Kept'], now + 60_000]);
    expect(chosen(run({ ...snapshot, now: now + 60_000 }, asked, ['a']))).toEqual(['b Chosen']);
  });

  test.each([
    { name: 'PL-32 no binding', snapshot: { ...fleet(view('a')), bound: bound() }, want: 'NoBinding' },
    {
      name: 'PL-32 a named set is not bound',
      snapshot: fleet(view('a')),
      asked: request({ clusterSets: ['x'] }),
      want: 'ClusterSetNotBound',
    },
    { name: 'PL-32 the sets are empty', snapshot: fleet(), want: 'ClusterSetsEmpty' },
    {
      name: 'PL-32 nothing matches',
      snapshot: fleet(view('a')),
      asked: request({ clusterSelectorTerms: tierGold }),
      want: 'NoClusterMatches',
    },
    {
      name: 'PL-11 some are missing',
      snapshot: fleet(view('a')),
      asked: request({ numberOfClusters: 3 }),
      want: 'NotEnoughClusters',
    },
    {
      name: 'PL-11 none were asked for',
      snapshot: fleet(view('a')),
      asked: request({ numberOfClusters: 0 }),
      want: 'Satisfied',
    },
  ])('$name: $want', ({ snapshot, asked = request(), want }) => {
    const outcome = run(snapshot, asked);
    expect([outcome.reason, outcome.satisfied]).toEqual([want, want === 'Satisfied']);
  });

  test('PL-32 the message counts clusters per step', () => {
    const snapshot = fleet(view('a', gold), view('b'), view('c', { ...gold, taints: [tainted('NoSchedule')] }));
    const { message } = run(snapshot, { clusterSelectorTerms: tierGold, numberOfClusters: 2 });
    expect(message).toBe(
      '1 of 2 clusters chosen, 1 missing; 1/3 clusters fit: 1 matching no cluster selector term, 1 with untolerated taints',
    );
  });

  test('PL-34 every cluster in reach has a verdict; PL-33 none out of reach is named', () => {
    const snapshot = fleet(view('a'), view('b'), view('hidden', { clusterSet: 'other' }));
    const { verdicts } = explain(snapshot, requestOf({ numberOfClusters: 1 }), before([]));
    expect(verdicts.map(({ clusterName, outcome }) => [clusterName, outcome])).toEqual([
      ['a', 'Selected'],
      ['b', 'NotNeeded'],
    ]);
  });
});
