import { follow } from '../cache/follow.ts';
import type { Entry, StoreEvent } from '../cache/store.ts';
import type { ControllerContext } from './context.ts';

export interface FollowResourceOptions extends Pick<ControllerContext, 'store' | 'clock' | 'logger'> {
  /** As storage knows it: `plural.group`. */
  readonly resource: string;
  /** Everything there is: at first, and again whenever events may have been missed. */
  readonly onLoaded: (entries: readonly Entry[]) => void;
  readonly onEvent: (event: StoreEvent) => void;
}

/** Follows one resource in the store. Resolves when the signal aborts; never rejects. */
export async function followResource(options: FollowResourceOptions, signal: AbortSignal): Promise<void> {
  const { store, clock, logger, resource, onLoaded, onEvent } = options;
  await follow({ store, clock, logger: logger.child({ resource }), load }, signal);

  function load() {
    const { entries, revision } = store.list({ resource });
    const watch = store.watch({ resource, after: revision });
    onLoaded(entries);
    return [{ watch, onEvent }];
  }
}
