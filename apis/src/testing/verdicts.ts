import { ClusterProperty } from '../about.k8s.io/v1beta1/cluster-property.ts';
import { AppliedWork } from '../multicluster.x-k8s.io/v1alpha1/applied-work.ts';
import { ClusterProfile } from '../multicluster.x-k8s.io/v1alpha1/cluster-profile.ts';
import { PlacementDecision } from '../multicluster.x-k8s.io/v1alpha1/placement-decision.ts';
import { Work } from '../multicluster.x-k8s.io/v1alpha1/work.ts';
import { ServiceExport } from '../multicluster.x-k8s.io/v1beta1/service-export.ts';
import { ServiceImport } from '../multicluster.x-k8s.io/v1beta1/service-import.ts';
import { ClusterSet } from '../quarterdeck.dev/v1alpha1/cluster-set.ts';
import { ClusterSetBinding } from '../quarterdeck.dev/v1alpha1/cluster-set-binding.ts';
import { MemberCluster } from '../quarterdeck.dev/v1alpha1/member-cluster.ts';
import { maxSelectorTerms, Placement } from '../quarterdeck.dev/v1alpha1/placement.ts';
import { WorkReport } from '../quarterdeck.dev/v1alpha1/work-report.ts';
import { maxWorkSetManifests, WorkSet } from '../quarterdeck.dev/v1alpha1/work-set.ts';
import { configMapManifest, objectOf } from './objects.ts';
import type { Verdict } from './verdict.ts';

const longName = 'x'.repeat(64);
const times = <T>(length: number, make: (index: number) => T): T[] => Array.from({ length }, (_, index) => make(index));
const placement = (name: string, spec: Record<string, unknown>) => objectOf(Placement, name, { spec });
const withTolerations = (name: string, ...tolerations: Record<string, unknown>[]) => placement(name, { tolerations });
const withExpression = (name: string, expression: Record<string, unknown>) =>
  placement(name, { clusterSelectorTerms: [{ labelSelector: { matchExpressions: [expression] } }] });
const firstExpression = 'spec.clusterSelectorTerms[0].labelSelector.matchExpressions[0]';
const workSet = (name: string, spec: Record<string, unknown> = {}) =>
  objectOf(WorkSet, name, { spec: { placementRef: { name: 'all' }, workload: { manifests: [] }, ...spec } });
const condition = (fields: Record<string, unknown> = {}) => ({
  type: 'Applied',
  status: 'True',
  reason: 'AppliedWorkComplete',
  message: '',
  lastTransitionTime: '2026-01-31T12:00:00Z',
  ...fields,
});

