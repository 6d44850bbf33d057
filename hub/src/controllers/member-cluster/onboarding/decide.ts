import {
  annotation,
  type ClusterProfile,
  conditionType,
  finalizer,
  findCondition,
  formatTime,
  type KubeObject,
  label,
  labelValueOf,
  MemberCluster,
  MemberClusterReason,
  type MemberClusterStatus,
  memberNamespaceName,
  Namespace,
  RoleBinding,
  type Secret,
  Secret as SecretKind,
  type ServiceAccount,
  ServiceAccount as ServiceAccountKind,
  type Stored,
  setCondition,
  type Work,
} from '@quarterdeck/apis';
import type { EpochMs } from '@quarterdeck/machinery';
import type { Notice } from '../../announce.ts';
import { equalParts } from '../../equal.ts';
import { hasFinalizer, isTerminating, withFinalizer } from '../../metadata.ts';
import { changeMemberStatus, create, remove, update, type Write } from '../../writes.ts';
import { ageOutAt, keptFor } from './age-out.ts';
import { leave, type Step } from './leave.ts';
import { memberResources, type Wanted } from './resources.ts';
import type { TokenAccess } from './token-access.ts';
import { isUnansweredLong, judgedAt, type Unanswered, unansweredText } from './unanswered.ts';

export interface Seen {
  readonly member: Stored<MemberCluster>;
  readonly hubUID: string;
  /** Absent on a Kubernetes hub. RG-10 */
  readonly hubEpoch?: string;
  /** What exists of {@link memberResources}, in that order; undefined where it does not. */
  readonly existing: readonly (Stored<KubeObject> | undefined)[];
  /** Of the member's namespace. */
  readonly works: readonly Stored<Work>[];
  readonly profiles: readonly Stored<ClusterProfile>[];
  /** Whether the agent has renewed its Lease under its own identity. */
  readonly heardOf: boolean;
  /** When the cluster made its latest certificate request; undefined: none is known. RG-5 */
  readonly lastAsked?: EpochMs | undefined;
  /** Single-use tokens bound to this cluster. */
  readonly spentTokens: readonly Stored<Secret>[];
  /** Absent: this hub gives certificates. RG-7 */
  readonly tokens?: TokenAccess | undefined;
  /** Accounts of clusters that had the name before, or that is given no tokens any more. RG-4 */
  readonly strayAccounts?: readonly Stored<ServiceAccount>[];
  /** Since when an approved request of this cluster has had no answer; undefined: none is without. RG-7 */
  readonly unanswered?: Unanswered | undefined;
}

export type Decision = Step;

/**
 * From a MemberCluster to everything it needs on the hub, and back. Pure and total.
 *
 * Accepted: finalizer, then namespace, roles and bindings, then status. Denied: its rights shrink at once to withdrawing what
 * it still has, and go with the last of it; the rest stays, so that acceptance brings everything back (RG-22). Deleted, also
 * because the member asked for it: see {@link leave}.
 */
export function decide(seen: Seen, now: EpochMs): Decision {
  const { member } = seen;
  if (isTerminating(member)) {
    const foreign = foreignNamespace(seen);
    const existing = seen.existing.map((found) => (found?.metadata.name === foreign ? undefined : found));
    const step = leave({ ...seen, existing }, now);
    return { ...step, writes: [...limitRights(seen), ...step.writes] };
  }
  if (member.status?.leaveRequestedTime !== undefined) {
    const notices = [
      { type: 'Normal' as const, reason: 'LeaveRequested', message: 'the member asked to leave the fleet' },
    ];
    return { writes: [remove(MemberCluster, member)], notices, requeueAfterMs: undefined };
  }
  const forgottenAt = ageOutAt(member, seen.lastAsked);
  if (forgottenAt !== undefined && forgottenAt <= now) {
    const message = `nobody accepted the cluster, and it has not asked for ${keptFor(member)?.hours} hours: forgotten`;
    return {
      writes: [remove(MemberCluster, member)],
      notices: [{ type: 'Warning', reason: 'AgedOut', message }],
      requeueAfterMs: undefined,
    };
  }
  // Where a person took acceptance back, whoever accepts again is somebody else. RG-3
  const acceptor = member.spec.acceptance === 'Accepted' ? {} : { [annotation.acceptedBy]: undefined };
  const annotations = withAnnotations(member, { ...toldToAgent(seen, now), ...acceptor });
  const isGuarded = hasFinalizer(member, finalizer.memberCluster);
  if (!isGuarded || !equalParts(annotations, member.metadata.annotations ?? {})) {
    const guarded = isGuarded ? member : withFinalizer(member, finalizer.memberCluster);
    const marked = update(MemberCluster, { ...guarded, metadata: { ...guarded.metadata, annotations } });
    // The finalizer stands before anything is made; the status follows when this is seen.
    return quietly([marked, ...grantRights(seen)]);
  }
  const status = statusOf(seen, now);
  return {
    notices: noticesOf(member, status),
    requeueAfterMs: soonest([forgottenAt, seen.tokens?.until, judgedAt(seen.unanswered)], now),
    writes: [
      ...grantRights(seen),
      ...(seen.strayAccounts ?? []).map((account) => remove(ServiceAccountKind, account)),
      // Before the status says Joined: nobody looks for tokens of a joined member again.
      ...(seen.heardOf ? seen.spentTokens.map((secret) => remove(SecretKind, secret)) : []),
      ...changeMemberStatus(member, status),
    ],
  };
}

