import type { Placement } from '@quarterdeck/apis';
import { parseQuantity } from '@quarterdeck/machinery';
import { describe, expect, test } from 'vitest';
import { before, requestOf, snapshotOf, view } from '../testing/builders.ts';
import { isBraked } from './brake.ts';
import type { ClusterView } from './cluster-view.ts';
import { explain } from './explain.ts';
import { cycleOf, runPass, unsettledBy } from './pass.ts';
import { plan, unknownClusters } from './plan.ts';
import { type Outcome, schedule } from './schedule.ts';
import type { FleetSnapshot, Previous } from './snapshot.ts';

type Spec = Placement['spec'];
const now = Date.parse('2026-01-01T00:00:00Z');
const at = (region: string, zone = 'a'): Partial<ClusterView> => ({ labels: { region, zone: `${region}-${zone}` } });
const drained: Partial<ClusterView> = { taints: [{ key: 'drain', value: '', effect: 'NoExecute', timeAdded: now }] };
const room = (cpu: string): Partial<ClusterView> => ({
  capacity: {
    total: new Map(),
    allocatable: new Map(),
    free: new Map([['cpu', parseQuantity(cpu)]]),
    nodes: undefined,
    observedAt: now,
  },
});
const fleet = (clusters: Readonly<Record<string, Partial<ClusterView>>>) =>
  Object.entries(clusters).map(([name, over]) => view(name, over));
const namesOf = ({ choices }: Outcome) => choices.map(({ cluster }) => cluster.name);
const run = (
  clusters: Readonly<Record<string, Partial<ClusterView>>>,
  spec: Spec,
  names: readonly string[] = [],
  more: { previous?: Partial<Previous>; snapshot?: Partial<FleetSnapshot> } = {},
): Outcome => schedule(snapshotOf(fleet(clusters), more.snapshot), requestOf(spec), before(names, more.previous));

const eu = { labelSelector: { matchLabels: { region: 'eu' } } };
const us = { labelSelector: { matchLabels: { region: 'us' } } };
const tiers: Spec = {
  numberOfClusters: 2,
  candidateTerms: [
    { name: 'primary', ...eu },
    { name: 'fallback', ...us },
  ],
};
const three = { e1: at('eu'), e2: at('eu'), u1: at('us'), u2: at('us') };

describe('spread and what stood before', () => {
  test('PL-42 a cluster that must give way and could not be chosen anew: the next pass says the same', () => {
    const clusters = {
      c0: at('eu'),
      c1: at('us'),
      c2: { ...at('eu'), taints: [{ key: 'full', value: '', effect: 'NoSchedule' as const, timeAdded: now }] },
    };
    const spec: Spec = { numberOfClusters: 3, spreadConstraints: [{ topologyKey: 'region', maxClustersPerDomain: 1 }] };
    const first = run(clusters, spec, ['c0', 'c1', 'c2']);
    const second = run(clusters, spec, namesOf(first));
    expect([namesOf(first), first.reason, first.message]).toEqual([
      ['c0', 'c1'],
      'NotEnoughClusters',
      '2 of 3 clusters chosen, 1 missing; 2/3 clusters fit: 1 with untolerated taints',
    ]);
    expect([namesOf(second), second.reason, second.message]).toEqual([namesOf(first), first.reason, first.message]);
  });
});

describe('names', () => {
  test('PL-3 with a number the order of the list is the preference, and names not chosen are reported', () => {
    const outcome = run(
      { a: {}, b: {}, c: { clusterSet: 'hidden' } },
      { clusterNames: ['b', 'c', 'x', 'a'], numberOfClusters: 1 },
    );
    expect(namesOf(outcome)).toEqual(['b']);
    const all = run(
      { a: {}, b: {}, c: { clusterSet: 'hidden' } },
      { clusterNames: ['b', 'c', 'x'], numberOfClusters: 3 },
    );
    expect(all.message).toContain('not chosen: c, x');
  });
});

