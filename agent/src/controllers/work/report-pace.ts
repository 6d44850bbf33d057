import type { EpochMs, ObjectKey } from '@quarterdeck/machinery';

/** What a report that comes and goes would tell: that something is well or not, as before or not, or only counts and texts. */
export type Tidings = 'Verdict' | 'Details';

/**
 * How often the reports of one Work may be written for reasons that come and go, such as a pod that flaps: a few at once, then
 * one each ten seconds. Details are gathered first: a rollout changes counts with each step, and tells them with the verdict that
 * ends it. What waits is written with the next, as it is then. DL-23
 */
export interface ReportPace {
  /** Takes one write. @returns 0, or ms until it may be asked for again */
  take(key: ObjectKey, tidings: Tidings, now: EpochMs): number;
  /** There is nothing to tell (any more): what comes next is gathered anew. */
  settled(key: ObjectKey): void;
  forget(key: ObjectKey): void;
}

const paceOfReports = { gatherMs: 2_000, burst: 6, everyMs: 10_000 } as const;

export function createReportPace(): ReportPace {
  /** Since when each has something to tell. */
  const waitsSince = new Map<ObjectKey, EpochMs>();
  /** When each bucket would be full again. */
  const fullAt = new Map<ObjectKey, EpochMs>();
  const { gatherMs, burst, everyMs } = paceOfReports;
  return {
    take(key, tidings, now) {
      // A clock that was set back makes nobody wait for longer.
      const since = Math.min(waitsSince.get(key) ?? now, now);
      waitsSince.set(key, since);
      const gather = since + gatherMs - now;
      if (tidings === 'Details' && gather > 0) return gather;
      const at = Math.max(fullAt.get(key) ?? now, now);
      const wait = at - now - (burst - 1) * everyMs;
      if (wait > 0) return wait;
      fullAt.set(key, at + everyMs);
      return 0;
    },
    settled: (key) => void waitsSince.delete(key),
    forget(key) {
      waitsSince.delete(key);
      fullAt.delete(key);
    },
  };
}
