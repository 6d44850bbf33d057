import type { Clock } from '@quarterdeck/machinery';

/** For how long each member has not been heard of, by the hub's own steady clock: neither side's wall clock counts. F-20 */
export interface Silence {
  /** The Lease of this namespace was seen to change. */
  heard(namespace: string): void;
  /** Its Lease is gone. */
  forget(namespace: string): void;
  isKnown(namespace: string): boolean;
  /** Milliseconds since it was last heard; 0 for one that never was. */
  lasting(namespace: string): number;
}

/**
 * Starts empty, and rightly so after a restart: the hub's own absence is not the members' fault, so every Lease counts as
 * heard when it is first seen. RG-31
 */
export function createSilence(clock: Clock): Silence {
  const heardAt = new Map<string, number>();
  return {
    heard: (namespace) => void heardAt.set(namespace, clock.monotonic()),
    forget: (namespace) => void heardAt.delete(namespace),
    isKnown: (namespace) => heardAt.has(namespace),
    lasting(namespace) {
      const now = clock.monotonic();
      return now - (heardAt.get(namespace) ?? now);
    },
  };
}
