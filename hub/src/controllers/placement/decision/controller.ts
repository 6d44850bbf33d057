import { type KubeObject, label, type MemberCluster, type Stored } from '@quarterdeck/apis';
import { type Controller, createController, type ObjectKey, Result, watching } from '@quarterdeck/machinery';
import { cacheKey } from '../../../fleet/caches.ts';
import type { Fleet } from '../../../fleet/fleet.ts';
import { viewOf } from '../../../scheduler/compile.ts';
import { equalParts } from '../../equal.ts';
import { commit } from '../../writes.ts';
import { decide } from './decide.ts';
import { observe } from './observe.ts';

/** Placements -> PlacementDecision slices and a status that explains. PL-1 to PL-34 */
export function placementDecision(fleet: Fleet): Controller {
  const { caches, hubClient, clock } = fleet;
  const every = (): ObjectKey[] => caches.placements.list().map(cacheKey);
  return createController({
    ...fleet,
    name: 'placement.decision',
    primary: caches.placements,
    watches: [
      watching(caches.decisions, ownerKeys),
      watching(caches.bindings, ({ metadata }) =>
        caches.placements.byIndex('namespace', metadata.namespace ?? '').map(cacheKey),
      ),
      // What does not change a choice (capacity, heartbeats of conditions) wakes no placement.
      watching(caches.members, (now, old) => (looksTheSame(now, old) ? [] : every())),
      watching(caches.profiles, ({ metadata }, old) =>
        old === undefined || old.metadata.labels?.[label.profileCopyOf] !== metadata.labels?.[label.profileCopyOf]
          ? every()
          : [],
      ),
      watching(caches.sets, (now, old) => (now.status?.namespace === old?.status?.namespace ? [] : every())),
    ],
    reconciler: {
      async reconcile(key, context) {
        const seen = observe(caches, key);
        if (seen === undefined) return Result.done;
        const { writes, requeueAfterMs } = decide(seen, clock.now());
        await commit(hubClient, writes, context.signal);
        return requeueAfterMs === undefined ? Result.done : Result.after(requeueAfterMs);
      },
    },
  });
}

function ownerKeys({ metadata }: Stored<KubeObject>): ObjectKey[] {
  return (metadata.ownerReferences ?? [])
    .filter(({ kind, controller }) => kind === 'Placement' && controller === true)
    .map(({ name }) => `${metadata.namespace}/${name}`);
}

/** To the scheduler, that is: everything it reads of a member is in its view. */
function looksTheSame(now: Stored<MemberCluster>, old: Stored<MemberCluster> | undefined): boolean {
  return old !== undefined && equalParts(viewOf(now, '', undefined), viewOf(old, '', undefined));
}
