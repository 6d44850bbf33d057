import { type Placement, PlacementDecision, type Stored } from '@quarterdeck/apis';
import { describe, expect, test } from 'vitest';
import { compilePlacement } from '../../../scheduler/compile.ts';
import { schedule } from '../../../scheduler/schedule.ts';
import { before, placement, snapshotOf, stored, view } from '../../../testing/builders.ts';
import { decide, type Scheduled } from './decide.ts';

const now = Date.parse('2026-01-01T00:00:00Z');
const everywhere = placement('everywhere');
const fleet = [view('m1'), view('m2')];

function scheduledFor(of: Stored<Placement>, clusters = fleet, names: readonly string[] = []): Scheduled {
  const request = compilePlacement(of, () => ({ problem: 'no CEL here' }));
  if ('problem' in request) return { held: 'SchedulingFailed', message: request.problem };
  return schedule(snapshotOf(clusters), request, before(names));
}
const decided = (of = everywhere, clusters = fleet) =>
  decide({ placement: of, slices: [], scheduled: scheduledFor(of, clusters) }, now);
const statusIn = ({ writes }: ReturnType<typeof decide>) => {
  const last = writes.at(-1);
  return last?.verb === 'updateSubresource' ? (last.object as Stored<Placement>).status : undefined;
};
const slice = stored(PlacementDecision, 'everywhere-0', {
  decisions: [{ clusterProfileRef: { name: 'm1', namespace: 'clusterset-default' } }],
  metadata: { namespace: 'apps' },
});

