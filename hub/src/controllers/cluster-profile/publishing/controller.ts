import { type ClusterSet, clusterManagerName, type MemberCluster, type Stored } from '@quarterdeck/apis';
import { type Controller, createController, Result, watching } from '@quarterdeck/machinery';
import { cacheKey, memberOfProfile } from '../../../fleet/caches.ts';
import { clusterSetOf } from '../../../fleet/cluster-set-of.ts';
import type { Fleet } from '../../../fleet/fleet.ts';
import { announce } from '../../announce.ts';
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
  const takenBy = (name: string, namespaces: readonly string[]) =>
    new Map(
      namespaces.flatMap((namespace): [string, string][] => {
        const manager = caches.profiles.get(`${namespace}/${name}`)?.spec.clusterManager.name ?? clusterManagerName;
        return manager === clusterManagerName ? [] : [[namespace, manager]];
      }),
    );
  /** What was said of a member last: once is enough. */
  const told = new Map<string, string>();
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
        if (member === undefined) {
          told.delete(key);
          return Result.done;
        }
        const { name } = member.metadata;
        const clusterSet = clusterSetOf(member, (of) => caches.sets.get(of) !== undefined);
        const set = caches.sets.get(clusterSet);
        const copyNamespaces = (set?.spec.profileNamespaces ?? []).filter(
          (namespace) => caches.namespaces.get(namespace) !== undefined,
        );
        const seen = {
          member,
          clusterSet,
          set,
          copyNamespaces,
          profiles: caches.profiles.byIndex('member', name),
          takenBy: takenBy(name, [
            ...copyNamespaces,
            ...(set?.status?.namespace === undefined ? [] : [set.status.namespace]),
          ]),
          hub: fleet.access === undefined ? undefined : { ...fleet.access, caPem: fleet.access.caPem() },
        };
        const { writes, notices } = decide(seen, clock.now());
        await commit(fleet, writes, context.signal);
        const said = notices.map(({ message }) => message).join('\n');
        if (said !== '' && told.get(key) !== said) {
          await announce({ ...fleet, ...context, now: clock.now(), controller: 'cluster-profile' }, member, notices);
        }
        if (said === '') told.delete(key);
        else told.set(key, said);
        return Result.done;
      },
    },
  });
}

/** Where the members of a set are published. */
const placesIn = (set: ClusterSet | undefined): string | undefined =>
  set === undefined ? undefined : [set.status?.namespace ?? '', ...(set.spec.profileNamespaces ?? [])].join('\n');
