/**
 * What is told: who the agent is, whether the API of the member is well, which others wait for; or everything else, of which
 * only the last counts.
 */
export type News = 'Verdict' | 'Details';

/** How often the status of one member is written. A ClusterProfile shows it, so this is the budget of that too. CI-27 */
export interface StatusPace {
  /** @param now monotonic, ms */
  mayTell(news: News, now: number): boolean;
  /** It was written. */
  told(now: number): void;
}

const burst = 10;
const refillMs = 30_000;
/** Details leave this much for verdicts, so that capacity that flaps makes none of these wait. */
const reserve = 2;

/** Ten at once, then one each 30 s. What may not be told now is told, as it is then, when it may. CI-27, RG-32 */
export function createStatusPace(): StatusPace {
  let left = burst;
  let at = 0;
  const leftAt = (now: number) => Math.min(burst, left + Math.max(0, now - at) / refillMs);
  return {
    mayTell: (news, now) => leftAt(now) >= (news === 'Verdict' ? 1 : 1 + reserve),
    told(now) {
      left = Math.max(0, leftAt(now) - 1);
      at = now;
    },
  };
}