/** Until the first of these times that is still to come. */
function soonest(times: readonly (EpochMs | undefined)[], now: EpochMs): number | undefined {
  const ahead = times.flatMap((at) => (at === undefined || at <= now ? [] : [at - now]));
  return ahead.length === 0 ? undefined : Math.min(...ahead);
}

/**
 * What the agent reads on its MemberCluster, so that it needs no other right: the hub's identity, from which names of ownership
 * on its cluster derive (RG-9), the history that the hub's data is of (RG-10), and the default executor of its namespace (DL-30).
 */
function toldToAgent(seen: Seen, now: EpochMs): Readonly<Record<string, string | undefined>> {
  const { member, hubUID, hubEpoch, existing } = seen;
  const known = member.metadata.annotations?.[annotation.hubEpoch]?.split(' ')[0];
  const namespace = existing.find((found) => found?.kind === Namespace.kind);
  return {
    [annotation.hubUID]: hubUID,
    // With the time when another one was known before: the hub came back from a backup while it ran.
    ...(hubEpoch === undefined || known === hubEpoch
      ? {}
      : { [annotation.hubEpoch]: known === undefined ? hubEpoch : `${hubEpoch} ${formatTime(now)}` }),
    [annotation.defaultExecutor]:
      foreignNamespace(seen) === undefined ? namespace?.metadata.annotations?.[annotation.defaultExecutor] : undefined,
  };
}

/** Those of the object, with some set and, where undefined, taken away. */
function withAnnotations({ metadata }: MemberCluster, change: Readonly<Record<string, string | undefined>>) {
  const all = Object.entries({ ...metadata.annotations, ...change });
  return Object.fromEntries(all.filter((entry): entry is [string, string] => entry[1] !== undefined));
}

const quietly = (writes: readonly Write[]): Decision => ({ writes, notices: [], requeueAfterMs: undefined });

const isBinding = ({ type }: Wanted) => type.plural === RoleBinding.plural || type.plural === 'clusterrolebindings';

function grantRights(seen: Seen): Write[] {
  const { member, existing } = seen;
  if (member.spec.acceptance !== 'Accepted') return limitRights(seen);
  if (foreignNamespace(seen) !== undefined) return [];
  // Whose rights they would be is known once the identity of the cluster is recorded. RG-4
  const isKnown = member.status?.clusterUID !== undefined;
  return memberResources(member, seen).flatMap((each, index) =>
    isKnown || !isBinding(each) ? restore(each, existing[index]) : [],
  );
}

/** Of a member that is not accepted: it may withdraw what it has, and nothing when there is nothing. RG-22 */
function limitRights(seen: Seen): Write[] {
  const { member, existing, works } = seen;
  if (member.spec.acceptance === 'Accepted') return [];
  const hadRights = memberResources(member, seen).some((each, index) => isBinding(each) && existing[index]);
  const wanted = memberResources(member, seen, 'withdraw');
  if (works.length > 0 && hadRights) {
    return wanted.flatMap((each, index) => (existing[index] === undefined ? [] : restore(each, existing[index])));
  }
  return wanted.flatMap((each, index) => {
    const found = existing[index];
    return isBinding(each) && found !== undefined && !isTerminating(found) ? [remove(each.type, found)] : [];
  });
}

/** A namespace of the member's name that was there before and is somebody's own: nothing is put into it, and it is never deleted. */
function foreignNamespace({ member, existing }: Seen): string | undefined {
  const namespace = existing.find((found) => found?.kind === Namespace.kind);
  if (namespace === undefined) return undefined;
  const isOurs = namespace.metadata.labels?.[label.memberCluster] === labelValueOf(member.metadata.name);
  return isOurs ? undefined : namespace.metadata.name;
}

/** Creates what is missing; puts rules, subjects and labels back where they were changed. A roleRef never changes. */
function restore({ type, object }: Wanted, existing: Stored<KubeObject> | undefined): Write[] {
  if (existing === undefined) return [create(type, object)];
  const { metadata: want, ...content } = object;
  const merged = {
    ...existing,
    ...content,
    metadata: {
      ...existing.metadata,
      labels: { ...existing.metadata.labels, ...want.labels },
      ...(want.annotations === undefined
        ? {}
        : { annotations: { ...existing.metadata.annotations, ...want.annotations } }),
    },
  };
  return equalParts(merged, existing) ? [] : [update(type, merged)];
}