describe('how many', () => {
  test.each([
    { name: 'PL-11 a range is satisfied from its minimum on', minimum: 2, want: 'Satisfied' },
    { name: 'PL-11 below the minimum it is not', minimum: 3, want: 'NotEnoughClusters' },
  ])('$name', ({ minimum, want }) => {
    const outcome = run({ a: {}, b: {} }, { numberOfClusters: 4, minimumNumberOfClusters: minimum });
    expect([outcome.reason, outcome.satisfied, namesOf(outcome)]).toEqual([want, want === 'Satisfied', ['a', 'b']]);
    expect(outcome.message).toContain('2 of 4 clusters chosen, 2 missing');
  });

  test('PL-12 shrinking drops what is not delivered yet before what is', () => {
    const undelivered = new Set(['a']);
    expect(namesOf(run({ a: {}, b: {} }, { numberOfClusters: 1 }, ['a', 'b'], { previous: { undelivered } }))).toEqual([
      'b',
    ]);
  });
});

describe('spread', () => {
  test('PL-13 three regions, at most two clusters each, at least two zones: found where a greedy choice fails', () => {
    const clusters = { a1: at('a'), a2: at('a'), a3: at('a', 'b'), b1: at('b'), c1: at('c'), c2: at('c') };
    const outcome = run(clusters, {
      numberOfClusters: 5,
      spreadConstraints: [
        { topologyKey: 'region', maxClustersPerDomain: 2, minDomains: 3 },
        { topologyKey: 'zone', maxClustersPerDomain: 1 },
      ],
    });
    expect([namesOf(outcome), outcome.reason]).toEqual([['a1', 'a3', 'b1', 'c1'], 'SpreadUnsatisfiable']);
  });

  test('PL-14 fewer domains than the hard minimum: unsatisfied, and the previous choice stays', () => {
    const outcome = run(
      { a: at('eu'), b: at('eu') },
      { numberOfClusters: 2, spreadConstraints: [{ topologyKey: 'region', minDomains: 2 }] },
      ['a', 'b'],
    );
    expect([namesOf(outcome), outcome.reason]).toEqual([['a', 'b'], 'SpreadUnsatisfiable']);
  });

  test('PL-14 a soft rule spreads as well as it can, and ranks clusters without the key last', () => {
    const spec: Spec = {
      numberOfClusters: 2,
      spreadConstraints: [{ topologyKey: 'region', maxSkew: 1, whenUnsatisfiable: 'ScheduleAnyway' }],
    };
    expect(namesOf(run({ a: {}, b: at('eu'), c: at('eu'), d: at('us') }, spec))).toEqual(['b', 'd']);
  });
});

describe('candidate terms', () => {
  test.each([
    { name: 'the first that reaches the minimum serves', clusters: three, names: [], want: ['primary', 'e1', 'e2'] },
    {
      name: 'the next one when it does not',
      clusters: { ...three, e2: at('us') },
      names: [],
      want: ['fallback', 'e2', 'u1'],
    },
    {
      name: 'a term that fails moves all in one revision',
      clusters: { ...three, e1: { ...at('eu'), ...drained } },
      names: ['e1', 'e2'],
      term: 'primary',
      want: ['fallback', 'u1', 'u2'],
    },
    {
      name: 'no return by itself',
      clusters: three,
      names: ['u1', 'u2'],
      term: 'fallback',
      want: ['fallback', 'u1', 'u2'],
    },
  ])('PL-7 $name', ({ clusters, names, term, want }) => {
    const outcome = run(clusters, tiers, names, { previous: { term } });
    expect([outcome.term, ...namesOf(outcome)]).toEqual(want);
  });

  test('PL-7, PL-40 failback waits until the earlier term could serve for long enough, and says when', () => {
    const spec: Spec = { ...tiers, candidatePolicy: { failback: 'AfterStable', stableSeconds: 60 } };
    const early = run(three, spec, ['u1', 'u2'], { previous: { term: 'fallback' } });
    expect([early.term, early.failback, early.nextMoment]).toEqual([
      'fallback',
      { term: 'primary', since: now },
      now + 60_000,
    ]);
    const later = run(three, spec, ['u1', 'u2'], {
      previous: { term: 'fallback', failback: { term: 'primary', since: now - 60_000 } },
    });
    expect([later.term, ...namesOf(later)]).toEqual(['primary', 'e1', 'e2']);
  });

  test('PL-7 overflow takes only what is missing, and gives it back in reverse', () => {
    const spec: Spec = { ...tiers, numberOfClusters: 3, candidatePolicy: { overflow: 'Missing' } };
    const outcome = run(three, spec);
    expect([outcome.term, ...namesOf(outcome)]).toEqual(['primary', 'e1', 'e2', 'u1']);
    expect(namesOf(run(three, { ...spec, numberOfClusters: 2 }, ['e1', 'e2', 'u1']))).toEqual(['e1', 'e2']);
  });
});

