import {
  type Condition,
  conditionType,
  finalizer,
  findCondition,
  isConditionTrue,
  maxWorkSetProblems,
  memberNamespaceName,
  type Stored,
  setCondition,
  type Work,
  WorkSet,
  type WorkSetProblem,
  WorkSetReason,
  type WorkSetStatus,
} from '@quarterdeck/apis';
import { beginningOf, type EpochMs } from '@quarterdeck/machinery';
import { equalParts } from '../../equal.ts';
import { hasFinalizer, isTerminating } from '../../metadata.ts';
import { updateStatus, type Write } from '../../writes.ts';
import type { Names } from '../observe.ts';
import { isSuspended } from '../suspended.ts';
import type { Target } from '../target.ts';

export interface Seen {
  readonly workSet: Stored<WorkSet>;
  readonly target: Target;
  readonly works: readonly Stored<Work>[];
  /** Clusters where a Work of the name exists that is not ours. */
  readonly taken: Names;
  /** Clusters of the target without a ClusterProfile. PD-20 */
  readonly missing: Names;
}

export interface Decision {
  readonly writes: readonly Write[];
  /** A verdict changed, or is of another generation; otherwise only counts and texts did. */
  readonly isNews: boolean;
}

interface Tally {
  readonly desired: number;
  readonly applied: number;
  readonly available: number;
  readonly failed: number;
  /** Of the desired ones, to which nothing is delivered for now. DL-11 */
  readonly suspended: number;
  readonly problems: readonly WorkSetProblem[];
  readonly leaving: number;
}

/**
 * Sums up what the members report, trusting only reports on the current manifests. Nothing before delivery has put its
 * finalizer on, the only write of its own to a living WorkSet: the two would refuse each other. Pure and total. DL-48, WK-37
 */
export function decide(seen: Seen, now: EpochMs): Decision {
  const { workSet, target } = seen;
  if (isTerminating(workSet) || !hasFinalizer(workSet, finalizer.workSet)) return { writes: [], isNews: false };
  const observedGeneration = workSet.metadata.generation ?? 0;
  const set = (conditions: readonly Condition[] | undefined, type: string, verdict: Verdict) =>
    setCondition(conditions, { type, ...verdict, observedGeneration }, now);
  const names = conditionType.WorkSet;
  let status: WorkSetStatus;
  if (target.known) {
    const tally = count(
      seen,
      target.clusters.map(({ name }) => name),
    );
    let conditions = set(workSet.status?.conditions, names.Applied, appliedVerdict(tally));
    conditions = set(conditions, names.Available, availableVerdict(tally));
    conditions = set(conditions, names.Progressing, progressVerdict(tally));
    const { desired, applied, available, failed, problems } = tally;
    status = {
      conditions,
      clusters: { desired, applied, available, failed },
      problems: problems.slice(0, maxWorkSetProblems),
    };
  } else {
    const verdict: Verdict = { status: 'Unknown', reason: WorkSetReason[target.reason], message: target.message };
    const conditions = [names.Applied, names.Available, names.Progressing].reduce<readonly Condition[] | undefined>(
      (list, type) => set(list, type, verdict),
      workSet.status?.conditions,
    );
    status = { ...workSet.status, conditions: [...(conditions ?? [])] };
  }
  const isNews = !equalParts(verdictsOf(status), verdictsOf(workSet.status));
  return { writes: equalParts(status, workSet.status) ? [] : [updateStatus(WorkSet, { ...workSet, status })], isNews };
}

const verdictsOf = (of: WorkSetStatus | undefined) =>
  (of?.conditions ?? []).map(({ type, status, reason, observedGeneration = 0 }) => [
    type,
    status,
    reason,
    observedGeneration,
  ]);

