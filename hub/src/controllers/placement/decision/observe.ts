import { label } from '@quarterdeck/apis';
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

/** Every accepted member that has a profile in its own set's namespace. PL-1, PL-2 */
function observeClusters(caches: FleetCaches): ClusterView[] {
  return caches.members.list().flatMap((member) => {
    const home = caches.sets.get(member.spec.clusterSet)?.status?.namespace;
    const profile = home === undefined ? undefined : caches.profiles.get(`${home}/${member.metadata.name}`);
    const view = viewOf(member, profile?.metadata.labels?.[label.profileCopyOf] === undefined ? profile : undefined);
    return view === undefined ? [] : [view];
  });
}
