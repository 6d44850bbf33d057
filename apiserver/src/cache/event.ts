import type { Revision } from '../storage/storage.ts';
import type { CachedEntry } from './entry.ts';
import type { StoreEvent } from './store.ts';

/** An event as the ring holds it. */
export interface CachedEvent extends StoreEvent {
  readonly entry: CachedEntry;
  readonly previous: CachedEntry | undefined;
  /** Forgets the encoded forms; a late reader makes them again. */
  dropFrames(): void;
}

/** What the ring is made of: an event, or a revision issued without one. */
export interface RingItem {
  readonly revision: Revision;
  /** Monotonic milliseconds: a clock that jumps must not forget history. F-20 */
  readonly at: number;
  readonly event: CachedEvent | undefined;
}

/**
 * A class, for a server keeps hundreds of thousands: an object with a getter of its own is a dictionary to V8, and takes five
 * times the memory. The map of encoded forms is only made when somebody watches: most events of most servers never have one.
 */
class RingEvent implements CachedEvent {
  readonly type: StoreEvent['type'];
  readonly revision: Revision;
  readonly entry: CachedEntry;
  readonly previous: CachedEntry | undefined;
  #frames: Map<string, Buffer> | undefined;

  constructor(type: StoreEvent['type'], entry: CachedEntry, previous: CachedEntry | undefined) {
    this.type = type;
    this.revision = entry.revision;
    this.entry = entry;
    this.previous = previous;
  }

  get frames(): Map<string, Buffer> {
    this.#frames ??= new Map();
    return this.#frames;
  }

  dropFrames(): void {
    this.#frames = undefined;
  }
}

export function createEvent(
  type: StoreEvent['type'],
  entry: CachedEntry,
  previous: CachedEntry | undefined,
): CachedEvent {
  return new RingEvent(type, entry, previous);
}

/**
 * What the ring alone keeps alive: the replaced body, as it is held by now, and a deleted object's last one; the present one is
 * needed anyway.
 */
export function heldBytes(item: RingItem): number {
  const fixed = 300;
  if (item.event === undefined) return fixed;
  const { type, entry, previous } = item.event;
  return fixed + (previous?.heldBytes ?? 0) + (type === 'delete' ? entry.heldBytes : 0);
}
