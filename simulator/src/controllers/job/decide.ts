import { formatTime, type Stored } from '@quarterdeck/apis';
import type { EpochMs } from '@quarterdeck/machinery';
import type { LegacyCondition, SimJob, StoredPod } from '../../kinds.ts';
import { conditionOf, isActive, isDeleting, isReady, isTerminal } from '../../pods.ts';
import { type Counts, countEnded } from './decide-count.ts';

/** Which part of an Indexed job a pod does. */
export const indexAnnotation = 'batch.kubernetes.io/job-completion-index';

type Status = NonNullable<SimJob['status']>;

export interface JobStep {
  /** One per pod to make: its index for an Indexed job, else undefined. */
  readonly create: readonly (number | undefined)[];
  readonly remove: readonly StoredPod[];
  /** Pods whose end is written down when the status is: let them go then. */
  readonly release: readonly StoredPod[];
  readonly status: Status;
  /** The job ended long enough ago. */
  readonly expired: boolean;
  readonly requeueAfterMs: number | undefined;
}

interface Verdict {
  readonly type: 'Complete' | 'Failed';
  readonly reason: string;
  readonly message: string;
}

/** What is said of a job before it ends so. */
const interimOf = { Complete: 'SuccessCriteriaMet', Failed: 'FailureTarget' } as const;

const backoffMs = 10_000;
const longestBackoffMs = 600_000;

/** One look at a Job: it makes pods until enough of them succeeded, or too many failed. */
export function decideJob(job: Stored<SimJob>, pods: readonly StoredPod[], now: EpochMs): JobStep {
  const { counts, release } = countEnded(job, pods);
  const active = pods.filter(isActive);
  const finished = finishedAt(job);
  if (finished !== undefined) return ended(job, { pods, release, counts, finished, now });
  const verdict = judge(job, counts, now);
  const isSuspended = job.spec.suspend === true;
  const stops = verdict !== undefined || isSuspended || isDeleting(job);
  const wait = retryIn(counts.failedNow, pods, now);
  const plan = stops ? { create: [], remove: active } : planPods(job, active, counts, pods);
  const startTime = isSuspended ? undefined : (job.status?.startTime ?? formatTime(now));
  // A job is over when nothing of it runs and all that ended is counted; until then it only says how it will end.
  const isOver = verdict !== undefined && active.length === 0 && hasNone(counts.uncounted);
  const status: Status = {
    ...counted(counts, active),
    ...(startTime === undefined ? {} : { startTime }),
    ...(isOver && verdict.type === 'Complete' ? { completionTime: formatTime(now) } : {}),
    ...(verdict === undefined
      ? suspensionOf(job, isSuspended, now)
      : { conditions: endingOf(job, verdict, isOver, now) }),
  };
  const waits = !stops && wait > 0;
  const deadline = stops ? undefined : deadlineIn(job, startTime, now);
  const waiting = [waits ? wait : undefined, deadline].filter((ms) => ms !== undefined);
  return {
    create: waits ? [] : plan.create,
    remove: isDeleting(job) ? [] : plan.remove,
    release,
    status,
    expired: false,
    requeueAfterMs: waiting.length === 0 ? undefined : Math.min(...waiting),
  };
}

function finishedAt(job: SimJob): EpochMs | undefined {
  const end = (job.status?.conditions ?? []).find(
    ({ type, status }) => (type === 'Complete' || type === 'Failed') && status === 'True',
  );
  return end === undefined ? undefined : Date.parse(end.lastTransitionTime ?? '');
}

interface EndedJob {
  readonly pods: readonly StoredPod[];
  readonly release: readonly StoredPod[];
  readonly counts: Counts;
  readonly finished: EpochMs;
  readonly now: EpochMs;
}

/** Nothing new happens; what still runs goes, and after its time the job itself. */
function ended(job: Stored<SimJob>, { pods, release, counts, finished, now }: EndedJob): JobStep {
  const { ttlSecondsAfterFinished: ttl } = job.spec;
  const left = ttl === undefined ? undefined : Math.max(0, finished + ttl * 1000 - now);
  const { active: _active, ready: _ready, ...rest } = job.status ?? {};
  const remaining = pods.filter(isActive);
  return {
    create: [],
    remove: remaining,
    release,
    status: { ...rest, ...counted(counts, remaining) },
    expired: left === 0,
    requeueAfterMs: left,
  };
}

/** Counts of zero are left out, as Kubernetes does. */
function counted({ succeeded, failed, uncounted }: Counts, active: readonly StoredPod[]): Status {
  return {
    ...(active.length > 0 ? { active: active.length } : {}),
    ready: active.filter(isReady).length,
    terminating: 0,
    ...(succeeded > 0 ? { succeeded } : {}),
    ...(failed > 0 ? { failed } : {}),
    uncountedTerminatedPods: uncounted,
  };
}