const memberClusters: Verdict[] = [
  {
    name: 'RG-12 a member without set and acceptance is pending in the set default',
    kind: MemberCluster,
    object: objectOf(MemberCluster, 'bare'),
    accepted: true,
    stored: { spec: { acceptance: 'Pending', clusterSet: 'default' } },
  },
  {
    name: 'RG-3 an acceptance that does not exist is refused',
    kind: MemberCluster,
    object: objectOf(MemberCluster, 'maybe', { spec: { acceptance: 'Maybe' } }),
    refused: [{ field: 'spec.acceptance', messageIncludes: 'supported values: "Pending", "Accepted", "Denied"' }],
  },
  {
    name: 'MCS-5 a member whose name is not one DNS label is refused',
    kind: MemberCluster,
    object: objectOf(MemberCluster, 'a.b'),
    refused: [{ field: 'metadata.name', messageIncludes: 'should match' }],
  },
  {
    name: 'MCS-8 a member whose name has 64 characters is refused',
    kind: MemberCluster,
    object: objectOf(MemberCluster, longName),
    refused: [{ field: 'metadata.name', messageIncludes: 'may not be more than 63' }],
  },
  {
    name: 'PL-8 one key may be a taint with several effects',
    kind: MemberCluster,
    object: objectOf(MemberCluster, 'tainted', {
      spec: {
        acceptance: 'Accepted',
        clusterSet: 'edge',
        taints: [
          { key: 'example.com/maintenance', effect: 'NoSchedule' },
          { key: 'example.com/maintenance', effect: 'NoExecute', value: 'now', timeAdded: '2026-01-31T12:00:00Z' },
        ],
      },
    }),
    accepted: true,
  },
  {
    name: 'PL-8 two taints of one key and effect are refused',
    kind: MemberCluster,
    object: objectOf(MemberCluster, 'tainted-twice', {
      spec: {
        taints: [
          { key: 'a', effect: 'NoSchedule' },
          { key: 'a', effect: 'NoSchedule', value: 'x' },
        ],
      },
    }),
    refused: [{ field: 'spec.taints[1]', messageIncludes: 'Duplicate value' }],
  },
  {
    name: 'PL-8 a taint without effect and one with a bad key are refused with their paths',
    kind: MemberCluster,
    object: objectOf(MemberCluster, 'tainted-wrong', {
      spec: {
        taints: [
          { key: 'a', effect: 'Never' },
          { key: 'a b', effect: 'NoSchedule' },
        ],
      },
    }),
    refused: [
      { field: 'spec.taints[0].effect', messageIncludes: 'Unsupported value: "Never"' },
      { field: 'spec.taints[1].key', messageIncludes: 'should match' },
    ],
  },
  {
    name: 'RG-32 what an agent reports is accepted',
    kind: MemberCluster,
    subresource: 'status',
    old: objectOf(MemberCluster, 'reporting'),
    object: objectOf(MemberCluster, 'reporting', {
      spec: { acceptance: 'Pending', clusterSet: 'default' },
      status: {
        namespace: 'member-reporting',
        version: { kubernetes: '1.35.4' },
        nodes: { total: 3, ready: 2 },
        capacity: { cpu: '12', memory: '48Gi' },
        allocatable: { cpu: '8', memory: '30Gi' },
        properties: [{ name: 'region.example.com', value: 'eu', lastObservedTime: '2026-01-31T12:00:00Z' }],
        conditions: [condition({ type: 'ControlPlaneHealthy', reason: 'Healthy' })],
      },
    }),
    accepted: true,
  },
  {
    name: 'RG-32 a negative node count is refused',
    kind: MemberCluster,
    subresource: 'status',
    old: objectOf(MemberCluster, 'negative'),
    object: objectOf(MemberCluster, 'negative', { status: { nodes: { total: -1, ready: 0 } } }),
    refused: [{ field: 'status.nodes.total', messageIncludes: 'should be greater than or equal to 0' }],
  },
];

const clusterSets: Verdict[] = [
  {
    name: 'CI-10 a set needs no settings',
    kind: ClusterSet,
    object: objectOf(ClusterSet, 'edge'),
    accepted: true,
    stored: { spec: {} },
  },
  {
    name: 'CI-9 profiles can be copied to namespaces',
    kind: ClusterSet,
    object: objectOf(ClusterSet, 'copied', { spec: { profileNamespaces: ['argocd', 'kueue-system'] } }),
    accepted: true,
  },
  {
    name: 'CI-9 one namespace named twice is refused',
    kind: ClusterSet,
    object: objectOf(ClusterSet, 'copied-twice', { spec: { profileNamespaces: ['argocd', 'argocd'] } }),
    refused: [{ field: 'spec.profileNamespaces[1]', messageIncludes: 'Duplicate value: "argocd"' }],
  },
  {
    name: 'AB-23 a set whose name is not a label value is refused',
    kind: ClusterSet,
    object: objectOf(ClusterSet, longName),
    refused: [{ field: 'metadata.name', messageIncludes: 'may not be more than 63' }],
  },
  {
    name: 'PL-1 a binding names a set',
    kind: ClusterSetBinding,
    object: objectOf(ClusterSetBinding, 'edge', { spec: { clusterSet: 'edge' } }),
    accepted: true,
  },
  {
    name: 'PL-1 a binding without set is refused',
    kind: ClusterSetBinding,
    object: objectOf(ClusterSetBinding, 'nothing', { spec: {} }),
    refused: [{ field: 'spec.clusterSet', messageIncludes: 'Required value' }],
  },
  {
    name: 'PL-1 a binding without spec is refused',
    kind: ClusterSetBinding,
    object: objectOf(ClusterSetBinding, 'empty'),
    refused: [{ field: 'spec', messageIncludes: 'Required value' }],
  },
];

