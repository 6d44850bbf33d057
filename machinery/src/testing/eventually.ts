import { setTimeout as delay } from 'node:timers/promises';
import { inspect } from 'node:util';

export interface EventuallyOptions {
  /** Default 10 000. */
  timeoutMs?: number;
  /** Pause between tries; default 10, growing by half to at most 250. */
  intervalMs?: number;
  /** Named in the failure: what was waited for. */
  message?: string;
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
  const { timeoutMs = 10_000, message = 'the expected state' } = options;
  let pauseMs = options.intervalMs ?? 10;
  const deadline = performance.now() + timeoutMs;
  for (;;) {
    let seen: { value: unknown } | { error: unknown };
    try {
      const value = await probe();
      if (value) return value as Exclude<Awaited<T>, undefined | null | false | 0 | ''>;
      seen = { value };
    } catch (error) {
      seen = { error };
    }
    if (performance.now() >= deadline) throw timedOut(message, timeoutMs, seen);
    await delay(Math.min(pauseMs, Math.max(1, deadline - performance.now())));
    if (options.intervalMs === undefined) pauseMs = Math.min(250, pauseMs * 1.5);
  }
}

function timedOut(message: string, timeoutMs: number, seen: { value: unknown } | { error: unknown }): Error {
  const head = `waited ${timeoutMs} ms for ${message};`;
  if ('value' in seen) return new Error(`${head} last value: ${inspect(seen.value, { depth: 6 })}`);
  const text = seen.error instanceof Error ? seen.error.message : inspect(seen.error);
  return new Error(`${head} last error: ${text}`, { cause: seen.error });
}