describe('capacity', () => {
  const copies = (count: number, whenUnsatisfiable?: 'ScheduleAnyway'): Spec => ({
    numberOfClusters: 2,
    copies: { count, requests: { cpu: '1' }, ...(whenUnsatisfiable === undefined ? {} : { whenUnsatisfiable }) },
  });

  test('PL-17 the set has room for all copies, where one exists', () => {
    const outcome = run({ a: room('1'), b: room('2'), c: room('5') }, copies(7));
    expect([namesOf(outcome), outcome.reason]).toEqual([['b', 'c'], 'Satisfied']);
  });

  test('PL-40, PL-16 who waits for room looks again when the first reservation of another ends, or a report is too old', () => {
    const reservation = (placement: string, until: number) => ({
      placement,
      clusterName: 'a',
      copies: 4,
      requests: new Map([['cpu', parseQuantity('1')]]),
      until,
    });
    const reservations = [
      reservation('apps/p', now + 1),
      reservation('apps/q', now + 7),
      reservation('apps/r', now + 9),
    ];
    const clusters = { a: room('4'), b: room('4') };
    const short = run(clusters, copies(20), [], { snapshot: { reservations } });
    expect([short.satisfied, short.nextMoment]).toEqual([false, now + 7]);
    expect(run(clusters, copies(20)).nextMoment).toBe(now + 15 * 60_000 + 1);
    expect(run(clusters, copies(8)).nextMoment).toBeUndefined();
  });

  test('PL-17, PL-10 of the sets with room enough a well scored one is taken, and a chosen cluster stays in it', () => {
    const priced = (cpu: string, price: number) => ({ ...room(cpu), properties: { price: String(price) } });
    const clusters = { a: priced('1', 1), b: priced('3', 2), c: priced('3', 3), d: priced('5', 9) };
    const spec: Spec = {
      ...copies(6),
      numberOfClusters: 2,
      priorityPolicy: {
        mode: 'Exact',
        priorities: [{ type: 'PropertyValue', weight: 1, property: { name: 'price', order: 'Ascending' } }],
      },
    };
    // a and b score best and have room for four; d is the roomiest and scores worst.
    expect(namesOf(run(clusters, spec))).toEqual(['b', 'c']);
    expect(namesOf(run(clusters, spec, ['a']))).toEqual(['a', 'd']);
    expect(namesOf(run(clusters, spec, ['b', 'c']))).toEqual(['b', 'c']);
  });

  test('PL-17, PL-42 where a roomier set replaces the one that stood, it is the new one whose spread is judged', () => {
    const eu1 = { labels: { region: 'eu' } };
    const clusters = { a: { ...eu1, ...room('4') }, b: { ...eu1, isPublished: false } };
    const spec: Spec = {
      ...copies(4),
      numberOfClusters: 2,
      spreadConstraints: [{ topologyKey: 'region', maxClustersPerDomain: 1 }],
    };
    const [first, second] = [run(clusters, spec, ['b']), run(clusters, spec, ['a'])];
    expect([namesOf(first), first.reason, first.message]).toEqual([['a'], 'NotEnoughClusters', second.message]);
    expect(second.reason).toBe('NotEnoughClusters');
  });

  test('PL-16, PL-42 who looked at room that another then takes on the same clusters looks again, once', () => {
    const reserving: Spec = { copies: { count: 4, requests: { cpu: '1' } } };
    const requests = [
      requestOf(
        { ...reserving, spreadConstraints: [{ topologyKey: 'region', minDomains: 2 }] },
        { key: 'apps/first', priority: 1 },
      ),
      requestOf({ ...reserving, numberOfClusters: 1 }, { key: 'apps/last' }),
    ];
    const held = (copies: number) => before(['a'], { copies: new Map([['a', copies]]) });
    const decisions = new Map([['apps/last', new Set(['a'])]]);
    const turnsWith = (copies: number) =>
      requests.map((request) => ({ request, previous: request.priority === 0 ? held(copies) : before([]) }));
    const snapshot = { ...snapshotOf(fleet({ a: { ...at('eu'), ...room('3') } })), decisions };
    const result = runPass(snapshot, turnsWith(1));
    expect([...result.reserving]).toEqual(['apps/last']);
    expect([...unsettledBy(result, decisions, () => ['apps/first'])]).toEqual(['apps/first']);
    const again = runPass({ ...snapshot, reservations: result.reservations }, turnsWith(4));
    expect([...again.reserving]).toEqual([]);
  });

  test.each([
    { when: undefined, want: 'InsufficientCapacity' },
    { when: 'ScheduleAnyway' as const, want: 'Satisfied' },
  ])('PL-17 room for too few is $want with whenUnsatisfiable $when', ({ when, want }) => {
    const outcome = run({ a: room('1'), b: room('2') }, copies(7, when));
    expect([outcome.reason, outcome.message]).toEqual([want, expect.stringContaining('room for 3 of 7 copies')]);
  });

  test('PL-16, PL-41 placements of one pass do not all land on the emptiest cluster', () => {
    const snapshot = snapshotOf(fleet({ a: room('4'), b: room('3') }));
    const spec: Spec = { numberOfClusters: 1, copies: { count: 3, requests: { cpu: '1' } } };
    const turns = ['p0', 'p1', 'p2'].map((name) => ({
      request: requestOf(spec, { key: `apps/${name}` }),
      previous: before([]),
    }));
    const { outcomes } = runPass(snapshot, turns);
    expect([...outcomes].map(([key, outcome]) => [key, namesOf(outcome).join(), outcome.satisfied])).toEqual([
      ['apps/p0', 'a', true],
      ['apps/p1', 'b', true],
      ['apps/p2', 'a', false],
    ]);
  });

  test('PL-16 free capacity is never checked against a chosen cluster', () => {
    expect(
      namesOf(
        run(
          { a: room('0'), b: room('9') },
          { numberOfClusters: 1, copies: { count: 1, requests: { cpu: '1' } } },
          ['a'],
          { previous: { copies: new Map([['a', 1]]) } },
        ),
      ),
    ).toEqual(['a']);
  });

  test('PL-15 balance sends placements of one pass to different clusters', () => {
    const snapshot = snapshotOf(fleet({ a: {}, b: {}, c: {} }));
    const turns = ['p0', 'p1', 'p2'].map((name) => ({
      request: requestOf({ numberOfClusters: 1 }, { key: `apps/${name}` }),
      previous: before([]),
    }));
    expect([...runPass(snapshot, turns).outcomes.values()].flatMap(namesOf)).toEqual(['a', 'b', 'c']);
  });
});

