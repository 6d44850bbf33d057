import type { ServiceAccount } from '../builtin/core.ts';
import type { ClusterRole, ClusterRoleBinding, Role, RoleBinding } from '../builtin/rbac.ts';
import { managedByValue } from '../constants/identity.ts';
import { label } from '../constants/labels.ts';
import { systemNamespace, tunnelAccountName, tunnelPolicyName } from '../constants/names.ts';

const rbac = 'rbac.authorization.k8s.io';
const labels = { [label.managedBy]: managedByValue };
const agentRole = 'quarterdeck-agent-tunnel';
const inSystem = { namespace: systemNamespace, labels };
const frame = <Kind extends string>(kind: Kind) => ({ apiVersion: `${rbac}/v1`, kind });

/**
 * What a member's administrator applies to let users of the hub in, and takes away to shut them out: a service account of the
 * tunnel's own that may impersonate users and groups, and the agent's right to act by it and to read the policy. Whoever
 * comes in has the rights that the member binds to the prefixed name, none to begin with. RG-50
 */
export const tunnelRights: readonly [ServiceAccount, ClusterRole, ClusterRoleBinding, Role, RoleBinding] = [
  { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: tunnelAccountName, ...inSystem } },
  {
    ...frame('ClusterRole'),
    metadata: { name: tunnelAccountName, labels },
    rules: [{ apiGroups: [''], resources: ['users', 'groups'], verbs: ['impersonate'] }],
  },
  {
    ...frame('ClusterRoleBinding'),
    metadata: { name: tunnelAccountName, labels },
    roleRef: { apiGroup: rbac, kind: 'ClusterRole', name: tunnelAccountName },
    subjects: [{ kind: 'ServiceAccount', name: tunnelAccountName, namespace: systemNamespace }],
  },
  {
    ...frame('Role'),
    metadata: { name: agentRole, ...inSystem },
    rules: [
      {
        apiGroups: [''],
        resources: ['serviceaccounts/token'],
        resourceNames: [tunnelAccountName],
        verbs: ['create'],
      },
      { apiGroups: [''], resources: ['configmaps'], resourceNames: [tunnelPolicyName], verbs: ['get'] },
    ],
  },
  {
    ...frame('RoleBinding'),
    metadata: { name: agentRole, ...inSystem },
    roleRef: { apiGroup: rbac, kind: 'Role', name: agentRole },
    subjects: [{ kind: 'ServiceAccount', name: 'quarterdeck-agent', namespace: systemNamespace }],
  },
];
