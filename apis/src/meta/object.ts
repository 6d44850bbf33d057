/**
 * The frame every Kubernetes object shares: TypeMeta, ObjectMeta, ListMeta, Condition.
 *
 * These are plain TypeScript types, because the server's own metadata code (apiserver) is the authority on their
 * validation; kinds of ours describe only `spec` and `status` in zod. KA-42 to KA-52.
 */

/** RFC 3339 time, UTC, whole seconds, for example `2026-01-31T12:00:00Z`. KA-51 */
export type Time = string;
/** RFC 3339 time, UTC, exactly six fractional digits. KA-51 */
export type MicroTime = string;

export interface OwnerReference {
  apiVersion: string;
  kind: string;
  name: string;
  uid: string;
  controller?: boolean;
  blockOwnerDeletion?: boolean;
}

export interface ManagedFieldsEntry {
  manager?: string;
  operation?: 'Apply' | 'Update';
  apiVersion?: string;
  time?: Time;
  fieldsType?: 'FieldsV1';
  fieldsV1?: Record<string, unknown>;
  subresource?: string;
}

export interface ObjectMeta {
  name?: string;
  generateName?: string;
  namespace?: string;
  uid?: string;
  /** Opaque to everyone but storage. KA-43 */
  resourceVersion?: string;
  generation?: number;
  creationTimestamp?: Time;
  deletionTimestamp?: Time;
  deletionGracePeriodSeconds?: number;
  labels?: Record<string, string>;
  annotations?: Record<string, string>;
  ownerReferences?: OwnerReference[];
  finalizers?: string[];
  managedFields?: ManagedFieldsEntry[];
}

/** Any object of any kind. Typed kinds extend it. */
export interface KubeObject {
  apiVersion: string;
  kind: string;
  metadata: ObjectMeta;
}

/** An object as the server returns it: named, identified, versioned. */
export type Stored<T extends KubeObject> = T & {
  metadata: ObjectMeta & { name: string; uid: string; resourceVersion: string; creationTimestamp: Time };
};

export interface ListMeta {
  resourceVersion?: string;
  continue?: string;
  remainingItemCount?: number;
}

export interface KubeList<T> {
  apiVersion: string;
  kind: string;
  metadata: ListMeta;
  items: T[];
}

export type ConditionStatus = 'True' | 'False' | 'Unknown';

export interface Condition {
  type: string;
  status: ConditionStatus;
  /** The `metadata.generation` that was looked at. Absent: not known. */
  observedGeneration?: number;
  /** Changes only when `status` changes. */
  lastTransitionTime: Time;
  /** One CamelCase word from an exported constant. */
  reason: string;
  message: string;
}

export interface LabelSelectorRequirement {
  key: string;
  operator: 'In' | 'NotIn' | 'Exists' | 'DoesNotExist';
  values?: string[];
}

/** An empty selector matches everything; an absent one is decided by its field's documentation. */
export interface LabelSelector {
  matchLabels?: Record<string, string>;
  matchExpressions?: LabelSelectorRequirement[];
}
