import type { KubeList, KubeObject, ResourceType, Stored } from '@quarterdeck/apis';

/** Which object. `namespace` is required for namespaced kinds and refused for cluster-scoped ones. */
export interface ObjectRef {
  namespace?: string;
  name: string;
}

export interface CallOptions {
  /** Ends the call; the promise rejects with the signal's reason. */
  signal?: AbortSignal;
}

export interface GetOptions extends CallOptions {
  /** Absent: the latest. `0`: any. N: at least N. KA-54 */
  resourceVersion?: string;
  /** Reads `/status`, `/scale`. */
  subresource?: string;
}

export interface ListOptions extends CallOptions {
  /** Absent: all namespaces (or a cluster-scoped kind). */
  namespace?: string;
  labelSelector?: string;
  fieldSelector?: string;
  /** Page size; absent: everything in one answer. */
  limit?: number;
  continue?: string;
  resourceVersion?: string;
  resourceVersionMatch?: 'Exact' | 'NotOlderThan';
}

export interface WatchOptions extends CallOptions {
  namespace?: string;
  labelSelector?: string;
  fieldSelector?: string;
  resourceVersion?: string;
  resourceVersionMatch?: 'NotOlderThan';
  /** WatchList: the current state first, ended by an annotated bookmark. KA-90 */
  sendInitialEvents?: boolean;
  allowWatchBookmarks?: boolean;
  /** Whole seconds after which the server ends the stream cleanly. */
  timeoutSeconds?: number;
}

export interface WriteOptions extends CallOptions {
  /** Recorded in managedFields; at most 128 printable characters. Required by {@link Writer.apply}. */
  fieldManager?: string;
  /** Default of our controllers: Strict. */
  fieldValidation?: FieldValidation;
  dryRun?: boolean;
  subresource?: string;
}

export interface ApplyOptions extends WriteOptions {
  fieldManager: string;
  /** Take fields over from other managers instead of failing with a conflict. Default false. */
  force?: boolean;
}

/** What becomes of fields that the server does not know: dropped, dropped with a warning, or the write is refused. KA-61 */
export type FieldValidation = 'Ignore' | 'Warn' | 'Strict';

export type PatchType = 'json' | 'merge' | 'strategic';

export interface DeleteOptions extends CallOptions {
  /** Default Background. */
  propagationPolicy?: 'Background' | 'Foreground' | 'Orphan';
  preconditions?: { uid?: string; resourceVersion?: string };
  gracePeriodSeconds?: number;
  dryRun?: boolean;
}

export type WatchEvent<T extends KubeObject> =
  | { type: 'ADDED' | 'MODIFIED' | 'DELETED'; object: Stored<T> }
  | { type: 'BOOKMARK'; resourceVersion: string; initialEventsEnd: boolean };

/**
 * Reads. Every failure is an ApiError with Kubernetes' Status, whichever implementation answers; objects returned are
 * frozen or fresh, never a shared mutable.
 */
export interface Reader {
  get<T extends KubeObject>(type: ResourceType<T>, ref: ObjectRef, options?: GetOptions): Promise<Stored<T>>;
  list<T extends KubeObject>(type: ResourceType<T>, options?: ListOptions): Promise<KubeList<Stored<T>>>;
  /**
   * One watch stream. Ends (returns) when the server closes it; throws ApiError Expired when the version is gone (both
   * the HTTP 410 and the ERROR event); throws on a broken connection. Does not reconnect: that is the informer's work.
   */
  watch<T extends KubeObject>(type: ResourceType<T>, options?: WatchOptions): AsyncIterable<WatchEvent<T>>;
}

/** Writes to an object or, with `subresource`, to one of its subresources. */
export interface Writer {
  create<T extends KubeObject>(type: ResourceType<T>, object: T, options?: WriteOptions): Promise<Stored<T>>;
  /** Full replacement; `metadata.resourceVersion` set makes it conditional, and our controllers always set it. */
  update<T extends KubeObject>(type: ResourceType<T>, object: T, options?: WriteOptions): Promise<Stored<T>>;
  patch<T extends KubeObject>(
    type: ResourceType<T>,
    ref: ObjectRef,
    patch: { type: PatchType; body: unknown },
    options?: WriteOptions,
  ): Promise<Stored<T>>;
  /** Server-side apply; `object` holds just the fields that the field manager wants. */
  apply<T extends KubeObject>(
    type: ResourceType<T>,
    object: ApplyConfiguration<T>,
    options: ApplyOptions,
  ): Promise<Stored<T>>;
  /** Resolves with the object when it waits for finalizers, undefined when it is gone. */
  delete<T extends KubeObject>(
    type: ResourceType<T>,
    ref: ObjectRef,
    options?: DeleteOptions,
  ): Promise<Stored<T> | undefined>;
  deleteCollection<T extends KubeObject>(
    type: ResourceType<T>,
    options?: DeleteOptions & Pick<ListOptions, 'namespace' | 'labelSelector' | 'fieldSelector'>,
  ): Promise<void>;
}

/** What an apply sends: identity, and any part of the rest. */
export type ApplyConfiguration<T extends KubeObject> = KubeObject & {
  [K in Exclude<keyof T, keyof KubeObject>]?: DeepPartial<T[K]>;
};
export type DeepPartial<T> = T extends readonly (infer Item)[]
  ? DeepPartial<Item>[]
  : T extends object
    ? { [K in keyof T]?: DeepPartial<T[K]> }
    : T;

/** Requests that are not objects of a stored resource: discovery, version, health. */
export interface RawReader {
  /** GET of an absolute API path; the decoded JSON. Throws ApiError like the rest. */
  getRaw(path: string, options?: CallOptions): Promise<unknown>;
}

/**
 * A Kubernetes API as controllers know it. Three implementations, one conformance suite (`client/conformance/`): the
 * in-process client of apiserver, the HTTP client here against our server, and the same against a real kube-apiserver.
 */
export interface Client extends Reader, Writer, RawReader {}
