import {
  conditionType,
  findCondition,
  type MemberCluster,
  memberNamespaceName,
  memberStandbyLeaseName,
  type Stored,
} from '@quarterdeck/apis';
import { type Controller, createController, Result, watching } from '@quarterdeck/machinery';
import { cacheKey } from '../../../fleet/caches.ts';
import type { Fleet } from '../../../fleet/fleet.ts';
import { announce } from '../../announce.ts';
import { commit } from '../../writes.ts';
import { createSilence } from '../availability/silence.ts';
import { decide } from './decide.ts';

/** Leases of agents that wait -> whether one agent alone speaks for the cluster. RG-11 */
export function memberClusterOneAgent(fleet: Fleet): Controller {
  const { caches, clock } = fleet;
  const silence = createSilence(clock);
  const alive = new Set<string>();
  caches.standbyLeases.subscribe(({ type, object, old }) => {
    const namespace = object.metadata.namespace ?? '';
    if (type === 'deleted') {
      silence.forget(namespace);
      alive.delete(namespace);
      return;
    }
    const isRenewed = old !== undefined && old.spec?.renewTime !== object.spec?.renewTime;
    if (isRenewed) alive.add(namespace);
    if (isRenewed || !silence.isKnown(namespace)) silence.heard(namespace);
  });
  return createController({
    ...fleet,
    name: 'membercluster.oneagent',
    primary: caches.members,
    // What it said itself is all that it reads of a member.
    concerns: (now, old) => saidOf(now as Stored<MemberCluster>) !== saidOf(old as Stored<MemberCluster>),
    concurrency: 1,
    watches: [
      watching(caches.standbyLeases, ({ metadata }) =>
        caches.members.byIndex('namespace', metadata.namespace ?? '').map(cacheKey),
      ),
    ],
    reconciler: {
      async reconcile(key, context) {
        const member = caches.members.get(key);
        if (member === undefined || member.metadata.deletionTimestamp !== undefined) return Result.done;
        const namespace = memberNamespaceName(member.metadata.name);
        const lease = caches.standbyLeases.get(`${namespace}/${memberStandbyLeaseName}`);
        const standby =
          lease === undefined
            ? undefined
            : {
                holder: lease.spec?.holderIdentity ?? '',
                silentMs: silence.lasting(namespace),
                isAlive: alive.has(namespace),
              };
        const { writes, notices, requeueAfterMs } = decide({ member, standby }, clock.now());
        await commit(fleet, writes, context.signal);
        await announce({ ...fleet, ...context, now: clock.now(), controller: 'member-cluster' }, member, notices);
        return requeueAfterMs === undefined ? Result.done : Result.after(requeueAfterMs);
      },
    },
  });
}

const saidOf = ({ status }: MemberCluster) =>
  findCondition(status?.conditions, conditionType.MemberCluster.OneAgent)?.status;