const placements: Verdict[] = [
  {
    name: 'PL-10 a placement without rules asks for every cluster',
    kind: Placement,
    object: objectOf(Placement, 'all'),
    accepted: true,
    stored: { spec: {} },
  },
  {
    name: 'PL-4 terms, count, sets and tolerations are accepted',
    kind: Placement,
    object: placement('full', {
      clusterSets: ['edge'],
      numberOfClusters: 2,
      clusterSelectorTerms: [
        { labelSelector: { matchLabels: { tier: 'gold', 'example.com/zone': '' } } },
        {
          labelSelector: {
            matchExpressions: [
              { key: 'env', operator: 'NotIn', values: ['test'] },
              { key: 'retired', operator: 'DoesNotExist' },
            ],
          },
        },
      ],
      tolerations: [
        { operator: 'Exists', effect: 'NoExecute', tolerationSeconds: 300 },
        { key: 'a', value: 'b' },
      ],
    }),
    accepted: true,
  },
  {
    name: 'PL-11 asking for no cluster is valid',
    kind: Placement,
    object: placement('zero', { numberOfClusters: 0 }),
    accepted: true,
  },
  {
    name: 'BI-25 a negative number of clusters is refused',
    kind: Placement,
    object: placement('minus', { numberOfClusters: -1 }),
    refused: [{ field: 'spec.numberOfClusters', messageIncludes: 'should be greater than or equal to 0' }],
  },
  {
    name: 'BI-25 a number of clusters that overflows is refused',
    kind: Placement,
    object: placement('overflow', { numberOfClusters: 2 ** 31 }),
    refused: [{ field: 'spec.numberOfClusters', messageIncludes: 'should be less than or equal to 100000' }],
  },
  {
    name: 'BI-25 more terms than allowed are refused',
    kind: Placement,
    object: placement('terms', {
      clusterSelectorTerms: times(maxSelectorTerms + 1, (index) => ({
        labelSelector: { matchLabels: { a: `v${index}` } },
      })),
    }),
    refused: [{ field: 'spec.clusterSelectorTerms', messageIncludes: 'must have at most 10 items' }],
  },
  {
    name: 'BI-25 ten thousand requirements are refused',
    kind: Placement,
    object: placement('requirements', {
      clusterSelectorTerms: [
        { labelSelector: { matchExpressions: times(10_000, (index) => ({ key: `k${index}`, operator: 'Exists' })) } },
      ],
    }),
    refused: [
      {
        field: 'spec.clusterSelectorTerms[0].labelSelector.matchExpressions',
        messageIncludes: 'must have at most 32 items',
      },
    ],
  },
  {
    name: 'PL-4 an empty list of terms is refused, since it could mean all or none',
    kind: Placement,
    object: placement('no-terms', { clusterSelectorTerms: [] }),
    refused: [{ field: 'spec.clusterSelectorTerms', messageIncludes: 'should have at least 1 items' }],
  },
  {
    name: 'PL-4 a term that says nothing is refused',
    kind: Placement,
    object: placement('empty-term', { clusterSelectorTerms: [{}] }),
    refused: [{ field: 'spec.clusterSelectorTerms[0].labelSelector', messageIncludes: 'Required value' }],
  },
  {
    name: 'PL-4 In without values is refused',
    kind: Placement,
    object: withExpression('in-nothing', { key: 'env', operator: 'In' }),
    refused: [{ field: `${firstExpression}.values`, messageIncludes: 'In and NotIn need at least one value' }],
  },
  {
    name: 'PL-4 Exists with values is refused',
    kind: Placement,
    object: withExpression('exists-values', { key: 'env', operator: 'Exists', values: ['a'] }),
    refused: [{ field: `${firstExpression}.values`, messageIncludes: 'Exists and DoesNotExist take none' }],
  },
  {
    name: 'PL-4 an operator that does not exist is refused',
    kind: Placement,
    object: withExpression('greater', { key: 'env', operator: 'Gt', values: ['1'] }),
    refused: [{ field: `${firstExpression}.operator`, messageIncludes: 'Unsupported value: "Gt"' }],
  },
  {
    name: 'KA-47 a key of matchLabels that is not a label key is refused',
    kind: Placement,
    object: placement('bad-key', { clusterSelectorTerms: [{ labelSelector: { matchLabels: { 'a b': 'x' } } }] }),
    refused: [
      { field: 'spec.clusterSelectorTerms[0].labelSelector.matchLabels', messageIncludes: 'keys must be label keys' },
    ],
  },
  {
    name: 'KA-47 a label value of 64 characters is refused',
    kind: Placement,
    object: placement('long-value', { clusterSelectorTerms: [{ labelSelector: { matchLabels: { a: longName } } }] }),
    refused: [
      { field: 'spec.clusterSelectorTerms[0].labelSelector.matchLabels.a', messageIncludes: 'may not be more than 63' },
    ],
  },
  {
    name: 'PL-8 a toleration without key needs Exists',
    kind: Placement,
    object: withTolerations('keyless', { value: 'x' }, { operator: 'Exists' }),
    refused: [{ field: 'spec.tolerations[0].operator', messageIncludes: 'without a key the operator must be Exists' }],
  },
  {
    name: 'PL-8 Exists takes no value',
    kind: Placement,
    object: withTolerations('exists-value', { key: 'a', operator: 'Exists', value: 'x' }),
    refused: [{ field: 'spec.tolerations[0].value', messageIncludes: 'with the operator Exists there is no value' }],
  },
  {
    name: 'PL-8 a limited toleration needs the effect NoExecute',
    kind: Placement,
    object: withTolerations('limited', { key: 'a', operator: 'Exists', tolerationSeconds: 10 }),
    refused: [{ field: 'spec.tolerations[0].effect', messageIncludes: 'tolerationSeconds needs the effect NoExecute' }],
  },
  {
    name: 'PL-1 a set named twice is refused',
    kind: Placement,
    object: placement('set-twice', { clusterSets: ['a', 'a'] }),
    refused: [{ field: 'spec.clusterSets[1]', messageIncludes: 'Duplicate value: "a"' }],
  },
  {
    name: 'PL-1 an empty list of sets is refused, since it could mean all or none',
    kind: Placement,
    object: placement('no-sets', { clusterSets: [] }),
    refused: [{ field: 'spec.clusterSets', messageIncludes: 'should have at least 1 items' }],
  },
];

