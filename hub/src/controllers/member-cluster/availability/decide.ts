import {
  annotation,
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
import type { Notice } from '../../announce.ts';
import { equalParts } from '../../equal.ts';
import { changeMemberStatus, update, type Write } from '../../writes.ts';
import { clockVerdict } from './clock-skew.ts';
import { restoreVerdict } from './restored.ts';

export interface Seen {
  readonly member: Stored<MemberCluster>;
  /**
   * For how long the Lease has not been seen to change, in milliseconds, by a clock that does not jump; undefined when there
   * is no Lease. At a start every Lease counts as just seen: nobody is lost because the hub was away. RG-30, RG-31, F-20
   */
  readonly silentMs: number | undefined;
  /** The member's clock minus the hub's at its last heartbeat, milliseconds; undefined: none seen yet. RG-30 */
  readonly skewMs?: number | undefined;
  /** Whether so much of the fleet vanished at once that no decision may follow from it. Absent: no. RG-31 */
  readonly isBrakeOn?: boolean;
  /** Key hashes of the CAs that this hub takes certificates of. Absent: not known, as on a Kubernetes hub. RG-9 */
  readonly trustedCAs?: readonly string[] | undefined;
}

export interface Decision {
  readonly writes: readonly Write[];
  readonly notices: readonly Notice[];
  readonly requeueAfterMs: number | undefined;
}

const dayMs = 86_400_000;
/** How soon a lost member is looked at again while the brake holds. */
const brakeCheckMs = 10_000;

/** Whether a member is heard of: conditions, and the taints `unreachable` and `unhealthy`. Pure and total. RG-30, RG-31, CI-25 */
export function decide({ member, silentMs, skewMs, isBrakeOn = false, trustedCAs }: Seen, now: EpochMs): Decision {
  const known = silentMs !== undefined;
  const leftMs = known ? memberLeaseDurationSeconds * 1000 - silentMs : 0;
  const current = leftMs > 0;
  const lost = known && !current;
  const held = lost && isBrakeOn && !isBelieved(member);
  const remedy = lostText(member, { isHeld: held, isForgotten: isForgotten(member, trustedCAs) }, now);
  const status = statusOf(member, { known, current, lost: remedy, skewMs: current ? skewMs : undefined }, now);
  const spec = withTaints(member, { unreachable: lost && !held, unhealthy: isUnhealthy(status, member) }, now);
  const told = changeMemberStatus(member, status);
  const marked = { ...member, metadata: current ? withoutConfirmation(member.metadata) : member.metadata, spec };
  return {
    // Spec and status in two passes: the second sees the resourceVersion that the first made.
    writes: told.length > 0 || equalParts(marked, member) ? told : [update(MemberCluster, marked)],
    notices: noticesOf(member, status),
    requeueAfterMs: current
      ? leftMs
      : held
        ? brakeCheckMs
        : lost
          ? untilOtherRemedyMs(member, trustedCAs, now)
          : undefined,
  };
}

/** How soon it is seen that the hub has forgotten a CA. */
const trustCheckMs = 60_000;

/** The certificate of a lost member, or its CA, may end while it is away, and another remedy is to be told then. RG-8, RG-9 */
function untilOtherRemedyMs({ status }: MemberCluster, trustedCAs: Seen['trustedCAs'], now: EpochMs) {
  if (trustedCAs !== undefined && status?.agent?.certificateIssuer !== undefined) return trustCheckMs;
  const leftMs = Date.parse(status?.agent?.certificateExpires ?? '') - now;
  return leftMs > 0 ? Math.min(leftMs, dayMs) : undefined;
}

/** Left behind by `hub rotate-ca --force`: nothing that it shows is taken here any more. RG-9 */
function isForgotten({ status }: MemberCluster, trustedCAs: Seen['trustedCAs']): boolean {
  const issuer = status?.agent?.certificateIssuer;
  return issuer !== undefined && trustedCAs?.includes(issuer) === false;
}

/** One that was tainted before stays so, and an operator may confirm one that is really lost. RG-31 */
function isBelieved({ spec, metadata }: MemberCluster): boolean {
  return (
    metadata.annotations?.[annotation.confirmLost] === 'true' ||
    spec.taints?.some(isOurs(taintKey.unreachable)) === true
  );
}

/** What was confirmed is one loss, and not those that come after it. RG-31 */
function withoutConfirmation(metadata: Stored<MemberCluster>['metadata']): Stored<MemberCluster>['metadata'] {
  const { [annotation.confirmLost]: confirmed, ...annotations } = metadata.annotations ?? {};
  return confirmed === undefined ? metadata : { ...metadata, annotations };
}

const lost = `the agent has not renewed its Lease for ${memberLeaseDurationSeconds} s`;

interface Loss {
  readonly isHeld: boolean;
  readonly isForgotten: boolean;
}

function lostText({ metadata, status }: MemberCluster, { isHeld, isForgotten }: Loss, now: EpochMs): string {
  const clusterName = metadata.name ?? '';
  if (isForgotten) {
    return `${lost}, and its certificate is of a CA that this hub has forgotten: it comes back by a new token in its --token-file, made by: quarterdeck token create --cluster ${clusterName}; if it was away since before the new CA was announced, start it with the --ca-hash of that command too; what runs on the cluster stays`;
  }
  if (!isHeld) {
    const expired = status?.agent?.certificateExpires;
    if (expired !== undefined && Date.parse(expired) <= now) {
      const what = status?.agent?.identity === 'Token' ? 'token' : 'certificate';
      return `${lost}, and its ${what} expired at ${expired}: give it a new token in its --token-file, made by: quarterdeck token create --cluster ${clusterName}; what runs on the cluster stays`;
    }
    return `${lost}: see whether it runs and reaches the hub; what runs on the cluster stays; if the cluster is gone for good: kubectl delete membercluster ${clusterName}`;
  }
  return (
    `${lost}, and nor have most members: see whether the hub can be reached; no decision changes until they return, or until ` +
    `this loss is confirmed: kubectl annotate membercluster ${clusterName} ${annotation.confirmLost}=true`
  );
}

/** While contact is lost nothing new is known: the taint stays as it is. */
function isUnhealthy(status: MemberClusterStatus, { spec }: MemberCluster): boolean {
  const health = findCondition(status.conditions, conditionType.MemberCluster.ControlPlaneHealthy)?.status;
  return health === 'False' || (health === 'Unknown' && spec.taints?.some(isOurs(taintKey.unhealthy)) === true);
}

interface Contact {
  readonly known: boolean;
  readonly current: boolean;
  /** What to say where it is not current. */
  readonly lost: string;
  readonly skewMs: number | undefined;
}

function statusOf(member: Stored<MemberCluster>, contact: Contact, now: EpochMs): MemberClusterStatus {
  const { known, current, lost: remedy, skewMs } = contact;
  const observedGeneration = member.metadata.generation ?? 0;
  const type = conditionType.MemberCluster;
  const set = (conditions: MemberClusterStatus['conditions'], change: Parameters<typeof setCondition>[1]) =>
    setCondition(conditions, { ...change, observedGeneration }, now);

  let conditions = set(member.status?.conditions, leaseVerdict(known, current, remedy));
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
    // Lost contact is not ill health: Unknown, and everything else last reported stays. Profiles show it, so its words are those
    // that do not change while contact is lost. CI-25, CP-45
    conditions = set(conditions, {
      type: type.ControlPlaneHealthy,
      status: 'Unknown',
      reason: MemberClusterReason.LeaseExpired,
      message: lost,
    });
  }
  conditions = set(conditions, availableVerdict(conditions, known, current, remedy));
  const clock = clockVerdict(conditions, skewMs);
  if (clock !== undefined) conditions = set(conditions, clock);
  const restored = restoreVerdict(member, conditions);
  if (restored !== undefined) conditions = set(conditions, restored);
  return { ...member.status, conditions };
}

