import type { Clock } from '@quarterdeck/machinery';

/**
 * What people are told of decisions comes after them, one after another, and makes way: while decisions are being written it
 * waits, though not for long. A thousand Placements at once are decided sooner by what a thousand Events would take.
 */
export interface Telling {
  /** A decision is being written, until it is disposed of. */
  deciding(): Disposable;
  /** @param tell never rejects */
  later(tell: () => Promise<void>, signal: AbortSignal): void;
}

/** How long it makes way at most, and how often it looks whether it still has to. */
const patienceMs = 5_000;
const lookMs = 50;

export function createTelling(clock: Clock): Telling {
  let underWay = 0;
  let last = Promise.resolve();
  return {
    deciding() {
      underWay++;
      return { [Symbol.dispose]: () => void underWay-- };
    },
    later(tell, signal) {
      const since = clock.monotonic();
      last = last.then(async () => {
        while (underWay > 0 && !signal.aborted && clock.monotonic() - since < patienceMs) {
          await clock.sleep(lookMs, signal).catch(() => undefined);
        }
        if (!signal.aborted) await tell();
      });
    },
  };
}
