import { apiVersionOf } from '@quarterdeck/apis';
import { encodeJson, equalValues, type JsonObject, parseJson } from '@quarterdeck/machinery';
import { itemHeader, objectBody, objectHeader } from '../cache/body.ts';
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

/** Bodies that differ from the stored bytes, by the version they were made for. Entries are immutable, so never stale. */
const converted = new WeakMap<Entry, WeakMap<VersionDefinition, Buffer>>();

function bodyFor(resource: ResolvedResource, entry: Entry): Buffer {
  if (isServedAsStored(resource)) return entry.body;
  const known = converted.get(entry)?.get(resource.version);
  if (known !== undefined) return known;
  const body = convertBody(resource, entry);
  const byVersion = converted.get(entry) ?? new WeakMap<VersionDefinition, Buffer>();
  converted.set(entry, byVersion);
  byVersion.set(resource.version, body);
  return body;
}

/** The stored bytes are what the version says already: the write that made them went through its schema. */
export function markCurrent(resource: ResolvedResource, entry: Entry): void {
  if (isServedAsStored(resource) || formOf(resource) !== undefined) return;
  const byVersion = converted.get(entry) ?? new WeakMap<VersionDefinition, Buffer>();
  converted.set(entry, byVersion);
  byVersion.set(resource.version, entry.body);
}

/**
 * Whether the stored bytes are what the present schema makes of them; otherwise a write that changes nothing else still
 * brings them up to date. Views are always stored in another form than they show. KA-56, KA-98
 */
export function isStoredAsServed(resource: ResolvedResource, entry: Entry): boolean {
  return formOf(resource) !== undefined || bodyFor(resource, entry) === entry.body;
}

function convertBody(resource: ResolvedResource, entry: Entry): Buffer {
  const { definition, version } = resource;
  const header = objectHeader(apiVersionOf({ group: definition.group, version: version.name }), definition.kind, 0);
  const stored = parseJson(`${header}${entry.body.toString('utf8')}`) as JsonObject;
  const shown = formOf(resource)?.fromStored(stored) ?? conformStored(stored, version.schema);
  return equalValues(shown, stored) ? entry.body : Buffer.from(objectBody(shown), 'utf8');
}
