import type { Placement, PlacementDecision, Stored } from '@quarterdeck/apis';
import { atLeast } from '@quarterdeck/machinery/testing';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { ClusterView } from '../../../scheduler/cluster-view.ts';
import { type PartsBefore, partsOf } from '../../../scheduler/groups.ts';
import { placement, requestOf, view } from '../../../testing/builders.ts';
import type { Write } from '../../writes.ts';
import { partsBefore } from './previous.ts';
import { planSlices } from './slices.ts';

type Slices = Stored<PlacementDecision>[];
const owner = placement('waves');
const fleet = Array.from({ length: 230 }, (_, index) =>
  view(`c${String(index).padStart(3, '0')}`, { labels: { canary: index % 5 === 0 ? 'yes' : 'no' } }),
);
/** Parts within one slice, parts of several, and one that takes all. */
const strategies = fc.constantFrom<Placement['spec']['decisionStrategy'] | undefined>(
  undefined,
  { groupSize: 3 },
  { groupSize: 100 },
  { groupSize: 101 },
  { groupSizePercent: 25 },
  { groupSizePercent: 55 },
  { groups: [{ name: 'canary', labelSelector: { matchLabels: { canary: 'yes' } } }], groupSize: 4 },
  { groups: [{ name: 'canary', labelSelector: { matchLabels: { canary: 'yes' } } }] },
);
/** Few clusters, and numbers around the borders of slices. */
const clusterSets = fc.oneof(
  fc.subarray(fleet, { maxLength: 24 }),
  fc
    .record({ from: fc.nat(29), count: fc.constantFrom(0, 1, 99, 100, 101, 199, 200, 201) })
    .map(({ from, count }) => fleet.slice(from, from + count)),
);
const step = fc.record({ clusters: clusterSets, strategy: strategies });
/** Two decisions one after the other: of nothing alike, or of a few clusters more and less by the same strategy. */
const steps: fc.Arbitrary<[Step, Step]> = fc.oneof(
  fc.tuple(step, step),
  fc.tuple(step, fc.subarray(fleet, { maxLength: 3 })).map(([first, others]): [Step, Step] => {
    const kept = first.clusters.filter((cluster) => !others.includes(cluster));
    const added = others.filter((cluster) => !first.clusters.includes(cluster));
    return [first, { ...first, clusters: [...kept, ...added].sort((a, b) => (a.name < b.name ? -1 : 1)) }];
  }),
);
type Step = { clusters: ClusterView[]; strategy: Placement['spec']['decisionStrategy'] | undefined };

const listed = (slices: Slices) =>
  slices.flatMap(({ decisions }) => decisions.map(({ clusterProfileRef }) => clusterProfileRef.name));

const revisionsOf = (slices: Slices) =>
  new Set(slices.map(({ metadata }) => Number(metadata.labels?.['multicluster.x-k8s.io/decision-revision'])));
const membersOf = ({ clusters }: Step) => clusters.map(({ name }) => name).join();

/** The slices as a server would hold them after one write. */
function applied(slices: Slices, write: Write): Slices {
  if (write.verb === 'delete') return slices.filter(({ metadata }) => metadata.name !== write.ref.name);
  const object = write.object as Stored<PlacementDecision>;
  if (write.verb === 'create' && slices.some(({ metadata }) => metadata.name === object.metadata.name))
    throw new Error(`${object.metadata.name} exists`);
  const rest = slices.filter(({ metadata }) => metadata.name !== object.metadata.name);
  return [...rest, { ...object, metadata: { ...object.metadata, uid: object.metadata.name, resourceVersion: '1' } }];
}

function plan(slices: Slices, { clusters, strategy }: Step, before: PartsBefore) {
  const request = requestOf(strategy === undefined ? {} : { decisionStrategy: strategy });
  const parts = partsOf(request, clusters, before);
  const choices = clusters.map((cluster) => ({ cluster, reason: 'Chosen' as const }));
  return { parts, writes: planSlices(owner, slices, choices, strategy === undefined ? undefined : parts).writes };
}

