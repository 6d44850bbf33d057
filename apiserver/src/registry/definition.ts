import type { FieldError, Scope } from '@quarterdeck/apis';
import type { JsonObject, JsonValue, StructuralSchema } from '@quarterdeck/machinery';
import type { UserInfo } from '../authn/authenticator.ts';
import type { Decision, ResourceAttributes } from '../authz/authorizer.ts';
import type { ApiRequest, ApiResponse } from '../pipeline/http-message.ts';

/**
 * A kind, built-in and CRD alike: schema and strategy. The one registry of these drives routes, discovery, OpenAPI,
 * tables, defaults, validation, storage. KA-4. Objects given to and returned by strategies are plain decoded values;
 * strategies never mutate their arguments.
 */
export interface ResourceDefinition {
  readonly group: string;
  readonly plural: string;
  readonly singular: string;
  readonly kind: string;
  readonly listKind: string;
  readonly scope: Scope;
  readonly shortNames: readonly string[];
  readonly categories: readonly string[];
  /** In preference order; at least one. */
  readonly versions: readonly VersionDefinition[];
  /** Name of the version that objects are stored in. */
  readonly storageVersion: string;
  /** `builtin`: typed in every client, so strategic merge patch and protobuf bodies are accepted. */
  readonly origin: 'builtin' | 'custom';
  /** Served, but not shown by discovery yet: a custom kind whose CRD is not established. KA-95 */
  readonly unannounced?: true;
  readonly verbs: readonly Verb[];
  readonly strategy: Strategy;
  /** Paths like `spec.signerName` beyond metadata.name and metadata.namespace. KA-81 */
  readonly selectableFields: readonly SelectableField[];
  /** Of a custom kind: how its versions become one another. Absent: it has one version only, or several forms. KA-106 */
  readonly conversion?: Conversion;
  /** This kind is a second view of another kind's stored objects (events.k8s.io on core events). KA-1 */
  readonly storedAs?: StoredView;
}

/** How the versions of a custom kind become one another. KA-106 */
export interface Conversion {
  /** The apiVersion of stored objects that do not name theirs: from when there was one version only. */
  readonly unnamed: string;
  /** Absent: versions differ by their names and schemas alone. */
  readonly webhook?: ConvertObjects;
}

/**
 * Brings objects of one kind, each of another version, to one version: as many, in the same order.
 * @throws ApiError InternalError; what `signal` aborts with
 */
export type ConvertObjects = (
  objects: readonly JsonObject[],
  apiVersion: string,
  signal: AbortSignal,
) => Promise<readonly JsonObject[]>;

/** Another form of stored objects. Both functions are pure and inverse, and set apiVersion. */
export interface ObjectForm {
  /** From the storage version to this form. */
  readonly fromStored: (object: JsonObject) => JsonObject;
  readonly toStored: (object: JsonObject) => JsonObject;
}

/** How a view reads and writes the objects of the kind that owns the storage. */
export interface StoredView extends ObjectForm {
  readonly group: string;
  readonly plural: string;
}

export type Verb = 'create' | 'get' | 'list' | 'watch' | 'update' | 'patch' | 'delete' | 'deletecollection';

export interface VersionDefinition {
  readonly name: string;
  readonly served: boolean;
  readonly deprecationWarning?: string;
  /** Complete: apiVersion, kind, the full ObjectMeta, and the kind's own fields. */
  readonly schema: StructuralSchema;
  readonly columns: readonly Column[];
  readonly subresources: Readonly<Record<string, Subresource>>;
  /** Of built-in versions that do not look as they are stored: how to get there and back. */
  readonly form?: ObjectForm;
}

/** A printer column. KA-107, KA-118 */
export interface Column {
  readonly name: string;
  readonly type: 'string' | 'integer' | 'number' | 'boolean' | 'date';
  readonly format?: string;
  readonly description: string;
  /** 0 always, 1 with `-o wide`. */
  readonly priority: number;
  /** The cell's value; undefined prints as `<none>`; dates are printed relative to now. Never throws. */
  readonly value: (object: JsonObject, now: number) => string | number | boolean | undefined;
}

export interface SelectableField {
  /** As the selector writes it: `spec.signerName`. */
  readonly path: string;
  readonly value: (object: JsonObject) => string;
  /** The versions that select by it; absent: all. KA-107 */
  readonly versions?: readonly string[];
}

export type Subresource =
  /** The `/status` of KA-64. */
  | { readonly type: 'status' }
  /** The `/scale` of KA-65. */
  | {
      readonly type: 'scale';
      readonly specReplicasPath: string;
      readonly statusReplicasPath: string;
      readonly labelSelectorPath?: string;
    }
  /** Replaces a part of the object under rules of its own: `namespaces/finalize`, `certificatesigningrequests/approval`. */
  | {
      readonly type: 'part';
      readonly kind: string;
      /** Default: get, update and patch. */
      readonly verbs?: readonly Verb[];
      readonly merge: (stored: JsonObject, request: JsonObject) => JsonObject;
      /** What is asked of the merged object instead of the strategy's `validateUpdate`. Default: that. */
      readonly validateUpdate?: (object: JsonObject, old: JsonObject) => readonly FieldError[];
    }
  /**
   * Changes its object as an object of another kind says, which is not kept: `pods/binding`. Nobody becomes an owner of what
   * it changes, and `metadata.generation` stays. The answer is a Status.
   */
  | {
      readonly type: 'order';
      readonly group: string;
      readonly version: string;
      readonly kind: string;
      readonly validate: (order: JsonObject) => readonly FieldError[];
      /** @throws ApiError when the object is not as it must be for that */
      readonly obey: (stored: JsonObject, order: JsonObject, now: number) => JsonObject;
    }
  /** Answers by itself and stores nothing: `serviceaccounts/token`. */
  | {
      readonly type: 'action';
      readonly group: string;
      readonly version: string;
      readonly kind: string;
      readonly verbs: readonly Verb[];
      /** Of its kind. Absent: the built-in tables have it. */
      readonly schema?: StructuralSchema;
      readonly handle: ActionHandler;
    }
  /**
   * A door to somewhere else, of one object: the request is handed on as it came, and the answer streams both ways for as
   * long as the caller may make it: `memberclusters/proxy`. What follows the subresource in the URL belongs to it.
   */
  | {
      readonly type: 'connect';
      /** What discovery calls it. */
      readonly kind: string;
      /** Verbs stand for methods: get GET and HEAD, create POST, update PUT, patch PATCH, delete DELETE. */
      readonly verbs: readonly Verb[];
      /** A token for this audience alone is good here, beside those for the server itself. Absent: none is. RG-51 */
      readonly audience?: (name: string) => string;
      readonly handle: ConnectHandler;
    };