describe('relations', () => {
  test('PL-18 placements follow, or keep away from, what others chose in the same pass', () => {
    const snapshot = snapshotOf(fleet({ a: {}, b: {}, c: {} }));
    const turn = (name: string, spec: Spec) => ({
      request: requestOf(spec, { key: `apps/${name}` }),
      previous: before([]),
    });
    const { outcomes } = runPass(snapshot, [
      turn('app', { placementAffinity: { sameClustersAs: ['db'] } }),
      turn('db', { numberOfClusters: 2 }),
      turn('test', { placementAffinity: { otherClustersThan: ['db'] } }),
    ]);
    expect(Object.fromEntries([...outcomes].map(([key, outcome]) => [key, namesOf(outcome)]))).toEqual({
      'apps/db': ['a', 'b'],
      'apps/app': ['a', 'b'],
      'apps/test': ['c'],
    });
  });

  test('PL-18 a cycle is found from each of its members, and from nobody else', () => {
    const relations: Record<string, string[]> = { a: ['b'], b: ['c'], c: ['a'], d: ['a'], e: [] };
    expect(['a', 'b', 'c', 'd', 'e'].map((key) => cycleOf(key, (of) => relations[of] ?? []))).toEqual([
      ['a', 'b', 'c'],
      ['b', 'c', 'a'],
      ['c', 'a', 'b'],
      undefined,
      undefined,
    ]);
  });
});

