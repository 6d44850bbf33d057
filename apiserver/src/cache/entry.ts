import { isJsonObject, type JsonObject, type JsonValue, type Logger, parseJson } from '@quarterdeck/machinery';
import type { Revision, StorageKey, StoredRow } from '../storage/storage.ts';
import { type Allocate, allocateAlone } from './allocate.ts';
import { applyDelta, deltaOf } from './delta.ts';
import { sortKey } from './sort-key.ts';
import type { Entry, EntryIndex, Indexer } from './store.ts';

/** What an entry is made of. */
interface EntryParts extends Omit<Entry, 'body'> {
  readonly body: Buffer;
  readonly sort: string;
}

/**
 * An entry as the cache holds it: whole while it is the present state, and as little as may be once history alone holds it.
 * A renewed Lease differs in a time from the one before, and six minutes of them are kept. What others see stays the same.
 */
export class CachedEntry implements Entry {
  readonly key: StorageKey;
  readonly revision: Revision;
  /** Replaced, never changed, when the resource gets another indexer. */
  index: EntryIndex;
  readonly isStale: boolean;
  readonly sort: string;
  /** The body, or what makes it of the body of `#next`. */
  #held: Buffer | string;
  /** The state that replaced it, once that is needed to read this one. */
  #next: CachedEntry | undefined = undefined;
  /** Of the states of its object that history holds, how many came since the last one that is held whole by count. */
  #place = 0;

  constructor({ key, revision, index, isStale, sort, body }: EntryParts) {
    this.key = key;
    this.revision = revision;
    this.index = index;
    this.isStale = isStale;
    this.sort = sort;
    this.#held = body;
  }

