import { type Controller, createController, Result, watching } from '@quarterdeck/machinery';
import { cacheKey } from '../../../fleet/caches.ts';
import type { Fleet } from '../../../fleet/fleet.ts';
import { commit } from '../../writes.ts';
import { decide } from './decide.ts';

/** ClusterSetBindings -> whether their set exists. */
export function clusterSetBindingBound(fleet: Fleet): Controller {
  const { caches, clock } = fleet;
  return createController({
    ...fleet,
    name: 'clustersetbinding.bound',
    primary: caches.bindings,
    watches: [watching(caches.sets, ({ metadata }) => caches.bindings.byIndex('set', metadata.name).map(cacheKey))],
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
