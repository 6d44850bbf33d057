import { type Controller, createController, Result, watching } from '@quarterdeck/machinery';
import { cacheKey } from '../../../fleet/caches.ts';
import type { Fleet } from '../../../fleet/fleet.ts';
import { isTerminating } from '../../metadata.ts';
import { commit } from '../../writes.ts';
import { decide } from './decide.ts';

/** ClusterSetBindings -> whether their set exists. */
export function clusterSetBindingBound(fleet: Fleet): Controller {
  const { caches, clock } = fleet;
  return createController({
    ...fleet,
    name: 'clustersetbinding.bound',
    primary: caches.bindings,
    watches: [
      // Its status counts members; that it is there, and for how long, is all that concerns a binding.
      watching(caches.sets, (now, old) =>
        old !== undefined && isTerminating(now) === isTerminating(old)
          ? []
          : caches.bindings.byIndex('set', now.metadata.name).map(cacheKey),
      ),
    ],
    reconciler: {
      async reconcile(key, context) {
        const binding = caches.bindings.get(key);
        if (binding === undefined) return Result.done;
        const set = caches.sets.get(binding.spec.clusterSet);
        await commit(fleet, decide({ binding, set }, clock.now()).writes, context.signal);
        return Result.done;
      },
    },
  });
}
