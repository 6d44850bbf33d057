import { findCondition, hubFieldManager, memberNamespaceName, type Placement, type Stored } from '@quarterdeck/apis';
import type { EpochMs } from '@quarterdeck/machinery';
import { cacheKey, type FleetCaches } from '../../../fleet/caches.ts';
import type { Amounts } from '../../../scheduler/cluster-view.ts';
import { reservationMs } from '../../../scheduler/pass.ts';
import type { Reservation } from '../../../scheduler/snapshot.ts';
import { workNameOf } from '../../work-set/work-name.ts';
import { copiesIn } from './copies.ts';
import type { Slice } from './layout.ts';

type DeliveryReads = Pick<FleetCaches, 'members' | 'workSets' | 'works'>;

/** A capacity report of the cluster that is newer than the delivery shows what was reserved: it counts no longer twice. PL-16 */
export function isShown(
  caches: DeliveryReads,
  { placement, clusterName }: Pick<Reservation, 'placement' | 'clusterName'>,
): boolean {
  const observed = caches.members.get(clusterName)?.status?.capacityObservedTime;
  const delivered = observed === undefined ? undefined : deliveredAt(caches, placement, clusterName);
  return observed !== undefined && delivered !== undefined && Date.parse(observed) > delivered;
}

/**
 * Since when everything that follows the placement is applied on a cluster, as its agent says; undefined: something is not, or
 * nothing follows it. PL-16
 */
function deliveredAt(caches: DeliveryReads, placementKey: string, clusterName: string): EpochMs | undefined {
  let newest: EpochMs | undefined;
  for (const workSet of caches.workSets.byIndex('placement', placementKey)) {
    const work = caches.works.get(`${memberNamespaceName(clusterName)}/${workNameOf(workSet)}`);
    const applied = findCondition(work?.status?.conditions, 'Applied');
    if (applied?.status !== 'True') return undefined;
    newest = Math.max(newest ?? 0, Date.parse(applied.lastTransitionTime));
  }
  return newest;
}

/**
 * What a decision reserves that was made before this process was: the copies that stand with its slices, where no report
 * shows them yet, for as long after the last write of the slice as after a choice. PL-16
 */
export function standingReservations(
  caches: DeliveryReads,
  {
    placement,
    slices,
    requests,
    now,
  }: { placement: Stored<Placement>; slices: readonly Slice[]; requests: Amounts; now: EpochMs },
): Reservation[] {
  const copies = copiesIn(slices);
  if (copies === undefined) return [];
  const key = cacheKey(placement);
  return slices.flatMap((slice) => {
    const until = writtenAt(slice, now) + reservationMs;
    if (until <= now) return [];
    return slice.decisions
      .map(({ clusterProfileRef: { name: clusterName } }) => ({
        placement: key,
        clusterName,
        copies: copies.get(clusterName) ?? 0,
        requests,
        until,
      }))
      .filter((reservation) => reservation.copies > 0 && !isShown(caches, reservation));
  });
}

/** When the hub last wrote a slice; where nobody says it, now: rather reserved for too long than given twice. */
function writtenAt({ metadata }: Slice, now: EpochMs): EpochMs {
  const times = (metadata.managedFields ?? []).flatMap(({ manager, time }) =>
    manager === hubFieldManager && time !== undefined ? [Date.parse(time)] : [],
  );
  return times.length === 0 ? now : Math.min(now, Math.max(...times));
}
