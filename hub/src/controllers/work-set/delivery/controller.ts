import { type Controller, createController, Result, watching } from '@quarterdeck/machinery';
import { cacheKey } from '../../../fleet/caches.ts';
import type { Fleet } from '../../../fleet/fleet.ts';
import { commitEach } from '../../writes.ts';
import { followersOf, makerOf, observeWorkSet } from '../observe.ts';
import { decide } from './decide.ts';

/** WorkSets and decisions -> Works. DL-40 to DL-44 */
export function workSetDelivery(fleet: Fleet): Controller {
  const { caches, hubClient } = fleet;
  return createController({
    ...fleet,
    name: 'workset.delivery',
    primary: caches.workSets,
    watches: [
      watching(caches.placements, ({ metadata }) => followersOf(caches, metadata.namespace, metadata.name)),
      watching(caches.decisions, ({ metadata }) =>
        (metadata.ownerReferences ?? []).flatMap(({ name }) => followersOf(caches, metadata.namespace, name)),
      ),
      // Only what delivery reads of a Work: its spec and whether it is there. Status belongs to workset.status.
      watching(caches.works, (now, old) =>
        now.metadata.generation === old?.metadata.generation ? [] : makerOf(caches, now),
      ),
      // A member that opens again, after denial or after it came back, gets what waited for it.
      watching(caches.members, (now, old) =>
        old !== undefined && old.spec.acceptance === now.spec.acceptance ? [] : caches.workSets.list().map(cacheKey),
      ),
    ],
    reconciler: {
      async reconcile(key, context) {
        const seen = observeWorkSet(caches, key);
        if (seen !== undefined) await commitEach(hubClient, decide(seen).writes, context.signal);
        return Result.done;
      },
    },
  });
}
