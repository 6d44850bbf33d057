import type { JsonObject } from '@quarterdeck/machinery';
import type { PolicyRule } from './authorizer.ts';
import { adminRules, editRules, viewRules } from './bootstrap-user-rules.ts';

/**
 * The roles and bindings that every server has, as data. KA-129
 *
 * Names, labels and meanings are Kubernetes'; the rules name what this server serves. Fleet kinds join `admin`, `edit`
 * and `view` by ClusterRoles of their own with the aggregation labels.
 */

const read = ['get', 'list', 'watch'];
const rbac = 'rbac.authorization.k8s.io';
const certificates = 'certificates.k8s.io';

const on = (group: string, resources: string[], verbs: string[], resourceNames?: string[]): PolicyRule => ({
  verbs,
  apiGroups: [group],
  resources,
  ...(resourceNames === undefined ? {} : { resourceNames }),
});
const atPaths = (...nonResourceURLs: string[]): PolicyRule => ({ verbs: ['get'], nonResourceURLs });
const writeEvents: PolicyRule = {
  verbs: ['create', 'update', 'patch'],
  apiGroups: ['', 'events.k8s.io'],
  resources: ['events'],
};

export interface BootstrapRole {
  readonly name: string;
  /** Absent: a ClusterRole. */
  readonly namespace?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly rules?: readonly PolicyRule[];
  /** A ClusterRole whose rules are gathered from roles with this label set to "true". */
  readonly aggregates?: string;
}

export interface BootstrapBinding {
  readonly name: string;
  /** Absent: a ClusterRoleBinding. */
  readonly namespace?: string;
  readonly role: { readonly kind: 'Role' | 'ClusterRole'; readonly name: string };
  readonly subjects: readonly JsonObject[];
}

const aggregateTo = (role: 'admin' | 'edit' | 'view') => `rbac.authorization.k8s.io/aggregate-to-${role}`;

const health = ['/livez', '/readyz', '/healthz'];
const version = ['/version', '/version/'];

/** A role for whom an approver of one signer shall be. */
const approver = (signer: string): BootstrapRole => ({
  name: `system:certificates.k8s.io:${signer}-approver`,
  rules: [on(certificates, ['signers'], ['approve'], [`kubernetes.io/${signer}`])],
});

const userRoles: readonly BootstrapRole[] = [
  {
    name: 'cluster-admin',
    rules: [
      { verbs: ['*'], apiGroups: ['*'], resources: ['*'] },
      { verbs: ['*'], nonResourceURLs: ['*'] },
    ],
  },
  { name: 'admin', aggregates: aggregateTo('admin') },
  { name: 'edit', labels: { [aggregateTo('admin')]: 'true' }, aggregates: aggregateTo('edit') },
  { name: 'view', labels: { [aggregateTo('edit')]: 'true' }, aggregates: aggregateTo('view') },
  { name: 'system:aggregate-to-admin', labels: { [aggregateTo('admin')]: 'true' }, rules: adminRules },
  { name: 'system:aggregate-to-edit', labels: { [aggregateTo('edit')]: 'true' }, rules: editRules },
  { name: 'system:aggregate-to-view', labels: { [aggregateTo('view')]: 'true' }, rules: viewRules },
];

const systemRoles: readonly BootstrapRole[] = [
  {
    name: 'system:discovery',
    rules: [atPaths(...health, ...version, '/openapi', '/openapi/*', '/api', '/api/*', '/apis', '/apis/*')],
  },
  { name: 'system:public-info-viewer', rules: [atPaths(...health, ...version)] },
  {
    name: 'system:basic-user',
    rules: [
      on('authorization.k8s.io', ['selfsubjectaccessreviews', 'selfsubjectrulesreviews'], ['create']),
      on('authentication.k8s.io', ['selfsubjectreviews'], ['create']),
    ],
  },
  {
    name: 'system:monitoring',
    rules: [atPaths('/metrics', '/metrics/slis', ...health, ...health.map((path) => `${path}/*`))],
  },
  {
    name: 'system:service-account-issuer-discovery',
    rules: [
      atPaths(
        '/.well-known/openid-configuration',
        '/.well-known/openid-configuration/',
        '/openid/v1/jwks',
        '/openid/v1/jwks/',
      ),
    ],
  },
  {
    name: 'system:auth-delegator',
    rules: [
      on('authentication.k8s.io', ['tokenreviews'], ['create']),
      on('authorization.k8s.io', ['subjectaccessreviews'], ['create']),
    ],
  },
  {
    name: 'system:node-bootstrapper',
    rules: [on(certificates, ['certificatesigningrequests'], ['create', ...read])],
  },
  {
    name: 'system:certificates.k8s.io:certificatesigningrequests:nodeclient',
    rules: [on(certificates, ['certificatesigningrequests/nodeclient'], ['create'])],
  },
  {
    name: 'system:certificates.k8s.io:certificatesigningrequests:selfnodeclient',
    rules: [on(certificates, ['certificatesigningrequests/selfnodeclient'], ['create'])],
  },
  approver('kube-apiserver-client'),
  approver('kube-apiserver-client-kubelet'),
  approver('kubelet-serving'),
  {
    name: 'extension-apiserver-authentication-reader',
    namespace: 'kube-system',
    rules: [on('', ['configmaps'], read, ['extension-apiserver-authentication'])],
  },
];

