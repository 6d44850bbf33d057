import { isJsonObject, type JsonObject, type JsonValue, type Logger, parseJson } from '@quarterdeck/machinery';
import type { StorageKey, StoredRow } from '../storage/storage.ts';
import { type Allocate, allocateAlone } from './allocate.ts';
import { sortKey } from './sort-key.ts';
import type { Entry, EntryIndex, Indexer } from './store.ts';

/** An entry as the cache holds it. The index is replaced, never changed, when the resource gets another indexer. */
export interface CachedEntry extends Entry {
  index: EntryIndex;
  readonly sort: string;
}

export interface EntryFactory {
  /** @param allocate default {@link allocateAlone} */
  create(row: StoredRow, allocate?: Allocate): CachedEntry;
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
    shared.set(text, text);
    return text;
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
    create({ key, revision, body, stale = false }, allocate = allocateAlone) {
      const shortKey = { resource: intern(key.resource), namespace: intern(key.namespace), name: key.name };
      const metadata = guarded(key, emptyMetadata, () => indexMetadata(body));
      const fields = guarded(key, noFields, () => fieldsOf(key, body));
      return {
        key: shortKey,
        revision,
        index: { ...metadata, fields },
        body: encode(body, allocate),
        isStale: stale,
        sort: sortKey(key.namespace, key.name),
      };
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
