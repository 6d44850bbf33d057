import {
  conditionType,
  findCondition,
  isConditionTrue,
  type MemberCluster,
  MemberClusterReason,
  memberLeaseName,
  memberNamespaceName,
  type Stored,
} from '@quarterdeck/apis';
import { type Controller, caKeyHashes, createController, Result, watching } from '@quarterdeck/machinery';
import { cacheKey } from '../../../fleet/caches.ts';
import type { Fleet } from '../../../fleet/fleet.ts';
import { announce } from '../../announce.ts';
import { equalParts } from '../../equal.ts';
import { commit } from '../../writes.ts';
import { isBrakeOn } from './brake.ts';
import { skewAt } from './clock-skew.ts';
import { decide } from './decide.ts';
import { isNews } from './news.ts';
import { createSilence } from './silence.ts';

/** Leases -> Available, HubLeaseCurrent and the taint of the unreachable. RG-30, RG-31 */
export function memberClusterAvailability(fleet: Fleet): Controller {
  const { caches, clock } = fleet;
  const silence = createSilence(clock);
  /** By namespace: the member's clock minus ours when its Lease was made or renewed before our eyes. */
  const skews = new Map<string, number>();
  const held = fleet.metrics.gauge({
    subsystem: 'member',
    what: 'losses_held',
    help: '1 while so much of the fleet vanished at once that lost members are not tainted.',
  });
  caches.leases.subscribe(({ type, object, old }) => {
    const namespace = object.metadata.namespace ?? '';
    if (type === 'deleted') {
      skews.delete(namespace);
      silence.forget(namespace);
      return;
    }
    const skewMs = skewAt(object, old, clock.now());
    if (skewMs !== undefined) skews.set(namespace, skewMs);
    if (old?.spec?.renewTime !== object.spec?.renewTime || !silence.isKnown(namespace)) silence.heard(namespace);
  });
  caches.members.subscribe(({ type, object }) => {
    if (type === 'added' && isSaidLost(object)) silence.lostBefore(memberNamespaceName(object.metadata.name));
  });
  /** Whether a heartbeat decides anything: a thousand members beat a hundred times a second. */
  const isToldBy = (namespace: string | undefined) => (key: string) => {
    const member = caches.members.get(key);
    return member !== undefined && isNews(member, skews.get(namespace ?? ''));
  };
  const caHashes = createCaHashes();
  /** A Kubernetes hub has no epoch, and its CAs are not ours to know. */
  const trustedCAs = () => (fleet.hubEpoch === undefined ? undefined : caHashes(fleet.access?.caPem()));
  return createController({
    ...fleet,
    name: 'membercluster.availability',
    primary: caches.members,
    // Not what it reports each minute of its nodes and versions.
    concerns: (now, old) => !equalParts(readOf(now as Stored<MemberCluster>), readOf(old as Stored<MemberCluster>)),
    concurrency: 8,
    watches: [
      watching(caches.leases, ({ metadata: { namespace } }, old) => {
        const keys = caches.members.byIndex('namespace', namespace ?? '').map(cacheKey);
        return old === undefined ? keys : keys.filter(isToldBy(namespace));
      }),
    ],
    reconciler: {
      async reconcile(key, context) {
        const member = caches.members.get(key);
        if (member === undefined || member.metadata.deletionTimestamp !== undefined) return Result.done;
        const namespace = memberNamespaceName(member.metadata.name);
        const lease = caches.leases.get(`${namespace}/${memberLeaseName}`);
        const silentMs = lease === undefined ? undefined : silence.lasting(namespace);
        const brake = isBrakeOn(silence.ofFleet((each) => caches.members.byIndex('namespace', each).some(isWatched)));
        held.set(brake ? 1 : 0);
        const skewMs = skews.get(namespace);
        const seen = { member, silentMs, skewMs, isBrakeOn: brake, trustedCAs: trustedCAs() };
        const { writes, notices, requeueAfterMs } = decide(seen, clock.now());
        await commit(fleet, writes, context.signal);
        await announce({ ...fleet, ...context, now: clock.now(), controller: 'member-cluster' }, member, notices);
        return requeueAfterMs === undefined ? Result.done : Result.after(requeueAfterMs);
      },
    },
  });
}

/** Every visit asks, and the bundle changes with a rotation only. */
function createCaHashes(): (pem: string | undefined) => readonly string[] | undefined {
  let known: { readonly pem: string; readonly hashes: readonly string[] } | undefined;
  return (pem) => {
    if (pem === undefined) return undefined;
    if (known?.pem !== pem) {
      known = { pem, hashes: caKeyHashes(pem) };
    }
    return known.hashes;
  };
}

/** Whose silence is a loss, as the scheduler counts too: not that of one that leaves, or was denied. RG-31, PL-23 */
const isWatched = ({ metadata, spec, status }: Stored<MemberCluster>): boolean =>
  metadata.deletionTimestamp === undefined &&
  spec.acceptance === 'Accepted' &&
  isConditionTrue(status?.conditions, conditionType.MemberCluster.Joined);

const isSaidLost = ({ status }: MemberCluster): boolean =>
  findCondition(status?.conditions, conditionType.MemberCluster.HubLeaseCurrent)?.reason ===
  MemberClusterReason.LeaseNotRenewed;

/** All that is read of a member to decide. */
const readOf = ({ spec, status, metadata }: Stored<MemberCluster>) => [
  spec,
  status?.conditions ?? [],
  status?.agent ?? {},
  metadata.annotations ?? {},
  metadata.deletionTimestamp ?? '',
];
