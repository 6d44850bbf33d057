import {
  AcceptanceRule,
  type AgentIdentityMake,
  annotation,
  CertificateSigningRequest,
  ClusterProfile,
  ClusterRole,
  ClusterRoleBinding,
  ClusterScore,
  ClusterSet,
  ClusterSetBinding,
  clusterManagerName,
  HealthRule,
  type KubeObject,
  Lease,
  label,
  labelValueOf,
  MemberCluster,
  managedByValue,
  memberLeaseName,
  memberNamespaceName,
  memberStandbyLeaseName,
  Namespace,
  Placement,
  PlacementDecision,
  propertyName,
  Role,
  RoleBinding,
  readMemberUser,
  ServiceAccount,
  type Stored,
  Work,
  WorkSet,
} from '@quarterdeck/apis';
import { type Client, type Clock, createInformer, type Informer, type Logger } from '@quarterdeck/machinery';
import { subjectName } from '../registration/subject.ts';
import { clusterSetsOf } from './cluster-set-of.ts';

/** What every controller of the fleet reads: one informer a kind, shared, with the indexes they need. */
export interface FleetCaches {
  /**
   * By `set`, `identity` (of the cluster), `namespace` (of the member on the hub), `clusterId` (`set/id`), and by what let
   * it ask or accepted it: `requestedBy`, `acceptedBy`. Of sets those that it may be in: `clusterSetOf` tells which one it is.
   */
  readonly members: Informer<MemberCluster>;
  readonly sets: Informer<ClusterSet>;
  /** By `namespace` and `set`. */
  readonly bindings: Informer<ClusterSetBinding>;
  /** By `member`, of which they are: ours only; and by `namespace`. */
  readonly profiles: Informer<ClusterProfile>;
  /** By `namespace`. */
  readonly placements: Informer<Placement>;
  /** By `decision` (decision key). */
  readonly decisions: Informer<PlacementDecision>;
  /** By `namespace` (of the member on the hub). */
  readonly scores: Informer<ClusterScore>;
  /** By `placement` (namespace/name). */
  readonly workSets: Informer<WorkSet>;
  /** By `workSet` (label values namespace/name) and `namespace`. */
  readonly works: Informer<Work>;
  /** The agents' Leases only. */
  readonly leases: Informer<Lease>;
  /** Those of agents that wait while another one acts. RG-11 */
  readonly standbyLeases: Informer<Lease>;
  /** Of agents, by `namespace`; absent where the hub gives certificates. RG-7 */
  readonly accounts?: Informer<ServiceAccount>;
  readonly namespaces: Informer<Namespace>;
  /** Ours only. */
  readonly roles: Informer<Role>;
  readonly roleBindings: Informer<RoleBinding>;
  readonly clusterRoles: Informer<ClusterRole>;
  readonly clusterRoleBindings: Informer<ClusterRoleBinding>;
  /** By `cluster`, the name that its subject claims, and `requester`, a user name. */
  readonly requests: Informer<CertificateSigningRequest>;
  readonly healthRules: Informer<HealthRule>;
  readonly acceptanceRules: Informer<AcceptanceRule>;
}

export interface CacheOptions {
  readonly hubClient: Client;
  readonly logger: Logger;
  readonly clock: Clock;
  readonly agentIdentity: AgentIdentityMake;
}

const namespaceOf = (object: KubeObject) => [object.metadata.namespace ?? ''];
const labelOf = (object: KubeObject, key: string) => {
  const value = object.metadata.labels?.[key];
  return value === undefined ? [] : [value];
};

const annotationOf = (object: KubeObject, key: string) => {
  const value = object.metadata.annotations?.[key];
  return value === undefined ? [] : [value];
};

