import type { Clock } from './clock.ts';
import { type Logger, silentLogger } from './logger.ts';

/** A part of a process. */
export interface Service {
  readonly name: string;
  /** Resolves when it serves; a throw stops the process's start. The signal aborts when the process is to stop meanwhile. */
  start(signal: AbortSignal): Promise<void> | void;
  /** Resolves when it is down. Called only after a start that succeeded. */
  stop(): Promise<void> | void;
  /** Rejects when it breaks down by itself; the process then stops. Absent: it never does. */
  readonly failed?: Promise<never>;
}

export interface RunOptions {
  clock: Clock;
  /** Ends the run. */
  signal: AbortSignal;
  /** Longest time for each service's stop. Default 30 000 ms. */
  stopTimeoutMs?: number;
  logger?: Logger;
  /** Called when all have started. */
  onReady?: () => void;
}

/**
 * Starts services in order, waits for the signal or the first breakdown, and stops those that started in reverse order,
 * each within its time. KA-145
 * @throws the error that a start or a service failed with, else an AggregateError of what failed while stopping
 */
export async function runServices(services: readonly Service[], options: RunOptions): Promise<void> {
  const { signal, logger = silentLogger } = options;
  const started: Service[] = [];
  let failure: { error: unknown } | undefined;
  try {
    for (const service of services) {
      if (signal.aborted) break;
      await service.start(signal);
      started.push(service);
      logger.debug({ service: service.name }, 'service started');
    }
    if (!signal.aborted) {
      options.onReady?.();
      await firstEnd(started, signal);
    }
  } catch (error) {
    // A start that gave up because the process is to stop has not failed.
    if (!signal.aborted) failure = { error };
  }
  const stopErrors = await stopAll(started.reverse(), options);
  if (failure !== undefined) throw failure.error;
  if (stopErrors.length > 0)
    throw new AggregateError(stopErrors, `stopping failed: ${stopErrors.map(String).join('; ')}`);
}

/** Resolves with the signal; rejects with the first breakdown. */
async function firstEnd(services: readonly Service[], signal: AbortSignal): Promise<void> {
  const aborted = Promise.withResolvers<void>();
  const onAbort = () => aborted.resolve();
  if (signal.aborted) return;
  signal.addEventListener('abort', onAbort, { once: true });
  try {
    await Promise.race([aborted.promise, ...services.flatMap(({ failed }) => failed ?? [])]);
  } finally {
    signal.removeEventListener('abort', onAbort);
  }
}

async function stopAll(services: readonly Service[], options: RunOptions): Promise<Error[]> {
  const { clock, stopTimeoutMs = 30_000, logger = silentLogger } = options;
  const errors: Error[] = [];
  for (const service of services) {
    const timeout = Promise.withResolvers<never>();
    const timer = clock.after(stopTimeoutMs, () => timeout.reject(new Error(`not down within ${stopTimeoutMs} ms`)));
    try {
      await Promise.race([service.stop(), timeout.promise]);
      logger.debug({ service: service.name }, 'service stopped');
    } catch (cause) {
      const error = new Error(`${service.name}: ${(cause as Error).message}`, { cause });
      logger.error({ err: error, service: service.name }, 'service did not stop cleanly');
      errors.push(error);
    } finally {
      timer.cancel();
    }
  }
  return errors;
}
