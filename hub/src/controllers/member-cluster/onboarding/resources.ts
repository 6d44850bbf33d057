import {
  annotation,
  apiVersionOf,
  ClusterRole,
  ClusterRoleBinding,
  type KubeObject,
  label,
  labelValueOf,
  type MemberCluster,
  managedByValue,
  memberAccountName,
  memberLeaseName,
  memberNamespaceName,
  memberStandbyLeaseName,
  memberUserName,
  Namespace,
  type ResourceType,
  Role,
  RoleBinding,
  roleName,
  ServiceAccount,
  type Stored,
} from '@quarterdeck/apis';
import { hubServiceAccount } from '../../../fleet/roles.ts';
import { controllerReference } from '../../metadata.ts';
import type { TokenAccess } from './token-access.ts';

/** One object that a member needs on the hub. */
export interface Wanted {
  readonly type: ResourceType;
  readonly object: KubeObject;
}

type PolicyRule = NonNullable<Role['rules']>[number];

/**
 * `full`: what RG-20 lists. `withdraw`: what a denied member keeps until its Works are gone, and no more: it reads its Works
 * and takes its finalizer off them. RG-22
 */
export type MemberRights = 'full' | 'withdraw';

const withdrawNamespaceRules: PolicyRule[] = [
  { apiGroups: ['multicluster.x-k8s.io'], resources: ['works'], verbs: ['get', 'list', 'watch', 'update', 'patch'] },
];

const withdrawClusterRules = (clusterName: string): PolicyRule[] => [
  {
    apiGroups: ['quarterdeck.dev'],
    resources: ['memberclusters'],
    resourceNames: [clusterName],
    verbs: ['get', 'list', 'watch'],
  },
];

/** In the member's namespace, and nowhere else: exactly what RG-20 lists. */
const namespaceRules: PolicyRule[] = [
  { apiGroups: ['multicluster.x-k8s.io'], resources: ['works'], verbs: ['get', 'list', 'watch'] },
  // Its finalizer stands on the main resource; admission lets an agent change nothing else of it there.
  { apiGroups: ['multicluster.x-k8s.io'], resources: ['works'], verbs: ['update', 'patch'] },
  { apiGroups: ['multicluster.x-k8s.io'], resources: ['works/status'], verbs: ['get', 'update', 'patch'] },
  {
    apiGroups: ['quarterdeck.dev'],
    resources: ['workreports'],
    verbs: ['get', 'list', 'watch', 'create', 'update', 'patch', 'delete'],
  },
  { apiGroups: ['coordination.k8s.io'], resources: ['leases'], verbs: ['create'] },
  {
    apiGroups: ['coordination.k8s.io'],
    resources: ['leases'],
    resourceNames: [memberLeaseName, memberStandbyLeaseName],
    verbs: ['get', 'update', 'patch'],
  },
  { apiGroups: [''], resources: ['events'], verbs: ['create', 'patch'] },
  // The CAs of the hub, which Kubernetes puts into every namespace. RG-9
  { apiGroups: [''], resources: ['configmaps'], resourceNames: ['kube-root-ca.crt'], verbs: ['get', 'list', 'watch'] },
];

const clusterRules = (clusterName: string, asksFor: 'certificate' | 'token'): PolicyRule[] => [
  {
    apiGroups: ['quarterdeck.dev'],
    resources: ['memberclusters'],
    resourceNames: [clusterName],
    verbs: ['get', 'list', 'watch'],
  },
  {
    apiGroups: ['quarterdeck.dev'],
    resources: ['memberclusters/status'],
    resourceNames: [clusterName],
    verbs: ['get', 'update', 'patch'],
  },
  {
    apiGroups: ['quarterdeck.dev'],
    resources: ['memberclusters/tunnel'],
    resourceNames: [clusterName],
    verbs: ['create'],
  },
  // The rules meant for agents hold nothing of one member.
  { apiGroups: ['quarterdeck.dev'], resources: ['healthrules'], verbs: ['get', 'list', 'watch'] },
  // Who holds a token renews it by its account, in its own namespace. RG-7
  ...(asksFor === 'certificate'
    ? [{ apiGroups: ['certificates.k8s.io'], resources: ['certificatesigningrequests'], verbs: ['create', 'get'] }]
    : []),
];

/** The hub, as far as what a member has on it depends on it. */
export interface HubSide {
  readonly hubUID: string;
  /** Absent: this hub gives certificates. RG-7 */
  readonly tokens?: TokenAccess | undefined;
}

