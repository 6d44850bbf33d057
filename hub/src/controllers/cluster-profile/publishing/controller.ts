import type { ClusterSet, MemberCluster, Stored } from '@quarterdeck/apis';
import { type Controller, createController, Result, watching } from '@quarterdeck/machinery';
import { cacheKey, memberOfProfile } from '../../../fleet/caches.ts';
import type { Fleet } from '../../../fleet/fleet.ts';
import { isMoreThanRoom } from '../../member-cluster/room.ts';
import { commit } from '../../writes.ts';
import { decide } from './decide.ts';

/** Profiles of different members have nothing to do with each other. */
const concurrency = 8;
/** What becomes of a member in quick succession is one event for who follows its profile. CP-45 */
const gatherMs = 100;

/** MemberClusters and ClusterSets -> ClusterProfiles. CI-4 to CI-25 */
export function clusterProfilePublishing(fleet: Fleet): Controller {
  const { caches, clock } = fleet;
  const membersIn = ({ metadata }: Stored<ClusterSet>) => caches.members.byIndex('set', metadata.name).map(cacheKey);
  return createController({
    ...fleet,
    name: 'clusterprofile.publishing',
    primary: caches.members,
    // Not what it reports of its nodes and pods, in most minutes nothing else.
    concerns: (now, old) => isMoreThanRoom(now as Stored<MemberCluster>, old as Stored<MemberCluster>),
    concurrency,
    gatherMs,
    watches: [
      // Its count of members changes with each of them, and would bring all of them here.
      watching(caches.sets, (now, old) => (placesIn(now) === placesIn(old) ? [] : membersIn(now))),
      watching(caches.namespaces, ({ metadata }, old) =>
        old !== undefined
          ? []
          : caches.sets
              .list()
              .filter(({ spec }) => spec.profileNamespaces?.includes(metadata.name))
              .flatMap(membersIn),
      ),
      watching(caches.profiles, (profile) => memberOfProfile(caches, profile)),
    ],
    reconciler: {
      async reconcile(key, context) {
        const member = caches.members.get(key);
        if (member === undefined) return Result.done;
        const set = caches.sets.get(member.spec.clusterSet);
        const seen = {
          member,
          set,
          copyNamespaces: (set?.spec.profileNamespaces ?? []).filter(
            (name) => caches.namespaces.get(name) !== undefined,
          ),
          profiles: caches.profiles.byIndex('member', member.metadata.name),
          hub: fleet.access === undefined ? undefined : { ...fleet.access, caPem: fleet.access.caPem() },
        };
        await commit(fleet, decide(seen, clock.now()).writes, context.signal);
        return Result.done;
      },
    },
  });
}

/** Where the members of a set are published. */
const placesIn = (set: ClusterSet | undefined): string | undefined =>
  set === undefined ? undefined : [set.status?.namespace ?? '', ...(set.spec.profileNamespaces ?? [])].join('\n');
