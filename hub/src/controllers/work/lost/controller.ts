import { conditionType, findCondition, type MemberCluster, memberNamespaceName } from '@quarterdeck/apis';
import { type Controller, createController, Result, watching } from '@quarterdeck/machinery';
import { cacheKey } from '../../../fleet/caches.ts';
import type { Fleet } from '../../../fleet/fleet.ts';
import { commit } from '../../writes.ts';
import { decide } from './decide.ts';

/** Works of members that are lost -> Unknown. Only a loss wakes it, not each heartbeat. WK-39 */
export function workLost(fleet: Fleet): Controller {
  const { caches, clock } = fleet;
  return createController({
    ...fleet,
    name: 'work.lost',
    primary: caches.works,
    // The reports of a member that is heard are none of its business; a loss brings all of the member's Works here.
    concerns: ({ metadata }) =>
      caches.members.byIndex('namespace', metadata.namespace ?? '').some((member) => leaseOf(member) === 'False'),
    watches: [
      watching(caches.members, (now, old) =>
        leaseOf(now) === leaseOf(old)
          ? []
          : caches.works.byIndex('namespace', memberNamespaceName(now.metadata.name)).map(cacheKey),
      ),
    ],
    concurrency: 8,
    reconciler: {
      async reconcile(key, context) {
        const work = caches.works.get(key);
        if (work === undefined) return Result.done;
        const [member] = caches.members.byIndex('namespace', work.metadata.namespace ?? '');
        await commit(fleet, decide({ work, member }, clock.now()).writes, context.signal);
        return Result.done;
      },
    },
  });
}

const leaseOf = (member: MemberCluster | undefined): string | undefined =>
  findCondition(member?.status?.conditions, conditionType.MemberCluster.HubLeaseCurrent)?.status;
