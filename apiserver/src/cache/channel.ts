import type { Revision } from '../storage/storage.ts';
import { createDeque, type Deque } from './deque.ts';
import type { CachedEvent } from './event.ts';

/** What a channel is of. */
export interface ChannelPlace {
  readonly resource: string;
  /** Absent or empty: all namespaces, or a resource that has none. */
  readonly namespace?: string | undefined;
  /** Of one object; in all namespaces there is no such channel. */
  readonly name?: string | undefined;
}

/** Who waits for events of a channel. */
export interface Waiter {
  wake(): void;
}

/**
 * The events of one resource, of one resource in one namespace, or of one object. A watch reads one channel only, so that
 * ten thousand watches on as many namespaces or objects neither wake nor scan for each other's events.
 */
export interface Channel {
  events: Deque<CachedEvent>;
  /** The newest event that was forgotten here: a reader behind it has lost something. */
  floor: Revision;
  readonly waiters: Set<Waiter>;
  watches: number;
}

export interface Channels {
  /** For reading; undefined when the resource (in the namespace) has no event in the ring and no watch. */
  find(place: Omit<ChannelPlace, 'name'>): Channel | undefined;
  /** For a watch of what comes after a revision that the ring reaches back to: kept until released. */
  acquire(place: ChannelPlace, after: Revision): Channel;
  release(place: ChannelPlace): void;
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
  const add = (channel: Channel, event: CachedEvent): void => {
    channel.events.push(event);
    dirty.add(channel);
  };
  const forget = (channel: Channel, event: CachedEvent): void => {
    channel.events.shift();
    channel.floor = event.revision;
  };
  /** There are as many objects as there may be: theirs is kept only while it is watched, and filled from the one around it. */
  const openObject = (place: ChannelPlace, after: Revision): Channel => {
    const id = channelId(place);
    const known = channels.get(id);
    if (known !== undefined && known.floor <= after) return known;
    const around = channels.get(channelId({ ...place, name: undefined }))?.events;
    const events = createDeque<CachedEvent>();
    for (const event of around?.slice(around.firstAbove(after), around.length) ?? []) {
      if (event.entry.key.name === place.name) events.push(event);
    }
    if (known !== undefined) return Object.assign(known, { events, floor: after });
    const channel = { events, floor: after, waiters: new Set<Waiter>(), watches: 0 };
    channels.set(id, channel);
    return channel;
  };

  return {
    find: (place) => channels.get(channelId(place)),
    acquire(place, after) {
      const channel = place.name === undefined ? open(channelId(place)) : openObject(place, after);
      channel.watches++;
      return channel;
    },
    release(place) {
      const id = channelId(place);
      const channel = channels.get(id);
      if (channel === undefined) return;
      channel.watches--;
      if (place.name === undefined) closeIfIdle(id, channel);
      else if (channel.watches === 0) channels.delete(id);
    },
    append(event) {
      for (const id of idsOf(event)) add(open(id), event);
      const object = channels.get(channelId(event.entry.key));
      if (object !== undefined) add(object, event);
    },
    evict(event) {
      for (const id of idsOf(event)) {
        const channel = channels.get(id);
        if (channel === undefined) continue;
        forget(channel, event);
        closeIfIdle(id, channel);
      }
      const object = channels.get(channelId(event.entry.key));
      if (object?.events.first === event) forget(object, event);
    },
    wake() {
      for (const channel of dirty) for (const waiter of [...channel.waiters]) waiter.wake();
      dirty.clear();
    },
    wakeAll() {
      for (const channel of channels.values()) for (const waiter of [...channel.waiters]) waiter.wake();
    },
  };
}

function channelId({ resource, namespace, name }: ChannelPlace): string {
  if (name !== undefined) return `${resource}\0${namespace ?? ''}\0${name}`;
  return namespace ? `${resource}\0${namespace}` : resource;
}

function idsOf(event: CachedEvent): string[] {
  const { resource, namespace } = event.entry.key;
  return namespace === '' ? [resource] : [resource, channelId({ resource, namespace })];
}
