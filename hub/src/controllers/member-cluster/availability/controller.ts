import { memberLeaseName, memberNamespaceName } from '@quarterdeck/apis';
import { type Controller, createController, Result, watching } from '@quarterdeck/machinery';
import { cacheKey } from '../../../fleet/caches.ts';
import type { Fleet } from '../../../fleet/fleet.ts';
import { announce } from '../../announce.ts';
import { commit } from '../../writes.ts';
import { isBrakeOn } from './brake.ts';
import { decide } from './decide.ts';
import { createSilence } from './silence.ts';

/** Leases -> Available, HubLeaseCurrent and the taint of the unreachable. RG-30, RG-31 */
export function memberClusterAvailability(fleet: Fleet): Controller {
  const { caches, clock } = fleet;
  const silence = createSilence(clock);
  /** By namespace: the member's clock minus ours when its Lease was renewed before our eyes. */
  const skews = new Map<string, number>();
  const held = fleet.metrics.gauge({
    subsystem: 'member',
    what: 'losses_held',
    help: '1 while so much of the fleet vanished at once that lost members are not tainted.',
  });
  caches.leases.subscribe(({ type, object, old }) => {
    const namespace = object.metadata.namespace ?? '';
    const renewed = Date.parse(object.spec?.renewTime ?? '');
    if (type === 'deleted') skews.delete(namespace);
    else if (old !== undefined && old.spec?.renewTime !== object.spec?.renewTime && !Number.isNaN(renewed)) {
      skews.set(namespace, renewed - clock.now());
    }
    if (type === 'deleted') silence.forget(namespace);
    else if (old?.spec?.renewTime !== object.spec?.renewTime || !silence.isKnown(namespace)) silence.heard(namespace);
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
    concurrency: 8,
    watches: [watching(caches.leases, ({ metadata }) => nameFromNamespace(metadata.namespace))],
    reconciler: {
      async reconcile(key, context) {
        const member = caches.members.get(key);
        if (member === undefined || member.metadata.deletionTimestamp !== undefined) return Result.done;
        const namespace = memberNamespaceName(member.metadata.name);
        const lease = caches.leases.get(`${namespace}/${memberLeaseName}`);
        const silentMs = lease === undefined ? undefined : silence.lasting(namespace);
        const fleetSilence = silence.ofFleet();
        const brake = isBrakeOn(fleetSilence) ? fleetSilence : undefined;
        held.set(brake === undefined ? 0 : 1);
        const skewMs = skews.get(namespace);
        const { writes, notices, requeueAfterMs } = decide({ member, silentMs, skewMs, brake }, clock.now());
        await commit(fleet, writes, context.signal);
        await announce({ ...fleet, ...context, now: clock.now(), controller: 'member-cluster' }, member, notices);
        return requeueAfterMs === undefined ? Result.done : Result.after(requeueAfterMs);
      },
    },
  });
}