describe('steadiness and loss', () => {
  test('PL-20 a better score alone moves nothing; acted on, it does', () => {
    const byLabel: Spec = {
      numberOfClusters: 1,
      priorityPolicy: { priorities: [{ type: 'Label', weight: 10, labelSelector: { matchLabels: { region: 'eu' } } }] },
    };
    const clusters = { a: at('us'), b: at('eu') };
    expect(namesOf(run(clusters, byLabel, ['a']))).toEqual(['a']);
    expect(namesOf(run(clusters, { ...byLabel, steadiness: { actOn: ['Scores'] } }, ['a']))).toEqual(['b']);
    expect(namesOf(run(clusters, { ...byLabel, steadiness: { mode: 'None' } }, ['a']))).toEqual(['b']);
  });

  test.each([
    {
      name: 'PreferNoSchedule acted on moves it',
      effect: 'PreferNoSchedule' as const,
      steadiness: { actOn: ['PreferNoSchedule' as const] },
      want: ['b'],
    },
    { name: 'PreferNoSchedule alone does not', effect: 'PreferNoSchedule' as const, steadiness: {}, want: ['a'] },
    {
      name: 'NoExecute held back moves nothing',
      effect: 'NoExecute' as const,
      steadiness: { holdBack: ['NoExecute' as const] },
      want: ['a'],
    },
  ])('PL-20 $name', ({ effect, steadiness, want }) => {
    const taints = [{ key: 'k', value: '', effect, timeAdded: now }];
    expect(namesOf(run({ a: { taints }, b: {} }, { numberOfClusters: 1, steadiness }, ['a']))).toEqual(want);
  });

  test('PL-20 a shortfall and new matches can be held back', () => {
    expect(
      namesOf(run({ a: {}, b: {} }, { numberOfClusters: 2, steadiness: { holdBack: ['Shortfall'] } }, ['a'])),
    ).toEqual(['a']);
    expect(namesOf(run({ a: {}, b: {} }, { steadiness: { holdBack: ['NewMatches'] } }, ['a']))).toEqual(['a']);
  });

  test('PL-22 a placement may say that a driven cluster leaves without replacement', () => {
    expect(namesOf(run({ a: drained }, { numberOfClusters: 1, lossPolicy: 'Remove' }, ['a']))).toEqual([]);
  });

  test('PL-23 the brake is on when more than three and more than 55 % are lost, and says so where it holds something', () => {
    const lost = (count: number, of: number) =>
      Array.from({ length: of }, (_, index) => view(`c${index}`, { reachable: index >= count }));
    expect([isBraked(lost(3, 4)), isBraked(lost(5, 9)), isBraked(lost(4, 8))]).toEqual([false, true, false]);
    const taints = [
      { key: 'quarterdeck.dev/unreachable', value: '', effect: 'NoExecute' as const, timeAdded: now - 999_999 },
    ];
    const outcome = run({ a: { reachable: false, taints }, b: {} }, { numberOfClusters: 1 }, ['a'], {
      snapshot: { brake: true },
    });
    expect([namesOf(outcome), outcome.heldByBrake]).toEqual([['a'], true]);
  });

  test('PL-24 a fresh choice ignores what stands, from the first term on, within the moves that are allowed', () => {
    const fresh = { previous: { fresh: true, term: 'fallback' } };
    expect(namesOf(run(three, tiers, ['u1', 'u2'], fresh))).toEqual(['e1', 'e2']);
    const clusters = { a: {}, b: {}, c: {}, d: {} };
    const spec: Spec = { numberOfClusters: 2, steadiness: { maxMoves: 1 } };
    expect(namesOf(run(clusters, spec, ['c', 'd'], { previous: { fresh: true } }))).toEqual(['a', 'c']);
  });
});

