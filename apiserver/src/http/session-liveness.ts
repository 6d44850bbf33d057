import type { Clock } from '@quarterdeck/machinery';

/** What is watched of an HTTP/2 session; of the protocol, frames of any kind count as life. */
export interface WatchedSession {
  /** Octets that arrived so far. */
  readonly bytesRead: number;
  /** Asks the other side for an answer, which it must give. */
  ping(): void;
  /** Ends the session and every stream of it, without a word. */
  destroy(): void;
}

export interface SessionLiveness extends Disposable {
  /** @returns to be called when the session has ended */
  watch(session: WatchedSession): () => void;
}

/** One look without anything new asks, the next one ends: at most 30 s. F-13 */
const lookMs = 15_000;

/**
 * Lets go of peers that vanished without closing: their watches would hold memory for as long as the kernel tries to reach
 * them. Peers that speak by themselves, as agents do, are never asked. One timer for all sessions. F-13
 */
export function createSessionLiveness(clock: Pick<Clock, 'after'>, onLost: () => void): SessionLiveness {
  const sessions = new Map<WatchedSession, { bytes: number; asked: boolean }>();
  const look = () => {
    for (const [session, last] of sessions) {
      if (session.bytesRead !== last.bytes) {
        sessions.set(session, { bytes: session.bytesRead, asked: false });
      } else if (last.asked) {
        sessions.delete(session);
        onLost();
        session.destroy();
      } else {
        last.asked = true;
        session.ping();
      }
    }
    timer = clock.after(lookMs, look);
  };
  let timer = clock.after(lookMs, look);
  return {
    watch(session) {
      sessions.set(session, { bytes: session.bytesRead, asked: false });
      return () => void sessions.delete(session);
    },
    [Symbol.dispose]: () => timer.cancel(),
  };
}
