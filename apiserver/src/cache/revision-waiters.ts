import type { Clock } from '@quarterdeck/machinery';
import { type Revision, StorageUnavailableError } from '../storage/storage.ts';

/** Those who wait until the cache holds a revision. */
export interface RevisionWaiters {
  advance(revision: Revision): void;
  /** @throws StorageUnavailableError when closed first; the signal's reason */
  reached(revision: Revision, signal?: AbortSignal): Promise<void>;
  /** @returns false when `timeoutMs` passed first */
  within(revision: Revision, timeoutMs: number, signal?: AbortSignal): Promise<boolean>;
  close(): void;
}

interface Waiter {
  readonly revision: Revision;
  resolve(): void;
  reject(reason: unknown): void;
}

export function createRevisionWaiters(clock: Clock): RevisionWaiters {
  const waiters = new Set<Waiter>();
  let current: Revision = 0;
  let closed = false;

  const reached = async (revision: Revision, signal?: AbortSignal): Promise<void> => {
    signal?.throwIfAborted();
    if (current >= revision) return;
    if (closed) throw new StorageUnavailableError('the store is closed');
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const waiter: Waiter = { revision, resolve, reject };
    const onAbort = (): void => reject(signal?.reason as Error);
    waiters.add(waiter);
    signal?.addEventListener('abort', onAbort, { once: true });
    try {
      await promise;
    } finally {
      waiters.delete(waiter);
      signal?.removeEventListener('abort', onAbort);
    }
  };

  return {
    advance(revision) {
      current = revision;
      for (const waiter of waiters) if (waiter.revision <= revision) waiter.resolve();
    },
    reached,
    async within(revision, timeoutMs, signal) {
      const timeout = new AbortController();
      const timer = clock.after(timeoutMs, () => timeout.abort());
      try {
        await reached(revision, signal ? AbortSignal.any([signal, timeout.signal]) : timeout.signal);
        return true;
      } catch (cause) {
        if (timeout.signal.aborted && !signal?.aborted && !closed) return false;
        throw cause;
      } finally {
        timer.cancel();
      }
    },
    close() {
      closed = true;
      for (const waiter of waiters) waiter.reject(new StorageUnavailableError('the store is closed'));
    },
  };
}
