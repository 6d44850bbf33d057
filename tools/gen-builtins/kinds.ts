/** The Kubernetes that the tables describe: the version of the modules they are read from. */
export const kubernetesVersion = 'v1.35.4';
const stagingVersion = 'v0.35.4';

/** One Go package of API types. */
export interface SourcePackage {
  /** Prefix of its message names in the tables, and the base of the generated file's name: `core.v1` -> `core-v1.gen.ts`. */
  readonly name: string;
  /** The directory of its types.go and generated.proto, below the module cache. */
  readonly directory: string;
  /** The package in generated.proto. */
  readonly protoPackage: string;
  /** Prefix of its component names in the published OpenAPI. */
  readonly openapiPrefix: string;
}

function apiPackage(group: string, version: string): SourcePackage {
  return {
    name: `${group}.${version}`,
    directory: `k8s.io/api@${stagingVersion}/${group}/${version}`,
    protoPackage: `k8s.io.api.${group}.${version}`,
    openapiPrefix: `io.k8s.api.${group}.${version}`,
  };
}

/** Every package that a kind of {@link groups} reaches. */
export const packages: readonly SourcePackage[] = [
  {
    name: 'meta.v1',
    directory: `k8s.io/apimachinery@${stagingVersion}/pkg/apis/meta/v1`,
    protoPackage: 'k8s.io.apimachinery.pkg.apis.meta.v1',
    openapiPrefix: 'io.k8s.apimachinery.pkg.apis.meta.v1',
  },
  apiPackage('core', 'v1'),
  apiPackage('events', 'v1'),
  apiPackage('coordination', 'v1'),
  apiPackage('rbac', 'v1'),
  apiPackage('authentication', 'v1'),
  apiPackage('authorization', 'v1'),
  apiPackage('certificates', 'v1'),
  apiPackage('admissionregistration', 'v1'),
  apiPackage('apps', 'v1'),
  apiPackage('batch', 'v1'),
  apiPackage('autoscaling', 'v1'),
  apiPackage('autoscaling', 'v2'),
  apiPackage('policy', 'v1'),
  apiPackage('networking', 'v1'),
  apiPackage('node', 'v1'),
  apiPackage('storage', 'v1'),
  apiPackage('scheduling', 'v1'),
  apiPackage('discovery', 'v1'),
  apiPackage('flowcontrol', 'v1'),
  {
    name: 'apiextensions.v1',
    directory: `k8s.io/apiextensions-apiserver@${stagingVersion}/pkg/apis/apiextensions/v1`,
    protoPackage: 'k8s.io.apiextensions_apiserver.pkg.apis.apiextensions.v1',
    openapiPrefix: 'io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1',
  },
  {
    name: 'apiregistration.v1',
    directory: `k8s.io/kube-aggregator@${stagingVersion}/pkg/apis/apiregistration/v1`,
    protoPackage: 'k8s.io.kube_aggregator.pkg.apis.apiregistration.v1',
    openapiPrefix: 'io.k8s.kube-aggregator.pkg.apis.apiregistration.v1',
  },
];

/** The published OpenAPI documents, below the module cache. */
export const openapiDirectory = `k8s.io/kubernetes@${kubernetesVersion}/api/openapi-spec/v3`;

/** The kinds of one group version; all from one package. */
export interface SourceGroup {
  /** Empty for core; `any` for kinds that every group version has. */
  readonly group: string;
  readonly version: string;
  readonly package: string;
  readonly kinds: readonly string[];
}

/**
 * What the tables cover. To add a kind, name it here (and its package above, if it is new) and run the generator.
 * KA-1, KA-2, KA-3.
 */
