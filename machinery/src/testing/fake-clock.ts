import type { Clock, EpochMs, Timer } from '../runtime/clock.ts';

/** A clock that stands still until told otherwise. */
export interface FakeClock extends Clock {
  /**
   * Moves time forward, running every timer that falls due in its order, at its own time, and letting promises settle
   * after each, so that a timer set by another timer's work runs too when it falls into the same span.
   */
  advance(ms: number): Promise<void>;
  /** Sets the wall clock (both ways) without running timers and without touching the monotonic time: F-20. */
  jump(ms: number): void;
  /** Moves time forward without running anything, as a stalled event loop does: F-30. Timers that are due run later. */
  stall(ms: number): void;
  /** Lets pending promises and input settle without moving time. */
  settle(): Promise<void>;
  /** How many timers wait; 0 proves that nothing was left behind. */
  pendingTimers(): number;
  /** Monotonic time of the earliest timer; undefined when none waits. */
  nextTimerAt(): number | undefined;
}

interface Scheduled {
  due: number;
  order: number;
  callback: () => void;
}

/**
 * @param startMs what `now()` says at first; default 2026-01-01T00:00:00Z. The monotonic time starts at 0.
 */
export function fakeClock(startMs: EpochMs = Date.UTC(2026, 0, 1)): FakeClock {
  const timers = new Set<Scheduled>();
  let elapsed = 0;
  let offset = startMs;
  let order = 0;

  const earliest = (): Scheduled | undefined => {
    let first: Scheduled | undefined;
    for (const timer of timers) {
      if (first === undefined || timer.due < first.due || (timer.due === first.due && timer.order < first.order)) {
        first = timer;
      }
    }
    return first;
  };

  function after(ms: number, callback: () => void): Timer {
    const timer: Scheduled = { due: elapsed + Math.max(0, ms), order: order++, callback };
    timers.add(timer);
    return { cancel: () => void timers.delete(timer) };
  }

  function sleep(ms: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason as Error);
      const onAbort = () => {
        timer.cancel();
        reject(signal?.reason as Error);
      };
      const timer = after(ms, () => {
        signal?.removeEventListener('abort', onAbort);
        resolve();
      });
      signal?.addEventListener('abort', onAbort, { once: true });
    });
  }

  async function advance(ms: number): Promise<void> {
    const end = elapsed + ms;
    await settle();
    for (let next = earliest(); next !== undefined && next.due <= end; next = earliest()) {
      elapsed = Math.max(elapsed, next.due);
      timers.delete(next);
      next.callback();
      await settle();
    }
    elapsed = end;
    await settle();
  }

  return {
    now: () => offset + elapsed,
    monotonic: () => elapsed,
    after,
    sleep,
    advance,
    jump: (ms) => {
      offset += ms;
    },
    stall: (ms) => {
      elapsed += ms;
    },
    settle,
    pendingTimers: () => timers.size,
    nextTimerAt: () => earliest()?.due,
  };
}

/** Two turns of the event loop: promise chains of any length, and callbacks of input that was already there. */
async function settle(): Promise<void> {
  for (let turn = 0; turn < 2; turn++) await new Promise<void>((resolve) => setImmediate(resolve));
}
