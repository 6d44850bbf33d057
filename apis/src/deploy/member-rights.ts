import type { Namespace, ServiceAccount } from '../builtin/core.ts';
import type { ClusterRole, ClusterRoleBinding } from '../builtin/rbac.ts';
import { managedByValue } from '../constants/identity.ts';
import { label } from '../constants/labels.ts';
import { systemNamespace } from '../constants/names.ts';

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

const binding = (bindingName: string, roleName: string): ClusterRoleBinding => ({
  apiVersion: `${rbac}/v1`,
  kind: 'ClusterRoleBinding',
  metadata: { name: bindingName, labels },
  roleRef: { apiGroup: rbac, kind: 'ClusterRole', name: roleName },
  subjects: [{ kind: 'ServiceAccount', name, namespace: systemNamespace }],
});

/**
 * What a member's admin applies before an agent runs there: an identity, its own rights, and the bound of everything that a
 * Work can ever do on this cluster (WK-41). The bound is Kubernetes' own `edit` plus namespaces, and the admin's to change;
 * it holds no RBAC, no webhooks, and no CRDs beyond the agent's own, so Work content cannot escalate (SEC-4, SEC-11).
 */
export const memberRights: readonly (Namespace | ServiceAccount | ClusterRole | ClusterRoleBinding)[] = [
  { apiVersion: 'v1', kind: 'Namespace', metadata: { name: systemNamespace, labels } },
  { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name, namespace: systemNamespace, labels } },
  role(name, ownRules),
  binding(name, name),
  role(`${name}-works`, [
    { apiGroups: [''], resources: ['namespaces'], verbs: ['create', 'update', 'patch', 'delete'] },
  ]),
  binding(`${name}-works`, `${name}-works`),
  binding(`${name}-works-edit`, 'edit'),
];
