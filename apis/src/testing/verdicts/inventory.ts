import { ClusterProfile } from '../../multicluster.x-k8s.io/v1alpha1/cluster-profile.ts';
import { PlacementDecision } from '../../multicluster.x-k8s.io/v1alpha1/placement-decision.ts';
import { conditionOf, objectOf, times } from '../objects.ts';
import type { Verdict } from '../verdict.ts';

const profiles: Verdict[] = [
  {
    name: 'CI-4 a profile names its manager',
    kind: ClusterProfile,
    object: objectOf(ClusterProfile, 'm1', { spec: { displayName: 'One', clusterManager: { name: 'quarterdeck' } } }),
    accepted: true,
  },
  {
    name: 'CI-4 a profile without manager is refused',
    kind: ClusterProfile,
    object: objectOf(ClusterProfile, 'unmanaged', { spec: {} }),
    refused: [{ field: 'spec.clusterManager', messageIncludes: 'Required value' }],
  },
  {
    name: 'CI-4 a profile without spec is refused',
    kind: ClusterProfile,
    object: objectOf(ClusterProfile, 'empty'),
    refused: [{ field: 'spec', messageIncludes: 'Required value' }],
  },
  {
    name: 'CI-4 another manager is refused',
    kind: ClusterProfile,
    old: objectOf(ClusterProfile, 'moved', { spec: { clusterManager: { name: 'a' } } }),
    object: objectOf(ClusterProfile, 'moved', { spec: { clusterManager: { name: 'b' } } }),
    refused: [{ field: 'spec.clusterManager', messageIncludes: 'ClusterManager is immutable' }],
  },
  {
    name: 'CI-13 another display name is accepted',
    kind: ClusterProfile,
    old: objectOf(ClusterProfile, 'renamed', { spec: { clusterManager: { name: 'a' } } }),
    object: objectOf(ClusterProfile, 'renamed', { spec: { clusterManager: { name: 'a' }, displayName: 'New' } }),
    accepted: true,
  },
  {
    name: 'CI-28 null for an optional field is dropped',
    kind: ClusterProfile,
    subresource: 'status',
    old: objectOf(ClusterProfile, 'nulls', { spec: { clusterManager: { name: 'a' } } }),
    object: objectOf(ClusterProfile, 'nulls', {
      spec: { clusterManager: { name: 'a' } },
      status: { conditions: null, properties: [{ name: 'a', value: 'b', lastObservedTime: null }] },
    }),
    accepted: true,
    stored: { spec: { clusterManager: { name: 'a' } }, status: { properties: [{ name: 'a', value: 'b' }] } },
  },
  {
    name: 'CI-29 two properties of one name are refused',
    kind: ClusterProfile,
    subresource: 'status',
    old: objectOf(ClusterProfile, 'doubled', { spec: { clusterManager: { name: 'a' } } }),
    object: objectOf(ClusterProfile, 'doubled', {
      spec: { clusterManager: { name: 'a' } },
      status: {
        properties: [
          { name: 'a', value: 'b' },
          { name: 'a', value: 'c' },
        ],
      },
    }),
    refused: [{ field: 'status.properties[1]', messageIncludes: 'Duplicate value' }],
  },
  {
    name: 'CI-18 a property value of 1025 characters is refused',
    kind: ClusterProfile,
    subresource: 'status',
    old: objectOf(ClusterProfile, 'long', { spec: { clusterManager: { name: 'a' } } }),
    object: objectOf(ClusterProfile, 'long', {
      spec: { clusterManager: { name: 'a' } },
      status: { properties: [{ name: 'a', value: 'x'.repeat(1025) }] },
    }),
    refused: [{ field: 'status.properties[0].value', messageIncludes: 'may not be more than 1024' }],
  },
  {
    name: 'CI-24 a condition without reason is refused',
    kind: ClusterProfile,
    subresource: 'status',
    old: objectOf(ClusterProfile, 'reasonless', { spec: { clusterManager: { name: 'a' } } }),
    object: objectOf(ClusterProfile, 'reasonless', {
      spec: { clusterManager: { name: 'a' } },
      status: { conditions: [conditionOf({ reason: '' })] },
    }),
    refused: [{ field: 'status.conditions[0].reason', messageIncludes: 'should be at least 1 chars long' }],
  },
];

const decisions: Verdict[] = [
  {
    name: 'PD-15 a decision for nowhere is valid',
    kind: PlacementDecision,
    object: objectOf(PlacementDecision, 'nowhere', { decisions: [] }),
    accepted: true,
  },
  {
    name: 'PD-1 100 decisions fit one slice',
    kind: PlacementDecision,
    object: objectOf(PlacementDecision, 'full', {
      decisions: times(100, (index) => ({
        clusterProfileRef: { name: `c${index}`, namespace: 'set' },
        reason: 'Chosen',
      })),
      schedulerName: 'quarterdeck',
    }),
    accepted: true,
  },
  {
    name: 'PD-1 101 decisions are refused',
    kind: PlacementDecision,
    object: objectOf(PlacementDecision, 'overfull', {
      decisions: times(101, (index) => ({ clusterProfileRef: { name: `c${index}` } })),
    }),
    refused: [{ field: 'decisions', messageIncludes: 'must have at most 100 items' }],
  },
  {
    name: 'PD-15 a slice without the list is refused',
    kind: PlacementDecision,
    object: objectOf(PlacementDecision, 'listless'),
    refused: [{ field: 'decisions', messageIncludes: 'Required value' }],
  },
];

/** Cluster profiles and decisions. */
export const inventoryVerdicts: readonly Verdict[] = [...profiles, ...decisions];
