import { memberLeaseName, memberNamespaceName } from '@quarterdeck/apis';
import { type Controller, createController, type EpochMs, Result, watching } from '@quarterdeck/machinery';
import { cacheKey } from '../../../fleet/caches.ts';
import type { Fleet } from '../../../fleet/fleet.ts';
import { commit } from '../../writes.ts';
import { decide } from './decide.ts';

/** Leases -> Available, HubLeaseCurrent and the taint of the unreachable. RG-30, RG-31 */
export function memberClusterAvailability(fleet: Fleet): Controller {
  const { caches, hubClient, clock } = fleet;
  // When each Lease was last seen to change, by our clock. Lost at a restart, and rightly so: the hub's own absence is not
  // the members' fault, so every Lease counts as heard when it is first seen. RG-31
  const heard = new Map<string, EpochMs>();
  caches.leases.subscribe(({ type, object, old }) => {
    const namespace = object.metadata.namespace ?? '';
    if (type === 'deleted') heard.delete(namespace);
    else if (old?.spec?.renewTime !== object.spec?.renewTime || !heard.has(namespace))
      heard.set(namespace, clock.now());
  });
  const byNamespace = (namespace: string | undefined) =>
    caches.members
      .list()
      .filter((member) => memberNamespaceName(member.metadata.name) === namespace)
      .map(cacheKey);
  const nameFromNamespace = (namespace: string | undefined) => {
    const name = namespace?.replace(/^member-/, '') ?? '';
    return caches.members.get(name) === undefined ? byNamespace(namespace) : [name];
  };
  return createController({
    ...fleet,
    name: 'membercluster.availability',
    primary: caches.members,
    watches: [watching(caches.leases, ({ metadata }) => nameFromNamespace(metadata.namespace))],
    reconciler: {
      async reconcile(key, context) {
        const member = caches.members.get(key);
        if (member === undefined || member.metadata.deletionTimestamp !== undefined) return Result.done;
        const namespace = memberNamespaceName(member.metadata.name);
        const lease = caches.leases.get(`${namespace}/${memberLeaseName}`);
        const heardAt = lease === undefined ? undefined : (heard.get(namespace) ?? clock.now());
        const { writes, requeueAfterMs } = decide({ member, heardAt }, clock.now());
        await commit(hubClient, writes, context.signal);
        return requeueAfterMs === undefined ? Result.done : Result.after(requeueAfterMs);
      },
    },
  });
}
