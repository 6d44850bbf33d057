import type { Stored } from '@quarterdeck/apis';
import type { EpochMs } from '@quarterdeck/machinery';
import type { SimStatefulSet, StoredPod } from '../../kinds.ts';
import { isAvailable, isDeleting, isReady, isTerminal, nextAvailability } from '../../pods.ts';
import { templateHash } from '../../template-hash.ts';
import { podRevision } from '../revision.ts';

export interface StatefulSetStep {
  /** Ordinals to make pods for, lowest first. */
  readonly create: readonly number[];
  readonly remove: readonly StoredPod[];
  readonly status: NonNullable<SimStatefulSet['status']>;
  readonly requeueAfterMs: number | undefined;
}

/** `web-12` -> 12; undefined for a pod that is not one of the set's own. */
export function ordinalOf(set: Stored<SimStatefulSet>, podName: string): number | undefined {
  const prefix = `${set.metadata.name}-`;
  const digits = podName.startsWith(prefix) ? podName.slice(prefix.length) : '';
  return /^(0|[1-9]\d*)$/.test(digits) ? Number(digits) : undefined;
}

export const updateRevision = (set: Stored<SimStatefulSet>): string =>
  `${set.metadata.name}-${templateHash(set.spec.template)}`;

interface Member {
  readonly pod: StoredPod;
  readonly ordinal: number;
}

/**
 * One step of a StatefulSet: pods come up in order and go in reverse order, one at a time unless they are managed in
 * parallel; an update replaces them from the highest ordinal down to the partition.
 */
export function decideStatefulSet(
  set: Stored<SimStatefulSet>,
  pods: readonly StoredPod[],
  now: EpochMs,
): StatefulSetStep {
  const { replicas = 1, minReadySeconds = 0, ordinals } = set.spec;
  const start = ordinals?.start ?? 0;
  const members = pods
    .flatMap((pod): Member[] => {
      const ordinal = ordinalOf(set, pod.metadata.name);
      return ordinal === undefined ? [] : [{ pod, ordinal }];
    })
    .toSorted((one, other) => one.ordinal - other.ordinal);
  const isWanted = ({ ordinal }: Member) => ordinal >= start && ordinal < start + replicas;
  const step = isDeleting(set) ? { create: [], remove: [] } : nextStep(set, members, isWanted, start, now);
  return {
    ...step,
    status: statusOf(set, members, isWanted, now),
    requeueAfterMs: nextAvailability(pods, minReadySeconds, now),
  };
}

function nextStep(
  set: Stored<SimStatefulSet>,
  members: readonly Member[],
  isWanted: (member: Member) => boolean,
  start: number,
  now: EpochMs,
): Pick<StatefulSetStep, 'create' | 'remove'> {
  const { replicas = 1, minReadySeconds = 0, podManagementPolicy = 'OrderedReady' } = set.spec;
  const isOrdered = podManagementPolicy === 'OrderedReady';
  const isUp = ({ pod }: Member) => !isDeleting(pod) && isAvailable(pod, minReadySeconds, now);
  const step = (create: readonly number[], remove: readonly Member[]) => ({
    create: isOrdered ? create.slice(0, 1) : create,
    remove: (isOrdered ? remove.slice(0, 1) : remove).map(({ pod }) => pod),
  });
  // A pod that ended is made again in its place.
  const ended = members.filter(({ pod }) => isTerminal(pod) && !isDeleting(pod));
  if (ended.length > 0) return step([], ended);
  const wanted = members.filter(isWanted);
  const present = new Set(members.map(({ ordinal }) => ordinal));
  const missing = Array.from({ length: replicas }, (_, index) => start + index).filter((one) => !present.has(one));
  const firstDown = wanted.find((member) => !isUp(member))?.ordinal ?? Number.POSITIVE_INFINITY;
  const makeable = isOrdered ? missing.filter((ordinal) => ordinal < firstDown) : missing;
  if (makeable.length > 0) return step(makeable, []);
  const waits = isOrdered && (missing.length > 0 || firstDown !== Number.POSITIVE_INFINITY);
  const surplus = members.filter((member) => !isWanted(member)).toReversed();
  if (surplus.some(({ pod }) => isDeleting(pod)) && isOrdered) return step([], []);
  if (surplus.length > 0) return waits ? step([], []) : step([], surplus);
  return { create: [], remove: outdated(set, wanted, isUp) };
}

/** The highest pod of another revision, when all above it are up to date and up; a broken one is replaced at once. */
function outdated(
  set: Stored<SimStatefulSet>,
  wanted: readonly Member[],
  isUp: (member: Member) => boolean,
): StoredPod[] {
  const { type = 'RollingUpdate', rollingUpdate } = set.spec.updateStrategy ?? {};
  if (type === 'OnDelete') return [];
  const revision = updateRevision(set);
  const partition = rollingUpdate?.partition ?? 0;
  for (const member of wanted.toReversed()) {
    if (member.ordinal < partition) return [];
    if (podRevision(member.pod) !== revision && !isDeleting(member.pod)) return [member.pod];
    if (!isUp(member)) return [];
  }
  return [];
}

function statusOf(
  set: Stored<SimStatefulSet>,
  members: readonly Member[],
  isWanted: (member: Member) => boolean,
  now: EpochMs,
): NonNullable<SimStatefulSet['status']> {
  const { replicas = 1, minReadySeconds = 0 } = set.spec;
  const revision = updateRevision(set);
  const pods = members.map(({ pod }) => pod).filter((pod) => !isDeleting(pod));
  const updated = pods.filter((pod) => podRevision(pod) === revision);
  const isSettled =
    updated.length === replicas && members.length === replicas && members.every(isWanted) && updated.every(isReady);
  const before = set.status?.currentRevision ?? revision;
  const current = isSettled ? revision : before;
  return {
    observedGeneration: set.metadata.generation ?? 1,
    replicas: members.length,
    readyReplicas: pods.filter(isReady).length,
    availableReplicas: pods.filter((pod) => isAvailable(pod, minReadySeconds, now)).length,
    currentReplicas: pods.filter((pod) => podRevision(pod) === current).length,
    updatedReplicas: updated.length,
    currentRevision: current,
    updateRevision: revision,
    ...(set.status?.conditions === undefined ? {} : { conditions: set.status.conditions }),
  };
}
