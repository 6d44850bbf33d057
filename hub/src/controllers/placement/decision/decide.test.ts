import { ClusterSetBinding, type Placement, PlacementDecision, type Stored } from '@quarterdeck/apis';
import { describe, expect, test } from 'vitest';
import { placement, stored, view } from '../../../testing/builders.ts';
import { decide, type Seen } from './decide.ts';

const now = Date.parse('2026-01-01T00:00:00Z');
const bound = stored(ClusterSetBinding, 'default', {
  spec: { clusterSet: 'default' },
  metadata: { namespace: 'apps' },
});
const seen = (over: Partial<Seen> = {}): Seen => ({
  placement: placement('everywhere'),
  slices: [],
  bindings: [bound],
  clusters: [view('m1'), view('m2')],
  ...over,
});
const statusIn = ({ writes }: ReturnType<typeof decide>) => {
  const last = writes.at(-1);
  return last?.verb === 'updateSubresource' ? (last.object as Stored<Placement>).status : undefined;
};

describe('placement.decision', () => {
  test('PD-2, PD-5, PD-16 the first decision makes a labelled, owned slice, then the status', () => {
    const { writes } = decide(seen(), now);
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

  test('PD-15 nowhere is slice 0 with an empty list', () => {
    const { writes } = decide(seen({ clusters: [] }), now);
    expect(writes[0]).toMatchObject({ verb: 'create', object: { decisions: [] } });
  });

  test('PL-32 the status carries conditions with the generation, counts and slices', () => {
    expect(statusIn(decide(seen(), now))).toEqual({
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

  test('PL-21 an invalid selector leaves the slices alone and becomes a condition', () => {
    const slice = stored(PlacementDecision, 'everywhere-0', {
      decisions: [{ clusterProfileRef: { name: 'm1', namespace: 'clusterset-default' } }],
      metadata: { namespace: 'apps' },
    });
    const broken = placement('everywhere', {
      clusterSelectorTerms: [{ labelSelector: { matchExpressions: [{ key: 'a', operator: 'In', values: [] }] } }],
    });
    const decision = decide(seen({ placement: broken, slices: [slice] }), now);
    expect(decision.writes.map(({ verb }) => verb)).toEqual(['updateSubresource']);
    expect(statusIn(decision)?.conditions?.[0]).toMatchObject({
      type: 'Scheduled',
      status: 'False',
      reason: 'SchedulingFailed',
    });
    expect(statusIn(decision)?.conditions?.[0]?.message).toContain('spec.clusterSelectorTerms[0].labelSelector');
  });
});
