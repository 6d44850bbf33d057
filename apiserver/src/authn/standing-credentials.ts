import { type Clock, type Logger, systemClock } from '@quarterdeck/machinery';
import { followFromNow } from '../cache/follow.ts';
import type { Store, StoreEvent } from '../cache/store.ts';
import type { StorageKey } from '../storage/storage.ts';

/** Tells long-running requests when an object that their credential rests on changed. RG-22, SEC-15 */
export interface StandingCredentials extends AsyncDisposable {
  /** `onChange` is called after each change of one of the objects, and when changes may have been missed. */
  hold(keys: readonly StorageKey[], onChange: () => void): Disposable;
}

export interface StandingCredentialsOptions {
  readonly logger: Logger;
  /** Default: the real one. */
  readonly clock?: Clock;
}

/** One resource that some credential rests on, followed as long as one does. */
interface Followed {
  /** namespace/name -> whom to tell */
  readonly listeners: Map<string, Set<() => void>>;
  readonly stop: AbortController;
  readonly done: Promise<void>;
}

/** Follows only resources that an open request's credential rests on; what a change costs does not grow with their number. */
export function createStandingCredentials(
  store: Pick<Store, 'watch' | 'revision' | 'fresh'>,
  { logger, clock = systemClock }: StandingCredentialsOptions,
): StandingCredentials {
  const followed = new Map<string, Followed>();
  const stopping = new Set<Promise<void>>();

  function follow(resource: string, listeners: Followed['listeners'], signal: AbortSignal): Promise<void> {
    const load = () => {
      const watch = store.watch({ resource, after: store.revision });
      // Between the last watch and this one anything may have happened.
      for (const told of [...listeners.values()]) tell(told);
      return [{ watch, onEvent: ({ entry }: StoreEvent) => tell(listeners.get(keyId(entry.key))) }];
    };
    return followFromNow({ store, clock, logger: logger.child({ resource, follower: 'credentials' }), load }, signal);
  }

  function start(resource: string): Followed {
    const listeners: Followed['listeners'] = new Map();
    const stop = new AbortController();
    const entry: Followed = { listeners, stop, done: follow(resource, listeners, stop.signal) };
    followed.set(resource, entry);
    return entry;
  }

  function end(resource: string): void {
    const entry = followed.get(resource);
    if (entry === undefined) return;
    followed.delete(resource);
    entry.stop.abort(new Error('no credential rests on it'));
    const done = entry.done.finally(() => stopping.delete(done));
    stopping.add(done);
  }

  return {
    hold(keys, onChange) {
      for (const key of keys) {
        const { listeners } = followed.get(key.resource) ?? start(key.resource);
        const told = listeners.get(keyId(key)) ?? new Set();
        listeners.set(keyId(key), told.add(onChange));
      }
      return {
        [Symbol.dispose]() {
          for (const key of keys) {
            const listeners = followed.get(key.resource)?.listeners;
            const told = listeners?.get(keyId(key));
            told?.delete(onChange);
            if (told?.size === 0) listeners?.delete(keyId(key));
            if (listeners?.size === 0) end(key.resource);
          }
        },
      };
    },
    async [Symbol.asyncDispose]() {
      for (const resource of [...followed.keys()]) end(resource);
      await Promise.all(stopping);
    },
  };
}

const keyId = ({ namespace, name }: StorageKey): string => `${namespace}/${name}`;

function tell(listeners: ReadonlySet<() => void> | undefined): void {
  for (const listener of [...(listeners ?? [])]) listener();
}
