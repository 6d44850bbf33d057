import { clusterSetNamespaceName } from '@quarterdeck/apis';
import type { FleetCaches } from '../../../fleet/caches.ts';
import { viewOf } from '../../../scheduler/compile.ts';
import type { ClusterView } from '../../../scheduler/snapshot.ts';
import type { Seen } from './decide.ts';

/** Undefined when the placement is gone: the garbage collector takes its slices. PD-16 */
export function observe(caches: FleetCaches, key: string): Seen | undefined {
  const placement = caches.placements.get(key);
  if (placement === undefined || placement.metadata.deletionTimestamp !== undefined) return undefined;
  return {
    placement,
    slices: caches.decisions.byIndex('decision', placement.metadata.uid),
    bindings: caches.bindings.byIndex('namespace', placement.metadata.namespace ?? ''),
    clusters: observeClusters(caches),
  };
}

/** Every member, with its profile in its own set's namespace. PL-1, PL-2 */
function observeClusters(caches: FleetCaches): ClusterView[] {
  return caches.members.list().map((member) => {
    const { clusterSet } = member.spec;
    const home = caches.sets.get(clusterSet)?.status?.namespace ?? clusterSetNamespaceName(clusterSet);
    return viewOf(member, home, caches.profiles.get(`${home}/${member.metadata.name}`));
  });
}
