import type { PolicyRule } from './authorizer.ts';

/**
 * What `view`, `edit` and `admin` may do with Kubernetes' own kinds in a namespace. Names and meanings are Kubernetes'; fleet
 * kinds join by ClusterRoles of their own with the aggregation labels. KA-129
 */

const read = ['get', 'list', 'watch'];
const write = ['create', 'update', 'patch', 'delete', 'deletecollection'];
const rule = (verbs: readonly string[], apiGroups: readonly string[], resources: readonly string[]): PolicyRule => ({
  verbs,
  apiGroups,
  resources,
});
const eventGroups = ['', 'events.k8s.io'];
const scaled = ['deployments', 'replicasets', 'statefulsets'];
/** The resources, and this subresource of each. */
const withPart = (part: string, ...resources: string[]) => resources.flatMap((one) => [one, `${one}/${part}`]);

export const viewRules: readonly PolicyRule[] = [
  rule(
    read,
    [''],
    [
      'configmaps',
      'endpoints',
      'pods',
      'replicationcontrollers',
      'replicationcontrollers/scale',
      'serviceaccounts',
      ...withPart('status', 'persistentvolumeclaims', 'services'),
    ],
  ),
  // Reading `namespaces` in a namespace is reading that one.
  rule(
    read,
    [''],
    [
      'bindings',
      'limitranges',
      'pods/log',
      'pods/status',
      'replicationcontrollers/status',
      ...withPart('status', 'namespaces', 'resourcequotas'),
    ],
  ),
  rule(read, eventGroups, ['events']),
  rule(read, ['discovery.k8s.io'], ['endpointslices']),
  rule(
    read,
    ['apps'],
    [
      'controllerrevisions',
      ...withPart('status', 'daemonsets', ...scaled),
      ...scaled.map((resource) => `${resource}/scale`),
    ],
  ),
  rule(read, ['autoscaling'], withPart('status', 'horizontalpodautoscalers')),
  rule(read, ['batch'], withPart('status', 'cronjobs', 'jobs')),
  rule(read, ['policy'], withPart('status', 'poddisruptionbudgets')),
  rule(read, ['networking.k8s.io'], ['networkpolicies', ...withPart('status', 'ingresses')]),
];

const podConnections = ['pods/attach', 'pods/exec', 'pods/portforward', 'pods/proxy'];

export const editRules: readonly PolicyRule[] = [
  // Reading a secret gives what is in it, so `view` does not.
  rule(read, [''], ['secrets', 'services/proxy', ...podConnections]),
  rule(['impersonate'], [''], ['serviceaccounts']),
  rule(write, [''], ['pods', ...podConnections]),
  rule(['create'], [''], ['pods/eviction', 'serviceaccounts/token']),
  rule(
    write,
    [''],
    [
      'configmaps',
      'persistentvolumeclaims',
      'replicationcontrollers',
      'replicationcontrollers/scale',
      'secrets',
      'serviceaccounts',
      'services',
      'services/proxy',
    ],
  ),
  rule(write, eventGroups, ['events']),
  rule(write, ['apps'], ['daemonsets', ...withPart('scale', ...scaled)]),
  rule(write, ['autoscaling'], ['horizontalpodautoscalers']),
  rule(write, ['batch'], ['cronjobs', 'jobs']),
  rule(write, ['policy'], ['poddisruptionbudgets']),
  rule(write, ['networking.k8s.io'], ['ingresses', 'networkpolicies']),
  rule([...read, ...write], ['coordination.k8s.io'], ['leases']),
];

export const adminRules: readonly PolicyRule[] = [
  rule(['create'], ['authorization.k8s.io'], ['localsubjectaccessreviews']),
  rule([...read, ...write], ['rbac.authorization.k8s.io'], ['rolebindings', 'roles']),
];
