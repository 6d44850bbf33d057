import { type ClusterSet, memberNamespaceName, type Stored } from '@quarterdeck/apis';
import type { FleetCaches } from '../../../fleet/caches.ts';
import { clusterSetOf } from '../../../fleet/cluster-set-of.ts';
import { aspectsChanged } from '../../../scheduler/aspects.ts';
import { silenceOf } from '../../../scheduler/brake.ts';
import type { ClusterView } from '../../../scheduler/cluster-view.ts';
import { type FleetIndex, indexFleet } from '../../../scheduler/fleet-index.ts';
import { foreignView, homeOf, includesForeign, viewOf } from '../../../scheduler/view.ts';
import { type FleetSilence, isBrakeOn } from '../../member-cluster/availability/brake.ts';

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
  /** Whether nothing may follow from loss. Counted along, since every heartbeat asks. PL-23 */
  isBraked(): boolean;
}

export function createFleetView(caches: FleetCaches): FleetView {
  let fleet: FleetIndex | undefined;
  let seen = new Map<string, ClusterView>();
  const changed = new Map<string, ClusterView>();
  const removed = new Set<string>();
  let silence: FleetSilence = { watched: 0, silent: 0 };
  const count = (cluster: ClusterView | undefined, sign: 1 | -1) => {
    if (cluster === undefined) return;
    const own = silenceOf(cluster);
    silence = { watched: silence.watched + sign * own.watched, silent: silence.silent + sign * own.silent };
  };

  return {
    isBraked: () => isBrakeOn(silence),
    current() {
      if (fleet === undefined) {
        const views = namesOf(caches).flatMap((name) => lookAt(caches, name) ?? []);
        seen = new Map(views.map((view) => [view.name, view]));
        for (const view of views) count(view, 1);
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
      const now = lookAt(caches, clusterName);
      const before = seen.get(clusterName);
      if (now === undefined) {
        if (before === undefined) return { type: 'none' };
        seen.delete(clusterName);
        count(before, -1);
        changed.delete(clusterName);
        removed.add(clusterName);
        return { type: 'presence' };
      }
      const aspects = before === undefined ? [] : aspectsChanged(before, now);
      if (before !== undefined && aspects.length === 0) return { type: 'none' };
      seen.set(clusterName, now);
      count(before, -1);
      count(now, 1);
      changed.set(clusterName, now);
      removed.delete(clusterName);
      return before === undefined ? { type: 'presence' } : { type: 'aspects', aspects };
    },
  };
}

/** Every name that a cluster may go by: those of members, and of profiles in sets that include other managers'. PL-1 */
function namesOf(caches: FleetCaches): readonly string[] {
  const foreign = caches.sets.list().flatMap((set) => foreignNames(caches, set));
  return [...new Set([...caches.members.list().map(({ metadata }) => metadata.name), ...foreign])];
}

/** Names of the profiles in the namespace of a set that includes those of other managers. */
export const foreignNames = (caches: Pick<FleetCaches, 'profiles'>, set: Stored<ClusterSet>): readonly string[] =>
  includesForeign(set)
    ? caches.profiles.byIndex('namespace', homeOf(set, set.metadata.name)).map(({ metadata }) => metadata.name)
    : [];

/** A member with its profile in its own set's namespace and the scores in its own; else another manager's. PL-1, PL-2, PL-15 */
function lookAt(caches: FleetCaches, name: string): ClusterView | undefined {
  const member = caches.members.get(name);
  const profileAt = (namespace: string, of: string) => caches.profiles.get(`${namespace}/${of}`);
  if (member === undefined) return foreignView({ sets: caches.sets.list(), profileAt }, name);
  const isThere = (set: string) => caches.sets.get(set) !== undefined;
  const clusterSet = clusterSetOf(member, isThere);
  const home = homeOf(caches.sets.get(clusterSet), clusterSet);
  return viewOf({
    member,
    clusterSet,
    home,
    isSetThere: isThere(member.spec.clusterSet),
    profile: profileAt(home, name),
    scores: caches.scores.byIndex('namespace', memberNamespaceName(name)),
  });
}
