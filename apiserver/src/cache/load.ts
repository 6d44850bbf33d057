import type { Clock, EpochMs } from '@quarterdeck/machinery';
import type { PastChange, StorageKey, StorageSnapshot } from '../storage/storage.ts';
import { keyId } from '../storage/transaction.ts';
import { slabAllocator } from './allocate.ts';
import type { CacheState } from './cache-state.ts';
import type { CachedEntry, EntryFactory } from './entry.ts';
import { createEvent, heldBytes, type RingItem } from './event.ts';
import { createObjects, type Objects } from './objects.ts';
import { createRing, type RingLimits } from './ring.ts';

export interface LoadOptions {
  readonly factory: EntryFactory;
  readonly limits: RingLimits;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

/** Builds the cache from a snapshot: present objects, and as much history as the ring holds. KA-92 */
export async function loadState(snapshot: StorageSnapshot, options: LoadOptions): Promise<CacheState> {
  const objects = createObjects();
  const allocate = slabAllocator();
  for await (const rows of snapshot.rows) {
    options.signal.throwIfAborted();
    for (const row of rows) objects.put(options.factory.create(row, { allocate }));
  }
  const { items, floor } = await readHistory(snapshot, objects, options);
  const ring = createRing(floor, options.limits);
  for (const item of items.reverse()) ring.append(item);
  return { epoch: snapshot.epoch, revision: snapshot.revision, objects, ring, ended: false };
}

/** Walks the log backwards, undoing it: each event's `entry` is the state it made, which the later one replaced. */
async function readHistory(snapshot: StorageSnapshot, objects: Objects, options: LoadOptions) {
  const { factory, limits, clock, signal } = options;
  const undone = new Map<string, CachedEntry | undefined>();
  const stateOf = (key: StorageKey): CachedEntry | undefined => {
    const id = keyId(key);
    return undone.has(id) ? undone.get(id) : objects.get(key);
  };
  const items: RingItem[] = [];
  const now = { wall: clock.now(), monotonic: clock.monotonic() };
  const since = (at: EpochMs): number => now.monotonic - Math.max(0, now.wall - at);
  let bytes = 0;
  for await (const page of snapshot.history) {
    signal.throwIfAborted();
    for (const past of page) {
      const item = pastItem(past, since(past.at), { stateOf, factory });
      bytes += item ? heldBytes(item) : 0;
      const full =
        items.length >= limits.ringSize ||
        bytes > limits.ringBytes ||
        since(past.at) <= now.monotonic - limits.historyMs;
      if (item === undefined || full) return { items, floor: past.revision };
      items.push(item);
      if (past.type !== 'mark' && past.type !== 'lost') undone.set(keyId(past.key), item.event?.previous);
    }
  }
  return { items, floor: snapshot.compacted };
}

/** @returns undefined where the log does not fit the objects, or cannot be read: history before that point is of no use */
function pastItem(
  past: PastChange,
  at: number,
  context: { readonly stateOf: (key: StorageKey) => CachedEntry | undefined; readonly factory: EntryFactory },
): RingItem | undefined {
  const { stateOf, factory } = context;
  const { revision } = past;
  if (past.type === 'mark') return { revision, at, event: undefined };
  if (past.type === 'lost') return undefined;
  const { key } = past;
  const entry = past.type === 'delete' ? factory.create({ key, revision, body: past.body }) : stateOf(key);
  const previous = past.previous && factory.create({ key, ...past.previous }, { neighbour: entry });
  const fits = past.type === 'delete' ? stateOf(key) === undefined : entry?.revision === revision;
  if (!fits || entry === undefined) return undefined;
  return { revision, at, event: createEvent(past.type, entry, previous) };
}
