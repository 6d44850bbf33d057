import type { KubeObject, Stored } from '@quarterdeck/apis';
import { objectKey } from '../runtime/object-key.ts';
import type { ObjectKey } from '../runtime/reconcile.ts';
import { equalValues, type JsonObject } from '../wire/value.ts';

/** How one object changed. `old` is what was known before: undefined for added; `object` of deleted is the last known. */
export interface InformerChange<T extends KubeObject> {
  readonly key: ObjectKey;
  readonly type: 'added' | 'modified' | 'deleted';
  readonly object: Stored<T>;
  readonly old: Stored<T> | undefined;
}

/** Index values of an object; an object may stand under none or several. */
export type Indexer<T extends KubeObject> = (object: Stored<T>) => readonly string[];

/** The objects an informer knows, by key and by index. Plain data structure, no I/O. */
export class InformerCache<T extends KubeObject> {
  readonly #objects = new Map<ObjectKey, Stored<T>>();
  readonly #indexers: ReadonlyMap<string, Indexer<T>>;
  readonly #indexes = new Map<string, Map<string, Map<ObjectKey, Stored<T>>>>();

  constructor(indexers: Readonly<Record<string, Indexer<T>>> = {}) {
    this.#indexers = new Map(Object.entries(indexers));
    for (const name of this.#indexers.keys()) this.#indexes.set(name, new Map());
  }

  get size(): number {
    return this.#objects.size;
  }

  get(key: ObjectKey): Stored<T> | undefined {
    return this.#objects.get(key);
  }

  list(): Stored<T>[] {
    return [...this.#objects.values()];
  }

  /** @throws RangeError for an index that was not declared */
  byIndex(name: string, value: string): Stored<T>[] {
    const index = this.#indexes.get(name);
    if (index === undefined) throw new RangeError(`no index "${name}"`);
    return [...(index.get(value)?.values() ?? [])];
  }

  /** Takes over an object; undefined when it is known just so. */
  put(object: Stored<T>): InformerChange<T> | undefined {
    const key = objectKey(object.metadata);
    const old = this.#objects.get(key);
    if (old !== undefined && isSame(old, object)) return undefined;
    this.#unindex(key, old);
    this.#objects.set(key, object);
    for (const [name, indexer] of this.#indexers) {
      const index = this.#indexes.get(name);
      for (const value of indexer(object)) getOrAdd(index, value)?.set(key, object);
    }
    return { key, type: old === undefined ? 'added' : 'modified', object, old };
  }

  /** Forgets an object. @param last its final state when the server told; undefined when it was found missing */
  remove(key: ObjectKey, last?: Stored<T>): InformerChange<T> | undefined {
    const old = this.#objects.get(key);
    if (old === undefined) return undefined;
    this.#unindex(key, old);
    this.#objects.delete(key);
    return { key, type: 'deleted', object: last ?? old, old };
  }

  /** Brings the cache to exactly these objects: additions and changes first, then removals of what is not there. */
  replace(objects: ReadonlyMap<ObjectKey, Stored<T>>): InformerChange<T>[] {
    const changes: InformerChange<T>[] = [];
    const push = (change: InformerChange<T> | undefined) => {
      if (change !== undefined) changes.push(change);
    };
    for (const object of objects.values()) push(this.put(object));
    for (const key of [...this.#objects.keys()]) if (!objects.has(key)) push(this.remove(key));
    return changes;
  }

  #unindex(key: ObjectKey, old: Stored<T> | undefined): void {
    if (old === undefined) return;
    for (const [name, indexer] of this.#indexers) {
      const index = this.#indexes.get(name);
      for (const value of indexer(old)) {
        const entries = index?.get(value);
        entries?.delete(key);
        if (entries?.size === 0) index?.delete(value);
      }
    }
  }
}

/**
 * Equal revisions alone do not say so: a server restored to older data gives the same numbers to other content. The
 * comparison is only made then, and then it is nearly always a relist's.
 */
function isSame(a: Stored<KubeObject>, b: Stored<KubeObject>): boolean {
  if (a.metadata.resourceVersion !== b.metadata.resourceVersion) return false;
  return equalValues(a as unknown as JsonObject, b as unknown as JsonObject);
}

function getOrAdd<K, I, V>(index: Map<K, Map<I, V>> | undefined, value: K): Map<I, V> | undefined {
  let entries = index?.get(value);
  if (entries === undefined) {
    entries = new Map();
    index?.set(value, entries);
  }
  return entries;
}