describe('placement.decision', () => {
  test('PD-2, PD-5, PD-16 the first decision makes a labelled, owned slice, then the status', () => {
    const { writes } = decided();
    expect(writes.map(({ verb }) => verb)).toEqual(['create', 'updateSubresource']);
    expect(writes[0]).toMatchObject({
      object: {
        kind: 'PlacementDecision',
        metadata: {
          name: 'everywhere-0',
          namespace: 'apps',
          labels: {
            'multicluster.x-k8s.io/decision-key': 'uid-everywhere',
            'multicluster.x-k8s.io/decision-index': '0',
            'multicluster.x-k8s.io/decision-revision': '1',
          },
          ownerReferences: [{ kind: 'Placement', name: 'everywhere', uid: 'uid-everywhere', controller: true }],
        },
        decisions: [
          { clusterProfileRef: { name: 'm1', namespace: 'clusterset-default' }, reason: 'Chosen' },
          { clusterProfileRef: { name: 'm2', namespace: 'clusterset-default' }, reason: 'Chosen' },
        ],
        schedulerName: 'quarterdeck',
      },
    });
  });

  test('PD-7, PL-30 an entry says why in one stable word, a slice who wrote it', () => {
    const [write] = decided().writes;
    const made = write !== undefined && 'object' in write ? (write.object as PlacementDecision) : undefined;
    expect([made?.schedulerName, made?.decisions.map(({ reason }) => reason)]).toEqual([
      'quarterdeck',
      ['Chosen', 'Chosen'],
    ]);
  });

  test('PD-3 a placement key is passed on, and none is made up', () => {
    const keyed = placement(
      'everywhere',
      {},
      {
        metadata: { ...everywhere.metadata, labels: { 'multicluster.x-k8s.io/placement-key': 'shop' } },
      },
    );
    const labelsOf = (of: Stored<Placement>) => {
      const [write] = decided(of).writes;
      return write !== undefined && 'object' in write ? write.object.metadata.labels : undefined;
    };
    expect(labelsOf(keyed)?.['multicluster.x-k8s.io/placement-key']).toBe('shop');
    expect(labelsOf(everywhere)).not.toHaveProperty('multicluster.x-k8s.io/placement-key');
  });

  test('PD-15 nowhere is slice 0 with an empty list', () => {
    expect(decided(everywhere, []).writes[0]).toMatchObject({ verb: 'create', object: { decisions: [] } });
  });

  test('PL-32 the status carries conditions with the generation, counts and slices', () => {
    expect(statusIn(decided())).toEqual({
      conditions: [
        {
          type: 'Scheduled',
          status: 'True',
          reason: 'Scheduled',
          message: '',
          observedGeneration: 1,
          lastTransitionTime: '2026-01-01T00:00:00Z',
        },
        {
          type: 'Satisfied',
          status: 'True',
          reason: 'Satisfied',
          message: '2 of 2 clusters chosen',
          observedGeneration: 1,
          lastTransitionTime: '2026-01-01T00:00:00Z',
        },
      ],
      numberOfSelectedClusters: 2,
      decisionSlices: [{ name: 'everywhere-0' }],
    });
  });

  test.each([
    {
      name: 'PL-21 an invalid selector',
      placement: placement('everywhere', {
        clusterSelectorTerms: [
          { labelSelector: { matchExpressions: [{ key: 'a', operator: 'In' as const, values: [] }] } },
        ],
      }),
      scheduled: undefined,
      want: {
        reason: 'SchedulingFailed',
        message: /spec\.clusterSelectorTerms\[0\]\.labelSelector.*; the last decision stays/,
      },
    },
    {
      name: 'PL-25 suspend',
      placement: everywhere,
      scheduled: { held: 'Suspended' as const, message: 'spec.suspend is true' },
      want: { reason: 'Suspended', message: /spec\.suspend is true; the last decision stays/ },
    },
    {
      name: 'PL-18 a cycle of relations',
      placement: everywhere,
      scheduled: { held: 'RelationCycle' as const, message: 'placements wait for each other: a -> b' },
      want: { reason: 'RelationCycle', message: /a -> b; the last decision stays/ },
    },
  ])('$name leaves the slices alone and becomes a condition', ({ placement: of, scheduled, want }) => {
    const decision = decide({ placement: of, slices: [slice], scheduled: scheduled ?? scheduledFor(of) }, now);
    expect(decision.writes.map(({ verb }) => verb)).toEqual(['updateSubresource']);
    expect(statusIn(decision)?.conditions?.[0]).toMatchObject({
      type: 'Scheduled',
      status: 'False',
      reason: want.reason,
    });
    expect(statusIn(decision)?.conditions?.[0]?.message).toMatch(want.message);
  });

  test('PD-9 what was chosen and stays is not written again', () => {
    const { writes } = decided();
    const [made] = writes;
    if (made?.verb !== 'create') throw new Error('the first write makes the slice');
    const written = { ...made.object, metadata: { ...made.object.metadata, uid: 'u', resourceVersion: '2' } };
    const again = decide(
      {
        placement: { ...everywhere, status: statusIn(decided()) ?? {} },
        slices: [written as Stored<PlacementDecision>],
        scheduled: scheduledFor(everywhere, fleet, ['m1', 'm2']),
      },
      now,
    );
    expect(again.writes).toEqual([]);
  });

  test('PL-20 a suppressed change keeps the time when it was first seen', () => {
    const asks = placement('everywhere', { numberOfClusters: 1 });
    const discouraged = view('m1', { taints: [{ key: 'k', value: '', effect: 'PreferNoSchedule', timeAdded: now }] });
    const scheduled = scheduledFor(asks, [discouraged, view('m2')], ['m1']);
    const first = statusIn(decide({ placement: asks, slices: [], scheduled }, now));
    expect(first?.suppressedChanges).toEqual([
      { cause: 'PreferNoSchedule', since: '2026-01-01T00:00:00Z', message: 'held back for m1' },
    ]);
    const later = decide({ placement: { ...asks, status: first ?? {} }, slices: [], scheduled }, now + 60_000);
    expect(statusIn(later)?.suppressedChanges ?? first?.suppressedChanges).toEqual(first?.suppressedChanges);
  });

  test('PL-31 the status lists groups with index, name, count and slices', () => {
    const grouped = placement('everywhere', {
      decisionStrategy: { groups: [{ name: 'canary', labelSelector: { matchLabels: { canary: 'yes' } } }] },
    });
    const clusters = [view('m1'), view('m2', { labels: { canary: 'yes' } }), view('m3')];
    expect(statusIn(decided(grouped, clusters))?.decisionGroups).toEqual([
      { index: 0, name: 'canary', numberOfClusters: 1, slices: ['everywhere-0'] },
      { index: 1, name: '', numberOfClusters: 2, slices: ['everywhere-1'] },
    ]);
  });
});
