import {
  annotation,
  ClusterProfile,
  conditionType,
  finalizer,
  formatTime,
  type KubeObject,
  MemberCluster,
  MemberClusterReason,
  type MemberClusterStatus,
  Namespace,
  type Stored,
  setCondition,
  Work,
} from '@quarterdeck/apis';
import type { EpochMs } from '@quarterdeck/machinery';
import type { Notice } from '../../announce.ts';
import { heldUpText, isHeldUp, namespaceRemainsText, withHeldUp } from '../../held-up.ts';
import { hasFinalizer, isTerminating, withoutFinalizer } from '../../metadata.ts';
import { changeMemberStatus, remove, update, type Write } from '../../writes.ts';
import { leftBehind } from './left-behind.ts';
import { memberResources } from './resources.ts';
import type { TokenAccess } from './token-access.ts';

export interface Leaving {
  readonly member: Stored<MemberCluster>;
  readonly hubUID: string;
  /** Absent: this hub gives certificates. RG-7 */
  readonly tokens?: TokenAccess | undefined;
  /** What exists of {@link memberResources}, in that order, but for what is somebody else's. */
  readonly existing: readonly (Stored<KubeObject> | undefined)[];
  /** Of the member's namespace. */
  readonly works: readonly Stored<Work>[];
  readonly profiles: readonly Stored<ClusterProfile>[];
}

export interface Step {
  readonly writes: readonly Write[];
  readonly notices: readonly Notice[];
  /** When the deadline of the leaving is due. */
  readonly requeueAfterMs: number | undefined;
}

/**
 * One step of leaving, from whatever was done before: profiles first, so that no placement chooses the cluster; then Works,
 * by cleanup priority; and only when none is left rights, then the namespace, then the finalizer. What is awaited stands in
 * the condition Leaving. By force, Works go without their agent, and what they may leave behind is told. Pure and total.
 * RG-40 to RG-42
 */
export function leave(seen: Leaving, now: EpochMs): Step {
  const { member, works, profiles } = seen;
  if (!hasFinalizer(member, finalizer.memberCluster)) return awaitOthers(seen, now);
  const standing = profiles.filter((profile) => !isTerminating(profile));
  if (profiles.length > 0) {
    const writes = standing.map((profile) => remove(ClusterProfile, profile));
    return say(seen, MemberClusterReason.ClosingToPlacement, closingMessage(profiles), writes, now);
  }
  if (works.length > 0) return isForced(member, now) ? force(seen, now) : withdraw(seen, now);
  return removeAccess(seen, now);
}

const nothing: Step = { writes: [], notices: [], requeueAfterMs: undefined };

const closingMessage = (profiles: readonly Stored<ClusterProfile>[]) =>
  withHeldUp(
    `waiting for ${profiles.length} ClusterProfiles to go, so that no placement chooses the cluster`,
    heldUpText(profiles),
  );

/** All that is ours is gone; whoever else put a finalizer on the MemberCluster has it go. */
function awaitOthers(seen: Leaving, now: EpochMs): Step {
  const held = heldUpText([seen.member]);
  if (held === undefined) return nothing;
  return sayRemoving(seen, 'nothing of the cluster is left here', [held], [], now);
}

/** Lower ones go first; what is no number counts as the default. RG-42 */
function priorityOf({ metadata }: Work): number {
  const text = metadata.annotations?.[annotation.cleanupPriority] ?? '0';
  return /^(100|[1-9]?[0-9])$/.test(text) ? Number(text) : 0;
}

function withdraw(seen: Leaving, now: EpochMs): Step {
  const { works, member } = seen;
  const first = Math.min(...works.map(priorityOf));
  const due = works.filter((work) => priorityOf(work) === first);
  const writes = due.filter((work) => !isTerminating(work)).map((work) => remove(Work, work));
  const requeueAfterMs = msToDeadline(member, now);
  return {
    ...say(seen, MemberClusterReason.WithdrawingWorks, withdrawingMessage(seen, due), writes, now),
    requeueAfterMs,
  };
}

function withdrawingMessage({ works, member }: Leaving, due: readonly Stored<Work>[]): string {
  const held = heldUpText(due, finalizer.work);
  const awaited = due.filter((work) => !isHeldUp(work, finalizer.work));
  if (awaited.length === 0 && held !== undefined) return `waiting for Works to go; ${held}`;
  const left = works.length - (due.length - awaited.length);
  const policy = member.spec.deletionPolicy ?? 'Orphan';
  const how = policy === 'Orphan' ? 'to let go of' : 'to delete what was brought by';
  const deadline = deadlineOf(member);
  return withHeldUp(
    `waiting for the agent ${how} ${left} Works, now ${listOf(awaited)}; ` +
      (deadline === undefined ? '' : `not later than ${formatTime(deadline)}; `) +
      `if the cluster will not answer again: kubectl annotate membercluster ${member.metadata.name} ${annotation.forceRemoval}=true`,
    held,
  );
}

