import type { Revision } from '../storage/storage.ts';
import { type Channels, createChannels } from './channel.ts';
import { createDeque } from './deque.ts';
import { heldBytes, type RingItem } from './event.ts';

/** How much history a store keeps. The age is what clients may count on; the other two bound memory before it. KA-82 */
export interface RingLimits {
  /** Default 6 minutes: with a look each ten seconds, at least 5 and less than 10. */
  readonly historyMs: number;
  /** Events; default 200,000. */
  readonly ringSize: number;
  /** Bytes that only the history keeps alive; default 256 MiB. */
  readonly ringBytes: number;
}

export const defaultRingLimits: RingLimits = {
  historyMs: 6 * 60_000,
  ringSize: 200_000,
  ringBytes: 256 * 1024 * 1024,
};

/** Encoded forms are shared by those who watch now; who resumes later makes them again. */
const framesKeptMs = 10_000;

/** Recent history of all resources, in revision order. */
export interface Ring {
  /** Everything up to and including this revision is forgotten. */
  readonly floor: Revision;
  readonly channels: Channels;
  /** From here on, the state that an event replaced is held as a past one. */
  append(item: RingItem): void;
  /** Forgets what is too old. @param now monotonic milliseconds */
  prune(now: number): void;
  /** Whether this revision was issued by the database since the floor. A client's that was not is of another history. */
  issued(revision: Revision): boolean;
  items(): readonly RingItem[];
}

export function createRing(floor: Revision, limits: RingLimits): Ring {
  const items = createDeque<RingItem>();
  const channels = createChannels();
  let bytes = 0;
  let framesDroppedTo = floor;
  let forgotten = floor;

  const evict = (item: RingItem): void => {
    items.shift();
    bytes -= heldBytes(item);
    forgotten = item.revision;
    if (item.event) channels.evict(item.event);
  };

  return {
    get floor() {
      return forgotten;
    },
    channels,
    append(item) {
      items.push(item);
      if (item.event) item.event.previous?.becomePast(item.event.entry);
      bytes += heldBytes(item);
      if (item.event) channels.append(item.event);
      while (items.first && (items.length > limits.ringSize || bytes > limits.ringBytes)) evict(items.first);
    },
    prune(now) {
      while (items.first && items.first.at <= now - limits.historyMs) evict(items.first);
      for (let index = items.firstAbove(framesDroppedTo); index < items.length; index++) {
        const item = items.at(index);
        if (item === undefined || item.at > now - framesKeptMs) break;
        item.event?.dropFrames();
        framesDroppedTo = item.revision;
      }
    },
    issued(revision) {
      return revision === forgotten || items.at(items.firstAbove(revision) - 1)?.revision === revision;
    },
    items: () => items.slice(0, items.length),
  };
}
