/** Milliseconds since the Unix epoch. */
export type EpochMs = number;

/**
 * All the time there is for code that must be testable: nothing but this reads the wall clock or sets a timer.
 * The fake is in `@quarterdeck/machinery/testing`.
 */
export interface Clock {
  /** The wall clock: for timestamps in objects. It may jump, both ways. */
  now(): EpochMs;
  /** Milliseconds from an arbitrary start, never jumping: for every duration (leases, backoff, deadlines). F-20 */
  monotonic(): number;
  /** Calls back once after `ms`, unless cancelled. */
  after(ms: number, callback: () => void): Timer;
  /** Resolves after `ms`; rejects with the signal's reason when it aborts first. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}

export interface Timer {
  cancel(): void;
}

/**
 * Up to a hundredth more, from a second on: Node keeps a list for every length of timers there is, and each member has dozens
 * of random length. So there are some thousand lists, however many members.
 */
function coarse(ms: number): number {
  if (!(ms >= 1_000)) return ms;
  const step = 10 ** Math.floor(Math.log10(ms)) / 100;
  // Node takes no longer timer, and would end one at once.
  return Math.min(Math.ceil(ms / step) * step, Math.max(ms, 2 ** 31 - 1));
}

/** The real clock. Timers do not keep the process alive by themselves. */
export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  after(ms, callback) {
    const handle = setTimeout(callback, coarse(ms));
    handle.unref();
    return { cancel: () => clearTimeout(handle) };
  },
  sleep(ms, signal) {
    return new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason as Error);
      const handle = setTimeout(() => {
        signal?.removeEventListener('abort', onAbort);
        resolve();
      }, coarse(ms));
      const onAbort = () => {
        clearTimeout(handle);
        reject(signal?.reason as Error);
      };
      signal?.addEventListener('abort', onAbort, { once: true });
    });
  },
};