describe('explain and plan', () => {
  const snapshot = snapshotOf(fleet({ a: at('eu'), b: at('us'), hidden: { clusterSet: 'other' } }));

  test('PL-34 a verdict names rule, value, spread domain, scores, rank and cut', () => {
    const spec: Spec = {
      numberOfClusters: 1,
      clusterSelectorTerms: [{ labelSelector: { matchExpressions: [{ key: 'region', operator: 'Exists' }] } }],
      spreadConstraints: [{ topologyKey: 'region', maxSkew: 1 }],
      priorityPolicy: {
        mode: 'Exact',
        priorities: [{ type: 'Label', weight: 2, labelSelector: { matchLabels: { region: 'us' } } }],
      },
    };
    const { verdicts } = explain(snapshot, requestOf(spec), before([]), 'a');
    expect(verdicts).toEqual([
      {
        clusterName: 'a',
        outcome: 'NotNeeded',
        reason: 'EnoughClusters',
        message: 'it fits; enough others were chosen',
        candidateTerms: [],
        domains: [{ key: 'region', value: 'eu' }],
        scores: [{ priority: 'Label', weight: 2, score: 0, contribution: 0 }],
        total: 0,
        rank: 2,
      },
    ]);
  });

  test('PL-33 clusters of sets that are not bound stand in no explanation and no count', () => {
    const { verdicts, outcome } = explain(snapshot, requestOf({ numberOfClusters: 3 }), before([]));
    expect(verdicts.map(({ clusterName }) => clusterName)).toEqual(['a', 'b']);
    expect(outcome.message).toContain('2/2 clusters fit');
  });

  test('PL-35 a dry run says what would change for each placement, and leaves the snapshot alone', () => {
    const turn = (name: string, names: readonly string[], spec: Spec) => ({
      request: requestOf(spec, { key: `apps/${name}` }),
      previous: before(names),
    });
    const turns = [turn('one', ['a'], { numberOfClusters: 1 }), turn('eu', ['a'], { clusterSelectorTerms: [eu] })];
    const changes = (edits: Parameters<typeof plan>[2]) =>
      plan(snapshot, turns, edits).map(({ placement, gained, lost }) => [placement, gained.join(), lost.join()]);
    expect(changes({})).toEqual([
      ['apps/eu', '', ''],
      ['apps/one', '', ''],
    ]);
    expect(changes({ removed: ['a'] })).toEqual([
      ['apps/eu', '', 'a'],
      ['apps/one', 'b', 'a'],
    ]);
    const taint = { key: 'drain', value: '', effect: 'NoExecute' as const, timeAdded: now };
    expect(changes({ tainted: [{ clusterName: 'a', taint }] })).toEqual([
      ['apps/eu', '', ''],
      ['apps/one', 'b', 'a'],
    ]);
    expect(changes({ copied: [{ clusterName: 'z', of: 'a' }], removed: ['a'] })).toEqual([
      ['apps/eu', 'z', 'a'],
      ['apps/one', 'b', 'a'],
    ]);
    expect(unknownClusters(snapshot, { copied: [{ clusterName: 'z', of: 'nobody' }] })).toEqual(['nobody']);
    expect(changes({ labelled: [{ clusterName: 'b', key: 'region', value: 'eu' }] })).toEqual([
      ['apps/eu', 'b', ''],
      ['apps/one', '', ''],
    ]);
    expect(changes({ added: [view('n', at('eu'))] })).toEqual([
      ['apps/eu', 'n', ''],
      ['apps/one', '', ''],
    ]);
    expect(unknownClusters(snapshot, { removed: ['x', 'a'] })).toEqual(['x']);
    expect(snapshot.fleet.clusters.map(({ name }) => name)).toEqual(['a', 'b', 'hidden']);
  });

  test('PL-2, PD-6 a choice refers to the profile in the namespace of its set, and only to one that exists', () => {
    const outcome = run({ a: { profileNamespace: 'clusterset-x' }, b: { isPublished: false } }, {});
    expect(outcome.choices.map(({ cluster }) => `${cluster.profileNamespace}/${cluster.name}`)).toEqual([
      'clusterset-x/a',
    ]);
  });
});