const shown = 5;
function listOf(works: readonly Stored<Work>[]): string {
  const names = works.map(({ metadata }) => metadata.name).sort();
  return names.length <= shown
    ? names.join(', ')
    : `${names.slice(0, shown).join(', ')} and ${names.length - shown} more`;
}

function deadlineOf({ metadata, spec }: Stored<MemberCluster>): EpochMs | undefined {
  const since = Date.parse(metadata.deletionTimestamp ?? '');
  if (spec.leaveDeadlineSeconds === undefined || Number.isNaN(since)) return undefined;
  return since + spec.leaveDeadlineSeconds * 1000;
}

function msToDeadline(member: Stored<MemberCluster>, now: EpochMs): number | undefined {
  const deadline = deadlineOf(member);
  return deadline === undefined ? undefined : Math.max(1, deadline - now);
}

function isForced(member: Stored<MemberCluster>, now: EpochMs): boolean {
  return member.metadata.annotations?.[annotation.forceRemoval] === 'true' || (deadlineOf(member) ?? now + 1) <= now;
}

/**
 * First told, then done: the list is in the status, and in an Event that outlives it, before the first Work goes without its
 * agent. Only our own finalizer is taken off; one of somebody else is awaited.
 */
function force(seen: Leaving, now: EpochMs): Step {
  const { member, works } = seen;
  const before = toldOfForce(member);
  if (before === undefined) {
    const message = `removed without its agent; ${leftBehind(member, works)}`;
    const step = say(seen, MemberClusterReason.RemovedByForce, message, [], now);
    return { ...step, notices: [{ type: 'Warning', reason: MemberClusterReason.RemovedByForce, message }] };
  }
  const writes = works.flatMap((work) => {
    if (!isTerminating(work)) return [remove(Work, work)];
    return hasFinalizer(work, finalizer.work) ? [update(Work, withoutFinalizer(work, finalizer.work))] : [];
  });
  const message = withHeldUp(before, heldUpText(works, finalizer.work));
  return say(seen, MemberClusterReason.RemovedByForce, message, writes, now);
}

/** What the condition says of the removal by force; undefined: nothing was told of one yet. */
function toldOfForce({ status }: MemberCluster): string | undefined {
  const before = status?.conditions?.find(({ type }) => type === conditionType.MemberCluster.Leaving);
  return before?.reason === MemberClusterReason.RemovedByForce ? before.message : undefined;
}

/** Bindings and roles before the namespace, which was first to come and is last to go; then the MemberCluster itself. */
function removeAccess(seen: Leaving, now: EpochMs): Step {
  const { member, existing } = seen;
  if (existing.every((found) => found === undefined)) {
    return {
      ...nothing,
      writes: [update(MemberCluster, withoutFinalizer(member, finalizer.memberCluster))],
      notices: [{ type: 'Normal', reason: 'Left', message: 'the cluster has left the fleet' }],
    };
  }
  const rest = memberResources(member, seen).flatMap(({ type }, index) => {
    const found = existing[index];
    return found === undefined || isTerminating(found) ? [] : [remove(type, found)];
  });
  const isNamespace = ({ type }: Write) => type.plural === Namespace.plural;
  const others = rest.filter((write) => !isNamespace(write));
  const writes = others.length > 0 ? others : rest;
  const there = existing.filter((found) => found !== undefined);
  const held = [heldUpText(there), namespaceRemainsText(there.find(({ kind }) => kind === Namespace.kind))];
  return sayRemoving(seen, 'waiting for the rights and the namespace to go', held, writes, now);
}

/** By force, what was left behind stays to be read. */
function sayRemoving(
  seen: Leaving,
  message: string,
  held: readonly (string | undefined)[],
  writes: readonly Write[],
  now: EpochMs,
): Step {
  const forced = toldOfForce(seen.member);
  return forced === undefined
    ? say(seen, MemberClusterReason.RemovingAccess, withHeldUp(message, ...held), writes, now)
    : say(seen, MemberClusterReason.RemovedByForce, withHeldUp(forced, ...held), writes, now);
}

/** The writes, and before them the condition where it changed: what is said comes first. */
function say({ member }: Leaving, reason: string, message: string, writes: readonly Write[], now: EpochMs): Step {
  const conditions = setCondition(
    member.status?.conditions,
    {
      type: conditionType.MemberCluster.Leaving,
      status: 'True',
      reason,
      message,
      observedGeneration: member.metadata.generation ?? 0,
    },
    now,
  );
  const status: MemberClusterStatus = { ...member.status, conditions };
  return { writes: [...changeMemberStatus(member, status), ...writes], notices: [], requeueAfterMs: undefined };
}
