import type { EpochMs } from '@quarterdeck/machinery';
import type { Amounts, Capacity, ClusterView, Reservation } from './snapshot.ts';

/** A capacity report that is older than this says nothing about free room any more. PL-17 */
const staleAfterMs = 15 * 60_000;

export interface Room {
  /** Copies that fit; 0 when unknown. */
  readonly copies: number;
  /** Why it is 0, when that is not for want of room; undefined otherwise. */
  readonly unknown: string | undefined;
}

/** Copies that fit into amounts: the least of free/request over the resources; a pod slot each where pods are counted. */
function copiesIn(free: Amounts, requests: Amounts): number {
  let least = Number.POSITIVE_INFINITY;
  for (const [resource, { nanos: wanted }] of requests) {
    const have = free.get(resource)?.nanos ?? 0n;
    if (wanted > 0n) least = Math.min(least, have <= 0n ? 0 : Number(have / wanted));
  }
  const pods = free.get('pods')?.nanos;
  if (pods !== undefined && !requests.has('pods')) least = Math.min(least, Math.max(0, Number(pods / 1_000_000_000n)));
  return Number.isFinite(least) ? least : 0;
}

/**
 * How many copies a cluster has room for: as its nodes can hold them, where they are reported, and never more than the
 * sum allows. Reservations of decisions that the report does not show yet are taken off. PL-16, PL-17
 */
export function roomOf(cluster: ClusterView, requests: Amounts, reserved: readonly Reservation[], now: EpochMs): Room {
  const { capacity } = cluster;
  if (capacity?.free === undefined) return { copies: 0, unknown: 'its free capacity is not reported' };
  if (capacity.observedAt !== undefined && now - capacity.observedAt > staleAfterMs)
    return { copies: 0, unknown: 'its capacity report is out of date' };
  const bySum = copiesIn(withReservations(capacity.free, reserved), requests);
  const byNodes = copiesOnNodes(capacity, requests);
  return { copies: Math.max(0, Math.min(bySum, byNodes)), unknown: undefined };
}

function copiesOnNodes({ nodes }: Capacity, requests: Amounts): number {
  if (nodes === undefined) return Number.POSITIVE_INFINITY;
  return nodes.reduce((sum, { count, free }) => sum + count * copiesIn(free, requests), 0);
}

function withReservations(free: Amounts, reserved: readonly Reservation[]): Amounts {
  if (reserved.length === 0) return free;
  const rest = new Map(free);
  for (const { copies, requests } of reserved) {
    for (const [resource, amount] of requests) {
      const have = rest.get(resource);
      if (have !== undefined) rest.set(resource, { ...have, nanos: have.nanos - amount.nanos * BigInt(copies) });
    }
    const pods = rest.get('pods');
    if (pods !== undefined) rest.set('pods', { ...pods, nanos: pods.nanos - 1_000_000_000n * BigInt(copies) });
  }
  return rest;
}

/** Free amount of one resource as a number for scores; NaN when not known. PL-16 */
export function freeAmount(cluster: ClusterView, resource: string, reserved: readonly Reservation[]): number {
  const free = cluster.capacity?.free;
  if (free === undefined) return Number.NaN;
  const amount = withReservations(free, reserved).get(resource);
  return amount === undefined ? Number.NaN : Number(amount.nanos) / 1e9;
}
