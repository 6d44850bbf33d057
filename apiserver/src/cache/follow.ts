import type { Clock, Logger } from '@quarterdeck/machinery';
import { CompactedError, type Store, type StoreEvent, type StoreWatch } from './store.ts';

/** How long a watch may stay silent before the loop looks at its signal again. */
const idleMs = 60_000;
/** Between attempts to read a store that cannot be read. */
const retryMs = 200;

/** A watch of the store, and what becomes of its events. */
export interface Followed {
  readonly watch: StoreWatch;
  readonly onEvent: (event: StoreEvent) => void;
}

export interface FollowOptions {
  readonly store: Pick<Store, 'fresh'>;
  readonly clock: Clock;
  readonly logger: Logger;
  /**
   * Reads what there is and opens the watches that go on from there, in one turn, so that nothing falls between. Called
   * again whenever events may have been missed; what it loaded last goes on serving until then.
   */
  readonly load: () => readonly Followed[];
  /**
   * For what is followed that grows: given, in the turn of each `load`, a way to open more watches beside those that
   * it opened; a throw of `open` is as good as a watch that is lost. Disposed of before all is loaded again. Default: no
   * more come.
   */
  readonly growth?: (follow: (open: () => readonly Followed[]) => void) => Disposable;
}

/**
 * Keeps something true to the store, in the bytes that it holds anyway, where an informer would keep a second copy.
 * Survives reloads of the store. Loads once the store can be read; resolves when the signal aborts, never rejects.
 */
export function follow(options: FollowOptions, signal: AbortSignal): Promise<void> {
  return keep(options, undefined, signal);
}

/** The same, with all loaded when this returns; the store must be ready. @throws what `load` throws, the first time only */
export function followFromNow(options: FollowOptions, signal: AbortSignal): Promise<void> {
  return keep(options, options.load(), signal);
}

async function keep(
  { store, clock, logger, load, growth }: FollowOptions,
  first: readonly Followed[] | undefined,
  signal: AbortSignal,
): Promise<void> {
  let loaded = first;
  while (!signal.aborted) {
    try {
      if (loaded === undefined) {
        await store.fresh(signal);
        loaded = load();
      }
      await consume(loaded, growth, signal);
    } catch (error) {
      if (signal.aborted) return;
      if (!(error instanceof CompactedError)) {
        logger.warn({ err: error }, 'a follower of the store lost its watch');
        await clock.sleep(retryMs, signal).catch(() => undefined);
      }
    }
    loaded = undefined;
  }
}

/** Until the signal aborts, or one of the watches ends, which ends all. */
async function consume(
  loaded: readonly Followed[],
  growth: FollowOptions['growth'],
  signal: AbortSignal,
): Promise<void> {
  const round = new AbortController();
  const within = AbortSignal.any([signal, round.signal]);
  const ended = Promise.withResolvers<void>();
  const open: Followed[] = [];
  const consumeMore = (more: readonly Followed[]) => {
    open.push(...more);
    for (const one of more) void consumeOne(one, within).then(ended.resolve, ended.reject);
  };
  try {
    consumeMore(loaded);
    using _growth = growth?.((opened) => {
      try {
        consumeMore(opened());
      } catch (error) {
        ended.reject(error);
      }
    });
    await ended.promise;
  } finally {
    round.abort(new Error('all is loaded again'));
    for (const { watch } of open) watch[Symbol.dispose]();
  }
}

async function consumeOne({ watch, onEvent }: Followed, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) for (const event of await watch.next(idleMs, signal)) onEvent(event);
}
