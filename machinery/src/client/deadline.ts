import type { Clock } from '../runtime/clock.ts';

/** One signal out of two: the caller's, and a time limit. */
export interface Deadline {
  readonly signal: AbortSignal;
  /** Whether the time limit, not the caller, aborted. */
  passed(): boolean;
  /** Drops the time limit; the caller's signal still counts. */
  lift(): void;
  /** Drops both: call it when done, or the caller's signal keeps a listener. */
  end(): void;
}

export function startDeadline(clock: Clock, timeoutMs: number, signal: AbortSignal | undefined): Deadline {
  const controller = new AbortController();
  let isPassed = false;
  const onAbort = () => controller.abort(signal?.reason);
  if (signal?.aborted) onAbort();
  else signal?.addEventListener('abort', onAbort, { once: true });
  const timer = clock.after(timeoutMs, () => {
    isPassed = true;
    controller.abort(new Error(`no answer within ${timeoutMs} ms`));
  });
  return {
    signal: controller.signal,
    passed: () => isPassed,
    lift: () => timer.cancel(),
    end() {
      timer.cancel();
      signal?.removeEventListener('abort', onAbort);
    },
  };
}
