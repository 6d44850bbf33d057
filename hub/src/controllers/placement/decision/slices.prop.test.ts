import type { PlacementDecision, Stored } from '@quarterdeck/apis';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Choice } from '../../../scheduler/schedule.ts';
import { placement, view } from '../../../testing/builders.ts';
import type { Write } from '../../writes.ts';
import { planSlices } from './slices.ts';

type Slices = Stored<PlacementDecision>[];
const owner = placement('everywhere');
const names = Array.from({ length: 260 }, (_, index) => `c${String(index).padStart(3, '0')}`);
const choicesOf = (clusters: readonly string[]): Choice[] =>
  clusters.map((name) => ({ cluster: view(name), reason: 'Chosen' }));
const listed = (slices: Slices) =>
  slices.flatMap(({ decisions }) => decisions.map(({ clusterProfileRef }) => clusterProfileRef.name));

/** The slices as a server would hold them after one write. */
function applied(slices: Slices, write: Write): Slices {
  if (write.verb === 'delete') return slices.filter(({ metadata }) => metadata.name !== write.ref.name);
  const object = write.object as Stored<PlacementDecision>;
  const rest = slices.filter(({ metadata }) => metadata.name !== object.metadata.name);
  return [...rest, { ...object, metadata: { ...object.metadata, uid: object.metadata.name, resourceVersion: '1' } }];
}

const settle = (slices: Slices, clusters: readonly string[]) =>
  planSlices(owner, slices, choicesOf(clusters)).writes.reduce(applied, slices);

/** Sizes around the borders of slices, and neighbours of a set. */
const clusterSets = fc.oneof(
  fc.subarray(names, { maxLength: 20 }),
  fc.nat({ max: names.length }).map((count) => names.slice(0, count)),
  fc.nat({ max: names.length }).map((count) => names.slice(names.length - count)),
  fc.subarray(names),
);

describe('planSlices, laws', () => {
  test('PD-12, PL-30 at rest every chosen cluster stands exactly once, and no other', () => {
    fc.assert(
      fc.property(clusterSets, clusterSets, (before, after) => {
        expect(listed(settle(settle([], before), after)).toSorted()).toEqual(after.toSorted());
      }),
    );
  });

  test('PD-13 between any two writes no kept cluster is absent', () => {
    fc.assert(
      fc.property(clusterSets, clusterSets, (before, after) => {
        let slices = settle([], before);
        const kept = before.filter((name) => after.includes(name));
        for (const write of planSlices(owner, slices, choicesOf(after)).writes) {
          slices = applied(slices, write);
          const present = new Set(listed(slices));
          expect(kept.filter((name) => !present.has(name))).toEqual([]);
        }
      }),
    );
  });

  test('PD-9 an unchanged set is no write', () => {
    fc.assert(
      fc.property(clusterSets, clusterSets, (before, after) => {
        const slices = settle(settle([], before), after);
        expect(planSlices(owner, slices, choicesOf(after)).writes).toEqual([]);
      }),
    );
  });

  test('PD-1, PD-4, PD-8 slices hold at most 100, and are numbered from 0 without gaps', () => {
    fc.assert(
      fc.property(clusterSets, clusterSets, (before, after) => {
        const slices = settle(settle([], before), after);
        const indexes = slices.map(({ metadata }) => Number(metadata.labels?.['multicluster.x-k8s.io/decision-index']));
        expect(Math.max(...slices.map(({ decisions }) => decisions.length))).toBeLessThanOrEqual(100);
        expect(indexes.toSorted((a, b) => a - b)).toEqual(indexes.map((_, index) => index));
      }),
    );
  });

  test('PD-13 all slices of a decision carry one revision, which rises when membership changes', () => {
    fc.assert(
      fc.property(clusterSets, clusterSets, (before, after) => {
        const first = settle([], before);
        const second = settle(first, after);
        const revisionsOf = (slices: Slices) => [
          ...new Set(
            slices.map(({ metadata }) => Number(metadata.labels?.['multicluster.x-k8s.io/decision-revision'])),
          ),
        ];
        const [old, next] = [revisionsOf(first), revisionsOf(second)];
        expect([old.length, next.length]).toEqual([1, 1]);
        const changed = before.toSorted().join() !== after.toSorted().join();
        expect(Number(next[0]) > Number(old[0])).toBe(changed);
      }),
      // What leaves takes its slice along, and the other stays as it is.
      { examples: [[names.slice(0, 101), names.slice(0, 100)]] },
    );
  });

  test('PD-14 a slice deleted by hand comes back under its name', () => {
    fc.assert(
      fc.property(fc.nat({ max: 2 }), (index) => {
        const slices = settle([], names);
        const without = slices.filter((_, position) => position !== index);
        expect(
          settle(without, names)
            .map(({ metadata }) => metadata.name)
            .toSorted(),
        ).toEqual(slices.map(({ metadata }) => metadata.name).toSorted());
      }),
    );
  });
});
