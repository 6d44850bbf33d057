import type { JsonObject } from '@quarterdeck/machinery';
import type { Commit, Revision, StorageKey, Transaction } from '../storage/storage.ts';

/**
 * All objects in memory as serialised bytes, a ring of recent events, and the only way to the database for the
 * request pipeline. One per server process. Serves every get, list and watch; writes go through to Storage and are
 * visible here when they resolve.
 */

/** What selectors and the garbage collector need of an object without decoding it, extracted once when it is cached. */
export interface EntryIndex {
  readonly uid: string;
  readonly labels: Readonly<Record<string, string>>;
  /** Values of the resource's selectable fields (beside metadata.name and metadata.namespace), as strings. */
  readonly fields: Readonly<Record<string, string>>;
  readonly ownerUids: readonly string[];
}

/** One object at one revision. Immutable. */
export interface Entry {
  readonly key: StorageKey;
  readonly revision: Revision;
  readonly index: EntryIndex;
  /** The object's JSON after its header, UTF-8. See body.ts. */
  readonly body: Buffer;
  /** The database holds it otherwise than a write would store it now: a write that changes nothing is one still. KA-56 */
  readonly isStale: boolean;
}

export interface StoreEvent {
  readonly type: 'put' | 'delete';
  readonly revision: Revision;
  /** `put`: the new state. `delete`: the last state, its revision being the deletion's. */
  readonly entry: Entry;
  /** The state before; absent when the object was created. */
  readonly previous: Entry | undefined;
  /** Encoded forms shared by all watchers: representation (version, media type, Table...) -> bytes. KA-93 */
  readonly frames: Map<string, Buffer>;
}

/**
 * How a resource's bodies are indexed; given by the registry when the resource is registered. The object has no
 * apiVersion, kind and metadata.resourceVersion, which a body does not hold (body.ts).
 */
export type Indexer = (object: JsonObject) => Pick<EntryIndex, 'fields'>;

export interface ListRequest {
  readonly resource: string;
  /** Absent or empty: all namespaces. */
  readonly namespace?: string;
  /** This object only; needs `namespace` where the resource has namespaces. */
  readonly name?: string;
  /** Absent: the present state. Otherwise exactly this revision. */
  readonly revision?: Revision;
  /** Start after this key. */
  readonly after?: { readonly namespace: string; readonly name: string };
  readonly limit?: number;
  readonly matches?: (entry: Entry) => boolean;
}

export interface ListResult {
  /** Bytewise by `namespace/name`. KA-80 */
  readonly entries: readonly Entry[];
  readonly revision: Revision;
  /** More matching entries follow the last one. */
  readonly more: boolean;
  /** How many remain after this page (0 when none), without a `matches` filter only. */
  readonly remaining?: number;
}

/** The ring no longer holds what is asked for: 410 Expired. KA-82, KA-87 */
export class CompactedError extends Error {
  override readonly name = 'CompactedError';
}

/** The revision asked for is ahead of the server after the wait: 504 with ResourceVersionTooLarge. KA-40 */
export class RevisionAheadError extends Error {
  override readonly name = 'RevisionAheadError';
  readonly asked: Revision;
  readonly current: Revision;
  constructor(asked: Revision, current: Revision) {
    super(`revision ${asked} is ahead of ${current}`);
    this.asked = asked;
    this.current = current;
  }
}

export interface WatchRequest {
  readonly resource: string;
  /** Absent or empty: all namespaces. */
  readonly namespace?: string;
  /** Of this object only; needs `namespace` where the resource has namespaces. */
  readonly name?: string;
  /** Events with a greater revision, in order, each once. Ahead of now: waits. */
  readonly after: Revision;
}

/**
 * A stream of events, pulled in batches so that a slow reader holds up nobody; a reader that falls out of the ring, or
 * whose store was reloaded, gets CompactedError from `next`.
 */
export interface StoreWatch extends Disposable {
  /**
   * Waits for events; resolves with at least one, or with an empty list when `idleMs` passed (time for a bookmark) or
   * the watch was disposed of. One call at a time. @throws CompactedError, the signal's reason
   */
  next(idleMs: number, signal?: AbortSignal): Promise<readonly StoreEvent[]>;
  /** Every event of any resource up to this revision has been delivered or was not for this watch: what a bookmark says. */
  readonly revision: Revision;
}

export interface Store extends AsyncDisposable {
  /** Loads everything; resolves when reads and watches can be served. */
  start(signal?: AbortSignal): Promise<void>;
  /**
   * True once started and while the cache follows one line of history: false while it reloads after a restore, when
   * `get` and `list` still answer from the state before. Check it before serving: 429 or 503 otherwise. KA-92
   */
  readonly ready: boolean;
  readonly epoch: string;
  /** The newest revision this cache holds. */
  readonly revision: Revision;
  /** Resolves when the cache holds everything committed before this call, on any process: a linearizable read follows. */
  fresh(signal?: AbortSignal): Promise<Revision>;
  /** Resolves when the cache reached `revision`. @throws RevisionAheadError after `timeoutMs` (KA-40: 3 s) */
  waitFor(revision: Revision, timeoutMs: number, signal?: AbortSignal): Promise<void>;

  /** @throws StorageUnavailableError before the first load, as do all reads: never a false absence. KA-41 */
  get(key: StorageKey): Entry | undefined;
  /** @throws CompactedError; RevisionAheadError when the revision asked for is ahead: `waitFor` it first */
  list(request: ListRequest): ListResult;
  /** @throws CompactedError when `after` is older than the ring, or was never issued by this database */
  watch(request: WatchRequest): StoreWatch;
  /** Objects owned by this uid, of any resource. For the garbage collector. */
  ownedBy(uid: string): readonly Entry[];
  /**
   * Something that is another thing after any object of the resource came, changed or went: for who keeps what it made of
   * all of them. Undefined as long as there was none.
   */
  stateOf(resource: string): unknown;
  /** Resources that hold at least one object, with their count; in a namespace if given. */
  resourceCounts(namespace?: string): ReadonlyMap<string, number>;

  /**
   * Commits; when it resolves, the entries are in the cache. @throws what Storage.write throws
   * @param onPut is given the entry that the first operation put, before any watch is woken by it; not when another
   * write of its key is under way
   */
  write(transaction: Transaction, signal?: AbortSignal, onPut?: (entry: Entry) => void): Promise<Commit>;
  /** Sets (or replaces, reindexing) how a resource is indexed. Resources without one have empty `fields`. */
  setIndexer(resource: string, indexer: Indexer): void;
}
