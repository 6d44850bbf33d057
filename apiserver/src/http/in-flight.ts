import type { Clock } from '@quarterdeck/machinery';

/** The requests being answered, so that a stop can wait for some and end others. KA-145 */
export interface InFlight {
  /** Registers one; dispose it when it is answered. */
  begin(): Flight;
  readonly count: number;
  /** Ends streams one after the other over `spreadMs`. */
  endStreams(spreadMs: number): Promise<void>;
  /** Resolves when none is left, or after `ms`. */
  settled(ms: number): Promise<void>;
  /** Aborts what is left. */
  abort(): void;
}

export interface Flight extends Disposable {
  readonly controller: AbortController;
  /** It became a stream: it ends when told, not by itself. */
  streaming(): void;
}

export function createInFlight(clock: Clock): InFlight {
  const flights = new Map<AbortController, { stream: boolean }>();
  const waiters = new Set<() => void>();
  return {
    begin() {
      const controller = new AbortController();
      const state = { stream: false };
      flights.set(controller, state);
      return {
        controller,
        streaming() {
          state.stream = true;
        },
        [Symbol.dispose]() {
          flights.delete(controller);
          if (flights.size === 0) for (const wake of waiters) wake();
        },
      };
    },
    get count() {
      return flights.size;
    },
    async endStreams(spreadMs) {
      const streams = [...flights].filter(([, { stream }]) => stream).map(([controller]) => controller);
      const pause = streams.length < 2 ? 0 : spreadMs / streams.length;
      for (const controller of streams) {
        controller.abort(new Error('the server stops'));
        if (pause >= 1) await clock.sleep(pause);
      }
    },
    settled(ms) {
      if (flights.size === 0) return Promise.resolve();
      return new Promise((resolve) => {
        const wake = () => {
          timer.cancel();
          waiters.delete(wake);
          resolve();
        };
        const timer = clock.after(ms, wake);
        waiters.add(wake);
      });
    },
    abort() {
      for (const controller of flights.keys()) controller.abort(new Error('the server stops'));
    },
  };
}
