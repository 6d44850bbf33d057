import { backoffMs } from './backoff.ts';
import type { Clock, Timer } from './clock.ts';

export interface QueueOptions {
  readonly clock: Clock;
  /** First delay after a failure, ms. Default 5. */
  readonly baseDelayMs?: number;
  /** Longest delay, ms. Default 60,000. */
  readonly maxDelayMs?: number;
  /** In [0, 1), for jitter. Default Math.random. */
  readonly random?: () => number;
}

/**
 * The work queue of a controller: a set of keys in order of arrival. A key waits at most once, is never handed out while
 * it is being worked on, and comes again afterwards if it was added meanwhile. Failures delay a key exponentially.
 */
export interface WorkQueue {
  /** Keys waiting to be taken (not those delayed). */
  readonly length: number;
  add(key: string): void;
  /** Adds after `ms`; of several the earliest counts. Negative and zero: at once. */
  addAfter(key: string, ms: number): void;
  /** Adds after a delay that doubles with each call since {@link forget}. Returns the delay. */
  addRateLimited(key: string): number;
  /** Lets the next failure of a key start at the shortest delay again. */
  forget(key: string): void;
  /** The next key, marked as being worked on; undefined when none waits. */
  take(): string | undefined;
  /** The work on a taken key is over. */
  done(key: string): void;
  /** Calls back whenever a key becomes available. One listener; a later one replaces it. */
  onAvailable(listener: () => void): void;
  /** Drops everything and every timer; nothing can be added any more. */
  close(): void;
}

export function createQueue(options: QueueOptions): WorkQueue {
  const { clock, baseDelayMs = 5, maxDelayMs = 60_000, random = Math.random } = options;
  const waiting = new Set<string>();
  const working = new Set<string>();
  /** Added while being worked on. */
  const again = new Set<string>();
  const delayed = new Map<string, { dueAt: number; timer: Timer }>();
  const failures = new Map<string, number>();
  let notifyAvailable = () => {};
  let isClosed = false;

  function add(key: string): void {
    if (isClosed) return;
    if (working.has(key)) {
      again.add(key);
    } else if (!waiting.has(key)) {
      waiting.add(key);
      notifyAvailable();
    }
  }

  function addAfter(key: string, ms: number): void {
    if (isClosed) return;
    if (ms <= 0) {
      add(key);
      return;
    }
    const dueAt = clock.monotonic() + ms;
    const planned = delayed.get(key);
    if (planned !== undefined && planned.dueAt <= dueAt) return;
    planned?.timer.cancel();
    const timer = clock.after(ms, () => {
      delayed.delete(key);
      add(key);
    });
    delayed.set(key, { dueAt, timer });
  }

  return {
    get length() {
      return waiting.size;
    },
    add,
    addAfter,
    addRateLimited(key) {
      const count = (failures.get(key) ?? 0) + 1;
      failures.set(key, count);
      const delayMs = backoffMs({ baseMs: baseDelayMs, maxMs: maxDelayMs }, count, random());
      addAfter(key, delayMs);
      return delayMs;
    },
    forget: (key) => void failures.delete(key),
    take() {
      const [key] = waiting;
      if (key === undefined) return undefined;
      waiting.delete(key);
      working.add(key);
      return key;
    },
    done(key) {
      working.delete(key);
      if (again.delete(key)) add(key);
    },
    onAvailable(listener) {
      notifyAvailable = listener;
    },
    close() {
      isClosed = true;
      for (const { timer } of delayed.values()) timer.cancel();
      delayed.clear();
      waiting.clear();
      again.clear();
    },
  };
}
