import { randomUUID } from 'node:crypto';
import type { EpochMs } from '@quarterdeck/machinery';
import type { Change, PastChange, PastState, Revision, StorageKey, StoredRow, Transaction } from './storage.ts';
import { judge, keyId } from './transaction.ts';

/** One entry of the log: what happened, and what it replaced. */
export interface LogEntry {
  readonly change: Change | undefined;
  readonly past: PastChange;
}

/**
 * What several memory storages share, as several processes share one PostgreSQL. Nothing outlives the process. The
 * methods are for `openMemoryStorage`; tests use `outage` and `rewrite` to play the faults of a real database.
 */
export interface MemoryDatabase {
  readonly state: MemoryState;
  /** While on, everything that needs the database fails with StorageUnavailableError. KA-41 */
  outage(on: boolean): void;
  /** Plays a restore: another epoch, history forgotten, objects as they are. Followers are reset. */
  rewrite(): void;
}

export interface MemoryState {
  epoch: string;
  counter: Revision;
  compacted: Revision;
  available: boolean;
  readonly objects: Map<string, StoredRow>;
  /** Revision order, all above `compacted`. */
  log: LogEntry[];
  readonly settings: Map<string, string>;
  /** Called after each commit, mark, outage and rewrite: the hint to read the log. */
  readonly listeners: Set<() => void>;
}

export function createMemoryDatabase(): MemoryDatabase {
  const state: MemoryState = {
    epoch: randomUUID(),
    counter: 0,
    compacted: 0,
    available: true,
    objects: new Map(),
    log: [],
    settings: new Map(),
    listeners: new Set(),
  };
  return {
    state,
    outage(on) {
      state.available = !on;
      notify(state);
    },
    rewrite() {
      state.epoch = randomUUID();
      state.compacted = ++state.counter;
      state.log = [];
      notify(state);
    },
  };
}

/** Raises the counter to the time in microseconds, as every start does. KA-43 */
export function raise(state: MemoryState, now: EpochMs): void {
  state.counter = Math.max(state.counter + 1, Math.floor(now * 1000));
  state.log.push({ change: undefined, past: { type: 'mark', revision: state.counter, at: now } });
  notify(state);
}

/** @throws ExpectationFailedError, and nothing has changed */
export function commit(state: MemoryState, transaction: Transaction, now: EpochMs): Revision[] {
  for (const { key, expect } of [...(transaction.guards ?? []), ...transaction.operations]) {
    const failure = judge(key, expect, state.objects.get(keyId(key))?.revision);
    if (failure) throw failure;
  }
  const revisions = transaction.operations.map((operation) => {
    const revision = ++state.counter;
    const { key } = operation;
    const id = keyId(key);
    const previous = state.objects.get(id);
    if (operation.type === 'put') {
      state.objects.set(id, { key, revision, body: operation.body });
      record(state, { type: 'put', key, revision, body: operation.body }, previous, now);
    } else {
      state.objects.delete(id);
      record(state, { type: 'delete', key, revision, body: operation.lastBody }, previous, now);
    }
    return revision;
  });
  notify(state);
  return revisions;
}

function record(state: MemoryState, change: Change, replaced: StoredRow | undefined, at: EpochMs): void {
  const { key, revision } = change;
  const previous: PastState | undefined = replaced && { revision: replaced.revision, body: replaced.body };
  const past: PastChange =
    change.type === 'delete'
      ? { type: 'delete', key, revision, at, previous: previous ?? missing(key), body: change.body }
      : { type: 'put', key, revision, at, previous };
  state.log.push({ change, past });
}

/** Expectations rule it out: a delete expects `present` or a revision. */
function missing(key: StorageKey): never {
  throw new Error(`deleting ${key.resource} ${key.namespace}/${key.name}, which is not there`);
}

export function forget(state: MemoryState, upTo: Revision): void {
  const limit = Math.min(upTo, state.counter);
  if (limit <= state.compacted) return;
  state.compacted = limit;
  state.log = state.log.slice(firstAbove(state.log, limit));
}

/** Index of the first entry above `revision`; the log's length when there is none. */
export function firstAbove(log: readonly LogEntry[], revision: Revision): number {
  let low = 0;
  let high = log.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((log[middle]?.past.revision ?? 0) <= revision) low = middle + 1;
    else high = middle;
  }
  return low;
}

function notify(state: MemoryState): void {
  for (const listener of state.listeners) listener();
}
