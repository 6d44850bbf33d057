import type { Clock, Logger } from '@quarterdeck/machinery';
import { type Change, type Revision, type Storage, StorageUnavailableError } from '../storage/storage.ts';
import { applyChange, type CacheState, reindexResource } from './cache-state.ts';
import { createEntryFactory } from './entry.ts';
import { createExpectedPuts } from './expected-puts.ts';
import { listEntries } from './list.ts';
import { loadState } from './load.ts';
import { createRevisionWaiters } from './revision-waiters.ts';
import { defaultRingLimits, type RingLimits } from './ring.ts';
import { RevisionAheadError, type Store } from './store.ts';
import { createWatch } from './watch.ts';

export interface StoreOptions extends Partial<RingLimits> {
  readonly clock: Clock;
  readonly logger: Logger;
}

const pruneEveryMs = 10_000;
/** What history forgot may be forgotten by the database too, which takes a statement. */
const compactEveryMs = 30_000;
const retryMinMs = 100;
const retryMaxMs = 5_000;

/** The watch cache over a storage, which stays the caller's to dispose of. Nothing happens before `start`. */
export function createStore(storage: Storage, options: StoreOptions): Store {
  const { clock, logger } = options;
  const limits: RingLimits = { ...defaultRingLimits, ...withoutUndefined(options) };
  const factory = createEntryFactory(logger);
  const waiters = createRevisionWaiters(clock);
  const expected = createExpectedPuts();
  const closing = new AbortController();
  let state: CacheState | undefined;
  let following: Disposable | undefined;
  let pruning: { cancel(): void } | undefined;
  let reloading: Promise<void> | undefined;
  let compactedTo: Revision = 0;
  let compactNext = 0;

  const loaded = (): CacheState => {
    if (state === undefined) throw new StorageUnavailableError('the store is not loaded yet');
    return state;
  };

  const load = async (signal: AbortSignal): Promise<void> => {
    await using snapshot = await storage.snapshot(signal);
    const next = await loadState(snapshot, { factory, limits, clock, signal });
    signal.throwIfAborted();
    state = next;
    following = storage.follow(next.revision, sinkFor(next));
    waiters.advance(next.revision);
  };

  const sinkFor = (own: CacheState) => ({
    changes(changes: readonly Change[]) {
      const now = clock.monotonic();
      for (const change of changes) expected.arrived(change, applyChange(own, change, factory, now));
      own.ring.channels.wake();
      waiters.advance(own.revision);
    },
    progress(revision: Revision) {
      own.ring.append({ revision, at: clock.monotonic(), event: undefined });
      own.revision = revision;
      waiters.advance(revision);
    },
    reset(reason: string) {
      logger.warn({ reason, revision: own.revision }, 'history was rewritten; reloading');
      own.ended = true;
      following = undefined;
      own.ring.channels.wakeAll();
      reloading = reload();
    },
  });

  const reload = async (): Promise<void> => {
    for (let delay = retryMinMs; !closing.signal.aborted; delay = Math.min(delay * 2, retryMaxMs)) {
      try {
        return await load(closing.signal);
      } catch (cause) {
        if (closing.signal.aborted) return;
        logger.warn({ err: cause, retryMs: delay }, 'reloading failed');
      }
      await clock.sleep(delay, closing.signal).catch(() => {});
    }
  };

  const prune = (): void => {
    pruning = clock.after(pruneEveryMs, prune);
    if (state === undefined || state.ended) return;
    const now = clock.monotonic();
    state.ring.prune(now);
    const { floor } = state.ring;
    if (floor <= compactedTo || now < compactNext) return;
    compactedTo = floor;
    compactNext = now + compactEveryMs;
    storage.compact(floor).catch((cause: unknown) => {
      compactedTo = 0;
      logger.debug({ err: cause }, 'compaction failed; it is tried again');
    });
  };

  return {
    async start(signal) {
      await load(signal ? AbortSignal.any([signal, closing.signal]) : closing.signal);
      pruning = clock.after(pruneEveryMs, prune);
    },
    get ready() {
      return state !== undefined && !state.ended && !closing.signal.aborted;
    },
    get epoch() {
      return loaded().epoch;
    },
    get revision() {
      return loaded().revision;
    },
    async fresh(signal) {
      const revision = await storage.latestRevision(signal);
      await waiters.reached(revision, signal);
      return revision;
    },
    async waitFor(revision, timeoutMs, signal) {
      if (loaded().revision >= revision) return;
      // Asking the database what is newest also makes the storage fetch it, should its hint have been lost.
      storage.latestRevision(signal).catch(() => {});
      const arrived = await waiters.within(revision, timeoutMs, signal);
      if (!arrived) throw new RevisionAheadError(revision, loaded().revision);
    },
    get: (key) => loaded().objects.get(key),
    list: (request) => listEntries(loaded(), request),
    watch: (request) => createWatch({ state: loaded(), clock }, request),
    ownedBy: (uid) => loaded().objects.ownedBy(uid),
    stateOf: (resource) => loaded().objects.stateOf(resource),
    resourceCounts: (namespace) => loaded().objects.counts(namespace),
    async write(transaction, signal, onPut) {
      using _expected = expected.expect(transaction.operations[0], onPut);
      const commit = await storage.write(transaction, signal);
      await waiters.reached(commit.revisions.at(-1) ?? 0);
      return commit;
    },
    setIndexer(resource, indexer) {
      factory.setIndexer(resource, indexer);
      if (state) reindexResource(state, resource, factory);
    },
    async [Symbol.asyncDispose]() {
      closing.abort(new StorageUnavailableError('the store is closed'));
      pruning?.cancel();
      following?.[Symbol.dispose]();
      if (state) {
        state.ended = true;
        state.ring.channels.wakeAll();
      }
      waiters.close();
      await reloading;
    },
  };
}

function withoutUndefined(options: Partial<RingLimits>): Partial<RingLimits> {
  const { historyMs, ringSize, ringBytes } = options;
  return {
    ...(historyMs !== undefined && { historyMs }),
    ...(ringSize !== undefined && { ringSize }),
    ...(ringBytes !== undefined && { ringBytes }),
  };
}
