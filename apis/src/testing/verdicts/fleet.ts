import { AcceptanceRule } from '../../quarterdeck.dev/v1alpha1/acceptance-rule.ts';
import { ClusterSet } from '../../quarterdeck.dev/v1alpha1/cluster-set.ts';
import { ClusterSetBinding } from '../../quarterdeck.dev/v1alpha1/cluster-set-binding.ts';
import { MemberCluster } from '../../quarterdeck.dev/v1alpha1/member-cluster.ts';
import { conditionOf, longName, objectOf } from '../objects.ts';
import type { Verdict } from '../verdict.ts';

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
        conditions: [conditionOf({ type: 'ControlPlaneHealthy', reason: 'Healthy' })],
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
    name: 'AB-24 a member is of one set: a list of them is no set',
    kind: MemberCluster,
    object: objectOf(MemberCluster, 'of-two', { spec: { clusterSet: 'edge,core' } }),
    refused: [{ field: 'spec.clusterSet', messageIncludes: 'should match' }],
  },
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

const acceptanceRule = (name: string, spec: Record<string, unknown>) =>
  objectOf(AcceptanceRule, name, {
    spec: { requesters: [{ kind: 'User', name: 'provisioner' }], clusterNames: ['edge-*'], ...spec },
  });

const acceptanceRules: Verdict[] = [
  {
    name: 'RG-3 a rule says who asks and for which names; the rest has defaults',
    kind: AcceptanceRule,
    object: acceptanceRule('short', {}),
    accepted: true,
    stored: {
      spec: {
        requesters: [{ kind: 'User', name: 'provisioner' }],
        clusterNames: ['edge-*'],
        signerNames: ['kubernetes.io/kube-apiserver-client'],
        clusterSet: 'default',
        maxClusters: 100,
      },
    },
  },
  {
    name: 'RG-3 a rule for nobody in particular, for no name, or without end is refused',
    kind: AcceptanceRule,
    object: acceptanceRule('wide', { requesters: [], clusterNames: [], maxClusters: 0 }),
    refused: [
      { field: 'spec.requesters', messageIncludes: 'should have at least 1 items' },
      { field: 'spec.clusterNames', messageIncludes: 'should have at least 1 items' },
      { field: 'spec.maxClusters', messageIncludes: 'should be greater than or equal to 1' },
    ],
  },
  {
    name: 'RG-3 everybody is no requester',
    kind: AcceptanceRule,
    object: acceptanceRule('everybody', { requesters: [{ kind: 'Group', name: 'system:authenticated' }] }),
    refused: [{ field: 'spec.requesters[0].name', messageIncludes: 'a group of everybody cannot be a requester' }],
  },
];

/** Members, sets, bindings and rules. */
export const fleetVerdicts: readonly Verdict[] = [...memberClusters, ...clusterSets, ...acceptanceRules];
