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

/** The map of encoded forms is only made when somebody watches: most events of most servers never have one. */
export function createEvent(
  type: StoreEvent['type'],
  entry: CachedEntry,
  previous: CachedEntry | undefined,
): CachedEvent {
  let frames: Map<string, Buffer> | undefined;
  return {
    type,
    revision: entry.revision,
    entry,
    previous,
    get frames() {
      frames ??= new Map();
      return frames;
    },
    dropFrames() {
      frames = undefined;
    },
  };
}

/** What the ring alone keeps alive: the replaced body, and a deleted object's last one; the present one is needed anyway. */
export function heldBytes(item: RingItem): number {
  const fixed = 300;
  if (item.event === undefined) return fixed;
  const { type, entry, previous } = item.event;
  return fixed + (previous?.body.length ?? 0) + (type === 'delete' ? entry.body.length : 0);
}