export const groups: readonly SourceGroup[] = [
  { group: 'any', version: '', package: 'meta.v1', kinds: ['DeleteOptions', 'WatchEvent'] },
  {
    group: '',
    version: 'v1',
    package: 'core.v1',
    kinds: [
      'Binding',
      'ComponentStatus',
      'ConfigMap',
      'Endpoints',
      'Event',
      'LimitRange',
      'Namespace',
      'Node',
      'PersistentVolume',
      'PersistentVolumeClaim',
      'Pod',
      'PodTemplate',
      'ReplicationController',
      'ResourceQuota',
      'Secret',
      'Service',
      'ServiceAccount',
    ],
  },
  { group: '', version: 'v1', package: 'meta.v1', kinds: ['Status'] },
  { group: 'events.k8s.io', version: 'v1', package: 'events.v1', kinds: ['Event'] },
  { group: 'coordination.k8s.io', version: 'v1', package: 'coordination.v1', kinds: ['Lease'] },
  {
    group: 'rbac.authorization.k8s.io',
    version: 'v1',
    package: 'rbac.v1',
    kinds: ['ClusterRole', 'ClusterRoleBinding', 'Role', 'RoleBinding'],
  },
  {
    group: 'authentication.k8s.io',
    version: 'v1',
    package: 'authentication.v1',
    kinds: ['SelfSubjectReview', 'TokenRequest', 'TokenReview'],
  },
  {
    group: 'authorization.k8s.io',
    version: 'v1',
    package: 'authorization.v1',
    kinds: ['LocalSubjectAccessReview', 'SelfSubjectAccessReview', 'SelfSubjectRulesReview', 'SubjectAccessReview'],
  },
  { group: 'certificates.k8s.io', version: 'v1', package: 'certificates.v1', kinds: ['CertificateSigningRequest'] },
  {
    group: 'admissionregistration.k8s.io',
    version: 'v1',
    package: 'admissionregistration.v1',
    kinds: [
      'MutatingWebhookConfiguration',
      'ValidatingAdmissionPolicy',
      'ValidatingAdmissionPolicyBinding',
      'ValidatingWebhookConfiguration',
    ],
  },
  { group: 'apiextensions.k8s.io', version: 'v1', package: 'apiextensions.v1', kinds: ['CustomResourceDefinition'] },
  { group: 'apiregistration.k8s.io', version: 'v1', package: 'apiregistration.v1', kinds: ['APIService'] },
  {
    group: 'apps',
    version: 'v1',
    package: 'apps.v1',
    kinds: ['ControllerRevision', 'DaemonSet', 'Deployment', 'ReplicaSet', 'StatefulSet'],
  },
  { group: 'autoscaling', version: 'v1', package: 'autoscaling.v1', kinds: ['HorizontalPodAutoscaler', 'Scale'] },
  { group: 'autoscaling', version: 'v2', package: 'autoscaling.v2', kinds: ['HorizontalPodAutoscaler'] },
  { group: 'batch', version: 'v1', package: 'batch.v1', kinds: ['CronJob', 'Job'] },
  { group: 'discovery.k8s.io', version: 'v1', package: 'discovery.v1', kinds: ['EndpointSlice'] },
  {
    group: 'flowcontrol.apiserver.k8s.io',
    version: 'v1',
    package: 'flowcontrol.v1',
    kinds: ['FlowSchema', 'PriorityLevelConfiguration'],
  },
  {
    group: 'networking.k8s.io',
    version: 'v1',
    package: 'networking.v1',
    kinds: ['IPAddress', 'Ingress', 'IngressClass', 'NetworkPolicy', 'ServiceCIDR'],
  },
  { group: 'node.k8s.io', version: 'v1', package: 'node.v1', kinds: ['RuntimeClass'] },
  { group: 'policy', version: 'v1', package: 'policy.v1', kinds: ['Eviction', 'PodDisruptionBudget'] },
  { group: 'scheduling.k8s.io', version: 'v1', package: 'scheduling.v1', kinds: ['PriorityClass'] },
  {
    group: 'storage.k8s.io',
    version: 'v1',
    package: 'storage.v1',
    kinds: ['CSIDriver', 'CSINode', 'CSIStorageCapacity', 'StorageClass', 'VolumeAttachment', 'VolumeAttributesClass'],
  },
];
