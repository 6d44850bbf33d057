import type { Placement } from '@quarterdeck/apis';
import { quantityOf } from '@quarterdeck/machinery';
import { expect, test } from 'vitest';
import { before, requestOf, snapshotOf, view } from '../testing/builders.ts';
import type { ClusterView } from './cluster-view.ts';
import { heldBackScores } from './held-back.ts';
import { schedule } from './schedule.ts';

type Spec = Placement['spec'];

const cluster = (name: string, price: string, cpu: number): ClusterView => {
  const amounts = new Map([['cpu', quantityOf(cpu)]]);
  const capacity = { total: amounts, allocatable: amounts, free: amounts, nodes: undefined, observedAt: undefined };
  return view(name, { properties: { price }, capacity });
};
/** m1 is the cheapest, m2 the dearest, m3 the emptiest. */
const fleet = [cluster('m1', '1', 1), cluster('m2', '9', 2), cluster('m3', '5', 8)];
const byPrice = { type: 'PropertyValue', weight: 1, property: { name: 'price', order: 'Ascending' } } as const;
const byRoom = { type: 'FreeCapacity', weight: 1, resource: { name: 'cpu' } } as const;
const asking = (...priorities: NonNullable<NonNullable<Spec['priorityPolicy']>['priorities']>): Spec => ({
  numberOfClusters: 1,
  priorityPolicy: { mode: 'Exact', priorities },
});

test.each([
  {
    name: 'a better score',
    spec: asking(byPrice),
    stands: ['m2'],
    want: { cause: 'Scores', leaves: ['m2'], takes: ['m1'] },
  },
  {
    name: 'more free capacity, and nothing else',
    spec: asking({ ...byPrice, weight: 10 }, { ...byRoom, weight: 100 }),
    stands: ['m1'],
    want: { cause: 'FreeCapacity', leaves: ['m1'], takes: ['m3'] },
  },
  { name: 'nothing, where the best is chosen', spec: asking(byPrice), stands: ['m1'], want: undefined },
  {
    name: 'nothing, where scores are acted on anyway',
    spec: { ...asking(byPrice), steadiness: { actOn: ['Scores' as const] } },
    stands: ['m2'],
    want: undefined,
  },
  { name: 'nothing, where all that fit are chosen', spec: {}, stands: ['m1', 'm2', 'm3'], want: undefined },
  { name: 'nothing, before anything was chosen', spec: asking(byPrice), stands: [], want: undefined },
  {
    name: 'it all, however few moves a request for it would make',
    spec: { ...asking(byPrice), steadiness: { maxMoves: 0 } },
    stands: ['m2'],
    want: { cause: 'Scores', leaves: ['m2'], takes: ['m1'] },
  },
])('PL-20, PL-34 an explanation shows what is held back: $name', ({ spec, stands, want }) => {
  const [snapshot, request, previous] = [snapshotOf(fleet), requestOf(spec), before(stands)];
  const outcome = schedule(snapshot, request, previous);
  expect(heldBackScores(snapshot, request, previous, outcome)).toEqual(want);
});
