import { type Deployment, formatTime, type ReplicaSet, type Stored } from '@quarterdeck/apis';
import type { EpochMs } from '@quarterdeck/machinery';
import type { LegacyCondition } from '../../kinds.ts';
import { conditionOf, withCondition } from '../../pods.ts';
import { boundsOf } from './decide-bounds.ts';

type Status = NonNullable<Deployment['status']>;

export interface StatusInput {
  readonly deployment: Stored<Deployment>;
  /** The set of the present template, as seen; undefined while there is none. */
  readonly current: Stored<ReplicaSet> | undefined;
  readonly old: readonly Stored<ReplicaSet>[];
  /** The set that is being made now. It is counted as the next look will see it, which then has nothing to add. */
  readonly created: ReplicaSet | undefined;
  readonly now: EpochMs;
}

export interface StatusStep {
  readonly status: Status;
  readonly isComplete: boolean;
  /** When the progress deadline passes, from now. */
  readonly requeueAfterMs: number | undefined;
}

type Count = 'replicas' | 'readyReplicas' | 'availableReplicas';
const total = (sets: readonly Stored<ReplicaSet>[], field: Count): number =>
  sets.reduce((sum, set) => sum + (set.status?.[field] ?? 0), 0);

export function decideStatus(input: StatusInput): StatusStep {
  const { deployment, current, old, created, now } = input;
  const { spec, metadata, status: before = {} } = deployment;
  const sets = [...old, ...(current === undefined ? [] : [current])];
  const sized = created === undefined ? sets : [...sets, created];
  const wantedPods = sized.reduce((sum, { spec: { replicas = 1 } }) => sum + replicas, 0);
  const counts = {
    replicas: total(sets, 'replicas'),
    updatedReplicas: current?.status?.replicas ?? 0,
    readyReplicas: total(sets, 'readyReplicas'),
    availableReplicas: total(sets, 'availableReplicas'),
  };
  const { replicas = 1 } = spec;
  const isComplete =
    counts.updatedReplicas === replicas &&
    counts.replicas === replicas &&
    counts.availableReplicas === replicas &&
    (current?.status?.observedGeneration ?? 0) >= (current?.metadata.generation ?? 1);
  const available = availability(counts.availableReplicas >= replicas - boundsOf(spec).unavailable, now);
  const progressing = progress(input, counts, isComplete);
  const conditions = [available, ...(progressing === undefined ? [] : [progressing])].reduce(
    withUpdatedCondition,
    before.conditions ?? [],
  );
  return {
    isComplete,
    requeueAfterMs: deadlineIn(spec, conditions, now),
    status: {
      observedGeneration: metadata.generation ?? 1,
      ...nonZero(counts),
      ...nonZero({ unavailableReplicas: Math.max(0, wantedPods - counts.availableReplicas) }),
      conditions,
      ...(before.collisionCount === undefined ? {} : { collisionCount: before.collisionCount }),
    },
  };
}

/** Kubernetes leaves counts of zero out. */
const nonZero = <T extends Record<string, number>>(counts: T): Partial<T> =>
  Object.fromEntries(Object.entries(counts).filter(([, value]) => value !== 0)) as Partial<T>;

function availability(isAvailable: boolean, now: EpochMs): LegacyCondition {
  return isAvailable
    ? condition('Available', 'True', 'MinimumReplicasAvailable', 'Deployment has minimum availability.', now)
    : condition(
        'Available',
        'False',
        'MinimumReplicasUnavailable',
        'Deployment does not have minimum availability.',
        now,
      );
}

/** The Progressing condition as it shall be; undefined: as it is. */
function progress(
  { deployment, current, created, now }: StatusInput,
  counts: Required<Pick<Status, 'replicas' | 'updatedReplicas' | 'readyReplicas' | 'availableReplicas'>>,
  isComplete: boolean,
): LegacyCondition | undefined {
  const { spec, status: before = {} } = deployment;
  const last = conditionOf(deployment, 'Progressing');
  const is = (status: 'True' | 'False' | 'Unknown', reason: string, message: string) =>
    condition('Progressing', status, reason, message, now);
  if (spec.paused === true) return is('Unknown', 'DeploymentPaused', 'Deployment is paused');
  if (last?.reason === 'DeploymentPaused') return is('Unknown', 'DeploymentResumed', 'Deployment is resumed');
  if (created !== undefined)
    return is('True', 'NewReplicaSetCreated', `Created new replica set "${created.metadata.name}"`);
  const subject = `ReplicaSet "${current?.metadata.name ?? ''}"`;
  // Done is done: a pod that fails later, or a new size, is no new rollout.
  const wasComplete = last?.reason === 'NewReplicaSetAvailable' && counts.replicas === counts.updatedReplicas;
  if (isComplete) return is('True', 'NewReplicaSetAvailable', `${subject} has successfully progressed.`);
  if (wasComplete) return undefined;
  const hasProgressed =
    last === undefined ||
    last.reason === 'NewReplicaSetAvailable' ||
    counts.updatedReplicas > (before.updatedReplicas ?? 0) ||
    counts.replicas - counts.updatedReplicas < (before.replicas ?? 0) - (before.updatedReplicas ?? 0) ||
    counts.readyReplicas > (before.readyReplicas ?? 0) ||
    counts.availableReplicas > (before.availableReplicas ?? 0);
  if (hasProgressed) return is('True', 'ReplicaSetUpdated', `${subject} is progressing.`);
  if (deadlineIn(spec, before.conditions ?? [], now) === 0) {
    return is('False', 'ProgressDeadlineExceeded', `${subject} has timed out progressing.`);
  }
  return undefined;
}

/** Milliseconds until nothing having moved counts as stuck; undefined when it cannot, or already does. */
function deadlineIn(
  { progressDeadlineSeconds = 600, paused }: Deployment['spec'],
  conditions: readonly LegacyCondition[],
  now: EpochMs,
): number | undefined {
  const last = conditions.find(({ type }) => type === 'Progressing');
  if (last === undefined || last.status === 'False' || paused === true) return undefined;
  if (last.reason === 'NewReplicaSetAvailable') return undefined;
  const since = Date.parse(last.lastUpdateTime ?? '');
  if (Number.isNaN(since)) return undefined;
  return Math.max(0, since + progressDeadlineSeconds * 1000 - now);
}

/** A condition that says the same as before keeps its times. */
function withUpdatedCondition(list: LegacyCondition[], next: LegacyCondition): LegacyCondition[] {
  const old = list.find(({ type }) => type === next.type);
  const isSame = old !== undefined && old.status === next.status && old.reason === next.reason;
  const isMoving = next.reason === 'ReplicaSetUpdated';
  return isSame && !isMoving ? list : withCondition(list, next);
}

function condition(
  type: string,
  status: LegacyCondition['status'],
  reason: string,
  message: string,
  now: EpochMs,
): LegacyCondition {
  const at = formatTime(now);
  return { type, status, reason, message, lastUpdateTime: at, lastTransitionTime: at };
}
