// meta: the frame every object shares

// kinds: SIG-Multicluster and ours, from zod
export { ClusterProperty, maxPropertyValueLength } from './about.k8s.io/v1beta1/cluster-property.ts';
// kinds: Kubernetes' own, as typed resources
export {
  CertificateSigningRequest,
  type CertificateSigningRequestCondition,
} from './builtin/certificates.ts';
export { Lease } from './builtin/coordination.ts';
export {
  ConfigMap,
  type Container,
  Event,
  type LegacyCondition,
  Namespace,
  Node,
  type ObjectReference,
  Pod,
  type PodSpec,
  type PodTemplateSpec,
  type ResourceList,
  Secret,
  Service,
  ServiceAccount,
} from './builtin/core.ts';
export {
  type AdmissionRule,
  type CustomResourceColumnDefinition,
  CustomResourceDefinition,
  type CustomResourceDefinitionNames,
  type CustomResourceDefinitionVersion,
  type JsonSchema,
  ValidatingAdmissionPolicy,
  ValidatingAdmissionPolicyBinding,
} from './builtin/extensions.ts';
export {
  ClusterRole,
  ClusterRoleBinding,
  type RbacRule,
  type RbacSubject,
  Role,
  RoleBinding,
  type RoleRef,
} from './builtin/rbac.ts';
export {
  type ReviewedResource,
  type ReviewedUser,
  SelfSubjectAccessReview,
  type SelfSubjectAccessReviewSpec,
  SubjectAccessReview,
  type SubjectAccessReviewStatus,
  TokenReview,
} from './builtin/reviews.ts';
export { DaemonSet, Deployment, Job, ReplicaSet, StatefulSet } from './builtin/workloads.ts';
// constants: the words that hub, agent and users share
export {
  type ApplyStrategy,
  annotation,
  type DeletionPolicy,
  type DriftCompare,
  type DriftPolicy,
  type DryRun,
  type FieldConflicts,
  isPolicyValue,
  manifestOnlyPolicies,
  type PolicyAnnotation,
  policyAnnotation,
  policySyntax,
  type TakeOver,
  type WaveGate,
  workOnlyPolicies,
} from './constants/annotations.ts';
export { conditionType } from './constants/conditions.ts';
export { finalizer } from './constants/finalizers.ts';
export {
  type AgentIdentityMake,
  agentFieldManager,
  applyFieldManager,
  bootstrapGroup,
  clusterManagerName,
  hubFieldManager,
  hubUserName,
  isAgentOf,
  type MemberUser,
  managedByValue,
  memberAccountName,
  memberCertificateUsages,
  memberSignerName,
  membersGroup,
  memberTokenSignerName,
  memberUserName,
  memberUserPrefix,
  otherMakeReason,
  readMemberUser,
  roleName,
  schedulerName,
} from './constants/identity.ts';
export { label, propertyName, propertyValueProblem } from './constants/labels.ts';
export {
  agentExecutorName,
  agentLeaderLeaseName,
  boundedName,
  clusterSetNamespaceName,
  defaultClusterSet,
  hubLeaderLeaseName,
  hubServiceAccountName,
  labelValueOf,
  memberLeaseDurationSeconds,
  memberLeaseName,
  memberLeaseRenewSeconds,
  memberNamespaceName,
  memberStandbyLeaseName,
  systemNamespace,
  taintKey,
  tunnelAccountName,
  tunnelPolicyName,
} from './constants/names.ts';
export {
  ClusterProfileReason,
  ClusterSetBindingReason,
  ClusterSetReason,
  DecisionReason,
  HealthRuleReason,
  ManifestReason,
  MemberClusterReason,
  PlacementReason,
  reasonRegistry,
  WorkReason,
  WorkReportReason,
  WorkSetReason,
} from './constants/reasons.ts';
// deploy: what an admin applies on a member
export { type AgentManifestOptions, agentManifests, type HubTrust, trustFlags } from './deploy/agent-manifests.ts';
export { memberRights } from './deploy/member-rights.ts';
export { tunnelRights } from './deploy/tunnel-rights.ts';
export { allKinds, memberKinds, quarterdeckKinds, sigKinds } from './kinds/all.ts';
export { crdOf, objectSchemaOf } from './kinds/crd.ts';
export {
  atVersion,
  defineKind,
  type KindDefinition,
  type KindVersion,
  type NameRule,
  type ObjectOf,
  type PrinterColumn,
} from './kinds/define-kind.ts';
export type { AppliedResource, Manifest, ResourceIdentifier } from './kinds/fields.ts';
export {
  ApiError,
  accountNamespaceGone,
  alreadyExists,
  apiError,
  badRequest,
  conflict,
  type FieldError,
  ignoreNotFound,
  invalid,
  isAccountNamespaceGone,
  isAlreadyExists,
  isConflict,
  isExpired,
  isForbidden,
  isInvalid,
  isNotFound,
  isUnauthorized,
  modifiedConflict,
  notFound,
} from './meta/api-error.ts';
export {
  type ConditionChange,
  findCondition,
  formatTime,
  isConditionTrue,
  setCondition,
} from './meta/conditions.ts';
export type {
  Condition,
  ConditionStatus,
  KubeList,
  KubeObject,
  LabelSelector,
  LabelSelectorRequirement,
  ListMeta,
  ManagedFieldsEntry,
  MicroTime,
  ObjectMeta,
  OwnerReference,
  Stored,
  Time,
} from './meta/object.ts';
export {
  apiVersionOf,
  type GroupResource,
  type GroupVersionKind,
  groupResourceName,
  parseApiVersion,
  type ResourceType,
  resourceType,
  type Scope,
} from './meta/resource.ts';
export {
  type CauseReason,
  type Status,
  type StatusCause,
  type StatusDetails,
  StatusReason,
  statusCodes,
} from './meta/status.ts';
export { AppliedWork } from './multicluster.x-k8s.io/v1alpha1/applied-work.ts';
export { ClusterProfile } from './multicluster.x-k8s.io/v1alpha1/cluster-profile.ts';
export { maxDecisionsPerSlice, PlacementDecision } from './multicluster.x-k8s.io/v1alpha1/placement-decision.ts';
export { type ManifestCondition, Work, type WorkStatus } from './multicluster.x-k8s.io/v1alpha1/work.ts';
export { ServiceExport } from './multicluster.x-k8s.io/v1beta1/service-export.ts';
export { ServiceImport } from './multicluster.x-k8s.io/v1beta1/service-import.ts';