/** What a member has on the hub, in the order it is made; the same objects for all rights. RG-20, RG-21 */
export function memberResources(
  member: Stored<MemberCluster>,
  { hubUID, tokens }: HubSide,
  rights: MemberRights = 'full',
): Wanted[] {
  const clusterName = member.metadata.name;
  const { clusterUID } = member.status ?? {};
  const namespace = memberNamespaceName(clusterName);
  const labels = { [label.memberCluster]: labelValueOf(clusterName), [label.managedBy]: managedByValue };
  const user = (name: string) => ({ kind: 'User' as const, apiGroup: 'rbac.authorization.k8s.io', name });
  // Of the recorded cluster alone: one that it replaced has another user name, and another account. RG-4
  const account = tokens === undefined || clusterUID === undefined ? undefined : memberAccountName(clusterUID);
  const accounts = account === undefined ? [] : [{ kind: 'ServiceAccount' as const, name: account, namespace }];
  // Who holds a certificate goes on with it until it is to be renewed. RG-7
  const subjects = [user(memberUserName(clusterName, clusterUID ?? '')), ...accounts];
  const roleRef = (kind: 'Role' | 'ClusterRole', name: string) => ({
    apiGroup: 'rbac.authorization.k8s.io',
    kind,
    name,
  });
  const owned = { labels, ownerReferences: [controllerReference(member)] };
  const frame = (type: ResourceType) => ({ apiVersion: apiVersionOf(type), kind: type.kind });
  const clusterRole = roleName.member(clusterName);
  return [
    {
      type: Namespace,
      // No owner reference: the namespace goes last, by the leaving steps, not by the garbage collector.
      object: {
        ...frame(Namespace),
        metadata: { name: namespace, labels, annotations: { [annotation.hubUID]: hubUID } },
      },
    },
    {
      type: Role,
      object: {
        ...frame(Role),
        metadata: { name: roleName.memberNamespace, namespace, ...owned },
        rules: rights === 'full' ? namespaceRules : withdrawNamespaceRules,
      } as Role,
    },
    {
      type: RoleBinding,
      object: {
        ...frame(RoleBinding),
        metadata: { name: roleName.memberNamespace, namespace, ...owned },
        roleRef: roleRef('Role', roleName.memberNamespace),
        subjects,
      } as RoleBinding,
    },
    {
      // Secrets that Works of this namespace refer to: each by its name, and none by looking around. DL-31
      type: RoleBinding,
      object: {
        ...frame(RoleBinding),
        metadata: { name: roleName.memberSecrets, namespace, ...owned },
        roleRef: roleRef('ClusterRole', roleName.memberSecrets),
        subjects: rights === 'full' ? subjects : [],
      } as RoleBinding,
    },
    {
      type: ClusterRole,
      object: {
        ...frame(ClusterRole),
        metadata: { name: clusterRole, ...owned },
        rules:
          rights === 'full'
            ? clusterRules(clusterName, tokens === undefined ? 'certificate' : 'token')
            : withdrawClusterRules(clusterName),
      } as ClusterRole,
    },
    {
      type: ClusterRoleBinding,
      object: {
        ...frame(ClusterRoleBinding),
        metadata: { name: clusterRole, ...owned },
        roleRef: roleRef('ClusterRole', clusterRole),
        subjects,
      } as ClusterRoleBinding,
    },
    ...(tokens === undefined || account === undefined
      ? []
      : tokenResources({ account, namespace, owned, subjects, askers: tokens.askers.map(user) }, rights)),
  ];
}

interface TokenResources {
  readonly account: string;
  readonly namespace: string;
  readonly owned: Pick<KubeObject['metadata'], 'labels' | 'ownerReferences'>;
  readonly subjects: RoleBinding['subjects'] & object;
  readonly askers: RoleBinding['subjects'] & object;
}

/** The account of an agent, and the right to ask for its tokens: by that name, and no other of the namespace. RG-7 */
function tokenResources(
  { account, namespace, owned, subjects, askers }: TokenResources,
  rights: MemberRights,
): Wanted[] {
  const frame = (type: ResourceType) => ({ apiVersion: apiVersionOf(type), kind: type.kind });
  const apiGroup = 'rbac.authorization.k8s.io';
  const metadata = (name: string) => ({ name, namespace, ...owned });
  return [
    {
      type: ServiceAccount,
      // Its tokens are asked for, and never put into a pod.
      object: {
        ...frame(ServiceAccount),
        metadata: metadata(account),
        automountServiceAccountToken: false,
      } as ServiceAccount,
    },
    {
      // Nobody gives what he has not: the hub has it here, so that it may give the part of it that is below. KA-128
      type: RoleBinding,
      object: {
        ...frame(RoleBinding),
        metadata: metadata(roleName.tokens),
        roleRef: { apiGroup, kind: 'ClusterRole', name: roleName.tokens },
        subjects: [{ kind: 'ServiceAccount', ...hubServiceAccount }],
      } as RoleBinding,
    },
    {
      type: Role,
      object: {
        ...frame(Role),
        metadata: metadata(roleName.memberToken),
        rules: [{ apiGroups: [''], resources: ['serviceaccounts/token'], resourceNames: [account], verbs: ['create'] }],
      } as Role,
    },
    {
      type: RoleBinding,
      object: {
        ...frame(RoleBinding),
        metadata: metadata(roleName.memberToken),
        roleRef: { apiGroup, kind: 'Role', name: roleName.memberToken },
        subjects: rights === 'full' ? [...subjects, ...askers] : [],
      } as RoleBinding,
    },
  ];
}
