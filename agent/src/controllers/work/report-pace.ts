import type { EpochMs, ObjectKey } from '@quarterdeck/machinery';

/**
 * How often the reports of one Work may be written for reasons that come and go, such as a pod that flaps: a few at once, then
 * one each ten seconds. What waits is written with the next, as it is then. DL-23
 */
export interface ReportPace {
  /** Takes one write. @returns 0, or ms until one is free */
  take(key: ObjectKey, now: EpochMs): number;
  forget(key: ObjectKey): void;
}

const paceOfReports = { burst: 6, everyMs: 10_000 } as const;

export function createReportPace(): ReportPace {
  /** When each bucket would be full again. */
  const fullAt = new Map<ObjectKey, EpochMs>();
  const { burst, everyMs } = paceOfReports;
  return {
    take(key, now) {
      const at = Math.max(fullAt.get(key) ?? now, now);
      const wait = at - now - (burst - 1) * everyMs;
      if (wait > 0) return wait;
      fullAt.set(key, at + everyMs);
      return 0;
    },
    forget: (key) => void fullAt.delete(key),
  };
}
