import type { Clock } from '@quarterdeck/machinery';

/** A pause that can be cut short. A wake-up that comes while nobody waits ends the next wait at once: none is lost. */
export interface Waker {
  wake(): void;
  /** Ends after `ms`, when woken, or when the signal aborts; never rejects. */
  wait(ms: number, signal: AbortSignal): Promise<void>;
}

export function createWaker(clock: Clock): Waker {
  let isAwake = false;
  let waiting: AbortController | undefined;
  return {
    wake() {
      isAwake = true;
      waiting?.abort(new Error('woken'));
    },
    async wait(ms, signal) {
      if (!isAwake) {
        waiting = new AbortController();
        await clock.sleep(ms, AbortSignal.any([signal, waiting.signal])).catch(() => {});
        waiting = undefined;
      }
      isAwake = false;
    },
  };
}
