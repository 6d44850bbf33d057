import { aspect } from '../../aspects.ts';
import { addBit, noBits } from '../../bits.ts';
import { type Room, roomOf } from '../../room.ts';
import type { ClusterView, Reservation } from '../../snapshot.ts';
import type { Filter, FilterContext } from './filter.ts';

const none: readonly Reservation[] = [];

/** Reservations of others by cluster: what a cluster holds of this placement counts as free for it. PL-16 */
export function reservedByOthers({ snapshot, request }: FilterContext): ReadonlyMap<string, readonly Reservation[]> {
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
    if (context.request.copies?.hard !== true) return undefined;
    const reserved = reservedByOthers(context);
    const { clusters } = context.snapshot.fleet;
    // Not shared: it depends on the time and on who else has reserved.
    const bits = noBits(clusters.length);
    for (const [position, cluster] of clusters.entries())
      if (refusal(roomFor(cluster, context, reserved)) === undefined) addBit(bits, position);
    return bits;
  },
};