  /** Of a past state made anew by each reader. */
  get body(): Buffer {
    if (typeof this.#held !== 'string') return this.#held;
    return applyDelta(this.#held, this.#next?.body ?? noBytes);
  }

  /** Bytes of memory that the body takes. */
  get heldBytes(): number {
    return this.#held.length;
  }

  /**
   * This state is past: it is held by what it differs in from the one that replaced it. Where that is too much, and for one in
   * sixteen, it stays whole: so reading one costs no more than sixteen, and keeps no more of those after it alive.
   */
  becomePast(next: CachedEntry): void {
    next.#place = (this.#place + 1) % wholeEach;
    if (typeof this.#held === 'string' || next.#place === 0) return;
    const delta = deltaOf(this.#held, next.body);
    if (delta === undefined) return;
    this.#held = delta;
    this.#next = next;
  }
}

/** Of the past states of an object, one in so many is held whole. */
const wholeEach = 16;
const noBytes = Buffer.alloc(0);

export interface EntryOptions {
  /** Default {@link allocateAlone}. */
  readonly allocate?: Allocate;
  /** The state before, or after: what is the same is shared with it. */
  readonly neighbour?: CachedEntry | undefined;
}

export interface EntryFactory {
  create(row: StoredRow, options?: EntryOptions): CachedEntry;
  /** The fields of this entry by the resource's present indexer. */
  reindex(entry: CachedEntry): void;
  setIndexer(resource: string, indexer: Indexer): void;
}

const noFields: Readonly<Record<string, string>> = Object.freeze({});
const noLabels: Readonly<Record<string, string>> = Object.freeze({});
const noOwners: readonly string[] = Object.freeze([]);

/** Makes entries: bytes once, index once. Only resources with an indexer are decoded beyond their metadata. */
export function createEntryFactory(logger: Logger): EntryFactory {
  const indexers = new Map<string, Indexer>();
  const shared = new Map<string, string>();

  /** One copy of each resource and namespace, however many rows name it. */
  const intern = (text: string): string => {
    const known = shared.get(text);
    if (known !== undefined) return known;
    const own = ownText(text);
    shared.set(own, own);
    return own;
  };

  const fieldsOf = (key: StorageKey, body: string): Readonly<Record<string, string>> => {
    const indexer = indexers.get(key.resource);
    return indexer === undefined ? noFields : indexer(decodeBody(body)).fields;
  };

  /** A body that cannot be read is served as it is, but no selector finds it: better than serving nothing at all. */
  const guarded = <T>(key: StorageKey, fallback: T, extract: () => T): T => {
    try {
      return extract();
    } catch (cause) {
      logger.error({ key, err: cause }, 'stored object cannot be indexed');
      return fallback;
    }
  };

  return {
    create({ key, revision, body, stale = false }, { allocate = allocateAlone, neighbour } = {}) {
      const metadata = guarded(key, emptyMetadata, () => indexMetadata(body));
      const fields = guarded(key, noFields, () => fieldsOf(key, body));
      const index = { ...metadata, fields };
      return new CachedEntry({
        key: neighbour?.key ?? {
          resource: intern(key.resource),
          namespace: intern(key.namespace),
          name: ownText(key.name),
        },
        revision,
        index: neighbour !== undefined && isSameIndex(neighbour.index, index) ? neighbour.index : index,
        body: encode(body, allocate),
        isStale: stale,
        sort: neighbour?.sort ?? sortKey(key.namespace, key.name),
      });
    },
    reindex(entry) {
      const fields = guarded(entry.key, noFields, () => fieldsOf(entry.key, entry.body.toString('utf8')));
      entry.index = { ...entry.index, fields };
    },
    setIndexer(resource, indexer) {
      indexers.set(resource, indexer);
    },
  };
}

/** A copy: what a decoder read of a request's body shares the memory of all of it, and would keep it as long as the object is. */
function ownText(text: string): string {
  return Buffer.from(text, 'utf8').toString('utf8');
}

function isSameIndex(a: EntryIndex, b: EntryIndex): boolean {
  return (
    a.uid === b.uid &&
    isSameList(a.ownerUids, b.ownerUids) &&
    isSameRecord(a.labels, b.labels) &&
    isSameRecord(a.fields, b.fields)
  );
}

function isSameList(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((value, at) => value === b[at]);
}

function isSameRecord(a: Readonly<Record<string, string>>, b: Readonly<Record<string, string>>): boolean {
  return isSameList(Object.keys(a), Object.keys(b)) && isSameList(Object.values(a), Object.values(b));
}

function encode(text: string, allocate: Allocate): Buffer {
  const buffer = allocate(Buffer.byteLength(text, 'utf8'));
  buffer.write(text, 'utf8');
  return buffer;
}

/** The object without apiVersion, kind and resourceVersion, which a body does not have; see body.ts. */
function decodeBody(body: string): JsonObject {
  const value = parseJson(`{"metadata":{${body.slice(1)}`);
  if (!isJsonObject(value)) throw new TypeError('not an object');
  return value;
}

const emptyMetadata: Omit<EntryIndex, 'fields'> = { uid: '', labels: noLabels, ownerUids: noOwners };

/** Reads uid, labels and owners from the front of a body, without decoding what follows the metadata. */
export function indexMetadata(body: string): Omit<EntryIndex, 'fields'> {
  const metadata = parseJson(`{${body.slice(1, metadataEnd(body))}`);
  if (!isJsonObject(metadata)) throw new TypeError('metadata is not an object');
  return {
    uid: text(metadata.uid),
    labels: isJsonObject(metadata.labels) ? strings(metadata.labels) : noLabels,
    ownerUids: Array.isArray(metadata.ownerReferences) ? metadata.ownerReferences.map(ownerUid) : noOwners,
  };
}

/** Index after the brace that closes the metadata, which a body is already inside of. */
function metadataEnd(body: string): number {
  let depth = 1;
  for (let index = 1; index < body.length; index++) {
    const unit = body.charCodeAt(index);
    if (unit === 0x22) index = stringEnd(body, index);
    else if (unit === 0x7b) depth++;
    else if (unit === 0x7d && --depth === 0) return index + 1;
  }
  throw new TypeError('metadata does not end');
}

/** Index of the quote that closes the string opened at `start`. */
function stringEnd(body: string, start: number): number {
  let end = start;
  do end = body.indexOf('"', end + 1);
  while (end !== -1 && isEscaped(body, end));
  if (end === -1) throw new TypeError('a string does not end');
  return end;
}

function isEscaped(body: string, quote: number): boolean {
  let backslashes = 0;
  while (body.charCodeAt(quote - 1 - backslashes) === 0x5c) backslashes++;
  return backslashes % 2 === 1;
}

function strings(object: JsonObject): Readonly<Record<string, string>> {
  return Object.values(object).every((value) => typeof value === 'string')
    ? (object as Readonly<Record<string, string>>)
    : noLabels;
}

function ownerUid(reference: JsonValue): string {
  return isJsonObject(reference) ? text(reference.uid) : '';
}

function text(value: JsonValue | undefined): string {
  return typeof value === 'string' ? value : '';
}
