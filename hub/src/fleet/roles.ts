import {
  apiVersionOf,
  bootstrapGroup,
  ClusterRole,
  ClusterRoleBinding,
  hubServiceAccountName,
  label,
  managedByValue,
  memberSignerName,
  memberTokenSignerName,
  Role,
  RoleBinding,
  roleName,
  systemNamespace,
} from '@quarterdeck/apis';
import { tokenNamespace } from '../registration/join-token.ts';

type PolicyRule = NonNullable<ClusterRole['rules']>[number];

const rbac = 'rbac.authorization.k8s.io';
const sig = 'multicluster.x-k8s.io';
const own = 'quarterdeck.dev';
const all = ['get', 'list', 'watch', 'create', 'update', 'patch', 'delete'];
const read = ['get', 'list', 'watch'];
const labels = { [label.managedBy]: managedByValue };

/** The identity that the fleet's controllers act under, on our server and on a Kubernetes hub alike. */
export const hubServiceAccount = { namespace: systemNamespace, name: hubServiceAccountName } as const;

const clusterRole = (name: string, rules: PolicyRule[], extra: Record<string, string> = {}): ClusterRole => ({
  apiVersion: apiVersionOf(ClusterRole),
  kind: ClusterRole.kind,
  metadata: { name, labels: { ...labels, ...extra } },
  rules,
});

/**
 * Everything the controllers do, and nothing else: no wildcard, and no Secret beyond the bootstrap tokens. What they grant
 * to agents they must hold themselves (KA-128), which is why Leases, reports and events stand here.
 */
const hubRules: PolicyRule[] = [
  {
    apiGroups: [own],
    resources: ['memberclusters', 'clustersets', 'clustersetbindings', 'placements', 'worksets'],
    verbs: all,
  },
  {
    apiGroups: [own],
    resources: [
      'memberclusters/status',
      'clustersets/status',
      'clustersetbindings/status',
      'placements/status',
      'worksets/status',
    ],
    verbs: ['get', 'update', 'patch'],
  },
  // Dependents hold back the deletion of their owners, which needs a right on these. KA-48
  {
    apiGroups: [own],
    resources: ['memberclusters/finalizers', 'clustersets/finalizers', 'placements/finalizers', 'worksets/finalizers'],
    verbs: ['update'],
  },
  // The gates that admission asks for: the hub accepts by rule and puts members into sets. RG-3
  { apiGroups: [own], resources: ['memberclusters'], verbs: ['accept'] },
  { apiGroups: [own], resources: ['clustersets'], verbs: ['join', 'bind'] },
  { apiGroups: [own], resources: ['workreports'], verbs: all },
  // Nobody gives what he has not: every agent may offer the tunnel of its own member. RG-50
  { apiGroups: [own], resources: ['memberclusters/tunnel'], verbs: ['create'] },
  // Nobody gives what he has not: every agent may read them. DL-22
  { apiGroups: [own], resources: ['healthrules'], verbs: ['get', 'list', 'watch'] },
  { apiGroups: [own], resources: ['healthrules/status'], verbs: ['get', 'update', 'patch'] },
  // Rules are administrators' to write. RG-3
  { apiGroups: [own], resources: ['acceptancerules'], verbs: read },
  // Scores are others' to write. PL-15
  { apiGroups: [own], resources: ['clusterscores'], verbs: read },
  { apiGroups: [sig], resources: ['works', 'clusterprofiles', 'placementdecisions'], verbs: all },
  { apiGroups: [sig], resources: ['works/status', 'clusterprofiles/status'], verbs: ['get', 'update', 'patch'] },
  { apiGroups: [''], resources: ['namespaces'], verbs: ['get', 'list', 'watch', 'create', 'update', 'delete'] },
  { apiGroups: [''], resources: ['events'], verbs: ['create', 'patch'] },
  { apiGroups: [''], resources: ['configmaps'], resourceNames: ['kube-root-ca.crt'], verbs: ['get', 'list', 'watch'] },
  { apiGroups: ['coordination.k8s.io'], resources: ['leases'], verbs: all },
  { apiGroups: [rbac], resources: ['roles', 'rolebindings', 'clusterroles', 'clusterrolebindings'], verbs: all },
  // What it has not itself it may give to members, each in its own namespace: to get Secrets there. DL-31
  { apiGroups: [rbac], resources: ['clusterroles'], resourceNames: [roleName.memberSecrets], verbs: ['bind'] },
  {
    apiGroups: ['certificates.k8s.io'],
    resources: ['certificatesigningrequests'],
    verbs: ['get', 'list', 'watch', 'create'],
  },
  { apiGroups: ['certificates.k8s.io'], resources: ['certificatesigningrequests/approval'], verbs: ['update'] },
  {
    apiGroups: ['certificates.k8s.io'],
    resources: ['signers'],
    resourceNames: [memberSignerName, memberTokenSignerName],
    verbs: ['approve'],
  },
];

/**
 * On top of it where agents get tokens of service accounts. The right to ask for tokens the hub gives to itself in the
 * namespaces of members alone, and so may pass it on there, by the name of the account. RG-7
 */
const hubTokenRules: PolicyRule[] = [
  {
    apiGroups: [''],
    resources: ['serviceaccounts'],
    verbs: ['get', 'list', 'watch', 'create', 'update', 'delete'],
  },
  { apiGroups: [rbac], resources: ['clusterroles'], resourceNames: [roleName.tokens], verbs: ['bind'] },
];

