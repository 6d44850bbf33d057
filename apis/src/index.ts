// meta: the frame every object shares
export {
  ApiError,
  alreadyExists,
  apiError,
  badRequest,
  conflict,
  type FieldError,
  ignoreNotFound,
  invalid,
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

// kinds: Kubernetes' own, as typed resources

// kinds: SIG-Multicluster and ours, from zod