function count({ workSet, works, taken, missing }: Seen, clusters: readonly string[]): Tally {
  const byNamespace = new Map(works.map((work) => [work.metadata.namespace ?? '', work]));
  const tally = { desired: clusters.length, applied: 0, available: 0, failed: 0, suspended: 0 };
  const problems: WorkSetProblem[] = [];
  for (const clusterName of clusters) {
    const namespace = memberNamespaceName(clusterName);
    const work = byNamespace.get(namespace);
    byNamespace.delete(namespace);
    if (isSuspended(workSet, clusterName)) {
      // What it has may be of other manifests than these.
      tally.suspended += 1;
      problems.push({ clusterName, reason: WorkSetReason.Suspended, message: deliverySuspended });
      continue;
    }
    if (taken.has(clusterName)) {
      tally.failed += 1;
      problems.push({ clusterName, reason: WorkSetReason.WorkConflict, message: workConflict });
      continue;
    }
    if (missing.has(clusterName)) {
      problems.push({ clusterName, reason: WorkSetReason.ClusterProfileNotFound, message: profileMissing });
    }
    const generation = work?.metadata.generation ?? 0;
    const applied = findCondition(work?.status?.conditions, conditionType.Work.Applied);
    const fresh = applied !== undefined && (applied.observedGeneration ?? 0) >= generation;
    if (!fresh) continue;
    if (applied.status === 'True') {
      tally.applied += 1;
      if (isConditionTrue(work?.status?.conditions, conditionType.Work.Available, generation)) tally.available += 1;
    } else if (applied.status === 'False') {
      tally.failed += 1;
      problems.push({
        clusterName,
        reason: beginningOf(applied.reason, 128),
        message: beginningOf(problemText(work, applied), 1024),
      });
    }
  }
  return { ...tally, problems, leaving: byNamespace.size };
}

const deliverySuspended = 'delivery is suspended by spec.suspend; what the cluster has stays as it is';

const workConflict = 'a Work of the name that is needed exists and was made by something else; it is left alone';

const profileMissing = 'the cluster has no ClusterProfile (any more); nothing new is delivered, what runs there stays';

/** The first failing manifest says more than the sum. */
function problemText(work: Stored<Work> | undefined, applied: Condition): string {
  for (const { identifier, conditions } of work?.status?.manifestConditions ?? []) {
    const failed = findCondition(conditions, conditionType.Manifest.Applied);
    if (failed?.status === 'False') {
      return `manifest ${identifier.ordinal} (${identifier.kind ?? 'unknown kind'} ${identifier.name ?? ''}): ${failed.message}`;
    }
  }
  return applied.message;
}

interface Verdict {
  readonly status: Condition['status'];
  readonly reason: string;
  readonly message: string;
}

function appliedVerdict({ desired, applied, failed, suspended, problems }: Tally): Verdict {
  if (desired === 0)
    return { status: 'True', reason: WorkSetReason.NoClusters, message: 'the decision holds no cluster' };
  if (applied === desired)
    return { status: 'True', reason: WorkSetReason.AllApplied, message: `on ${desired} clusters` };
  if (suspended > 0 && failed === 0) {
    const message = `delivery to ${suspended} of ${desired} clusters is suspended`;
    return { status: 'False', reason: WorkSetReason.Suspended, message };
  }
  return failed > 0
    ? {
        status: 'False',
        reason: problems.every(({ reason }) => reason === WorkSetReason.WorkConflict)
          ? WorkSetReason.WorkConflict
          : WorkSetReason.ApplyFailed,
        message: `${failed} of ${desired} clusters report a failure`,
      }
    : { status: 'False', reason: WorkSetReason.NotAllApplied, message: `${applied} of ${desired} clusters` };
}

function availableVerdict({ desired, available }: Tally): Verdict {
  if (desired === 0)
    return { status: 'True', reason: WorkSetReason.NoClusters, message: 'the decision holds no cluster' };
  return available === desired
    ? { status: 'True', reason: WorkSetReason.AllAvailable, message: `on ${desired} clusters` }
    : { status: 'False', reason: WorkSetReason.NotAllAvailable, message: `${available} of ${desired} clusters` };
}

function progressVerdict({ desired, applied, failed, suspended, leaving }: Tally): Verdict {
  const settled = applied + failed + suspended === desired && (leaving === 0 || suspended > 0);
  return settled
    ? { status: 'False', reason: WorkSetReason.Settled, message: '' }
    : {
        status: 'True',
        reason: WorkSetReason.Delivering,
        message: `${desired - applied - failed - suspended} clusters to report, ${leaving} to withdraw from`,
      };
}