const workSets: Verdict[] = [
  {
    name: 'DL-6 a work set deletes what it withdraws unless it says otherwise',
    kind: WorkSet,
    object: workSet('plain', { workload: { manifests: [configMapManifest()] } }),
    accepted: true,
    stored: {
      spec: { placementRef: { name: 'all' }, workload: { manifests: [configMapManifest()] }, deletionPolicy: 'Delete' },
    },
  },
  {
    name: 'BI-23 a work set without manifests is valid',
    kind: WorkSet,
    object: workSet('nothing', { deletionPolicy: 'Orphan' }),
    accepted: true,
  },
  {
    name: 'BI-23 a manifest without kind is refused',
    kind: WorkSet,
    object: workSet('no-kind', { workload: { manifests: [{ apiVersion: 'v1', metadata: { name: 'a' } }] } }),
    refused: [{ field: 'spec.workload.manifests[0].kind', messageIncludes: 'Required value' }],
  },
  {
    name: 'BI-23 ten thousand manifests are refused',
    kind: WorkSet,
    object: workSet('many', {
      workload: {
        manifests: times(10_000, (index) => ({ apiVersion: 'v1', kind: 'A', metadata: { name: `a${index}` } })),
      },
    }),
    refused: [{ field: 'spec.workload.manifests', messageIncludes: `must have at most ${maxWorkSetManifests} items` }],
  },
  {
    name: 'DL-6 a deletion policy that does not exist is refused',
    kind: WorkSet,
    object: workSet('keep', { deletionPolicy: 'Keep' }),
    refused: [{ field: 'spec.deletionPolicy', messageIncludes: 'supported values: "Delete", "Orphan"' }],
  },
  {
    name: 'DL-44 a work set without placement is refused',
    kind: WorkSet,
    object: objectOf(WorkSet, 'nowhere', { spec: { workload: { manifests: [] } } }),
    refused: [{ field: 'spec.placementRef', messageIncludes: 'Required value' }],
  },
  {
    name: 'DL-23 a report is written in one piece',
    kind: WorkReport,
    object: objectOf(WorkReport, 'app', {
      status: {
        observedWorkGeneration: 3,
        lastReportTime: '2026-01-31T12:00:00Z',
        manifests: [
          {
            identifier: {
              ordinal: 0,
              group: 'apps',
              version: 'v1',
              kind: 'Deployment',
              resource: 'deployments',
              namespace: 'a',
              name: 'b',
            },
            health: 'Progressing',
            message: '1 of 2 replicas are available',
            replicas: { desired: 2, ready: 1, available: 1, updated: 2 },
          },
        ],
      },
    }),
    accepted: true,
  },
  {
    name: 'DL-22 a health that does not exist is refused',
    kind: WorkReport,
    object: objectOf(WorkReport, 'sick', {
      status: { observedWorkGeneration: 1, manifests: [{ identifier: { ordinal: 0 }, health: 'Fine' }] },
    }),
    refused: [{ field: 'status.manifests[0].health', messageIncludes: 'Unsupported value: "Fine"' }],
  },
];

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
      status: { conditions: [condition({ reason: '' })] },
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

