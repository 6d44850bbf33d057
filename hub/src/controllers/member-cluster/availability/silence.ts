import type { Clock } from '@quarterdeck/machinery';
import { type FleetSilence, silentAfterMs } from './brake.ts';

/** For how long each member has not been heard of, by the hub's own steady clock: neither side's wall clock counts. F-20 */
export interface Silence {
  /** The Lease of this namespace is there, or was seen to change. */
  heard(namespace: string): void;
  /** Its member had been lost when this process began to watch: it stays so until its Lease is seen to change. */
  lostBefore(namespace: string): void;
  /** Its Lease is gone. */
  forget(namespace: string): void;
  isKnown(namespace: string): boolean;
  /** Milliseconds since it was last heard; 0 for one that never was, infinite for one that was lost before. */
  lasting(namespace: string): number;
  /**
   * How much of the fleet is silent; counted at most once a second. RG-31
   * @param isWatched whether silence of this namespace's member would be a loss: of one that was cut off it is none
   */
  ofFleet(isWatched: (namespace: string) => boolean): FleetSilence;
}

const countEveryMs = 1_000;

/**
 * Starts empty, and rightly so after a restart: the hub's own absence is not the members' fault, so every Lease counts as
 * heard when it is first seen. A start of the hub brings no member back either that was lost before it. RG-31
 */
export function createSilence(clock: Clock): Silence {
  const heardAt = new Map<string, number>();
  /** Lost before, and their Leases not yet seen. */
  const lost = new Set<string>();
  let counted: { readonly at: number; readonly fleet: FleetSilence } | undefined;
  return {
    ofFleet(isWatched) {
      const now = clock.monotonic();
      if (counted === undefined || now - counted.at >= countEveryMs) {
        const fleet = { watched: 0, silent: 0 };
        for (const [namespace, at] of heardAt) {
          if (!isWatched(namespace)) continue;
          fleet.watched += 1;
          if (now - at >= silentAfterMs) fleet.silent += 1;
        }
        counted = { at: now, fleet };
      }
      return counted.fleet;
    },
    heard: (namespace) => void heardAt.set(namespace, lost.delete(namespace) ? -Infinity : clock.monotonic()),
    lostBefore(namespace) {
      if (heardAt.has(namespace)) heardAt.set(namespace, -Infinity);
      else lost.add(namespace);
    },
    forget(namespace) {
      heardAt.delete(namespace);
      lost.delete(namespace);
    },
    isKnown: (namespace) => heardAt.has(namespace),
    lasting(namespace) {
      const now = clock.monotonic();
      return now - (heardAt.get(namespace) ?? now);
    },
  };
}
