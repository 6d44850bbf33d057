import type { Clock } from '@quarterdeck/machinery';
import { commit, firstAbove, forget, type MemoryDatabase, type MemoryState, raise } from './memory-database.ts';
import {
  type Change,
  type FollowSink,
  type Revision,
  type SettingsStore,
  type Storage,
  type StorageSnapshot,
  StorageUnavailableError,
} from './storage.ts';
import { checkTransaction } from './transaction.ts';

export { createMemoryDatabase, type MemoryDatabase } from './memory-database.ts';

export interface MemoryStorageOptions {
  readonly clock: Clock;
}

const pageSize = 1000;

/** Storage in this process's memory, with PostgreSQL's semantics: open several on one database to play several hubs. */
export function openMemoryStorage(database: MemoryDatabase, options: MemoryStorageOptions): Storage {
  const { state } = database;
  const { clock } = options;
  const followers = new Set<Follower>();
  let started = false;
  let closed = false;

  /** Every call comes through here, one turn later, so that nothing happens inside the caller's own turn. */
  const enter = async (signal?: AbortSignal): Promise<void> => {
    signal?.throwIfAborted();
    await null;
    signal?.throwIfAborted();
    if (closed) throw new StorageUnavailableError('the storage is closed');
    if (!state.available) throw new StorageUnavailableError('the database is away');
    if (!started) {
      started = true;
      raise(state, clock.now());
    }
  };

  const settings: SettingsStore = {
    async get(name) {
      await enter();
      return state.settings.get(name);
    },
    async createOnce(name, value) {
      await enter();
      const existing = state.settings.get(name);
      if (existing !== undefined) return existing;
      state.settings.set(name, value);
      return value;
    },
    async put(name, value) {
      await enter();
      state.settings.set(name, value);
    },
    async replace(name, seen, value) {
      await enter();
      if (state.settings.get(name) !== seen) return false;
      state.settings.set(name, value);
      return true;
    },
  };

  return {
    settings,
    async snapshot(signal) {
      await enter(signal);
      return takeSnapshot(state);
    },
    async write(transaction, signal) {
      checkTransaction(transaction);
      await enter(signal);
      const revisions = commit(state, transaction, clock.now());
      for (const follower of followers) follower.pump();
      return { revisions };
    },
    follow(from, sink) {
      const follower = createFollower(state, from, sink);
      followers.add(follower);
      return {
        [Symbol.dispose]() {
          followers.delete(follower);
          follower.stop();
        },
      };
    },
    async latestRevision(signal) {
      await enter(signal);
      return state.counter;
    },
    async compact(upTo) {
      await enter();
      forget(state, upTo);
    },
    async [Symbol.asyncDispose]() {
      closed = true;
      for (const follower of followers) follower.stop();
      followers.clear();
    },
  };
}

interface Follower {
  /** Delivers what the log holds beyond the position, now. */
  pump(): void;
  stop(): void;
}

/** Reads the log in order; commits of other storages only hint that there is something to read. */
function createFollower(state: MemoryState, from: Revision, sink: FollowSink): Follower {
  const { epoch } = state;
  let position = from;
  let stopped = false;
  let pumping = false;
  const stop = (): void => {
    stopped = true;
    state.listeners.delete(hint);
  };
  const reset = (reason: string): void => {
    stop();
    sink.reset(reason);
  };
  const hand = (changes: readonly Change[]): void => {
    if (changes.length > 0 && !stopped) sink.changes(changes);
  };
  const deliver = (): void => {
    if (state.epoch !== epoch) reset('the database was restored');
    else if (position < state.compacted) reset(`changes after ${position} are compacted`);
    let changes: Change[] = [];
    for (const { change, past } of state.log.slice(firstAbove(state.log, position))) {
      if (stopped) return;
      if (change) changes.push(change);
      else {
        hand(changes);
        changes = [];
        sink.progress(past.revision);
      }
      position = past.revision;
    }
    hand(changes);
  };
  /** A sink may write, and so pump again, from inside a delivery: the outer loop carries on. */
  const pump = (): void => {
    if (pumping || !state.available) return;
    pumping = true;
    try {
      while (!stopped && (position < state.counter || state.epoch !== epoch)) deliver();
    } finally {
      pumping = false;
    }
  };
  const hint = (): void => queueMicrotask(pump);
  state.listeners.add(hint);
  hint();
  return { pump, stop };
}

function takeSnapshot(state: MemoryState): StorageSnapshot {
  const rows = [...state.objects.values()];
  const past = state.log.map((entry) => entry.past).reverse();
  return {
    epoch: state.epoch,
    revision: state.counter,
    compacted: state.compacted,
    rows: pages(rows),
    history: pages(past),
    async [Symbol.asyncDispose]() {},
  };
}

async function* pages<T>(items: readonly T[]): AsyncIterable<readonly T[]> {
  for (let start = 0; start < items.length; start += pageSize) yield items.slice(start, start + pageSize);
}