/** Undefined while the job goes on. */
function judge(job: SimJob, { succeededNow, failedNow }: Counts, now: EpochMs): Verdict | undefined {
  for (const type of ['Failed', 'Complete'] as const) {
    const { status, reason = '', message = '' } = conditionOf(job, interimOf[type]) ?? {};
    if (status === 'True') return { type, reason, message };
  }
  const { backoffLimit = 6, completions, activeDeadlineSeconds } = job.spec;
  if (succeededNow >= (completions ?? 1)) {
    return {
      type: 'Complete',
      reason: 'CompletionsReached',
      message: 'Reached expected number of succeeded pods',
    };
  }
  if (failedNow > backoffLimit) {
    return {
      type: 'Failed',
      reason: 'BackoffLimitExceeded',
      message: 'Job has reached the specified backoff limit',
    };
  }
  if (activeDeadlineSeconds !== undefined && deadlineIn(job, job.status?.startTime, now) === 0) {
    return {
      type: 'Failed',
      reason: 'DeadlineExceeded',
      message: 'Job was active longer than specified deadline',
    };
  }
  return undefined;
}

function deadlineIn({ spec }: SimJob, startTime: string | undefined, now: EpochMs): number | undefined {
  if (spec.activeDeadlineSeconds === undefined || startTime === undefined) return undefined;
  return Math.max(0, Date.parse(startTime) + spec.activeDeadlineSeconds * 1000 - now);
}

function planPods(
  job: Stored<SimJob>,
  active: readonly StoredPod[],
  { succeededNow }: Counts,
  pods: readonly StoredPod[],
): Pick<JobStep, 'create' | 'remove'> {
  const { parallelism = 1, completions = 1, completionMode } = job.spec;
  const wanted = Math.min(parallelism, completions - succeededNow);
  if (active.length > wanted) {
    const idleFirst = active.toSorted((one, other) => Number(isReady(one)) - Number(isReady(other)));
    return { create: [], remove: idleFirst.slice(0, active.length - wanted) };
  }
  const missing = wanted - active.length;
  if (completionMode !== 'Indexed') return { create: Array<undefined>(missing).fill(undefined), remove: [] };
  const done = pods.filter((pod) => isActive(pod) || pod.status?.phase === 'Succeeded').map(indexOf);
  const open = Array.from({ length: completions }, (_, index) => index).filter((index) => !done.includes(index));
  return { create: open.slice(0, missing), remove: [] };
}

const indexOf = ({ metadata }: StoredPod): number => Number(metadata.annotations?.[indexAnnotation] ?? -1);

/** How long to wait before the next try: ten seconds after the first failure, doubling with each. */
function retryIn(failures: number, pods: readonly StoredPod[], now: EpochMs): number {
  if (failures === 0) return 0;
  const ends = pods
    .filter((pod) => isTerminal(pod) && pod.status?.phase === 'Failed')
    .flatMap((pod) => (pod.status?.containerStatuses ?? []).map(({ state }) => state.terminated?.finishedAt ?? ''))
    .map((text) => Date.parse(text))
    .filter((time) => !Number.isNaN(time));
  if (ends.length === 0) return 0;
  const pause = Math.min(longestBackoffMs, backoffMs * 2 ** (failures - 1));
  return Math.max(0, Math.max(...ends) + pause - now);
}

const hasNone = ({ succeeded = [], failed = [] }: Counts['uncounted']): boolean =>
  succeeded.length + failed.length === 0;

/** How the job will end, and in time that it did. */
function endingOf(job: SimJob, { type, reason, message }: Verdict, isOver: boolean, now: EpochMs): LegacyCondition[] {
  const before = (job.status?.conditions ?? []).filter((condition) => condition.type !== 'Suspended');
  const interim = interimOf[type];
  const announced = before.some((condition) => condition.type === interim)
    ? before
    : [...before, conditionAt(now, { type: interim, status: 'True', reason, message })];
  return isOver ? [...announced, conditionAt(now, { type, status: 'True', reason, message })] : announced;
}

function suspensionOf(job: SimJob, isSuspended: boolean, now: EpochMs): Pick<Status, 'conditions'> {
  const before = job.status?.conditions ?? [];
  if (isSuspended === (conditionOf(job, 'Suspended')?.status === 'True')) {
    return before.length === 0 ? {} : { conditions: before };
  }
  const next = isSuspended
    ? { status: 'True' as const, reason: 'JobSuspended', message: 'Job suspended' }
    : { status: 'False' as const, reason: 'JobResumed', message: 'Job resumed' };
  const others = before.filter(({ type }) => type !== 'Suspended');
  return { conditions: [...others, conditionAt(now, { type: 'Suspended', ...next })] };
}

function conditionAt(
  now: EpochMs,
  condition: Pick<LegacyCondition, 'type' | 'status' | 'reason' | 'message'>,
): LegacyCondition {
  const at = formatTime(now);
  return { ...condition, lastProbeTime: at, lastTransitionTime: at };
}