export function createFleetCaches({ hubClient, logger, clock, agentIdentity }: CacheOptions): FleetCaches {
  const common = { logger, clock };
  const ours = { ...common, labelSelector: `${label.managedBy}=${managedByValue}` };
  return {
    members: createInformer(hubClient, MemberCluster, {
      ...common,
      index: {
        set: clusterSetsOf,
        identity: ({ status }) => (status?.clusterUID === undefined ? [] : [status.clusterUID]),
        namespace: ({ metadata }) => [memberNamespaceName(metadata.name ?? '')],
        requestedBy: (member) => annotationOf(member, annotation.requestedBy),
        acceptedBy: (member) => annotationOf(member, annotation.acceptedBy),
        clusterId: (member) =>
          (member.status?.properties ?? []).flatMap(({ name, value }) =>
            name === propertyName.clusterId ? clusterSetsOf(member).map((set) => `${set}/${value}`) : [],
          ),
      },
    }),
    sets: createInformer(hubClient, ClusterSet, common),
    bindings: createInformer(hubClient, ClusterSetBinding, {
      ...common,
      index: { namespace: namespaceOf, set: ({ spec }) => [spec.clusterSet] },
    }),
    profiles: createInformer(hubClient, ClusterProfile, {
      ...common,
      // By what nobody changes: who takes the labels off a profile does not take it from us. SEC-10, CI-4
      index: {
        namespace: namespaceOf,
        member: ({ metadata, spec }) => (spec.clusterManager.name === clusterManagerName ? [metadata.name ?? ''] : []),
      },
    }),
    placements: createInformer(hubClient, Placement, { ...common, index: { namespace: namespaceOf } }),
    decisions: createInformer(hubClient, PlacementDecision, {
      ...common,
      // They say when a slice was written. PL-16
      keepManagedFields: true,
      index: { decision: (slice) => labelOf(slice, label.decisionKey) },
    }),
    scores: createInformer(hubClient, ClusterScore, { ...common, index: { namespace: namespaceOf } }),
    workSets: createInformer(hubClient, WorkSet, {
      ...common,
      index: { placement: ({ metadata, spec }) => [`${metadata.namespace}/${spec.placementRef.name}`] },
    }),
    works: createInformer(hubClient, Work, {
      ...common,
      index: {
        namespace: namespaceOf,
        workSet: ({ metadata: { labels } }) =>
          labels?.[label.workSet] === undefined ? [] : [`${labels[label.workSetNamespace]}/${labels[label.workSet]}`],
      },
    }),
    leases: createInformer(hubClient, Lease, { ...common, fieldSelector: `metadata.name=${memberLeaseName}` }),
    standbyLeases: createInformer(hubClient, Lease, {
      ...common,
      fieldSelector: `metadata.name=${memberStandbyLeaseName}`,
    }),
    ...(agentIdentity === 'token'
      ? { accounts: createInformer(hubClient, ServiceAccount, { ...ours, index: { namespace: namespaceOf } }) }
      : {}),
    namespaces: createInformer(hubClient, Namespace, common),
    roles: createInformer(hubClient, Role, ours),
    roleBindings: createInformer(hubClient, RoleBinding, ours),
    clusterRoles: createInformer(hubClient, ClusterRole, ours),
    clusterRoleBindings: createInformer(hubClient, ClusterRoleBinding, ours),
    healthRules: createInformer(hubClient, HealthRule, common),
    requests: createInformer(hubClient, CertificateSigningRequest, {
      ...common,
      index: {
        requester: ({ spec }) => [spec.username ?? ''],
        cluster: (request) => {
          const claim = readMemberUser(subjectName(request) ?? '');
          return claim === undefined ? [] : [claim.clusterName];
        },
      },
    }),
    acceptanceRules: createInformer(hubClient, AcceptanceRule, common),
  };
}

/** Keys of the members that an object of ours is labelled with; none when it carries no such label. */
export function membersOf({ members }: FleetCaches, { metadata }: Stored<KubeObject>): string[] {
  const value = metadata.labels?.[label.memberCluster];
  if (value === undefined) return [];
  if (members.get(value) !== undefined) return [value];
  return members
    .list()
    .filter((member) => labelValueOf(member.metadata.name) === value)
    .map(cacheKey);
}

/** Key of the member whose profile, or a copy of it, bears this name; none when there is no such member. CI-6 */
export const memberOfProfile = ({ members }: FleetCaches, { metadata }: Stored<ClusterProfile>): string[] =>
  members.get(metadata.name) === undefined ? [] : [metadata.name];

/** `namespace/name`, or `name`: how informers key objects. */
export function cacheKey(object: Stored<KubeObject>): string {
  const { namespace, name } = object.metadata;
  return namespace === undefined ? name : `${namespace}/${name}`;
}
