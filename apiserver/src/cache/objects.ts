import type { StorageKey } from '../storage/storage.ts';
import { keyId } from '../storage/transaction.ts';
import type { CachedEntry } from './entry.ts';
import { sortKey } from './sort-key.ts';
import { createSortedEntries, type SortedEntries } from './sorted-entries.ts';

/** The present state of all objects, by resource, with what the garbage and namespace controllers look up. */
export interface Objects {
  get(key: StorageKey): CachedEntry | undefined;
  put(entry: CachedEntry): void;
  delete(key: StorageKey): void;
  /** Undefined when the resource has no object. */
  ofResource(resource: string): SortedEntries<CachedEntry> | undefined;
  ownedBy(uid: string): readonly CachedEntry[];
  /** See {@link Store.stateOf}. */
  stateOf(resource: string): unknown;
  counts(namespace: string | undefined): ReadonlyMap<string, number>;
}

export function createObjects(): Objects {
  const resources = new Map<string, SortedEntries<CachedEntry>>();
  const owned = new Map<string, Map<string, CachedEntry>>();
  const perNamespace = new Map<string, Map<string, number>>();
  const states = new Map<string, object>();

  const find = (key: StorageKey) => resources.get(key.resource)?.get(sortKey(key.namespace, key.name));

  const disown = (entry: CachedEntry): void => {
    for (const uid of entry.index.ownerUids) {
      const children = owned.get(uid);
      children?.delete(keyId(entry.key));
      if (children?.size === 0) owned.delete(uid);
    }
  };
  const own = (entry: CachedEntry): void => {
    for (const uid of entry.index.ownerUids) {
      const children = owned.get(uid) ?? new Map<string, CachedEntry>();
      owned.set(uid, children.set(keyId(entry.key), entry));
    }
  };
  const count = ({ resource, namespace }: StorageKey, by: 1 | -1): void => {
    if (namespace === '') return;
    const counts = perNamespace.get(namespace) ?? new Map<string, number>();
    const next = (counts.get(resource) ?? 0) + by;
    if (next > 0) perNamespace.set(namespace, counts.set(resource, next));
    else if (counts.delete(resource) && counts.size === 0) perNamespace.delete(namespace);
  };

  return {
    get: find,
    put(entry) {
      const { resource } = entry.key;
      states.set(resource, entry);
      const entries = resources.get(resource) ?? createSortedEntries<CachedEntry>();
      if (entries.size === 0) resources.set(resource, entries);
      const replaced = entries.set(entry);
      if (replaced) disown(replaced);
      else count(entry.key, 1);
      own(entry);
    },
    delete(key) {
      const entries = resources.get(key.resource);
      const entry = entries?.delete(sortKey(key.namespace, key.name));
      if (entry === undefined) return;
      states.set(key.resource, {});
      if (entries?.size === 0) resources.delete(key.resource);
      disown(entry);
      count(key, -1);
    },
    ofResource: (resource) => resources.get(resource),
    ownedBy: (uid) => [...(owned.get(uid)?.values() ?? [])],
    stateOf: (resource) => states.get(resource),
    counts(namespace) {
      if (namespace !== undefined) return new Map(perNamespace.get(namespace));
      return new Map([...resources].map(([resource, entries]) => [resource, entries.size]));
    },
  };
}
