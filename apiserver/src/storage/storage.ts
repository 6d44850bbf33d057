import type { EpochMs } from '@quarterdeck/machinery';

/**
 * The database under one API server: current objects and a short ordered change log. design: docs/adr/0004.
 *
 * Two implementations, memory and PostgreSQL, pass one conformance suite (`storage/conformance/`), which always runs
 * with two Storage instances on one database. Storage knows keys, bodies and revisions; nothing of Kubernetes.
 */

/**
 * The single store-wide counter; strictly increasing in commit order, gapless between starts, raised to the current
 * time in microseconds at each start (so at most 2^53). 0: before anything. KA-43
 */
export type Revision = number;

export interface StorageKey {
  /** `plural.group`, or `plural` for the core group: `works.multicluster.x-k8s.io`, `configmaps`. */
  readonly resource: string;
  /** Empty for cluster-scoped resources. */
  readonly namespace: string;
  readonly name: string;
}

/** One object at one revision. */
export interface StoredRow {
  readonly key: StorageKey;
  readonly revision: Revision;
  /** The object's JSON after its header; see cache/body.ts. Opaque to storage. */
  readonly body: string;
  /** Stored otherwise than a write would store it now, by an older key for one. Absent: not so. KA-56, KA-147 */
  readonly stale?: boolean;
}

/** A row that was written or removed, in the order of the log. */
export interface Change {
  readonly type: 'put' | 'delete';
  readonly key: StorageKey;
  readonly revision: Revision;
  /** `put`: the new body. `delete`: the last body, as watchers shall see it. */
  readonly body: string;
  /** As in {@link StoredRow}. */
  readonly stale?: boolean;
}

/** What must be true of a key when the transaction commits. A number: exactly at that revision. */
export type Expectation = 'absent' | 'present' | Revision;

export type WriteOperation =
  | { readonly type: 'put'; readonly key: StorageKey; readonly body: string; readonly expect: Expectation }
  | { readonly type: 'delete'; readonly key: StorageKey; readonly lastBody: string; readonly expect: Expectation };

/**
 * A few operations that commit together or not at all. Every operation gets a revision of its own, in order. At least
 * one operation; no key twice, in operations and guards together; see {@link InvalidTransactionError}.
 */
export interface Transaction {
  readonly operations: readonly WriteOperation[];
  /** Conditions on keys that the transaction does not write: a namespace that must still be active, a quota. */
  readonly guards?: readonly { readonly key: StorageKey; readonly expect: Expectation }[];
  /**
   * It may wait a moment, so that others share its commit: a thousand Leases that are renewed each 10 s need not be a hundred
   * commits a second. Never behind one that is in a hurry. Default: it goes at once.
   */
  readonly unhurried?: boolean;
}

/** A transaction that can never be stored: a caller's bug, thrown before anything is sent. transaction.ts has the rules. */
export class InvalidTransactionError extends Error {
  override readonly name = 'InvalidTransactionError';
}

export interface Commit {
  /** One per operation, in order, consecutive. */
  readonly revisions: readonly Revision[];
}

/** An expectation did not hold; nothing was written. */
export class ExpectationFailedError extends Error {
  override readonly name = 'ExpectationFailedError';
  readonly key: StorageKey;
  readonly expected: Expectation;
  /** What was found: a revision, or `absent`. */
  readonly found: Revision | 'absent';

  constructor(key: StorageKey, expected: Expectation, found: Revision | 'absent') {
    super(`${key.resource} ${key.namespace}/${key.name}: expected ${expected}, found ${found}`);
    this.key = key;
    this.expected = expected;
    this.found = found;
  }
}

/** The database cannot answer now; the outcome of a write in flight was read back and is known not to have happened. */
export class StorageUnavailableError extends Error {
  override readonly name = 'StorageUnavailableError';
}

/**
 * The connection was lost while a write was in flight, and the database stayed away too long to read back what became
 * of it: it may have happened or not. The one case where a caller must look again. F-9
 */
export class WriteOutcomeUnknownError extends Error {
  override readonly name = 'WriteOutcomeUnknownError';
}

