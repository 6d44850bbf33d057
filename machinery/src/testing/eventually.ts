import { readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { inspect } from 'node:util';

export interface EventuallyOptions {
  /** Default 10 000; time in which the machine had no processor for this thread does not count. */
  timeoutMs?: number;
  /** Pause between tries; default 10, growing by half to at most 250. */
  intervalMs?: number;
  /** Named in the failure: what was waited for. */
  message?: string;
  /** What the timeout is counted by, ms. Default: the time that the machine let this thread run or rest. */
  elapsed?: () => number;
}

/**
 * Waits for real (not fake) time until `probe` returns something truthy and resolves with it; a throw counts as "not
 * yet". Fails with the last value or error seen, so that a timeout tells what was there instead.
 *
 * @example const work = await eventually(async () => (await hub.list(Work)).items[0]);
 * @example await eventually(async () => { expect((await hub.get(Work, ref)).status).toEqual(applied); return true; });
 */
export async function eventually<T>(
  probe: () => T | Promise<T>,
  options: EventuallyOptions = {},
): Promise<Exclude<Awaited<T>, undefined | null | false | 0 | ''>> {
  const { timeoutMs = 10_000, message = 'the expected state', elapsed = usableMs } = options;
  let pauseMs = options.intervalMs ?? 10;
  const started = elapsed();
  for (;;) {
    let seen: { value: unknown } | { error: unknown };
    try {
      const value = await probe();
      if (value) return value as Exclude<Awaited<T>, undefined | null | false | 0 | ''>;
      seen = { value };
    } catch (error) {
      seen = { error };
    }
    const leftMs = timeoutMs - (elapsed() - started);
    if (leftMs <= 0) throw timedOut(message, timeoutMs, seen);
    await delay(Math.min(pauseMs, Math.max(1, leftMs)));
    if (options.intervalMs === undefined) pauseMs = Math.min(250, pauseMs * 1.5);
  }
}

/**
 * A clock that stands still while this thread could run and others do: what is waited for mostly runs here too, so on a busy
 * machine it takes as much longer. Where the system does not tell, the monotonic clock. Milliseconds.
 */
function usableMs(): number {
  return performance.now() - keptWaitingMs();
}

/** Linux counts nanoseconds: on a processor, and in line for one. */
function keptWaitingMs(): number {
  try {
    return Number(readFileSync('/proc/thread-self/schedstat', 'utf8').split(' ')[1] ?? 0) / 1e6;
  } catch {
    return 0;
  }
}

function timedOut(message: string, timeoutMs: number, seen: { value: unknown } | { error: unknown }): Error {
  const head = `waited ${timeoutMs} ms for ${message};`;
  if ('value' in seen) return new Error(`${head} last value: ${inspect(seen.value, { depth: 6 })}`);
  const text = seen.error instanceof Error ? seen.error.message : inspect(seen.error);
  return new Error(`${head} last error: ${text}`, { cause: seen.error });
}