const works: Verdict[] = [
  {
    name: 'BI-23 a work without manifests is valid',
    kind: Work,
    object: objectOf(Work, 'nothing', { spec: { workload: { manifests: [] } } }),
    accepted: true,
  },
  { name: 'WK-1 a work without spec is valid', kind: Work, object: objectOf(Work, 'bare'), accepted: true },
  {
    name: 'WK-25 a manifest without a name passes the schema, for the agent to report',
    kind: Work,
    object: objectOf(Work, 'nameless', {
      spec: { workload: { manifests: [{ apiVersion: 'v1', kind: 'ConfigMap' }] } },
    }),
    accepted: true,
  },
  {
    name: 'WK-23 unknown fields of a manifest are kept',
    kind: Work,
    object: objectOf(Work, 'kept', {
      spec: { workload: { manifests: [{ ...configMapManifest(), spec: { anything: [1, { goes: true }] } }] } },
    }),
    accepted: true,
  },
  {
    name: 'BI-23 a manifest without kind is refused by a work too',
    kind: Work,
    object: objectOf(Work, 'no-kind', {
      spec: { workload: { manifests: [{ apiVersion: 'v1', metadata: { name: 'a' } }] } },
    }),
    refused: [{ field: 'spec.workload.manifests[0].kind', messageIncludes: 'Required value' }],
  },
  {
    name: 'WK-13 a status without conditions is refused',
    kind: Work,
    subresource: 'status',
    old: objectOf(Work, 'unconditioned'),
    object: objectOf(Work, 'unconditioned', { status: { manifestConditions: [] } }),
    refused: [{ field: 'status.conditions', messageIncludes: 'Required value' }],
  },
  {
    name: 'WK-38 manifest conditions with whole identifiers are accepted',
    kind: Work,
    subresource: 'status',
    old: objectOf(Work, 'reported'),
    object: objectOf(Work, 'reported', {
      status: {
        conditions: [condition()],
        manifestConditions: [
          {
            identifier: {
              ordinal: 0,
              group: '',
              version: 'v1',
              kind: 'ConfigMap',
              resource: 'configmaps',
              namespace: 'a',
              name: 'b',
            },
            conditions: [condition({ reason: 'AppliedManifestComplete' })],
          },
        ],
      },
    }),
    accepted: true,
  },
  {
    name: 'WK-29 an applied work names its work',
    kind: AppliedWork,
    object: objectOf(AppliedWork, 'app', { spec: { workName: 'app', workNamespace: 'member-m1' } }),
    accepted: true,
  },
  {
    name: 'WK-29 an applied work without namespace is refused',
    kind: AppliedWork,
    object: objectOf(AppliedWork, 'stray', { spec: { workName: 'app' } }),
    refused: [{ field: 'spec.workNamespace', messageIncludes: 'Required value' }],
  },
];

