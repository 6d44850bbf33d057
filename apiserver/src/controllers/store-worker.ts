import { isAlreadyExists, isConflict } from '@quarterdeck/apis';
import { createQueue } from '@quarterdeck/machinery';
import type { Background, ControllerContext } from './context.ts';

export interface StoreWorkerOptions extends Pick<ControllerContext, 'clock' | 'logger' | 'metrics'> {
  /** The same word in logs, metrics and queue. */
  readonly name: string;
  /** Keys worked on at once. Default 1. */
  readonly concurrency?: number;
  /** Turns changes into keys until the signal aborts; never rejects. */
  readonly follow: (add: (key: string) => void, signal: AbortSignal) => Promise<void>;
  /** Looks at one key; a throw tries it again later, a conflict quietly. */
  readonly reconcile: (key: string, signal: AbortSignal) => Promise<void>;
}

/** A controller over the store rather than informers: queue, retries with backoff, metrics. */
export function createStoreWorker(options: StoreWorkerOptions): Background {
  const { name, clock, metrics, concurrency = 1, follow, reconcile } = options;
  const logger = options.logger.child({ controller: name });
  const queue = createQueue({ clock });
  const working = new Set<Promise<void>>();
  const stopped = Promise.withResolvers<void>();

  async function work(key: string, signal: AbortSignal): Promise<void> {
    const started = clock.monotonic();
    const count = (result: string) => metrics.reconciles.inc({ controller: name, result });
    try {
      await reconcile(key, signal);
      queue.forget(key);
      count('done');
    } catch (error) {
      if (signal.aborted) return;
      const delayMs = queue.addRateLimited(key);
      const isRace = isConflict(error) || isAlreadyExists(error);
      if (isRace) logger.debug({ key, delayMs }, 'object changed meanwhile');
      else logger.error({ err: error, key, delayMs }, 'reconcile failed');
      count(isRace ? 'conflict' : 'error');
    } finally {
      metrics.reconcileSeconds.observe({ controller: name }, (clock.monotonic() - started) / 1000);
    }
  }

  function pump(signal: AbortSignal): void {
    while (working.size < concurrency && !signal.aborted) {
      const key = queue.take();
      if (key === undefined) break;
      const job: Promise<void> = work(key, signal).finally(() => {
        working.delete(job);
        queue.done(key);
        pump(signal);
      });
      working.add(job);
    }
    metrics.queueLength.set({ controller: name }, queue.length);
  }

  async function run(signal: AbortSignal): Promise<void> {
    queue.onAvailable(() => pump(signal));
    await follow((key) => queue.add(key), signal);
    queue.close();
    await Promise.all(working);
  }

  return {
    name,
    stopped: stopped.promise,
    start: (signal) => void run(signal).finally(() => stopped.resolve()),
  };
}
