import { clusterSetNamespaceName, conditionType, isConditionTrue, label, type MemberCluster } from '@quarterdeck/apis';
import { type Controller, createController, Result, watching } from '@quarterdeck/machinery';
import { cacheKey, type FleetCaches } from '../../../fleet/caches.ts';
import { clusterSetOf, clusterSetsOf } from '../../../fleet/cluster-set-of.ts';
import type { Fleet } from '../../../fleet/fleet.ts';
import { isTerminating } from '../../metadata.ts';
import { commit } from '../../writes.ts';
import { decide, type Seen } from './decide.ts';

/** A thousand members that change are counted together, not a thousand times. */
const gatherMs = 500;

/** ClusterSets -> their namespace and the count of their members. CI-11, CI-12, RG-12 */
export function clusterSetMembership(fleet: Fleet): Controller {
  const { caches, clock } = fleet;
  /** By set: when it was counted last. */
  const counted = new Map<string, number>();
  return createController({
    ...fleet,
    name: 'clusterset.membership',
    primary: caches.sets,
    watches: [
      // What else a member says, each minute, is not counted.
      watching(caches.members, (now, old) => {
        if (old === undefined) return [...clusterSetsOf(now)];
        return countsAs(now) === countsAs(old) ? [] : [now, old].flatMap(clusterSetsOf);
      }),
      // Any namespace may be one that a set needs or copies to; there are few sets.
      watching(caches.namespaces, (now, old) =>
        old !== undefined && now.metadata.labels?.[label.clusterSet] === undefined
          ? []
          : caches.sets.list().map(cacheKey),
      ),
      watching(caches.profiles, (now, old) =>
        old === undefined || isTerminating(now) ? setsIn(caches, now.metadata.namespace) : [],
      ),
    ],
    reconciler: {
      async reconcile(key, context) {
        const sinceMs = clock.monotonic() - (counted.get(key) ?? Number.NEGATIVE_INFINITY);
        if (sinceMs < gatherMs) return Result.after(gatherMs - sinceMs);
        const seen = observe(caches, key);
        if (seen === undefined) counted.delete(key);
        else counted.set(key, clock.monotonic());
        if (seen !== undefined) await commit(fleet, decide(seen, clock.now()).writes, context.signal);
        return Result.done;
      },
    },
  });
}

/** All that a set counts of a member. */
function countsAs(member: MemberCluster): string {
  const isAvailable = isConditionTrue(member.status?.conditions, conditionType.MemberCluster.Available);
  return `${clusterSetsOf(member).join(' ')} ${member.spec.acceptance} ${isAvailable}`;
}

function setsIn(caches: FleetCaches, namespace: string | undefined): string[] {
  return caches.sets
    .list()
    .filter(({ status }) => status?.namespace === namespace)
    .map(cacheKey);
}

function observe(caches: FleetCaches, key: string): Seen | undefined {
  const set = caches.sets.get(key);
  if (set === undefined) return undefined;
  const namespaceName = clusterSetNamespaceName(set.metadata.name);
  const isThere = (name: string) => caches.sets.get(name) !== undefined;
  return {
    set,
    namespace: caches.namespaces.get(namespaceName),
    members: caches.members
      .byIndex('set', set.metadata.name)
      .filter((member) => clusterSetOf(member, isThere) === set.metadata.name),
    profiles: caches.profiles.byIndex('namespace', namespaceName),
    missingNamespaces: (set.spec.profileNamespaces ?? []).filter((name) => caches.namespaces.get(name) === undefined),
  };
}