const properties: Verdict[] = [
  {
    name: 'AB-3 a property without spec is accepted by the server',
    kind: ClusterProperty,
    object: objectOf(ClusterProperty, 'bare.example.com'),
    accepted: true,
  },
  {
    name: 'AB-8 a property of any text is accepted',
    kind: ClusterProperty,
    object: objectOf(ClusterProperty, 'cluster.clusterset.k8s.io', { spec: { value: 'x'.repeat(5000) } }),
    accepted: true,
  },
  {
    name: 'AB-3 an empty value is refused',
    kind: ClusterProperty,
    object: objectOf(ClusterProperty, 'empty.example.com', { spec: { value: '' } }),
    refused: [{ field: 'spec.value', messageIncludes: 'should be at least 1 chars long' }],
  },
];

const services: Verdict[] = [
  {
    name: 'MCS-9 an export needs no spec',
    kind: ServiceExport,
    object: objectOf(ServiceExport, 'web'),
    accepted: true,
  },
  {
    name: 'MCS-47 an export carries labels',
    kind: ServiceExport,
    object: objectOf(ServiceExport, 'labelled', {
      spec: { exportedLabels: { a: 'b' }, exportedAnnotations: { c: 'd' } },
    }),
    accepted: true,
  },
  {
    name: 'MCS-15 an import with ports is accepted',
    kind: ServiceImport,
    object: objectOf(ServiceImport, 'web', {
      spec: { type: 'ClusterSetIP', ports: [{ name: 'http', protocol: 'TCP', port: 80 }], ips: ['10.0.0.1'] },
    }),
    accepted: true,
  },
  {
    name: 'MCS-23 an import without ports and of no type is refused',
    kind: ServiceImport,
    object: objectOf(ServiceImport, 'typeless', { spec: {} }),
    refused: [
      { field: 'spec.ports', messageIncludes: 'Required value' },
      { field: 'spec.type', messageIncludes: 'Required value' },
    ],
  },
  {
    name: 'MCS-52 three addresses are refused',
    kind: ServiceImport,
    object: objectOf(ServiceImport, 'three', { spec: { type: 'ClusterSetIP', ports: [], ips: ['1', '2', '3'] } }),
    refused: [{ field: 'spec.ips', messageIncludes: 'must have at most 2 items' }],
  },
];

/** One table for all kinds. */
export const verdicts: readonly Verdict[] = [
  ...memberClusters,
  ...clusterSets,
  ...placements,
  ...workSets,
  ...profiles,
  ...decisions,
  ...works,
  ...properties,
  ...services,
];