/** What became of it, for whoever looks at its events. */
function noticesOf(member: Stored<MemberCluster>, status: MemberClusterStatus): Notice[] {
  const { HubLeaseCurrent, Available } = conditionType.MemberCluster;
  const change = (type: string) => ({
    before: findCondition(member.status?.conditions, type),
    after: findCondition(status.conditions, type),
  });
  const lease = change(HubLeaseCurrent);
  const available = change(Available);
  if (lease.after?.reason === MemberClusterReason.LeaseNotRenewed && lease.before?.status === 'True') {
    return [{ type: 'Warning', reason: 'Lost', message: lease.after.message }];
  }
  if (lease.after?.status === 'True' && lease.before?.reason === MemberClusterReason.LeaseNotRenewed) {
    return [{ type: 'Normal', reason: 'Back', message: 'the agent renews its Lease again' }];
  }
  if (available.after?.status === 'False' && available.before?.status === 'True') {
    return [{ type: 'Warning', reason: available.after.reason, message: available.after.message }];
  }
  return [];
}

function leaseVerdict(known: boolean, current: boolean, remedy: string) {
  const type = conditionType.MemberCluster.HubLeaseCurrent;
  if (!known)
    return {
      type,
      status: 'False' as const,
      reason: MemberClusterReason.NotJoined,
      message: 'the agent has not used a certificate or token of its own yet',
    };
  return current
    ? { type, status: 'True' as const, reason: MemberClusterReason.LeaseRenewed, message: '' }
    : { type, status: 'False' as const, reason: MemberClusterReason.LeaseNotRenewed, message: remedy };
}

function availableVerdict(
  conditions: MemberClusterStatus['conditions'],
  known: boolean,
  current: boolean,
  remedy: string,
) {
  const type = conditionType.MemberCluster.Available;
  if (!known) return { type, status: 'False' as const, reason: MemberClusterReason.NotJoined, message: '' };
  if (!current) return { type, status: 'Unknown' as const, reason: MemberClusterReason.LeaseExpired, message: remedy };
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

const isOurs = (ours: string) => (taint: Taint) => taint.key === ours && taint.effect === 'NoSchedule';

/** The hub's own taints, NoSchedule only (PL-8); it never touches taints of others, but stamps them. */
function withTaints(
  member: Stored<MemberCluster>,
  wanted: { readonly unreachable: boolean; readonly unhealthy: boolean },
  now: EpochMs,
): MemberCluster['spec'] {
  let taints = (member.spec.taints ?? []).map((taint) =>
    taint.timeAdded === undefined ? { ...taint, timeAdded: formatTime(now) } : taint,
  );
  for (const [name, isWanted] of Object.entries(wanted) as [keyof typeof wanted, boolean][]) {
    const key = taintKey[name];
    if (!isWanted) taints = taints.filter((taint) => !isOurs(key)(taint));
    else if (!taints.some(isOurs(key))) taints.push({ key, effect: 'NoSchedule', timeAdded: formatTime(now) });
  }
  const { taints: _before, ...spec } = member.spec;
  return taints.length === 0 ? spec : { ...spec, taints };
}
