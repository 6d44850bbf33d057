import { annotation } from '@quarterdeck/apis';
import { type Controller, createController, Result } from '@quarterdeck/machinery';
import type { Fleet } from '../../../fleet/fleet.ts';
import { commit } from '../../writes.ts';
import { decide } from './decide.ts';

/** Works that are complete and asked to be removed then. DL-7 */
export function workExpiry(fleet: Fleet): Controller {
  const { caches, clock } = fleet;
  return createController({
    ...fleet,
    name: 'work.expiry',
    primary: caches.works,
    // Few ask for it, and each report of each Work would be a visit.
    concerns: ({ metadata }) => metadata.annotations?.[annotation.removeAfterCompletion] !== undefined,
    reconciler: {
      async reconcile(key, context) {
        const work = caches.works.get(key);
        if (work === undefined) return Result.done;
        const { writes, requeueAfterMs } = decide(work, clock.now());
        await commit(fleet, writes, context.signal);
        return requeueAfterMs === undefined ? Result.done : Result.after(requeueAfterMs);
      },
    },
  });
}
