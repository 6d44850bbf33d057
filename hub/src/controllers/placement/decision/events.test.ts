import { expect, test } from 'vitest';
import type { Outcome } from '../../../scheduler/schedule.ts';
import { schedule } from '../../../scheduler/schedule.ts';
import { nothingBefore } from '../../../scheduler/snapshot.ts';
import { placement, requestOf, snapshotOf, view } from '../../../testing/builders.ts';
import { noticesOf } from './events.ts';

const cheapest = {
  numberOfClusters: 1,
  priorityPolicy: {
    priorities: [
      { type: 'PropertyValue' as const, weight: 5, property: { name: 'price', order: 'Ascending' as const } },
    ],
  },
};
const fleet = [view('m1', { properties: { price: '3' } }), view('m2')];
const warnings = (outcome: Outcome) =>
  noticesOf(placement('p', cheapest), new Set(), outcome).filter(({ type }) => type === 'Warning');

test('PL-15 a priority that knows nothing of a candidate is warned of when clusters are chosen, and not again', () => {
  const request = requestOf(cheapest);
  const first = schedule(snapshotOf(fleet), request, nothingBefore);
  expect(first.choices.map(({ cluster }) => cluster.name)).toEqual(['m1']);
  expect(warnings(first)).toEqual([
    {
      type: 'Warning',
      reason: 'ScoresUnknown',
      message: 'not known of some candidates, and counted as the worst: PropertyValue price',
    },
  ]);
  const again = schedule(snapshotOf(fleet), request, { ...nothingBefore, decided: true, clusters: new Set(['m1']) });
  expect(warnings(again)).toEqual([]);
});
