import type { Clock, Logger } from '@quarterdeck/machinery';
import { follow } from '../cache/follow.ts';
import type { Store, StoreEvent } from '../cache/store.ts';

export interface FollowInstancesOptions {
  readonly store: Pick<Store, 'list' | 'watch' | 'fresh'>;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Called with the name of a CRD when its last instance is gone, and when one has come that is to be deleted too. */
  readonly onChange: (crdName: string) => void;
}

/** Follows the instances of one CRD until none is left or the signal aborts; once more for the same CRD is no more. */
export type FollowInstances = (crdName: string, resource: string, signal: AbortSignal) => void;

/**
 * For CRDs that wait until their instances are gone, some of which wait for finalizers of their own. Instances are counted
 * as they go, never read again. KA-95
 */
export function createFollowInstances({ store, clock, logger, onChange }: FollowInstancesOptions): FollowInstances {
  const followed = new Set<string>();
  return (crdName, resource, signal) => {
    if (followed.has(crdName)) return;
    followed.add(crdName);
    const gone = new AbortController();
    let left = 0;
    const count = (by: number) => {
      left += by;
      if (left === 0) gone.abort(new Error('all instances are gone'));
    };
    const onEvent = (event: StoreEvent) => {
      if (event.type === 'delete') return count(-1);
      if (event.previous !== undefined) return;
      count(1);
      onChange(crdName);
    };
    const load = () => {
      const { entries, revision, remaining = 0 } = store.list({ resource, limit: 1 });
      const watch = store.watch({ resource, after: revision });
      left = 0;
      count(entries.length + remaining);
      return [{ watch, onEvent }];
    };
    const until = AbortSignal.any([signal, gone.signal]);
    void follow({ store, clock, logger: logger.child({ follower: 'instances', resource }), load }, until).then(() => {
      followed.delete(crdName);
      if (!signal.aborted) onChange(crdName);
    });
  };
}
