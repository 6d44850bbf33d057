import type { Namespace, ServiceAccount } from '../builtin/core.ts';
import type { ValidatingAdmissionPolicy, ValidatingAdmissionPolicyBinding } from '../builtin/extensions.ts';
import type { ClusterRole, ClusterRoleBinding, Role, RoleBinding } from '../builtin/rbac.ts';
import { managedByValue } from '../constants/identity.ts';
import { label } from '../constants/labels.ts';
import { agentExecutorName, agentLeaderLeaseName, systemNamespace } from '../constants/names.ts';
import { memberIdentity } from './member-identity.ts';

type Rule = NonNullable<ClusterRole['rules']>[number];

const name = 'quarterdeck-agent';
const rbac = 'rbac.authorization.k8s.io';
const labels = { [label.managedBy]: managedByValue };

const read = ['get', 'list', 'watch'];
const all = [...read, 'create', 'update', 'patch', 'delete'];

/** What the agent needs for itself, whatever its Works hold: its journal, the cluster's properties, and to look around. */
const ownRules: Rule[] = [
  { apiGroups: ['multicluster.x-k8s.io'], resources: ['appliedworks', 'appliedworks/status'], verbs: all },
  { apiGroups: ['about.k8s.io'], resources: ['clusterproperties'], verbs: all },
  { apiGroups: [''], resources: ['nodes', 'namespaces'], verbs: read },
  // Summed up for the capacity report, page by page. RG-32
  { apiGroups: [''], resources: ['pods'], verbs: ['list'] },
  { apiGroups: ['apiextensions.k8s.io'], resources: ['customresourcedefinitions'], verbs: ['get', 'create'] },
  { nonResourceURLs: ['/readyz', '/version', '/api', '/api/*', '/apis', '/apis/*'], verbs: ['get'] },
];

const role = (roleName: string, rules: Rule[]): ClusterRole => ({
  apiVersion: `${rbac}/v1`,
  kind: 'ClusterRole',
  metadata: { name: roleName, labels },
  rules,
});

const binding = (bindingName: string, roleName: string, subject = name): ClusterRoleBinding => ({
  apiVersion: `${rbac}/v1`,
  kind: 'ClusterRoleBinding',
  metadata: { name: bindingName, labels },
  roleRef: { apiGroup: rbac, kind: 'ClusterRole', name: roleName },
  subjects: [{ kind: 'ServiceAccount', name: subject, namespace: systemNamespace }],
});

const executorRole = `${name}-executor`;
const leaseRole = `${name}-lease`;
const inSystem = { namespace: systemNamespace, labels };

/** Of several agents of one cluster the holder of this Lease acts. RG-11 */
const leadership: [Role, RoleBinding] = [
  {
    apiVersion: `${rbac}/v1`,
    kind: 'Role',
    metadata: { name: leaseRole, ...inSystem },
    rules: [
      { apiGroups: ['coordination.k8s.io'], resources: ['leases'], verbs: ['create'] },
      {
        apiGroups: ['coordination.k8s.io'],
        resources: ['leases'],
        resourceNames: [agentLeaderLeaseName],
        verbs: ['get', 'update'],
      },
    ],
  },
  {
    apiVersion: `${rbac}/v1`,
    kind: 'RoleBinding',
    metadata: { name: leaseRole, ...inSystem },
    roleRef: { apiGroup: rbac, kind: 'Role', name: leaseRole },
    subjects: [{ kind: 'ServiceAccount', name, namespace: systemNamespace }],
  },
];

/** The agent acts as its executor and as nobody else; who shall be named by Works is added here by the member's admin. SEC-20 */
const impersonation: [Role, RoleBinding] = [
  {
    apiVersion: `${rbac}/v1`,
    kind: 'Role',
    metadata: { name: executorRole, ...inSystem },
    rules: [
      {
        apiGroups: [''],
        resources: ['serviceaccounts'],
        resourceNames: [agentExecutorName],
        verbs: ['get', 'impersonate'],
      },
    ],
  },
  {
    apiVersion: `${rbac}/v1`,
    kind: 'RoleBinding',
    metadata: { name: executorRole, ...inSystem },
    roleRef: { apiGroup: rbac, kind: 'Role', name: executorRole },
    subjects: [{ kind: 'ServiceAccount', name, namespace: systemNamespace }],
  },
];

/**
 * What a member's admin applies before an agent runs there: an identity with its own rights, and another, the executor, whose
 * rights are the bound of everything that a Work can ever do on this cluster (WK-41, DL-30). The bound is Kubernetes' own
 * `edit` plus namespaces, and the admin's to change; it holds no RBAC, no webhooks, and no CRDs, so Work content cannot
 * escalate (SEC-4, SEC-11). The agent itself can write nothing but its journal, and act as its executor.
 */
export const memberRights: readonly (
  | ValidatingAdmissionPolicy
  | ValidatingAdmissionPolicyBinding
  | Namespace
  | ServiceAccount
  | ClusterRole
  | ClusterRoleBinding
  | Role
  | RoleBinding
)[] = [
  { apiVersion: 'v1', kind: 'Namespace', metadata: { name: systemNamespace, labels } },
  { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name, ...inSystem } },
  { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: agentExecutorName, ...inSystem } },
  role(name, ownRules),
  binding(name, name),
  ...leadership,
  ...impersonation,
  role(`${name}-works`, [
    { apiGroups: [''], resources: ['namespaces'], verbs: [...read, 'create', 'update', 'patch', 'delete'] },
    // An owner reference to the journal needs no right on it, except where blocking owner deletion is enforced.
    { apiGroups: ['multicluster.x-k8s.io'], resources: ['appliedworks/finalizers'], verbs: ['update'] },
  ]),
  binding(`${name}-works`, `${name}-works`, agentExecutorName),
  binding(`${name}-works-edit`, 'edit', agentExecutorName),
  ...memberIdentity,
];
