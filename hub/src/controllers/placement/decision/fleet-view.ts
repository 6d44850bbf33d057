import { clusterSetNamespaceName, type MemberCluster, memberNamespaceName, type Stored } from '@quarterdeck/apis';
import type { FleetCaches } from '../../../fleet/caches.ts';
import { aspectsChanged } from '../../../scheduler/aspects.ts';
import { type FleetIndex, indexFleet } from '../../../scheduler/fleet-index.ts';
import type { ClusterView } from '../../../scheduler/snapshot.ts';
import { viewOf } from '../../../scheduler/view.ts';

/** What changed of one cluster since it was last looked at. */
export type ClusterChange =
  | { readonly type: 'none' }
  /** It came or went. */
  | { readonly type: 'presence' }
  | { readonly type: 'aspects'; readonly aspects: readonly string[] };

/** The fleet as placements see it, kept up with the caches cluster by cluster. */
export interface FleetView {
  current(): FleetIndex;
  /** Looks at one cluster again. */
  refresh(clusterName: string): ClusterChange;
}

export function createFleetView(caches: FleetCaches): FleetView {
  let fleet: FleetIndex | undefined;
  let seen = new Map<string, ClusterView>();
  const changed = new Map<string, ClusterView>();
  const removed = new Set<string>();

  return {
    current() {
      if (fleet === undefined) {
        const views = caches.members.list().map((member) => lookAt(caches, member));
        seen = new Map(views.map((view) => [view.name, view]));
        fleet = indexFleet(views);
      } else if (changed.size > 0 || removed.size > 0) {
        fleet = fleet.with([...changed.values()], [...removed]);
      }
      changed.clear();
      removed.clear();
      return fleet;
    },
    refresh(clusterName) {
      if (fleet === undefined) return { type: 'presence' };
      const member = caches.members.get(clusterName);
      const before = seen.get(clusterName);
      if (member === undefined) {
        if (before === undefined) return { type: 'none' };
        seen.delete(clusterName);
        changed.delete(clusterName);
        removed.add(clusterName);
        return { type: 'presence' };
      }
      const now = lookAt(caches, member);
      const aspects = before === undefined ? [] : aspectsChanged(before, now);
      if (before !== undefined && aspects.length === 0) return { type: 'none' };
      seen.set(clusterName, now);
      changed.set(clusterName, now);
      removed.delete(clusterName);
      return before === undefined ? { type: 'presence' } : { type: 'aspects', aspects };
    },
  };
}

/** A member with its profile in its own set's namespace and the scores in its own. PL-1, PL-2, PL-15 */
function lookAt(caches: FleetCaches, member: Stored<MemberCluster>): ClusterView {
  const { clusterSet } = member.spec;
  const home = caches.sets.get(clusterSet)?.status?.namespace ?? clusterSetNamespaceName(clusterSet);
  return viewOf({
    member,
    home,
    profile: caches.profiles.get(`${home}/${member.metadata.name}`),
    scores: caches.scores.byIndex('namespace', memberNamespaceName(member.metadata.name)),
  });
}