// policies: admission rules beyond the schemas
export { allPolicies } from './policies/all.ts';
export type {
  Policy,
  Refusal,
  Right,
} from './policies/policy.ts';
export { AcceptanceRule } from './quarterdeck.dev/v1alpha1/acceptance-rule.ts';
export { ClusterScore } from './quarterdeck.dev/v1alpha1/cluster-score.ts';
export { ClusterSet } from './quarterdeck.dev/v1alpha1/cluster-set.ts';
export { ClusterSetBinding } from './quarterdeck.dev/v1alpha1/cluster-set-binding.ts';
export { HealthRule, maxFeedbackFields } from './quarterdeck.dev/v1alpha1/health-rule.ts';
export { MemberCluster, type MemberClusterStatus, type Taint } from './quarterdeck.dev/v1alpha1/member-cluster.ts';
export {
  type CandidateTerm,
  type ClusterSelectorTerm,
  defaultTolerations,
  maxSelectorTerms,
  maxTolerations,
  Placement,
  type PlacementPriority,
  type PlacementStatus,
  type SpreadConstraint,
  type Toleration,
} from './quarterdeck.dev/v1alpha1/placement.ts';
export type { ComparisonType } from './quarterdeck.dev/v1alpha1/placement-fields.ts';
export {
  type DriftReport,
  type FeedbackReport,
  type ManifestHealth,
  type ManifestReport,
  WorkReport,
  type WorkReportStatus,
} from './quarterdeck.dev/v1alpha1/work-report.ts';
export {
  maxWorkSetManifests,
  maxWorkSetProblems,
  WorkSet,
  type WorkSetProblem,
  type WorkSetStatus,
} from './quarterdeck.dev/v1alpha1/work-set.ts';