/** Bootstrap tokens are Secrets; the hub reads, binds and spends them, in the one namespace where they live. */
const tokenRules: PolicyRule[] = [
  { apiGroups: [''], resources: ['secrets'], verbs: ['get', 'list', 'update', 'delete'] },
];

/** Create one's own request, and read it back by a name that nobody can guess. RG-1 */
const bootstrapRules: PolicyRule[] = [
  { apiGroups: ['certificates.k8s.io'], resources: ['certificatesigningrequests'], verbs: ['create', 'get'] },
];

/** Bound in the namespace of each member, for its agent. Without list and watch it reads what a Work names, and nothing else. DL-31 */
const memberSecretRules: PolicyRule[] = [{ apiGroups: [''], resources: ['secrets'], verbs: ['get'] }];

const tenantResources = ['placements', 'worksets', 'clustersetbindings'];

export const fleetClusterRoles: readonly ClusterRole[] = [
  clusterRole('quarterdeck:hub', hubRules),
  clusterRole(roleName.bootstrap, bootstrapRules),
  clusterRole(roleName.memberSecrets, memberSecretRules),
  // What tenants may do with the fleet's kinds in their namespaces comes with Kubernetes' own view, edit and admin.
  clusterRole(
    'quarterdeck:view',
    [
      { apiGroups: [own], resources: tenantResources, verbs: read },
      // Bounded by the bindings of the namespace: no right to read the fleet is needed. PL-33, PL-34
      { apiGroups: [own], resources: ['placements/explanation'], verbs: ['get'] },
      { apiGroups: [sig], resources: ['placementdecisions', 'clusterprofiles'], verbs: read },
    ],
    { 'rbac.authorization.k8s.io/aggregate-to-view': 'true' },
  ),
  clusterRole(
    'quarterdeck:edit',
    [
      {
        apiGroups: [own],
        resources: tenantResources,
        verbs: ['create', 'update', 'patch', 'delete', 'deletecollection'],
      },
    ],
    {
      'rbac.authorization.k8s.io/aggregate-to-edit': 'true',
    },
  ),
];

/** Installed where agents get tokens of service accounts, and taken away where they do not. RG-7 */
export const tokenClusterRoles: readonly ClusterRole[] = [
  clusterRole('quarterdeck:hub-tokens', hubTokenRules),
  clusterRole(roleName.tokens, [{ apiGroups: [''], resources: ['serviceaccounts/token'], verbs: ['create'] }]),
];

export const fleetRoles: readonly Role[] = [
  {
    apiVersion: apiVersionOf(Role),
    kind: Role.kind,
    metadata: { name: 'quarterdeck:bootstrap-tokens', namespace: tokenNamespace, labels },
    rules: tokenRules,
  },
];

const hubSubject = { kind: 'ServiceAccount' as const, ...hubServiceAccount };
const groupSubject = (name: string) => ({ kind: 'Group' as const, apiGroup: rbac, name });

export const fleetClusterRoleBindings: readonly ClusterRoleBinding[] = [
  {
    apiVersion: apiVersionOf(ClusterRoleBinding),
    kind: ClusterRoleBinding.kind,
    metadata: { name: 'quarterdeck:hub', labels },
    roleRef: { apiGroup: rbac, kind: 'ClusterRole', name: 'quarterdeck:hub' },
    subjects: [hubSubject],
  },
  {
    apiVersion: apiVersionOf(ClusterRoleBinding),
    kind: ClusterRoleBinding.kind,
    metadata: { name: roleName.bootstrap, labels },
    roleRef: { apiGroup: rbac, kind: 'ClusterRole', name: roleName.bootstrap },
    subjects: [groupSubject(bootstrapGroup)],
  },
];

export const fleetRoleBindings: readonly RoleBinding[] = [
  {
    apiVersion: apiVersionOf(RoleBinding),
    kind: RoleBinding.kind,
    metadata: { name: 'quarterdeck:bootstrap-tokens', namespace: tokenNamespace, labels },
    roleRef: { apiGroup: rbac, kind: 'Role', name: 'quarterdeck:bootstrap-tokens' },
    subjects: [hubSubject],
  },
];

/** See {@link tokenClusterRoles}. */
export const tokenClusterRoleBinding: ClusterRoleBinding = {
  apiVersion: apiVersionOf(ClusterRoleBinding),
  kind: ClusterRoleBinding.kind,
  metadata: { name: 'quarterdeck:hub-tokens', labels },
  roleRef: { apiGroup: rbac, kind: 'ClusterRole', name: 'quarterdeck:hub-tokens' },
  subjects: [hubSubject],
};

/**
 * Beside a Kubernetes hub with a port of our own: that Kubernetes' roles for programs that leave to it who their callers are
 * and what those may do. So the reviews are asked for by the hub's own identity, as everything else. RG-53
 */
export const reviewsClusterRoleBinding: ClusterRoleBinding = {
  apiVersion: apiVersionOf(ClusterRoleBinding),
  kind: ClusterRoleBinding.kind,
  metadata: { name: 'quarterdeck:hub-reviews', labels },
  roleRef: { apiGroup: rbac, kind: 'ClusterRole', name: 'system:auth-delegator' },
  subjects: [hubSubject],
};

/** Reads by which CAs that Kubernetes knows its clients. */
export const reviewsRoleBinding: RoleBinding = {
  apiVersion: apiVersionOf(RoleBinding),
  kind: RoleBinding.kind,
  metadata: { name: 'quarterdeck:hub-reviews', namespace: 'kube-system', labels },
  roleRef: { apiGroup: rbac, kind: 'Role', name: 'extension-apiserver-authentication-reader' },
  subjects: [hubSubject],
};
