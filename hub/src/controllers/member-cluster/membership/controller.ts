import type { MemberCluster, Stored } from '@quarterdeck/apis';
import { type Controller, createController, Result, watching } from '@quarterdeck/machinery';
import { cacheKey } from '../../../fleet/caches.ts';
import { clusterSetOf, clusterSetsOf } from '../../../fleet/cluster-set-of.ts';
import type { Fleet } from '../../../fleet/fleet.ts';
import { commit } from '../../writes.ts';
import { isMoreThanRoom } from '../room.ts';
import { clusterIdOf, decide } from './decide.ts';

/** The set that each member is in, and the ids that members report -> whether each is one of it. AB-27, PL-21 */
export function memberClusterMembership(fleet: Fleet): Controller {
  const { caches, clock } = fleet;
  const isThere = (clusterSet: string) => caches.sets.get(clusterSet) !== undefined;
  const namesakesIn = (clusterSets: readonly string[], member: MemberCluster): Stored<MemberCluster>[] => {
    const id = clusterIdOf(member);
    return id === undefined ? [] : clusterSets.flatMap((set) => caches.members.byIndex('clusterId', `${set}/${id}`));
  };
  /** Whom its coming and going may concern. */
  const namesakesOf = (member: MemberCluster) => namesakesIn(clusterSetsOf(member), member);
  return createController({
    ...fleet,
    name: 'membercluster.membership',
    primary: caches.members,
    // Not what it reports of its nodes and pods, in most minutes nothing else.
    concerns: (now, old) => isMoreThanRoom(now as Stored<MemberCluster>, old as Stored<MemberCluster>),
    // One that leaves, moves, or changes its id makes room for another.
    watches: [
      watching(caches.members, (now, old) => {
        if (old === undefined) return namesakesOf(now).map(cacheKey);
        return isMoreThanRoom(now, old) ? [now, old].flatMap(namesakesOf).map(cacheKey) : [];
      }),
      // As one comes or goes; what else it says changes no membership.
      watching(caches.sets, (now, old) =>
        old === undefined ? caches.members.byIndex('set', now.metadata.name).map(cacheKey) : [],
      ),
    ],
    reconciler: {
      async reconcile(key, context) {
        const member = caches.members.get(key);
        if (member === undefined) return Result.done;
        const clusterSet = clusterSetOf(member, isThere);
        const seen = {
          member,
          clusterSet,
          namesakes: namesakesIn([clusterSet], member).filter((other) => clusterSetOf(other, isThere) === clusterSet),
          isNamedSetThere: isThere(member.spec.clusterSet),
          isSetThere: isThere(clusterSet),
        };
        await commit(fleet, decide(seen, clock.now()).writes, context.signal);
        return Result.done;
      },
    },
  });
}
