import {
  conditionType,
  findCondition,
  formatTime,
  MemberCluster,
  MemberClusterReason,
  type MemberClusterStatus,
  memberLeaseDurationSeconds,
  type Stored,
  setCondition,
  type Taint,
  taintKey,
} from '@quarterdeck/apis';
import type { EpochMs } from '@quarterdeck/machinery';
import { equalParts } from '../../equal.ts';
import { update, updateStatus, type Write } from '../../writes.ts';

export interface Seen {
  readonly member: Stored<MemberCluster>;
  /**
   * For how long the Lease has not been seen to change, in milliseconds, by a clock that does not jump; undefined when there
   * is no Lease. At a start every Lease counts as just seen: nobody is lost because the hub was away. RG-30, RG-31, F-20
   */
  readonly silentMs: number | undefined;
}

export interface Decision {
  readonly writes: readonly Write[];
  readonly requeueAfterMs: number | undefined;
}

/** Whether a member is heard of: conditions, and the taint `unreachable`. Pure and total. RG-30, CI-25 */
export function decide({ member, silentMs }: Seen, now: EpochMs): Decision {
  const known = silentMs !== undefined;
  const leftMs = known ? memberLeaseDurationSeconds * 1000 - silentMs : 0;
  const current = leftMs > 0;
  const status = statusOf(member, known, current, now);
  const spec = withTaint(member, known && !current, now);
  const writes: Write[] = [];
  if (!equalParts(status, member.status)) writes.push(updateStatus(MemberCluster, { ...member, status }));
  // Spec and status in two passes: the second sees the resourceVersion that the first made.
  else if (!equalParts(spec, member.spec)) writes.push(update(MemberCluster, { ...member, spec }));
  return { writes, requeueAfterMs: current ? leftMs : undefined };
}

function statusOf(member: Stored<MemberCluster>, known: boolean, current: boolean, now: EpochMs): MemberClusterStatus {
  const observedGeneration = member.metadata.generation ?? 0;
  const type = conditionType.MemberCluster;
  const set = (conditions: MemberClusterStatus['conditions'], change: Parameters<typeof setCondition>[1]) =>
    setCondition(conditions, { ...change, observedGeneration }, now);
  const lost = `the agent has not renewed its Lease for ${memberLeaseDurationSeconds} s`;

  let conditions = set(member.status?.conditions, leaseVerdict(known, current, lost));
  const health = findCondition(conditions, type.ControlPlaneHealthy);
  if (health === undefined) {
    const message = 'the agent has not reported yet';
    conditions = set(conditions, {
      type: type.ControlPlaneHealthy,
      status: 'Unknown',
      reason: MemberClusterReason.NotReported,
      message,
    });
  } else if (known && !current && health.status !== 'Unknown') {
    // Lost contact is not ill health: Unknown, and everything else last reported stays. CI-25
    conditions = set(conditions, {
      type: type.ControlPlaneHealthy,
      status: 'Unknown',
      reason: MemberClusterReason.LeaseExpired,
      message: lost,
    });
  }
  conditions = set(conditions, availableVerdict(conditions, known, current, lost));
  return { ...member.status, conditions };
}

function leaseVerdict(known: boolean, current: boolean, lost: string) {
  const type = conditionType.MemberCluster.HubLeaseCurrent;
  if (!known)
    return { type, status: 'False' as const, reason: MemberClusterReason.NotJoined, message: 'there is no Lease yet' };
  return current
    ? { type, status: 'True' as const, reason: MemberClusterReason.LeaseRenewed, message: '' }
    : { type, status: 'False' as const, reason: MemberClusterReason.LeaseNotRenewed, message: lost };
}

function availableVerdict(
  conditions: MemberClusterStatus['conditions'],
  known: boolean,
  current: boolean,
  lost: string,
) {
  const type = conditionType.MemberCluster.Available;
  if (!known) return { type, status: 'False' as const, reason: MemberClusterReason.NotJoined, message: '' };
  if (!current) return { type, status: 'Unknown' as const, reason: MemberClusterReason.LeaseExpired, message: lost };
  const health = findCondition(conditions, conditionType.MemberCluster.ControlPlaneHealthy);
  switch (health?.status) {
    case 'True':
      return { type, status: 'True' as const, reason: MemberClusterReason.Available, message: '' };
    case 'False':
      return {
        type,
        status: 'False' as const,
        reason: MemberClusterReason.ControlPlaneNotHealthy,
        message: health.message,
      };
    default:
      return {
        type,
        status: 'Unknown' as const,
        reason: MemberClusterReason.NotReported,
        message: 'the agent has not reported yet',
      };
  }
}

/** The hub's own taint, NoSchedule only (PL-8); it never touches taints of others. */
function withTaint(member: Stored<MemberCluster>, unreachable: boolean, now: EpochMs): MemberCluster['spec'] {
  const taints = member.spec.taints ?? [];
  const stamped = taints.map((taint) =>
    taint.timeAdded === undefined ? { ...taint, timeAdded: formatTime(now) } : taint,
  );
  const others = stamped.filter(({ key, effect }) => key !== taintKey.unreachable || effect !== 'NoSchedule');
  const ours: Taint | undefined = stamped.find(
    ({ key, effect }) => key === taintKey.unreachable && effect === 'NoSchedule',
  );
  const next = unreachable
    ? [...others, ours ?? { key: taintKey.unreachable, effect: 'NoSchedule' as const, timeAdded: formatTime(now) }]
    : others;
  if (next.length === 0) {
    const { taints: _none, ...spec } = member.spec;
    return spec;
  }
  return { ...member.spec, taints: next };
}
