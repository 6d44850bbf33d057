import type { Placement, PlacementDecision, Stored } from '@quarterdeck/apis';
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
const fleet = Array.from({ length: 24 }, (_, index) =>
  view(`c${String(index).padStart(2, '0')}`, { labels: { canary: index % 5 === 0 ? 'yes' : 'no' } }),
);
const strategies = fc.constantFrom<Placement['spec']['decisionStrategy'] | undefined>(
  undefined,
  { groupSize: 3 },
  { groupSizePercent: 25 },
  { groups: [{ name: 'canary', labelSelector: { matchLabels: { canary: 'yes' } } }], groupSize: 4 },
);
const step = fc.record({ clusters: fc.subarray(fleet), strategy: strategies });
type Step = { clusters: ClusterView[]; strategy: Placement['spec']['decisionStrategy'] | undefined };

const listed = (slices: Slices) =>
  slices.flatMap(({ decisions }) => decisions.map(({ clusterProfileRef }) => clusterProfileRef.name));

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
      fc.property(step, step, fc.nat(), (first, second, crash) => {
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
      { numRuns: 300 },
    );
  });

  test('PL-31 groups are numbered without gaps, none is empty or too large, and a slice holds one', () => {
    fc.assert(
      fc.property(step, step, (first, second) => {
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

  test('PD-4, PD-12 at rest slices are numbered from 0 without gaps, and no cluster stands twice', () => {
    fc.assert(
      fc.property(step, step, (first, second) => {
        const slices = settle(settle([], first).at(-1) ?? [], second).at(-1) ?? [];
        const indexes = slices.map(({ metadata }) => Number(metadata.labels?.['multicluster.x-k8s.io/decision-index']));
        expect(indexes.toSorted((a, b) => a - b)).toEqual(indexes.map((_, index) => index));
        expect(new Set(listed(slices)).size).toBe(listed(slices).length);
        const revisions = slices.map(({ metadata }) => metadata.labels?.['multicluster.x-k8s.io/decision-revision']);
        expect(new Set(revisions).size).toBe(1);
      }),
    );
  });
});
