import type { DecisionReading } from './decision.ts';
import { type SettledDecision, settle, unsettled } from './settle.ts';

/** What one consumer remembers of the decisions that it follows, by any key of its own. */
export interface DecisionMemory {
  /** @returns what to act on now; come back at `held.until`, in the clock of `now` (`Clock.monotonic`) */
  settle(key: string, reading: DecisionReading, now: number): SettledDecision;
  /** The decision is followed no longer. */
  forget(key: string): void;
}

/** @param holdDownMs default 30 s. PD-23 */
export function createDecisionMemory(holdDownMs?: number): DecisionMemory {
  const known = new Map<string, SettledDecision>();
  return {
    settle(key, reading, now) {
      const before = known.get(key) ?? unsettled;
      const settled = settle({ before, reading, now, ...(holdDownMs === undefined ? {} : { holdDownMs }) });
      known.set(key, settled);
      return settled;
    },
    forget: (key) => void known.delete(key),
  };
}
