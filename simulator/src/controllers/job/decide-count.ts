import type { SimJob, StoredPod } from '../../kinds.ts';
import { isTerminal } from '../../pods.ts';

/** Holds a pod until its end is counted. */
export const trackingFinalizer = 'batch.kubernetes.io/job-tracking';

export interface Counts {
  /** Counted for good: their pods may be gone. */
  readonly succeeded: number;
  readonly failed: number;
  /** Together with those whose pods still wait to be let go. */
  readonly succeededNow: number;
  readonly failedNow: number;
  readonly uncounted: { readonly succeeded?: string[]; readonly failed?: string[] };
}

/**
 * Counts every pod that ended exactly once, whatever is deleted or interrupted in between: its uid is written down
 * first, then its finalizer goes, and only when that is gone the number rises and the uid is forgotten.
 */
export function countEnded(
  job: SimJob,
  pods: readonly StoredPod[],
): { readonly counts: Counts; readonly release: readonly StoredPod[] } {
  const written = job.status?.uncountedTerminatedPods ?? {};
  const held = pods.filter(({ metadata }) => metadata.finalizers?.includes(trackingFinalizer) === true);
  const endedHeld = held.filter((pod) => isTerminal(pod) || pod.metadata.deletionTimestamp !== undefined);
  const known = new Set([...(written.succeeded ?? []), ...(written.failed ?? [])]);
  const fresh = endedHeld.filter(({ metadata }) => !known.has(metadata.uid));
  const isHeld = (uid: string) => held.some(({ metadata }) => metadata.uid === uid);
  const split = (list: readonly string[] = [], phase: 'Succeeded' | 'other') => ({
    settled: list.filter((uid) => !isHeld(uid)).length,
    open: [
      ...list.filter(isHeld),
      ...fresh.filter((pod) => (pod.status?.phase === 'Succeeded') === (phase === 'Succeeded')).map(uidOf),
    ],
  });
  const good = split(written.succeeded, 'Succeeded');
  const bad = split(written.failed, 'other');
  const succeeded = (job.status?.succeeded ?? 0) + good.settled;
  const failed = (job.status?.failed ?? 0) + bad.settled;
  return {
    release: endedHeld,
    counts: {
      succeeded,
      failed,
      succeededNow: succeeded + good.open.length,
      failedNow: failed + bad.open.length,
      uncounted: {
        ...(good.open.length > 0 ? { succeeded: good.open } : {}),
        ...(bad.open.length > 0 ? { failed: bad.open } : {}),
      },
    },
  };
}

const uidOf = ({ metadata }: StoredPod): string => metadata.uid;
