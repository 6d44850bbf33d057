import { CompactedError, type Entry, type StoreEvent } from '../cache/store.ts';
import type { ControllerContext } from './context.ts';

export interface FollowResourceOptions extends Pick<ControllerContext, 'store' | 'clock' | 'logger'> {
  /** As storage knows it: `plural.group`. */
  readonly resource: string;
  /** Everything there is: at first, and again whenever events may have been missed. */
  readonly onLoaded: (entries: readonly Entry[]) => void;
  readonly onEvent: (event: StoreEvent) => void;
}

/** How long a watch may stay silent before the loop looks at its signal again. */
const idleMs = 60_000;
/** Between attempts to read a store that cannot be read. */
const retryMs = 200;

/**
 * Follows one resource in the store, in the bytes that it holds anyway, where an informer would keep a second copy.
 * Survives reloads of the store. Resolves when the signal aborts; never rejects.
 */
export async function followResource(options: FollowResourceOptions, signal: AbortSignal): Promise<void> {
  const { store, clock, logger, resource, onLoaded, onEvent } = options;
  while (!signal.aborted) {
    try {
      await store.fresh(signal);
      const { entries, revision } = store.list({ resource });
      using watch = store.watch({ resource, after: revision });
      onLoaded(entries);
      while (!signal.aborted) for (const event of await watch.next(idleMs, signal)) onEvent(event);
    } catch (error) {
      if (signal.aborted) return;
      if (!(error instanceof CompactedError)) logger.warn({ err: error, resource }, 'controller lost its watch');
      await clock.sleep(retryMs, signal).catch(() => undefined);
    }
  }
}
