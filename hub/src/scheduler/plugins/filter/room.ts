import { aspect } from '../../aspects.ts';
import { bitsWhere, dropBit, hasBit } from '../../bits.ts';
import type { Amounts, ClusterView } from '../../cluster-view.ts';
import type { FleetIndex } from '../../fleet-index.ts';
import { type Room, roomOf, staleFrom } from '../../room.ts';
import type { Reservation } from '../../snapshot.ts';
import type { Filter, FilterContext, ReservedByCluster } from './filter.ts';

const none: readonly Reservation[] = [];

/** Reservations of others by cluster: what a cluster holds of this placement counts as free for it. PL-16 */
export function reservedByOthers({ snapshot, request, reserved }: FilterContext): ReservedByCluster {
  if (reserved !== undefined) return reserved;
  const byCluster = new Map<string, Reservation[]>();
  for (const reservation of snapshot.reservations) {
    if (reservation.placement === request.key || reservation.until <= snapshot.now) continue;
    const list = byCluster.get(reservation.clusterName);
    if (list === undefined) byCluster.set(reservation.clusterName, [reservation]);
    else list.push(reservation);
  }
  return byCluster;
}

/** Room for copies of the placement; undefined when it asks for none. PL-17 */
export function roomFor(
  cluster: ClusterView,
  context: FilterContext,
  reserved: ReadonlyMap<string, readonly Reservation[]>,
): Room | undefined {
  const { copies } = context.request;
  if (copies === undefined) return undefined;
  return roomOf(cluster, copies.requests, reserved.get(cluster.name) ?? none, context.snapshot.now);
}

const refusal = (room: Room | undefined): string | undefined =>
  room === undefined || room.copies > 0 ? undefined : (room.unknown ?? 'it has no room for one copy');

/** Under a hard rule a cluster without room for one copy adds nothing; a chosen one is never judged by room. PL-16, PL-17 */
export const room: Filter = {
  name: 'NoRoom',
  words: 'without room for a copy',
  aspects: ({ copies }) => (copies === undefined ? [] : [aspect.capacity]),
  refuse: (cluster, context, chosen) =>
    chosen || context.request.copies?.hard !== true
      ? undefined
      : refusal(roomFor(cluster, context, reservedByOthers(context))),
  passing(context) {
    const { copies } = context.request;
    if (copies?.hard !== true) return undefined;
    const { fleet, now } = context.snapshot;
    const free = roomColumn(fleet, copies.requests);
    const observed = fleet.column('capacity observed', [aspect.capacity], ({ capacity }) =>
      capacity?.observedAt === undefined ? Number.POSITIVE_INFINITY : staleFrom(capacity.observedAt),
    );
    const bits = bitsWhere(
      fleet.clusters.length,
      (position) => (free[position] ?? 0) > 0 && now < (observed[position] ?? 0),
    );
    // What depends on who else has reserved is not shared.
    const reserved = reservedByOthers(context);
    for (const name of reserved.keys()) {
      const position = fleet.positionOf(name);
      const cluster = position === undefined ? undefined : fleet.clusters[position];
      if (position === undefined || cluster === undefined || !hasBit(bits, position)) continue;
      if (refusal(roomFor(cluster, context, reserved)) !== undefined) dropBit(bits, position);
    }
    return bits;
  },
};

/** Copies that each cluster has room for where nobody has reserved, however old its report is. */
function roomColumn(fleet: FleetIndex, requests: Amounts): Float64Array {
  const key = [...requests].map(([resource, { nanos }]) => `${resource}=${nanos}`).sort();
  return fleet.column(
    `room ${key.join(' ')}`,
    [aspect.capacity],
    (cluster) => roomOf(cluster, requests, none, cluster.capacity?.observedAt ?? 0).copies,
  );
}
