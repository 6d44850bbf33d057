import type { PlacementPriority } from '@quarterdeck/apis';
import { parseQuantity } from '@quarterdeck/machinery';
import { describe, expect, test } from 'vitest';
import { before, requestOf, snapshotOf, view } from '../../../testing/builders.ts';
import type { ClusterView } from '../../cluster-view.ts';
import { createExpressionCompiler } from '../../expressions.ts';
import type { Priority } from '../../placement-request.ts';
import type { FleetSnapshot } from '../../snapshot.ts';
import { contribution, scoreOf, weighted } from './all.ts';
import { unknownScore } from './score.ts';

const now = Date.parse('2026-01-01T00:00:00Z');
const unknown = unknownScore;
const priorityOf = (priority: PlacementPriority): Priority => {
  const [first] = requestOf({ priorityPolicy: { mode: 'Exact', priorities: [priority] } }).priorities;
  if (first === undefined) throw new Error('there is one priority');
  return first;
};
const expression = (text: string): Priority => {
  const compiled = createExpressionCompiler()(text, 'score');
  if ('problem' in compiled) throw new Error(compiled.problem);
  return { type: 'Expression', weight: 1, expression: compiled };
};
const withProperty = (gpus: string | undefined) => ({ properties: gpus === undefined ? {} : { gpus } });
const free = (cpu: string): Partial<ClusterView> => ({
  capacity: {
    total: new Map(),
    allocatable: new Map(),
    free: new Map([['cpu', parseQuantity(cpu)]]),
    nodes: undefined,
    observedAt: now,
  },
});
const outside = (value: number, validUntil?: number): Partial<ClusterView> => ({
  scores: { prices: { values: new Map([['hourly', value]]), exclusion: undefined, validUntil } },
});
const byPrice = priorityOf({ type: 'ClusterScore', weight: 1, clusterScore: { name: 'prices', score: 'hourly' } });
const mostCpu = priorityOf({ type: 'FreeCapacity', weight: 1, resource: { name: 'cpu' } });

interface Row {
  readonly name: string;
  readonly priority: Priority;
  /** Of m0, m1, m2. */
  readonly clusters: readonly [Partial<ClusterView>, Partial<ClusterView>, Partial<ClusterView>];
  readonly snapshot?: Partial<FleetSnapshot>;
  readonly load?: readonly number[];
  readonly want: readonly number[];
}

const rows: readonly Row[] = [
  {
    name: 'Label: 100 where the labels match',
    priority: priorityOf({ type: 'Label', weight: 1, labelSelector: { matchLabels: { disk: 'ssd' } } }),
    clusters: [{ labels: { disk: 'ssd' } }, {}, { labels: { disk: 'hdd' } }],
    want: [100, 0, 0],
  },
  {
    name: 'Property: unknown where it is not reported',
    priority: priorityOf({
      type: 'Property',
      weight: 1,
      propertySelector: { matchExpressions: [{ name: 'gpus', operator: 'Ge', values: ['2'] }] },
    }),
    clusters: [withProperty('4'), withProperty('1'), withProperty(undefined)],
    want: [100, 0, unknown],
  },
  {
    name: 'PropertyValue: linear over the candidates, the largest best',
    priority: priorityOf({ type: 'PropertyValue', weight: 1, property: { name: 'gpus' } }),
    clusters: [withProperty('1'), withProperty('2'), withProperty('5')],
    want: [0, 25, 100],
  },
  {
    name: 'PropertyValue: ascending, with one that cannot be read',
    priority: priorityOf({ type: 'PropertyValue', weight: 1, property: { name: 'gpus', order: 'Ascending' } }),
    clusters: [withProperty('1'), withProperty('many'), withProperty('5')],
    want: [100, unknown, 0],
  },
  {
    name: 'PropertyValue: all alike is full score',
    priority: priorityOf({ type: 'PropertyValue', weight: 1, property: { name: 'gpus' } }),
    clusters: [withProperty('2'), withProperty('2'), withProperty('2')],
    want: [100, 100, 100],
  },
  {
    name: 'FreeCapacity: the emptiest best',
    priority: mostCpu,
    clusters: [free('1'), free('2'), free('3')],
    want: [0, 50, 100],
  },
  {
    name: 'FreeCapacity: what others reserved is not free; the least best',
    priority: priorityOf({ type: 'FreeCapacity', weight: 1, resource: { name: 'cpu', prefer: 'Least' } }),
    clusters: [free('1'), free('2'), free('3')],
    snapshot: {
      reservations: [
        {
          placement: 'apps/other',
          clusterName: 'm2',
          copies: 3,
          requests: new Map([['cpu', parseQuantity('1')]]),
          until: now + 1,
        },
      ],
    },
    want: [50, 0, 100],
  },
  {
    name: 'Balance: the fewest decisions of others best',
    priority: priorityOf({ type: 'Balance', weight: 1 }),
    clusters: [{}, {}, {}],
    load: [4, 0, 1],
    want: [0, 100, 75],
  },
  {
    name: 'Steadiness: 100 for a chosen cluster',
    priority: priorityOf({ type: 'Steadiness', weight: 1 }),
    clusters: [{}, {}, {}],
    want: [0, 100, 0],
  },
  {
    name: 'Expression: held between 0 and 100, a bool is all or nothing',
    priority: expression("cluster.name == 'm0' ? 250 : cluster.name == 'm1' ? -3 : int(cluster.labels.points)"),
    clusters: [{}, {}, {}],
    want: [100, 0, unknown],
  },
  {
    name: 'ClusterScore: what it says, while it is valid',
    priority: byPrice,
    clusters: [outside(70), outside(70, now), {}],
    want: [70, unknown, unknown],
  },
];

describe('scores', () => {
  test.each(rows)('PL-15 $name', ({ priority, clusters, snapshot = {}, load = [], want }) => {
    const views = clusters.map((over, index) => view(`m${index}`, over));
    const scores = scoreOf(priority, {
      snapshot: snapshotOf(views, snapshot),
      request: requestOf({}),
      previous: before(['m1']),
      candidates: Int32Array.of(0, 1, 2),
      load: Int32Array.from(load),
    });
    expect([...scores]).toEqual(want);
  });

  test.each([
    { weight: 5, score: 40, want: 200 },
    { weight: -5, score: 40, want: -200 },
    { weight: 5, score: unknown, want: 0 },
    { weight: -5, score: unknown, want: -500 },
  ])(
    'PL-15 weight $weight and score $score contribute $want: unknown is the worst, whatever the sign',
    ({ weight, score, want }) => {
      expect(contribution({ type: 'Balance', weight }, score)).toBe(want);
    },
  );

  test('PL-15 what is not known is counted for the warning', () => {
    const clusters = [view('m0', free('1')), view('m1')];
    const { totals, unknown: missing } = weighted([mostCpu], {
      snapshot: snapshotOf(clusters),
      request: requestOf({}),
      previous: before([]),
      candidates: Int32Array.of(0, 1),
      load: new Int32Array(2),
    });
    expect({ totals: [...totals], missing }).toEqual({
      totals: [100, 0],
      missing: [{ priority: 'FreeCapacity cpu', count: 1 }],
    });
  });
});
