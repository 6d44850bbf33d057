import { labelValueOf } from '@quarterdeck/apis';
import { type Controller, createController, Result, watching } from '@quarterdeck/machinery';
import { cacheKey, membersOf } from '../../../fleet/caches.ts';
import type { Fleet } from '../../../fleet/fleet.ts';
import { commit } from '../../writes.ts';
import { decide } from './decide.ts';

/** Profiles of different members have nothing to do with each other. */
const concurrency = 8;
/** What becomes of a member in quick succession is one event for who follows its profile. CP-45 */
const gatherMs = 100;

/** MemberClusters and ClusterSets -> ClusterProfiles. CI-4 to CI-25 */
export function clusterProfilePublishing(fleet: Fleet): Controller {
  const { caches, clock } = fleet;
  return createController({
    ...fleet,
    name: 'clusterprofile.publishing',
    primary: caches.members,
    concurrency,
    gatherMs,
    watches: [
      watching(caches.sets, ({ metadata }) => caches.members.byIndex('set', metadata.name).map(cacheKey)),
      watching(caches.profiles, (profile) => membersOf(caches, profile)),
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
          profiles: caches.profiles.byIndex('member', labelValueOf(member.metadata.name)),
          hub: fleet.access === undefined ? undefined : { ...fleet.access, caPem: fleet.access.caPem() },
        };
        await commit(fleet, decide(seen, clock.now()).writes, context.signal);
        return Result.done;
      },
    },
  });
}
