import { type Controller, createController, Result, watching } from '@quarterdeck/machinery';
import type { Fleet } from '../../../fleet/fleet.ts';
import { commit } from '../../writes.ts';
import { concernedBy, followersOf, makerOf, memoryOf, observeWorkSet } from '../observe.ts';
import { decide } from './decide.ts';

/** Members report side by side, and each visit looks at all of their Works: a few sums a second tell as much. */
const gatherMs = 100;

/** Work statuses -> the sum in the WorkSet. DL-48 */
export function workSetStatus(fleet: Fleet): Controller {
  const { caches, clock } = fleet;
  const memory = memoryOf(caches);
  return createController({
    ...fleet,
    name: 'workset.status',
    primary: caches.workSets,
    gatherMs,
    watches: [
      watching(caches.placements, ({ metadata }) => followersOf(caches, metadata.namespace, metadata.name)),
      watching(caches.decisions, ({ metadata }) =>
        (metadata.ownerReferences ?? []).flatMap(({ name }) => followersOf(caches, metadata.namespace, name)),
      ),
      watching(caches.works, (work) => makerOf(caches, work)),
      watching(caches.profiles, (profile, old) => concernedBy(caches, profile, old === undefined)),
    ],
    reconciler: {
      async reconcile(key, context) {
        const now = clock.monotonic();
        const seen = observeWorkSet(key, { caches, memory, now });
        if (seen === undefined) return Result.done;
        await commit(fleet, decide(seen, clock.now()).writes, context.signal);
        const { lookAgainAt } = seen.target;
        return lookAgainAt === undefined ? Result.done : Result.after(Math.max(1, lookAgainAt - now));
      },
    },
  });
}
