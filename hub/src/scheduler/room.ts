import type { EpochMs } from '@quarterdeck/machinery';
import type { Amounts, Capacity, ClusterView } from './cluster-view.ts';
import type { Reservation } from './snapshot.ts';

/** A capacity report that is older than this says nothing about free room any more. PL-17 */
const staleAfterMs = 15 * 60_000;

/** When a report from this moment begins to say nothing. */
export const staleFrom = (observedAt: EpochMs): EpochMs => observedAt + staleAfterMs + 1;

export interface Room {
  /** Copies that fit; 0 when unknown. */
  readonly copies: number;
  /** Why it is 0, when that is not for want of room; undefined otherwise. */
  readonly unknown: string | undefined;
}

const onePod = 1_000_000_000n;

/**
 * Copies that fit into amounts, of which some is reserved: the least of free/request over the resources; a pod slot each where
 * pods are counted.
 */
function copiesIn(free: Amounts, requests: Amounts, reserved: readonly Reservation[] = []): number {
  let least = Number.POSITIVE_INFINITY;
  for (const [resource, { nanos: wanted }] of requests) {
    const have = freeNanos(free, resource, reserved) ?? 0n;
    if (wanted > 0n) least = Math.min(least, have <= 0n ? 0 : Number(have / wanted));
  }
  const pods = requests.has('pods') ? undefined : freeNanos(free, 'pods', reserved);
  if (pods !== undefined) least = Math.min(least, Math.max(0, Number(pods / onePod)));
  return Number.isFinite(least) ? least : 0;
}

/** What is left of one resource, in billionths; undefined: it is not reported. Each copy takes a pod slot. PL-16 */
function freeNanos(free: Amounts, resource: string, reserved: readonly Reservation[]): bigint | undefined {
  let left = free.get(resource)?.nanos;
  if (left === undefined) return undefined;
  for (const { copies, requests } of reserved) {
    const amount = requests.get(resource)?.nanos ?? 0n;
    const taken = resource === 'pods' ? amount + onePod : amount;
    if (taken > 0n) left -= taken * BigInt(copies);
  }
  return left;
}

/**
 * How many copies a cluster has room for: as its nodes can hold them, where they are reported, and never more than the
 * sum allows. Reservations of decisions that the report does not show yet are taken off. PL-16, PL-17
 */
export function roomOf(cluster: ClusterView, requests: Amounts, reserved: readonly Reservation[], now: EpochMs): Room {
  const { capacity } = cluster;
  if (capacity?.free === undefined) return { copies: 0, unknown: 'its free capacity is not reported' };
  if (capacity.observedAt !== undefined && now >= staleFrom(capacity.observedAt))
    return { copies: 0, unknown: 'its capacity report is out of date' };
  const bySum = copiesIn(capacity.free, requests, reserved);
  const byNodes = copiesOnNodes(capacity, requests);
  return { copies: Math.max(0, Math.min(bySum, byNodes)), unknown: undefined };
}

function copiesOnNodes({ nodes }: Capacity, requests: Amounts): number {
  if (nodes === undefined) return Number.POSITIVE_INFINITY;
  return nodes.reduce((sum, { count, free }) => sum + count * copiesIn(free, requests), 0);
}

/** Free amount of one resource as a number for scores; NaN when not known. PL-16 */
export function freeAmount(cluster: ClusterView, resource: string, reserved: readonly Reservation[]): number {
  const free = cluster.capacity?.free;
  const left = free === undefined ? undefined : freeNanos(free, resource, reserved);
  return left === undefined ? Number.NaN : Number(left) / 1e9;
}
