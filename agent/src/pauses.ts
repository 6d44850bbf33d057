import type { Clock } from '@quarterdeck/machinery';

/**
 * Pauses before something is asked of the hub again; all of them end at once when the hub is heard. After a long outage one
 * answer is enough for the whole agent to be back, however long its parts had come to wait. F-14
 */
export interface HubPauses {
  /** Ends after `ms`, or when the hub is heard. @throws the signal's reason */
  pause(ms: number, signal: AbortSignal): Promise<void>;
  hubHeard(): void;
  /** Calls back when the hub was heard while something waited for it: it was away. */
  onReturn(listener: () => void): void;
}

export function createHubPauses(clock: Clock): HubPauses {
  const listeners = new Set<() => void>();
  let heard = new AbortController();
  let waiting = 0;
  return {
    async pause(ms, signal) {
      waiting++;
      await clock.sleep(ms, AbortSignal.any([signal, heard.signal])).catch(() => {});
      waiting--;
      signal.throwIfAborted();
    },
    hubHeard() {
      if (waiting === 0) return;
      heard.abort(new Error('the hub is heard'));
      heard = new AbortController();
      for (const listener of listeners) listener();
    },
    onReturn: (listener) => void listeners.add(listener),
  };
}
