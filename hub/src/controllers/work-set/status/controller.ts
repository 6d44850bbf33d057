import { type Controller, createController, createEchoes, Result, watching } from '@quarterdeck/machinery';
import { cacheKey } from '../../../fleet/caches.ts';
import type { Fleet } from '../../../fleet/fleet.ts';
import { commit } from '../../writes.ts';
import {
  concernedByPlacement,
  concernedByProfile,
  followersOf,
  makerOf,
  memoryOf,
  observeWorkSet,
} from '../observe.ts';
import { decide } from './decide.ts';

/** Members report side by side, and each visit looks at all of their Works: a few sums a second tell as much. */
const gatherMs = 100;
/** Between two writes of one sum when only counts change: each goes to everybody who watches WorkSets. */
const countsEveryMs = 500;

/** Work statuses -> the sum in the WorkSet. DL-48 */
export function workSetStatus(fleet: Fleet): Controller {
  const { caches, clock } = fleet;
  const memory = memoryOf(caches);
  const echoes = createEchoes((object) => caches.workSets.get(cacheKey(object)), clock);
  /** By key, as of `Clock.monotonic`; of WorkSets that are gone nothing. */
  const writtenAt = new Map<string, number>();
  return createController({
    ...fleet,
    name: 'workset.status',
    primary: caches.workSets,
    gatherMs,
    watches: [
      watching(caches.placements, (now, old) => concernedByPlacement(caches, now, old)),
      watching(caches.decisions, ({ metadata }) =>
        (metadata.ownerReferences ?? []).flatMap(({ name }) => followersOf(caches, metadata.namespace, name)),
      ),
      watching(caches.works, (work) => makerOf(caches, work)),
      watching(caches.profiles, (profile, old) => concernedByProfile(caches, profile, old === undefined)),
    ],
    reconciler: {
      async reconcile(key, context) {
        // A sum that is not shown yet would be written once more, and refused.
        const echoMs = echoes.waitMs(key);
        if (echoMs !== undefined) return Result.after(echoMs);
        const now = clock.monotonic();
        const seen = observeWorkSet(key, { caches, memory, now });
        if (seen === undefined) {
          writtenAt.delete(key);
          return Result.done;
        }
        const { writes, isNews } = decide(seen, clock.now());
        const waitMs = (writtenAt.get(key) ?? Number.NEGATIVE_INFINITY) + countsEveryMs - now;
        if (writes.length > 0 && !isNews && waitMs > 0) return Result.after(waitMs);
        echoes.expect(key, await commit(fleet, writes, context.signal));
        if (writes.length > 0) writtenAt.set(key, now);
        const { lookAgainAt } = seen.target;
        return lookAgainAt === undefined ? Result.done : Result.after(Math.max(1, lookAgainAt - now));
      },
    },
  });
}
