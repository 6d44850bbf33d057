import {
  apiVersionOf,
  ClusterSetBinding,
  defaultClusterSet,
  type Manifest,
  Placement,
  type ResourceType,
  WorkSet,
} from '@quarterdeck/apis';

/** Where the demo's own objects live on the hub. */
export const demoNamespace = 'default';
export const demoPlacement = 'demo';
export const demoWorkSet = 'demo-app';
/** The label that the demo's placement selects on. */
export const goldLabel = { tier: 'gold' } as const;

const frame = (type: ResourceType, name: string) => ({
  apiVersion: apiVersionOf(type),
  kind: type.kind,
  metadata: { name, namespace: demoNamespace },
});

const manifests: Manifest[] = [
  { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'demo' } },
  {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: 'greeting', namespace: 'demo' },
    data: { text: 'Hello from the fleet' },
  },
  {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'web', namespace: 'demo' },
    spec: {
      replicas: 2,
      selector: { matchLabels: { app: 'web' } },
      template: {
        metadata: { labels: { app: 'web' } },
        spec: {
          containers: [{ name: 'web', image: 'registry.k8s.io/e2e-test-images/agnhost:2.53', args: ['netexec'] }],
        },
      },
    },
  },
];

export const binding: ClusterSetBinding = {
  ...frame(ClusterSetBinding, defaultClusterSet),
  spec: { clusterSet: defaultClusterSet },
};

export const placement: Placement = {
  ...frame(Placement, demoPlacement),
  spec: { clusterSelectorTerms: [{ labelSelector: { matchLabels: goldLabel } }] },
};

export const workSet: WorkSet = {
  ...frame(WorkSet, demoWorkSet),
  spec: { placementRef: { name: demoPlacement }, workload: { manifests }, deletionPolicy: 'Delete' },
};
