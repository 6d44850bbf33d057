import type { EpochMs } from '@quarterdeck/machinery';
import type { DriftedField } from './drift.ts';

/**
 * Somebody else may want a field as much as we do. The first repairs of a field come at once; when it is changed again and
 * again, each further one waits twice as long, until it has been left alone for a while. DL-21
 */
export interface RepairGuard {
  /** Milliseconds until these fields may be repaired; 0: now. */
  wait(uid: string, fields: readonly DriftedField[], now: EpochMs): number;
  /** They are being repaired. @returns those that have become a fight with this repair, each told once */
  repaired(uid: string, fields: readonly DriftedField[], now: EpochMs): DriftedField[];
}

interface Repairs {
  readonly count: number;
  readonly last: EpochMs;
}

const atOnce = 5;
const firstWaitMs = 10_000;
const maxWaitMs = 300_000;
/** A field that stayed as it was for so long after its wait is at peace. */
const forgetMs = 600_000;
const maxFields = 10_000;

/** How long the repair after `count` others has to wait. */
export function pauseAfter(count: number): number {
  if (count < atOnce) return 0;
  return Math.min(maxWaitMs, firstWaitMs * 2 ** Math.min(count - atOnce, 20));
}

export function createRepairGuard(): RepairGuard {
  const fields = new Map<string, Repairs>();
  const recent = (key: string, now: EpochMs): Repairs | undefined => {
    const found = fields.get(key);
    return found === undefined || now - found.last > pauseAfter(found.count) + forgetMs ? undefined : found;
  };
  const keyOf = (uid: string, { path }: DriftedField) => `${uid} ${path}`;
  return {
    wait(uid, drifted, now) {
      const waits = drifted.map((field) => {
        const before = recent(keyOf(uid, field), now);
        return before === undefined ? 0 : before.last + pauseAfter(before.count) - now;
      });
      return Math.max(0, ...waits);
    },
    repaired(uid, drifted, now) {
      if (fields.size > maxFields) fields.clear(); // forgetting costs a few repairs that come at once
      return drifted.filter((field) => {
        const key = keyOf(uid, field);
        const count = (recent(key, now)?.count ?? 0) + 1;
        fields.set(key, { count, last: now });
        return count === atOnce;
      });
    },
  };
}