/** Who elects the process that runs the controllers, and by which Lease in kube-system. KA-146 */
export const leaderRole = Object.freeze({
  name: 'system::leader-locking-apiserver-controllers',
  account: 'apiserver-controllers',
  leaseName: 'apiserver-controllers',
});

/** What each controller of the API itself may do; it acts as the service account of this name in kube-system. */
const controllerRules = {
  'namespace-controller': [
    on('', ['namespaces'], read),
    on('', ['namespaces/finalize', 'namespaces/status'], ['update', 'patch']),
    { verbs: ['get', 'list', 'delete', 'deletecollection'], apiGroups: ['*'], resources: ['*'] },
  ],
  'generic-garbage-collector': [
    { verbs: ['get', 'list', 'watch', 'patch', 'update', 'delete'], apiGroups: ['*'], resources: ['*'] },
    writeEvents,
  ],
  'crd-controller': [
    on(
      'apiextensions.k8s.io',
      ['customresourcedefinitions', 'customresourcedefinitions/status'],
      [...read, 'update', 'patch'],
    ),
    // A deleted CRD takes the objects of its kind along, whatever the kind is. KA-95
    { verbs: ['list', 'deletecollection', 'delete'], apiGroups: ['*'], resources: ['*'] },
  ],
  'certificate-controller': [
    on(certificates, ['certificatesigningrequests'], [...read, 'delete']),
    on(certificates, ['certificatesigningrequests/status'], ['update', 'patch']),
    on(certificates, ['certificatesigningrequests/approval'], ['update']),
    on(certificates, ['signers'], ['approve'], ['kubernetes.io/kube-apiserver-client-kubelet']),
    on('authorization.k8s.io', ['subjectaccessreviews'], ['create']),
    on(
      certificates,
      ['signers'],
      ['sign'],
      [
        'kubernetes.io/kube-apiserver-client',
        'kubernetes.io/kube-apiserver-client-kubelet',
        'kubernetes.io/kubelet-serving',
      ],
    ),
    writeEvents,
  ],
  'namespace-defaults-controller': [
    on('', ['namespaces'], read),
    on('', ['serviceaccounts'], [...read, 'create']),
    on('', ['configmaps'], [...read, 'create', 'update', 'patch']),
  ],
  'clusterrole-aggregation-controller': [on(rbac, ['clusterroles'], [...read, 'update', 'patch', 'escalate'])],
  'apiservice-controller': [
    on('apiregistration.k8s.io', ['apiservices'], ['create', 'update', 'delete']),
    on('apiregistration.k8s.io', ['apiservices/status'], ['update']),
  ],
  'client-authority-controller': [on('', ['configmaps'], ['create', 'get', 'update'])],
  'tokens-controller': [on('', ['secrets'], ['update', 'delete'])],
  'resourcequota-controller': [on('', ['resourcequotas/status'], ['update'])],
  'validatingadmissionpolicy-status-controller': [
    on('admissionregistration.k8s.io', ['validatingadmissionpolicies/status'], ['update']),
  ],
  'flow-schema-controller': [
    on('flowcontrol.apiserver.k8s.io', ['flowschemas/status'], ['update']),
    on('flowcontrol.apiserver.k8s.io', ['flowschemas', 'prioritylevelconfigurations'], ['get', 'create', 'update']),
  ],
  'event-ttl-controller': [on('', ['events'], [...read, 'delete'])],
} as const satisfies Record<string, readonly PolicyRule[]>;

export type ControllerName = keyof typeof controllerRules;

const controllerNames = Object.keys(controllerRules) as ControllerName[];

export const bootstrapRoles: readonly BootstrapRole[] = Object.freeze([
  ...userRoles,
  ...systemRoles,
  {
    name: leaderRole.name,
    namespace: 'kube-system',
    rules: [
      on('coordination.k8s.io', ['leases'], ['create']),
      on('coordination.k8s.io', ['leases'], ['get', 'update'], [leaderRole.leaseName]),
    ],
  },
  ...controllerNames.map((name) => ({ name: `system:controller:${name}`, rules: controllerRules[name] })),
]);

const toGroup = (name: string): JsonObject => ({ kind: 'Group', apiGroup: rbac, name });
const toClusterRole = (name: string, subjects: readonly JsonObject[]): BootstrapBinding => ({
  name,
  role: { kind: 'ClusterRole', name },
  subjects,
});

export const bootstrapBindings: readonly BootstrapBinding[] = Object.freeze([
  toClusterRole('cluster-admin', [toGroup('system:masters')]),
  toClusterRole('system:discovery', [toGroup('system:authenticated')]),
  toClusterRole('system:basic-user', [toGroup('system:authenticated')]),
  toClusterRole('system:public-info-viewer', [toGroup('system:authenticated'), toGroup('system:unauthenticated')]),
  toClusterRole('system:monitoring', [toGroup('system:monitoring')]),
  toClusterRole('system:service-account-issuer-discovery', [toGroup('system:serviceaccounts')]),
  {
    name: leaderRole.name,
    namespace: 'kube-system',
    role: { kind: 'Role', name: leaderRole.name },
    subjects: [{ kind: 'ServiceAccount', name: leaderRole.account, namespace: 'kube-system' }],
  },
  ...controllerNames.map((name) =>
    toClusterRole(`system:controller:${name}`, [{ kind: 'ServiceAccount', name, namespace: 'kube-system' }]),
  ),
]);
