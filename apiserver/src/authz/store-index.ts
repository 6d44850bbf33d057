import { type Clock, type Logger, systemClock } from '@quarterdeck/machinery';
import { CompactedError, type Store, type StoreWatch } from '../cache/store.ts';
import type { StorageKey } from '../storage/storage.ts';
import { createRbacIndex, type RbacIndex } from './rbac-index.ts';
import { rbacResources } from './rbac-objects.ts';
import { readStoredObject } from './stored-object.ts';

const resources = Object.values(rbacResources);
/** How long a watch may stay silent before the loop looks at its signal again. */
const idleMs = 60_000;

/** Between attempts to read a store that cannot be read. */
const retryMs = 200;

export interface FollowOptions {
  readonly logger: Logger;
  /** Default: the real one. */
  readonly clock?: Clock;
  /** Called after a role or binding changed in the index; without a key when all of it may have. */
  readonly onChange?: (key?: StorageKey) => void;
}

export interface StoreIndex extends AsyncDisposable {
  /** The index as of now. Ask each time: a reload makes a new one. */
  readonly index: RbacIndex;
}

/**
 * Keeps an RBAC index true to the store: a list, then one watch per resource; all again when the watch falls out of
 * history. The store must be ready. A change is in the index one turn of the event loop after it is in the store.
 */
export function followStore(store: Store, options: FollowOptions): StoreIndex {
  const { logger, clock = systemClock, onChange = () => {} } = options;
  const stop = new AbortController();
  let loaded = load(store);
  const done = run();

  async function run(): Promise<void> {
    while (!stop.signal.aborted) {
      const current = loaded;
      const round = new AbortController();
      const signal = AbortSignal.any([stop.signal, round.signal]);
      try {
        await Promise.all(current.watches.map((watch) => follow(current.index, watch, { signal, onChange })));
      } catch (error) {
        if (stop.signal.aborted) return;
        if (!(error instanceof CompactedError)) logger.warn({ err: error }, 'RBAC index lost its watch');
      } finally {
        round.abort(new Error('RBAC index reloads'));
        for (const watch of current.watches) watch[Symbol.dispose]();
      }
      if (!(await reload())) return;
    }
  }

  /** The old index goes on answering until the store can be read again. */
  async function reload(): Promise<boolean> {
    for (;;) {
      try {
        await store.fresh(stop.signal);
        loaded = load(store);
        onChange();
        return true;
      } catch (error) {
        if (stop.signal.aborted) return false;
        logger.warn({ err: error }, 'RBAC index cannot be reloaded yet');
        await clock.sleep(retryMs, stop.signal).catch(() => undefined);
      }
    }
  }

  return {
    get index() {
      return loaded.index;
    },
    async [Symbol.asyncDispose]() {
      stop.abort(new Error('RBAC index stops'));
      await done;
      for (const watch of loaded.watches) watch[Symbol.dispose]();
    },
  };
}

interface Loaded {
  readonly index: RbacIndex;
  readonly watches: readonly StoreWatch[];
}

/** Lists and watches are taken in one turn, so all four resources are of one revision and nothing falls between. */
function load(store: Store): Loaded {
  const index = createRbacIndex();
  const watches: StoreWatch[] = [];
  for (const resource of resources) {
    const { entries, revision } = store.list({ resource });
    for (const entry of entries) index.put(entry.key, readStoredObject(entry));
    watches.push(store.watch({ resource, after: revision }));
  }
  return { index, watches };
}

interface Following {
  readonly signal: AbortSignal;
  readonly onChange: (key: StorageKey) => void;
}

async function follow(index: RbacIndex, watch: StoreWatch, { signal, onChange }: Following): Promise<void> {
  while (!signal.aborted) {
    for (const event of await watch.next(idleMs, signal)) {
      const { key } = event.entry;
      if (event.type === 'delete') index.remove(key);
      else index.put(key, readStoredObject(event.entry));
      onChange(key);
    }
  }
}