/** The log seen from its end: what each change replaced. Undoing them one by one gives every earlier state. */
export type PastChange =
  | {
      readonly type: 'put';
      readonly key: StorageKey;
      readonly revision: Revision;
      /** When it was committed, by the clock of the process that wrote it. */
      readonly at: EpochMs;
      /** The state that this change replaced; absent when it created the object. */
      readonly previous: PastState | undefined;
    }
  | {
      readonly type: 'delete';
      readonly key: StorageKey;
      readonly revision: Revision;
      readonly at: EpochMs;
      readonly previous: PastState;
      /** The last body, as watchers shall see it. */
      readonly body: string;
    }
  /** A revision that was issued without a change: the counter was raised at a start. KA-43 */
  | { readonly type: 'mark'; readonly revision: Revision; readonly at: EpochMs }
  /** A change that cannot be read any more, its key being gone: it and what is before it cannot be undone. KA-147 */
  | { readonly type: 'lost'; readonly revision: Revision; readonly at: EpochMs };

export interface PastState {
  readonly revision: Revision;
  readonly body: string;
}

export interface StorageSnapshot extends AsyncDisposable {
  /** Identifies one line of history; differs after a restore or on another database. */
  readonly epoch: string;
  /** Everything up to and including this revision is in `rows`. */
  readonly revision: Revision;
  /** Changes up to and including this revision are forgotten: `history` ends above it. */
  readonly compacted: Revision;
  /** Every object, in no particular order. Read once. */
  readonly rows: AsyncIterable<readonly StoredRow[]>;
  /**
   * The log as of `revision`, newest first, back to `compacted`; what a restarted server needs so that any revision a
   * client has seen continues (KA-92). Read once, after `rows`; stop early when enough is known.
   */
  readonly history: AsyncIterable<readonly PastChange[]>;
}

export interface FollowSink {
  /** Changes in revision order, without a gap after the `from` of follow, each exactly once. Never empty. */
  changes(changes: readonly Change[]): void;
  /**
   * Everything up to this revision has been delivered; it was issued without a change (the counter was raised). Called
   * for each such revision, in order with the changes.
   */
  progress(revision: Revision): void;
  /**
   * History before this point is gone or was rewritten (restore, another database, a gap beyond the log): reload.
   * No call follows this one.
   */
  reset(reason: string): void;
}

export interface Storage extends AsyncDisposable {
  /**
   * Migrates and raises the revision on first use. Reads everything, at one revision, while writes go on. Holds a
   * connection until it is disposed of.
   */
  snapshot(signal?: AbortSignal): Promise<StorageSnapshot>;
  /**
   * Commits durably. All writes of this process go through one lane that batches what is waiting. The signal takes a
   * waiting write out of the lane (rejects with its reason); once sent, a write settles by its outcome.
   * @throws ExpectationFailedError, StorageUnavailableError, WriteOutcomeUnknownError, InvalidTransactionError
   */
  write(transaction: Transaction, signal?: AbortSignal): Promise<Commit>;
  /**
   * Delivers every commit after `from`, by this process and by others. Own commits are delivered before their `write`
   * resolves. Survives lost connections by itself. Never calls the sink before it has returned.
   */
  follow(from: Revision, sink: FollowSink): Disposable;
  /** The database's revision now; calls that arrive while one is under way share its successor. RL-1 */
  latestRevision(signal?: AbortSignal): Promise<Revision>;
  /** Forgets log entries up to and including `upTo`; current objects stay. */
  compact(upTo: Revision): Promise<void>;
  /** Small secrets and settings that live beside the objects (CA, keys, hub uid): read, or created once by whoever is first. */
  readonly settings: SettingsStore;
}

export interface SettingsStore {
  get(name: string): Promise<string | undefined>;
  /** Stores `value` if `name` is absent; returns what is stored afterwards, whoever wrote it. Two hubs may start at once. */
  createOnce(name: string, value: string): Promise<string>;
  put(name: string, value: string): Promise<void>;
  /** Stores `value` where `seen` still stands; false: somebody else has written since. After a lost answer it may be false though it was stored. */
  replace(name: string, seen: string, value: string): Promise<boolean>;
}
