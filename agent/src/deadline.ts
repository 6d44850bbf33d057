import type { Clock } from '@quarterdeck/machinery';

/** Runs something that must answer within `ms`; its signal aborts then, or with the outer one. */
export async function withDeadline<T>(
  clock: Clock,
  ms: number,
  outer: AbortSignal,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const deadline = new AbortController();
  const timer = clock.after(ms, () => deadline.abort(new Error(`no answer within ${ms} ms`)));
  try {
    return await work(AbortSignal.any([outer, deadline.signal]));
  } finally {
    timer.cancel();
  }
}
