import { isJsonObject, type JsonObject, parseJson } from '@quarterdeck/machinery';
import { objectHeader } from '../cache/body.ts';
import type { Entry, Store } from '../cache/store.ts';
import type { StorageKey } from '../storage/storage.ts';

/**
 * Decodes a cached object for the server's own use. apiVersion and kind are empty strings: a stored body has none, and
 * the callers here know what they asked for.
 */
export function readStoredObject(entry: Entry): JsonObject {
  const value = parseJson(objectHeader('', '', entry.revision) + entry.body.toString('utf8'));
  return isJsonObject(value) ? value : {};
}

/** The object under this key as it is now; undefined when there is none. */
export function getStoredObject(store: Pick<Store, 'get'>, key: StorageKey): JsonObject | undefined {
  const entry = store.get(key);
  return entry === undefined ? undefined : readStoredObject(entry);
}
