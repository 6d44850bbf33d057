import { type Clock, type Logger, systemClock } from '@quarterdeck/machinery';
import { type Followed, followFromNow } from '../cache/follow.ts';
import type { Store, StoreEvent } from '../cache/store.ts';
import type { StorageKey } from '../storage/storage.ts';
import { createRbacIndex, type RbacIndex } from './rbac-index.ts';
import { rbacResources } from './rbac-objects.ts';
import { readStoredObject } from './stored-object.ts';

const resources = Object.values(rbacResources);

export interface IndexOptions {
  readonly logger: Logger;
  /** Default: the real one. */
  readonly clock?: Clock;
  /** Called after a role or binding changed in the index; without a key when all of it may have, as at first. */
  readonly onChange?: (key?: StorageKey) => void;
}

export interface StoreIndex extends AsyncDisposable {
  /** The index as of now. Ask each time: a reload makes a new one. */
  readonly index: RbacIndex;
}

/**
 * Keeps an RBAC index true to the store; the store must be ready. A change is in the index one turn of the event loop
 * after it is in the store. When history is gone, the old index goes on answering until all is loaded again.
 */
export function followStore(store: Store, options: IndexOptions): StoreIndex {
  const { logger, clock = systemClock, onChange = () => {} } = options;
  const stop = new AbortController();
  let index = createRbacIndex();

  /** All in one turn: the four resources are of one revision. */
  function load(): Followed[] {
    const next = createRbacIndex();
    const followed = resources.map((resource) => {
      const { entries, revision } = store.list({ resource });
      for (const entry of entries) next.put(entry.key, readStoredObject(entry));
      return { watch: store.watch({ resource, after: revision }), onEvent: (event: StoreEvent) => apply(next, event) };
    });
    index = next;
    onChange();
    return followed;
  }

  function apply(to: RbacIndex, { type, entry }: StoreEvent): void {
    if (type === 'delete') to.remove(entry.key);
    else to.put(entry.key, readStoredObject(entry));
    onChange(entry.key);
  }

  const done = followFromNow({ store, clock, logger: logger.child({ follower: 'RBAC index' }), load }, stop.signal);
  return {
    get index() {
      return index;
    },
    async [Symbol.asyncDispose]() {
      stop.abort(new Error('RBAC index stops'));
      await done;
    },
  };
}
