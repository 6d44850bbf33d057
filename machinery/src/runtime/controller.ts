import { randomUUID } from 'node:crypto';
import { isAlreadyExists, isConflict, type KubeObject, type Stored } from '@quarterdeck/apis';
import type { Informer } from '../client/informer.ts';
import type { Clock } from './clock.ts';
import type { Logger } from './logger.ts';
import type { Metrics, ReconcileResult } from './metrics.ts';
import { parseObjectKey } from './object-key.ts';
import { createQueue, type WorkQueue } from './queue.ts';
import { type ObjectKey, type Reconciler, TerminalError } from './reconcile.ts';

/** Another kind whose changes concern the root kind. */
export interface ControllerWatch<T extends KubeObject> {
  readonly informer: Informer<T>;
  /**
   * Keys of the root kind that a change concerns. `old` is what was there before; undefined when the object appeared or
   * vanished. When an object can move from one root to another, name both.
   */
  map(object: Stored<T>, old: Stored<T> | undefined): readonly ObjectKey[];
  /** The same as {@link ControllerOptions.gatherMs}, for these changes; absent: as the controller has it. */
  readonly gatherMs?: number;
}

export interface ControllerOptions {
  /** `placement.decision`: the same word in logs, metrics and queue. */
  readonly name: string;
  readonly reconciler: Reconciler;
  /** The root kind: each of its changes concerns the object itself. */
  readonly primary: Informer<KubeObject>;
  /**
   * Whether a change of the root object concerns it, for reconcilers that read only a part of it; coming and going always
   * does. Default: every change does.
   */
  readonly concerns?: (now: Stored<KubeObject>, old: Stored<KubeObject>) => boolean;
  /** Made by {@link watching}, which types each by its informer. */
  readonly watches?: readonly ControllerWatch<KubeObject>[];
  /** Keys worked on at once. Default 1. */
  readonly concurrency?: number;
  /**
   * Changes that concern a key within this time, milliseconds, are one visit: for what follows others that come in quick
   * succession. What is asked for by {@link Controller.enqueue} does not wait. Default 0: at once.
   */
  readonly gatherMs?: number;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: Metrics;
}

/** Runs one reconciler. Start it once; make a new one to start again. */
export interface Controller {
  readonly name: string;
  /** Starts working once every informer is synced; returns at once. Ends with the signal. */
  start(signal: AbortSignal): void;
  /** Looks at a key for a reason that none of the controller's informers sees. */
  enqueue(key: ObjectKey): void;
  /** Resolves when no key waits and none is being worked on; delayed keys do not count. For tests. */
  idle(): Promise<void>;
  /** Resolves when, after the abort, the last reconcile has ended. */
  readonly stopped: Promise<void>;
}

/** Types the watches of a controller one by one. */
export function watching<T extends KubeObject>(
  informer: Informer<T>,
  map: (object: Stored<T>, old: Stored<T> | undefined) => readonly ObjectKey[],
  more: Pick<ControllerWatch<T>, 'gatherMs'> = {},
): ControllerWatch<KubeObject> {
  return { ...more, informer, map } as ControllerWatch<KubeObject>;
}

/** Informers -> queue -> reconciler, with the three outcomes of {@link Reconciler}. */
export function createController(options: ControllerOptions): Controller {
  const { name, primary, concerns = () => true, watches = [], concurrency = 1, gatherMs = 0, clock, metrics } = options;
  const queue = createQueue({ clock });
  const logger = options.logger.child({ controller: name, kind: primary.type.kind });
  const stopped = Promise.withResolvers<void>();
  const idlers = new Set<() => void>();
  let working = 0;

  function settle(signal: AbortSignal): void {
    if (working > 0) return;
    if (signal.aborted) stopped.resolve();
    if (queue.length > 0) return;
    for (const resolve of idlers) resolve();
    idlers.clear();
  }

  function pump(signal: AbortSignal): void {
    while (working < concurrency && !signal.aborted) {
      const key = queue.take();
      if (key === undefined) break;
      working++;
      void work({ ...options, logger }, queue, key, signal).finally(() => {
        working--;
        queue.done(key);
        pump(signal);
        settle(signal);
      });
    }
    metrics.queueLength.set({ controller: name }, queue.length);
  }

  /** @returns how to unsubscribe from all */
  function subscribe(): () => void {
    const subscriptions = [
      primary.subscribe(({ key, type, object, old }) => {
        if (type !== 'modified' || old === undefined || concerns(object, old)) queue.addAfter(key, gatherMs);
      }),
      ...watches.map(({ informer, map, gatherMs: ownMs = gatherMs }) =>
        informer.subscribe(({ type, object, old }) => {
          for (const key of map(object, type === 'deleted' ? undefined : old)) queue.addAfter(key, ownMs);
        }),
      ),
    ];
    return () => {
      for (const unsubscribe of subscriptions) unsubscribe();
    };
  }

  return {
    name,
    stopped: stopped.promise,
    enqueue: (key) => queue.add(key),
    start(signal) {
      if (signal.aborted) return stopped.resolve();
      const unsubscribe = subscribe();
      const onAbort = () => {
        unsubscribe();
        queue.close();
        settle(signal);
      };
      signal.addEventListener('abort', onAbort, { once: true });
      const informers = [primary, ...watches.map(({ informer }) => informer)];
      // A decision on a half-filled cache would withdraw what is only not seen yet. PL-21, PD-23
      void Promise.all(informers.map(({ synced }) => synced)).then(
        () => {
          queue.onAvailable(() => pump(signal));
          pump(signal);
          settle(signal);
        },
        (error: unknown) => {
          if (!signal.aborted) logger.error({ err: error }, 'informers did not sync; the controller does not run');
        },
      );
    },
    idle() {
      if (working === 0 && queue.length === 0) return Promise.resolve();
      return new Promise((resolve) => idlers.add(resolve));
    },
  };
}

/** One visit to one key; never throws. */
async function work(options: ControllerOptions, queue: WorkQueue, key: ObjectKey, signal: AbortSignal): Promise<void> {
  const { name, clock, metrics } = options;
  const logger = options.logger.child({ ...parseObjectKey(key), reconcileID: randomUUID() });
  const startedAt = clock.monotonic();
  const count = (result: ReconcileResult) => metrics.reconciles.inc({ controller: name, result });
  try {
    const { requeueAfterMs } = await options.reconciler.reconcile(key, { signal, logger, now: clock.now() });
    queue.forget(key);
    if (requeueAfterMs !== undefined) queue.addAfter(key, requeueAfterMs);
    count('done');
  } catch (error) {
    // What was under way when the controller stopped is no failure.
    if (signal.aborted) return;
    if (error instanceof TerminalError) {
      queue.forget(key);
      logger.error({ err: error }, 'reconcile failed for good');
      count('terminal');
      return;
    }
    const delayMs = queue.addRateLimited(key);
    // The view was stale: somebody else wrote first. Looking again is all there is to do.
    const isStale = isConflict(error) || isAlreadyExists(error);
    if (isStale) logger.debug({ delayMs }, 'reconcile met a newer object');
    else logger.error({ err: error, delayMs }, 'reconcile failed');
    count(isStale ? 'conflict' : 'error');
  } finally {
    metrics.reconcileSeconds.observe({ controller: name }, (clock.monotonic() - startedAt) / 1000);
  }
}
