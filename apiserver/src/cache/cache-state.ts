import type { Change, Revision } from '../storage/storage.ts';
import type { CachedEntry, EntryFactory } from './entry.ts';
import { createEvent } from './event.ts';
import type { Objects } from './objects.ts';
import type { Ring } from './ring.ts';

/** Everything the cache knows of one line of history. A reload makes another. */
export interface CacheState {
  readonly epoch: string;
  revision: Revision;
  readonly objects: Objects;
  readonly ring: Ring;
  /** The state was replaced: whatever watches it must start over. */
  ended: boolean;
}

/**
 * Takes one change in, in revision order, at monotonic time `at`. Wakes nobody: the caller does, once per batch.
 * @returns the entry that the change made
 */
export function applyChange(state: CacheState, change: Change, factory: EntryFactory, at: number): CachedEntry {
  const { key, revision } = change;
  const previous = state.objects.get(key);
  const entry = factory.create(change, { neighbour: previous });
  if (change.type === 'put') state.objects.put(entry);
  else state.objects.delete(key);
  state.ring.append({ revision, at, event: createEvent(change.type, entry, previous) });
  state.revision = revision;
  return entry;
}

/** Gives every entry of a resource, present or past, its fields by the present indexer. */
export function reindexResource(state: CacheState, resource: string, factory: EntryFactory): void {
  const entries = new Set<CachedEntry>(state.objects.ofResource(resource)?.range('') ?? []);
  const events = state.ring.channels.find({ resource })?.events;
  for (let index = 0; index < (events?.length ?? 0); index++) {
    const event = events?.at(index);
    if (event === undefined) continue;
    entries.add(event.entry);
    if (event.previous) entries.add(event.previous);
  }
  for (const entry of entries) factory.reindex(entry);
}
