import type { KubeObject, LabelSelector } from '../meta/object.ts';
import { type ResourceType, resourceType } from '../meta/resource.ts';

export interface RbacRule {
  verbs: string[];
  apiGroups?: string[];
  resources?: string[];
  /** Absent: every name. */
  resourceNames?: string[];
  /** ClusterRole only. */
  nonResourceURLs?: string[];
}

export interface RbacSubject {
  kind: 'User' | 'Group' | 'ServiceAccount';
  /** Empty for service accounts, else the RBAC group. */
  apiGroup?: string;
  name: string;
  /** Service accounts only. */
  namespace?: string;
}

export interface RoleRef {
  apiGroup: 'rbac.authorization.k8s.io';
  kind: 'Role' | 'ClusterRole';
  name: string;
}

const group = 'rbac.authorization.k8s.io';

export interface Role extends KubeObject {
  rules?: RbacRule[] | null;
}
export const Role: ResourceType<Role> = resourceType(group, 'v1', 'Role', 'roles', 'Namespaced');

export interface ClusterRole extends KubeObject {
  rules?: RbacRule[] | null;
  aggregationRule?: { clusterRoleSelectors?: LabelSelector[] };
}
export const ClusterRole: ResourceType<ClusterRole> = resourceType(
  group,
  'v1',
  'ClusterRole',
  'clusterroles',
  'Cluster',
);

export interface RoleBinding extends KubeObject {
  roleRef: RoleRef;
  subjects?: RbacSubject[];
}
export const RoleBinding: ResourceType<RoleBinding> = resourceType(
  group,
  'v1',
  'RoleBinding',
  'rolebindings',
  'Namespaced',
);

export interface ClusterRoleBinding extends KubeObject {
  roleRef: RoleRef;
  subjects?: RbacSubject[];
}
export const ClusterRoleBinding: ResourceType<ClusterRoleBinding> = resourceType(
  group,
  'v1',
  'ClusterRoleBinding',
  'clusterrolebindings',
  'Cluster',
);