function statusOf(seen: Seen, now: EpochMs): MemberClusterStatus {
  const { member, heardOf } = seen;
  const observedGeneration = member.metadata.generation ?? 0;
  const joinedBefore = findCondition(member.status?.conditions, conditionType.MemberCluster.Joined)?.status === 'True';
  const set = (conditions: MemberClusterStatus['conditions'], type: string, verdict: Verdict) =>
    setCondition(conditions, { type, ...verdict, observedGeneration }, now);
  const unanswered = isUnansweredLong(seen.unanswered, now) ? seen.unanswered : undefined;
  let conditions = set(member.status?.conditions, conditionType.MemberCluster.Accepted, accepted(member));
  conditions = set(
    conditions,
    conditionType.MemberCluster.Joined,
    joined(member, { heardOf: heardOf || joinedBefore, foreign: foreignNamespace(seen), unanswered }),
  );
  return { ...member.status, conditions, namespace: memberNamespaceName(member.metadata.name) };
}

/** What became of it, for whoever looks at its events. */
function noticesOf(member: Stored<MemberCluster>, status: MemberClusterStatus): Notice[] {
  const { Accepted, Joined } = conditionType.MemberCluster;
  return [Accepted, Joined].flatMap((type) => {
    const [before, after] = [findCondition(member.status?.conditions, type), findCondition(status.conditions, type)];
    if (after === undefined || before?.reason === after.reason) return [];
    const news = saying[after.reason];
    return news === undefined || (type === Joined && after.reason === MemberClusterReason.Denied) ? [] : [news(after)];
  });
}

const saying: Readonly<Record<string, (condition: { readonly message: string }) => Notice>> = {
  [MemberClusterReason.AcceptancePending]: ({ message }) => ({ type: 'Normal', reason: 'AcceptancePending', message }),
  [MemberClusterReason.Accepted]: () => ({ type: 'Normal', reason: 'Accepted', message: 'the cluster may take part' }),
  [MemberClusterReason.Denied]: ({ message }) => ({ type: 'Warning', reason: 'Denied', message }),
  [MemberClusterReason.Joined]: () => ({
    type: 'Normal',
    reason: 'Joined',
    message: 'the agent proves by its own certificate or token who it is',
  }),
  [MemberClusterReason.NamespaceConflict]: ({ message }) => ({ type: 'Warning', reason: 'NamespaceConflict', message }),
  [MemberClusterReason.CertificateNotIssued]: ({ message }) => ({
    type: 'Warning',
    reason: 'CertificateNotIssued',
    message,
  }),
  [MemberClusterReason.TokenNotUsed]: ({ message }) => ({ type: 'Warning', reason: 'TokenNotUsed', message }),
};

interface Verdict {
  readonly status: 'True' | 'False';
  readonly reason: string;
  readonly message: string;
}

function accepted(member: Stored<MemberCluster>): Verdict {
  const {
    spec,
    metadata: { name, annotations },
  } = member;
  const kept = keptFor(member);
  const end = kept === undefined ? '' : `; it is forgotten ${kept.hours} hours after it last asked`;
  switch (spec.acceptance) {
    case 'Accepted': {
      const [kind, acceptor] = annotations?.[annotation.acceptedBy]?.split('/') ?? [];
      const message = acceptor === undefined ? '' : `accepted by the ${kind} ${acceptor}`;
      return { status: 'True', reason: MemberClusterReason.Accepted, message };
    }
    case 'Denied':
      return {
        status: 'False',
        reason: MemberClusterReason.Denied,
        message: `spec.acceptance is Denied: the agent is cut off; to let it in again: quarterdeck accept ${name}${end}`,
      };
    case 'Pending':
      return {
        status: 'False',
        reason: MemberClusterReason.AcceptancePending,
        message: `somebody has to decide: quarterdeck accept ${name}, or quarterdeck deny ${name}; or an AcceptanceRule that matches${end}`,
      };
  }
}

interface Contact {
  readonly heardOf: boolean;
  readonly foreign: string | undefined;
  /** What it waits for in vain. */
  readonly unanswered: Unanswered | undefined;
}

function joined(
  { spec, metadata: { name } }: Stored<MemberCluster>,
  { heardOf, foreign, unanswered }: Contact,
): Verdict {
  if (spec.acceptance === 'Denied') return { status: 'False', reason: MemberClusterReason.Denied, message: '' };
  if (spec.acceptance === 'Pending') {
    return { status: 'False', reason: MemberClusterReason.AwaitingAcceptance, message: '' };
  }
  if (foreign !== undefined) {
    const message = `namespace ${foreign} exists and was not made for this member; delete it, or label it ${label.memberCluster}`;
    return { status: 'False', reason: MemberClusterReason.NamespaceConflict, message };
  }
  if (!heardOf && unanswered !== undefined) return { status: 'False', ...unansweredText(unanswered) };
  return heardOf
    ? { status: 'True', reason: MemberClusterReason.Joined, message: '' }
    : {
        status: 'False',
        reason: MemberClusterReason.AwaitingAgent,
        message: `the agent has not reported yet: see its log; a token for it comes from: quarterdeck token create --cluster ${name}`,
      };
}
