import { apiVersionOf } from '@quarterdeck/apis';
import { encodeJson, equalValues, type JsonObject, parseJson } from '@quarterdeck/machinery';
import { itemHeader, objectBody, objectHeader, storedVersionOf } from '../cache/body.ts';
import type { Entry } from '../cache/store.ts';
import type { ObjectForm, VersionDefinition } from '../registry/definition.ts';
import { objectAt } from '../registry/fields.ts';
import type { ResolvedResource } from '../registry/registry.ts';
import type { Revision } from '../storage/storage.ts';
import { conformStored } from './schema-pass.ts';

/**
 * One object as a reader of one API version sees it. Bytes and decoded value are each made on first use; gets and lists
 * of stored objects never decode. Nobody may change what `value` returns.
 */
export interface ServedObject {
  readonly namespace: string;
  readonly name: string;
  /** JSON pieces that concatenate to the object; `bare`: without apiVersion and kind. */
  json(bare?: boolean): readonly [header: string, body: Buffer];
  value(): JsonObject;
}

/** A stored object, at its own revision or (for a deletion) at another. */
export function servedEntry(
  resource: ResolvedResource,
  entry: Entry,
  revision: Revision = entry.revision,
): ServedObject {
  const { group, kind } = resource.definition;
  const header = () => objectHeader(apiVersionOf({ group, version: resource.version.name }), kind, revision);
  let value: JsonObject | undefined;
  return {
    namespace: entry.key.namespace,
    name: entry.key.name,
    json: (bare = false) => [bare ? itemHeader(revision) : header(), bodyFor(resource, entry)],
    value() {
      value ??= parseJson(`${header()}${bodyFor(resource, entry).toString('utf8')}`) as JsonObject;
      return value;
    },
  };
}

/** An object that was just made and is not read back: the answer of a write, of a dry run, of a review. */
export function servedValue(object: JsonObject): ServedObject {
  const meta = objectAt(object, 'metadata');
  return {
    namespace: String(meta.namespace ?? ''),
    name: String(meta.name ?? ''),
    json: (bare = false) => ['', Buffer.from(encodeJson(bare ? withoutType(object) : object), 'utf8')],
    value: () => object,
  };
}

/** An object without apiVersion and kind. */
export function withoutType(object: JsonObject): JsonObject {
  const { apiVersion: _version, kind: _kind, ...rest } = object;
  return rest;
}

/** Built-in kinds are stored as they are shown, but for views and versions with a form of their own. */
function isServedAsStored(resource: ResolvedResource): boolean {
  return resource.definition.origin === 'builtin' && formOf(resource) === undefined;
}

/** The form that a version shows objects in, where that is not the stored one. */
export function formOf({ definition, version }: ResolvedResource): ObjectForm | undefined {
  return version.form ?? definition.storedAs;
}

/**
 * Bodies by the version they were made for; absent where the stored bytes say the same, which are not held here: those of a past
 * state are in no memory. Entries are immutable, so never stale.
 */
const converted = new WeakMap<VersionDefinition, WeakMap<Entry, Buffer | undefined>>();

function bodyFor(resource: ResolvedResource, entry: Entry): Buffer {
  return ownBodyFor(resource, entry) ?? entry.body;
}

/** Undefined: the stored bytes are what the version shows. */
function ownBodyFor(resource: ResolvedResource, entry: Entry): Buffer | undefined {
  if (isServedAsStored(resource)) return undefined;
  const known = converted.get(resource.version);
  if (known?.has(entry) === true) return known.get(entry);
  const body = convertBody(resource, entry);
  keepBody(resource, entry, body);
  return body;
}

/** The stored bytes are what the version says already: the write that made them went through its schema. */
export function markCurrent(resource: ResolvedResource, entry: Entry): void {
  if (isServedAsStored(resource) || formOf(resource) !== undefined) return;
  // What names its version is never shown as it is stored.
  if (resource.definition.conversion === undefined) keepBody(resource, entry, undefined);
}

function keepBody({ version }: ResolvedResource, entry: Entry, body: Buffer | undefined): void {
  const byEntry = converted.get(version) ?? new WeakMap<Entry, Buffer | undefined>();
  converted.set(version, byEntry);
  byEntry.set(entry, body);
}

/**
 * Whether the database holds what a write would store now, by the present schema and under the present key; otherwise a
 * write that changes nothing else still brings it up to date. Views are always stored in another form than they show.
 * KA-56, KA-98, KA-147
 */
export function isStoredAsServed(resource: ResolvedResource, entry: Entry): boolean {
  if (entry.isStale) return false;
  if (formOf(resource) !== undefined) return true;
  const { definition, version } = resource;
  if (definition.conversion === undefined) return ownBodyFor(resource, entry) === undefined;
  const storage = apiVersionOf({ group: definition.group, version: definition.storageVersion });
  if (storedVersionOf(entry.body) !== storage) return false;
  if (version.name !== definition.storageVersion) return true;
  const { apiVersion: _named, ...stored } = storedObject(resource, entry);
  const { apiVersion: _shown, ...shown } = servedEntry(resource, entry).value();
  return equalValues(stored, shown);
}

/** A stored object as it is stored, with the version that it is stored in. */
export function storedObject({ definition, version }: ResolvedResource, entry: Entry): JsonObject {
  const { group, kind, conversion } = definition;
  const named = conversion?.unnamed ?? apiVersionOf({ group, version: version.name });
  return parseJson(`${objectHeader(named, kind, entry.revision)}${entry.body.toString('utf8')}`) as JsonObject;
}

/** Whether a webhook must convert this object before the version can show it. KA-106b */
export function awaitsConversion(resource: ResolvedResource, entry: Entry): boolean {
  const { definition, version } = resource;
  const { conversion, group } = definition;
  if (conversion?.webhook === undefined || converted.get(version)?.has(entry) === true) return false;
  const stored = storedVersionOf(entry.body) ?? conversion.unnamed;
  return stored !== apiVersionOf({ group, version: version.name });
}

/** Notes what a webhook made of an object, so that this version can show it. KA-106b */
export function keepConverted(resource: ResolvedResource, entry: Entry, object: JsonObject): void {
  keepBody(resource, entry, Buffer.from(objectBody(object), 'utf8'));
}

/** Undefined: as it is stored. */
function convertBody(resource: ResolvedResource, entry: Entry): Buffer | undefined {
  const { definition, version } = resource;
  if (awaitsConversion(resource, entry)) {
    throw new TypeError(`${definition.plural} "${entry.key.name}" was not converted before it was shown`);
  }
  const stored = storedObject(resource, entry);
  const own = { ...stored, apiVersion: apiVersionOf({ group: definition.group, version: version.name }) };
  const shown = formOf(resource)?.fromStored(own) ?? conformStored(own, version.schema);
  const isNamed = storedVersionOf(entry.body) !== undefined;
  return !isNamed && equalValues(shown, own) ? undefined : Buffer.from(objectBody(shown), 'utf8');
}
