import { maxDecisionsPerSlice, type PlacementDecision, type Stored } from '@quarterdeck/apis';
import { describe, expect, test } from 'vitest';
import type { Choice } from '../../../scheduler/schedule.ts';
import { placement, view } from '../../../testing/builders.ts';
import { planSlices } from './slices.ts';

const owner = placement('everywhere');
const names = Array.from({ length: 5 * maxDecisionsPerSlice + 1 }, (_, index) => `c${String(index).padStart(3, '0')}`);
const [last = ''] = names.slice(-1);
const five = names.slice(0, -1);

const plan = (slices: readonly Stored<PlacementDecision>[], choices: readonly Choice[]) =>
  planSlices(owner, slices, choices).writes;
const written = (writes: ReturnType<typeof plan>) =>
  writes.map((write) => ('object' in write ? `${write.verb} ${write.object.metadata.name}` : write.verb));
/** The slices of a decision that was written from nothing. */
const standing = (choices: readonly Choice[]) =>
  plan([], choices).flatMap((write) => {
    if (!('object' in write)) return [];
    const { metadata } = write.object;
    return [{ ...write.object, metadata: { ...metadata, uid: metadata.name, resourceVersion: '1' } }];
  }) as Stored<PlacementDecision>[];

describe('planSlices, what a change costs', () => {
  const chosen = (clusters: readonly string[], copies?: (name: string) => number): Choice[] =>
    clusters.map((name) => ({
      cluster: view(name),
      reason: 'Kept',
      ...(copies === undefined ? {} : { copies: copies(name) }),
    }));

  test('PD-13 one more beside five hundred is one write to each slice, for the revision, and one for its own', () => {
    expect(written(plan(standing(chosen(five)), chosen(names)))).toEqual([
      ...Array.from({ length: 5 }, (_, index) => `update everywhere-${index}`),
      'create everywhere-5',
    ]);
  });

  test('PL-16 a cluster that is counted on for more is one write, to the slice that has it', () => {
    const before = standing(chosen(names, () => 1));
    const after = chosen(names, (name) => (name === last ? 2 : 1));
    expect(written(plan(before, after))).toEqual(['update everywhere-5']);
  });
});
