import {
  type Condition,
  type ConditionChange,
  conditionType,
  findCondition,
  type Lease,
  MemberClusterReason,
  type Stored,
} from '@quarterdeck/apis';
import type { EpochMs } from '@quarterdeck/machinery';

/** Beyond this the clocks differ, and only well within it they agree again. */
const differsMs = 10_000;
const agreesMs = 5_000;

/**
 * The member's clock minus the hub's, milliseconds, at a heartbeat that the hub saw happen; undefined: this is none. The first
 * one, which makes the Lease, tells only that clocks agree: while a fleet joins, the way to the hub may take seconds.
 * @param old the Lease as it was before; undefined: it was not known
 */
export function skewAt(lease: Stored<Lease>, old: Stored<Lease> | undefined, now: EpochMs): number | undefined {
  const { renewTime, acquireTime } = lease.spec ?? {};
  const renewed = Date.parse(renewTime ?? '');
  if (Number.isNaN(renewed) || old?.spec?.renewTime === renewTime) return undefined;
  if (old !== undefined) return renewed - now;
  const skew = renewed - Date.parse(lease.metadata.creationTimestamp);
  return acquireTime === renewTime && Math.abs(skew) <= agreesMs ? skew : undefined;
}

/**
 * Whether the member's clock agrees with the hub's, for people: nothing follows from it. What was said stays while it holds,
 * so that no heartbeat writes. RG-30, CP-45
 * @param skewMs the member's clock minus the hub's, milliseconds, at a heartbeat; undefined: none seen yet
 * @returns undefined when nothing is to be said, or nothing new
 */
export function clockVerdict(
  conditions: readonly Condition[] | undefined,
  skewMs: number | undefined,
): ConditionChange | undefined {
  if (skewMs === undefined) return undefined;
  const type = conditionType.MemberCluster.ClockInSync;
  const before = findCondition(conditions, type)?.status;
  const apart = Math.abs(skewMs);
  if (before === 'False' && apart > agreesMs) return undefined;
  if (before === 'True' && apart <= differsMs) return undefined;
  if (apart <= differsMs) return { type, status: 'True', reason: MemberClusterReason.ClockAgrees, message: '' };
  const direction = skewMs > 0 ? 'ahead of' : 'behind';
  const message = `the clock of the member was ${Math.round(apart / 1000)} s ${direction} that of the hub: times in its reports mislead, and certificates may seem expired; set it right on the member's side`;
  return { type, status: 'False', reason: MemberClusterReason.ClockDiffers, message };
}
