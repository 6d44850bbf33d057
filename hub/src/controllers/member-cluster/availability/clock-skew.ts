import {
  type Condition,
  type ConditionChange,
  conditionType,
  findCondition,
  MemberClusterReason,
} from '@quarterdeck/apis';

/** Beyond this the clocks differ, and only well within it they agree again. */
const differsMs = 10_000;
const agreesMs = 5_000;

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