export interface ConnectContext {
  readonly user: UserInfo;
  readonly namespace: string;
  readonly name: string;
  /** What follows the subresource, as it was sent, with the query: `/api/v1/pods?watch=true`. Starts with a slash. */
  readonly target: string;
  readonly request: ApiRequest;
  /** Aborts when the client goes away, loses the right, or its credential ends. */
  readonly signal: AbortSignal;
}
/** Failures before the answer are ApiErrors; a body that throws later breaks the answer off. */
export type ConnectHandler = (context: ConnectContext) => Promise<ApiResponse>;

export interface ActionContext {
  readonly user: UserInfo;
  readonly namespace: string;
  readonly name: string;
  readonly dryRun: boolean;
  readonly signal: AbortSignal;
  readonly now: number;
  /** Whether the caller may do something more than what the URL says. */
  authorize(attributes: Omit<ResourceAttributes, 'user'>): Decision | Promise<Decision>;
}
/** Returns the answer object. Failures are ApiErrors. */
export type ActionHandler = (request: JsonObject, context: ActionContext) => Promise<JsonObject>;

export interface StrategyContext {
  readonly user: UserInfo;
  readonly now: number;
}

/**
 * What is special about a kind beyond its schema. Every hook is optional and pure; the generic rules of metadata,
 * generation, status separation, pruning, defaulting and schema validation are not theirs. Order of a write:
 * decode, prune and default by schema, `prepare*`, admission, `validate*`, store. KA-53
 */
export interface Strategy {
  /** Whether metadata.generation is kept. KA-44 */
  readonly hasGeneration: boolean;
  /** What begins a new generation besides the object's content: a Deployment's annotations, an EndpointSlice's labels. KA-44 */
  readonly alsoCounts?: (object: JsonObject) => JsonValue;
  /** PUT of a missing object creates it. KA-55 */
  readonly allowCreateOnUpdate: boolean;
  /** PUT without resourceVersion overwrites. KA-55 */
  readonly allowUnconditionalUpdate: boolean;
  /** Changes that a delete request makes to an object that stays for its finalizers (a namespace's phase). KA-111 */
  readonly prepareForDelete?: (object: JsonObject, context: StrategyContext) => JsonObject;
  /** Whether a deleted object must stay although metadata.finalizers is empty (a namespace's spec.finalizers). KA-111 */
  readonly holdsDeletion?: (object: JsonObject) => boolean;
  /** Fields of metadata that a write of the status leaves as they are. Default: none. KA-64 */
  readonly statusKeeps?: readonly string[];
  /**
   * `Status` for most; namespaces, pods and others answer a delete with the object: as it was stored last, or as marked
   * for deletion, where it always is before it goes. KA-57
   */
  readonly deleteReturnsObject?: boolean | 'marked';
  /** Checks metadata.name; default DNS-1123 subdomain. Returns messages. KA-46 */
  readonly validateName?: (name: string) => readonly string[];
  /**
   * Defaults that a schema cannot say, at decode and so before managedFields: a Secret's stringData becomes data.
   * Idempotent.
   */
  readonly complete?: (object: JsonObject) => JsonObject;
  readonly prepareForCreate?: (object: JsonObject, context: StrategyContext) => JsonObject;
  readonly prepareForUpdate?: (object: JsonObject, old: JsonObject, context: StrategyContext) => JsonObject;
  readonly validate?: (object: JsonObject) => readonly FieldError[];
  /** Beside `validate`: what is asked of new objects only. */
  readonly validateCreate?: (object: JsonObject) => readonly FieldError[];
  readonly validateUpdate?: (object: JsonObject, old: JsonObject) => readonly FieldError[];
  /** Whether an update says only that all is as before, so that its commit may wait a moment for others. KA-142 */
  readonly isRenewal?: (object: JsonObject, old: JsonObject) => boolean;
  /**
   * Rules that the schema carries (CEL). Asked even when the object does not fit the schema: `found` is what is wrong with
   * it so far, and decides whether they can run. `warn` is told what is wrong with parts that did not change. KA-104, KA-105
   */
  readonly rules?: (
    object: JsonObject,
    old: JsonObject | undefined,
    found: readonly FieldError[],
    warn: (text: string) => void,
  ) => readonly FieldError[];
  /** What is accepted and told. `old` is absent on create. KA-62 */
  readonly warnings?: (object: JsonObject, old?: JsonObject) => readonly string[];
  /** Called instead of storing, for kinds that are only asked (reviews): the answer object. KA-131 */
  readonly answer?: ActionHandler;
}