/** Writes until nothing is left to write; every state in between. */
function settle(start: Slices, asked: Step): Slices[] {
  const states = [start];
  const before = partsBefore(start, undefined);
  for (let visit = 0; visit < 5; visit++) {
    const { writes } = plan(states.at(-1) ?? [], asked, before);
    if (writes.length === 0) return states;
    for (const write of writes) states.push(applied(states.at(-1) ?? [], write));
  }
  throw new Error('there is always something left to write');
}

describe('groups and their slices, laws', () => {
  test('PL-30, PD-13 between any two writes, and after a crash between them, no kept cluster is absent', () => {
    fc.assert(
      fc.property(steps, fc.nat(), ([first, second], crash) => {
        const start = settle([], first).at(-1) ?? [];
        const kept = first.clusters
          .map(({ name }) => name)
          .filter((name) => second.clusters.some((each) => each.name === name));
        const states = settle(start, second);
        // Whoever starts again sees whatever stood at the crash.
        const resumed = settle(states[crash % states.length] ?? [], second);
        for (const slices of [...states, ...resumed]) {
          const present = new Set(listed(slices));
          expect(kept.filter((name) => !present.has(name))).toEqual([]);
        }
        const wanted = second.clusters.map(({ name }) => name).toSorted();
        expect(listed(states.at(-1) ?? []).toSorted()).toEqual(wanted);
        expect(listed(resumed.at(-1) ?? []).toSorted()).toEqual(wanted);
      }),
      atLeast(300),
    );
  });

  test('PL-31 groups are numbered without gaps, none is empty or too large, and a slice holds one', () => {
    fc.assert(
      fc.property(steps, ([first, second]) => {
        const before = partsBefore(settle([], first).at(-1) ?? [], undefined);
        const { parts } = plan([], second, before);
        expect(parts.map(({ index }) => index)).toEqual(parts.map((_, index) => index));
        expect(parts.every(({ clusters }) => clusters.length > 0)).toBe(true);
        const size =
          second.strategy?.groupSize ??
          (second.strategy?.groupSizePercent === undefined
            ? Number.POSITIVE_INFINITY
            : Math.ceil((second.clusters.length * second.strategy.groupSizePercent) / 100));
        expect(Math.max(0, ...parts.map(({ clusters }) => clusters.length))).toBeLessThanOrEqual(size);
        expect(parts.flatMap(({ clusters }) => clusters.map(({ name }) => name)).toSorted()).toEqual(
          second.clusters.map(({ name }) => name).toSorted(),
        );
        const named = parts.filter(({ name }) => name === 'canary').flatMap(({ clusters }) => clusters);
        const canaries = second.clusters.filter(({ labels }) => labels.canary === 'yes');
        expect(named.length).toBe(second.strategy?.groups === undefined ? 0 : canaries.length);
      }),
    );
  });

  test('PD-4, PD-12, PD-13 at rest slices are numbered without gaps, no cluster stands twice, and the revision tells of change', () => {
    fc.assert(
      fc.property(steps, ([first, second]) => {
        const before = settle([], first).at(-1) ?? [];
        const slices = settle(before, second).at(-1) ?? [];
        const indexes = slices.map(({ metadata }) => Number(metadata.labels?.['multicluster.x-k8s.io/decision-index']));
        expect(indexes.toSorted((a, b) => a - b)).toEqual(indexes.map((_, index) => index));
        expect(new Set(listed(slices)).size).toBe(listed(slices).length);
        const [old, now] = [before, slices].map(revisionsOf);
        expect([old?.size, now?.size]).toEqual([1, 1]);
        const [from = 0, to = 0] = [...(old ?? []), ...(now ?? [])];
        if (membersOf(first) === membersOf(second)) expect(to).toBeGreaterThanOrEqual(from);
        else expect(to).toBeGreaterThan(from);
      }),
    );
  });
});
