import type { MemberCluster, Stored } from '@quarterdeck/apis';
import { type Controller, createController, Result, watching } from '@quarterdeck/machinery';
import { cacheKey } from '../../../fleet/caches.ts';
import type { Fleet } from '../../../fleet/fleet.ts';
import { commit } from '../../writes.ts';
import { isMoreThanRoom } from '../room.ts';
import { clusterIdOf, decide } from './decide.ts';

/** The ids that members report -> whether each is one of its ClusterSet. AB-27 */
export function memberClusterMembership(fleet: Fleet): Controller {
  const { caches, clock } = fleet;
  const namesakesOf = (member: MemberCluster): Stored<MemberCluster>[] => {
    const id = clusterIdOf(member);
    return id === undefined ? [] : caches.members.byIndex('clusterId', `${member.spec.clusterSet}/${id}`);
  };
  const isThere = (clusterSet: string | undefined) =>
    clusterSet === undefined || caches.sets.get(clusterSet) !== undefined;
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
        const { writes } = decide(
          { member, namesakes: namesakesOf(member), isSetThere: isThere(member.spec.clusterSet) },
          clock.now(),
        );
        await commit(fleet, writes, context.signal);
        return Result.done;
      },
    },
  });
}
