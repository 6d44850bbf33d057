import type { Revision } from '../storage/storage.ts';
import { createDeque, type Deque } from './deque.ts';
import type { CachedEvent } from './event.ts';

/**
 * The events of one resource, or of one resource in one namespace. A watch reads one channel only, so that ten
 * thousand watches on as many namespaces neither wake nor scan for each other's events.
 */
interface Channel {
  readonly events: Deque<CachedEvent>;
  /** The newest event that was forgotten here: a reader behind it has lost something. */
  floor: Revision;
  readonly waiters: Set<() => void>;
  watches: number;
}

export interface Channels {
  /** For reading; undefined when the resource (in the namespace) has no event in the ring and no watch. */
  find(resource: string, namespace: string | undefined): Channel | undefined;
  /** For a watch: kept until released. */
  acquire(resource: string, namespace: string | undefined): Channel;
  release(resource: string, namespace: string | undefined): void;
  append(event: CachedEvent): void;
  /** Forgets the oldest event there is. */
  evict(event: CachedEvent): void;
  /** Wakes whoever waits for what was appended since the last call. */
  wake(): void;
  wakeAll(): void;
}

export function createChannels(): Channels {
  const channels = new Map<string, Channel>();
  const dirty = new Set<Channel>();

  const open = (id: string): Channel => {
    const known = channels.get(id);
    if (known) return known;
    const channel: Channel = { events: createDeque(), floor: 0, waiters: new Set(), watches: 0 };
    channels.set(id, channel);
    return channel;
  };
  const closeIfIdle = (id: string, channel: Channel): void => {
    if (channel.watches === 0 && channel.events.length === 0) channels.delete(id);
  };

  return {
    find: (resource, namespace) => channels.get(channelId(resource, namespace)),
    acquire(resource, namespace) {
      const channel = open(channelId(resource, namespace));
      channel.watches++;
      return channel;
    },
    release(resource, namespace) {
      const id = channelId(resource, namespace);
      const channel = channels.get(id);
      if (channel === undefined) return;
      channel.watches--;
      closeIfIdle(id, channel);
    },
    append(event) {
      for (const id of idsOf(event)) {
        const channel = open(id);
        channel.events.push(event);
        dirty.add(channel);
      }
    },
    evict(event) {
      for (const id of idsOf(event)) {
        const channel = channels.get(id);
        if (channel === undefined) continue;
        channel.events.shift();
        channel.floor = event.revision;
        closeIfIdle(id, channel);
      }
    },
    wake() {
      for (const channel of dirty) for (const waiter of [...channel.waiters]) waiter();
      dirty.clear();
    },
    wakeAll() {
      for (const channel of channels.values()) for (const waiter of [...channel.waiters]) waiter();
    },
  };
}

/** Absent or empty: all namespaces. */
function channelId(resource: string, namespace: string | undefined): string {
  return namespace ? `${resource}\0${namespace}` : resource;
}

function idsOf(event: CachedEvent): string[] {
  const { resource, namespace } = event.entry.key;
  return namespace === '' ? [resource] : [resource, channelId(resource, namespace)];
}
