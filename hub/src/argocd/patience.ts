import type { Clock } from '@quarterdeck/machinery';
import type { GeneratorAnswer } from './answer.ts';

/** Argo CD gives a question 30 s, and after an error asks again only in three minutes. */
const patienceMs = 10_000;

export interface Patience {
  /**
   * Asks again whenever something changed, while the answer is one that may be another in a moment.
   * @returns the first that is not, or the last when patience or the program ends
   */
  answered(ask: () => Promise<GeneratorAnswer>): Promise<GeneratorAnswer>;
  /** Something changed. */
  changed(): void;
}

/** Holds back errors that a moment may mend: a question is often there before the decision is. PD-23 */
export function createPatience(clock: Clock, stopping: AbortSignal): Patience {
  let change = Promise.withResolvers<void>();
  return {
    async answered(ask) {
      let isOver = stopping.aborted;
      const answered = new AbortController();
      const end = () => {
        isOver = true;
      };
      const over = clock.sleep(patienceMs, AbortSignal.any([stopping, answered.signal])).then(end, end);
      try {
        for (;;) {
          const { promise } = change; // taken before asking, so that no change falls in between
          const answer = await ask();
          if (answer.mayChange !== true || isOver) return answer;
          await Promise.race([promise, over]);
        }
      } finally {
        answered.abort();
      }
    },
    changed() {
      change.resolve();
      change = Promise.withResolvers<void>();
    },
  };
}
