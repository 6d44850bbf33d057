import { type Controller, createController, Result, watching } from '@quarterdeck/machinery';
import type { Fleet } from '../../../fleet/fleet.ts';
import { commit } from '../../writes.ts';
import { followersOf, makerOf, observeWorkSet } from '../observe.ts';
import { decide } from './decide.ts';

/** Work statuses -> the sum in the WorkSet. DL-48 */
export function workSetStatus(fleet: Fleet): Controller {
  const { caches, hubClient, clock } = fleet;
  return createController({
    ...fleet,
    name: 'workset.status',
    primary: caches.workSets,
    watches: [
      watching(caches.placements, ({ metadata }) => followersOf(caches, metadata.namespace, metadata.name)),
      watching(caches.decisions, ({ metadata }) =>
        (metadata.ownerReferences ?? []).flatMap(({ name }) => followersOf(caches, metadata.namespace, name)),
      ),
      watching(caches.works, (work) => makerOf(caches, work)),
    ],
    reconciler: {
      async reconcile(key, context) {
        const seen = observeWorkSet(caches, key);
        if (seen !== undefined) await commit(hubClient, decide(seen, clock.now()).writes, context.signal);
        return Result.done;
      },
    },
  });
}
