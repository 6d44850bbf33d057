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
  const flights = new Set<OneFlight>();
  const waiters = new Set<() => void>();
  const leave = (flight: OneFlight): void => {
    flights.delete(flight);
    if (flights.size === 0) for (const wake of waiters) wake();
  };
  return {
    begin() {
      const flight = new OneFlight(leave);
      flights.add(flight);
      return flight;
    },
    get count() {
      return flights.size;
    },
    async endStreams(spreadMs) {
      const streams = [...flights].filter(({ isStream }) => isStream);
      const pause = streams.length < 2 ? 0 : spreadMs / streams.length;
      for (const { controller } of streams) {
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
      for (const { controller } of flights) controller.abort(new Error('the server stops'));
    },
  };
}

/** A class, for a server has tens of thousands of watches. */
class OneFlight implements Flight {
  readonly controller = new AbortController();
  isStream = false;
  readonly #leave: (flight: OneFlight) => void;

  constructor(leave: (flight: OneFlight) => void) {
    this.#leave = leave;
  }

  streaming(): void {
    this.isStream = true;
  }

  [Symbol.dispose](): void {
    this.#leave(this);
  }
}
