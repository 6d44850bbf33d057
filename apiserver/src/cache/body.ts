import { encodeJson, type JsonObject } from '@quarterdeck/machinery';
import type { Revision } from '../storage/storage.ts';

/**
 * How an object becomes bytes once and is served for ever.
 *
 * A stored object's JSON is cut in two: a short header that holds what only a reader knows (the API version asked for
 * and the resourceVersion, which exists only after commit), and the body, which is everything else. Concatenated they
 * are one JSON document:
 *
 *     {"apiVersion":"v1","kind":"ConfigMap","metadata":{"resourceVersion":"17"   ,"name":"a",...},"data":{...}}
 *     `---------------------------- header ----------------------------------´   `------------ body ----------´
 *
 * So gets, lists and watch frames reuse the same body bytes, and the revision never has to be written into an encoded
 * object. Of a custom kind with several versions, the body ends by naming the one that it is stored in; see
 * {@link versionedBody}.
 */
export function objectHeader(apiVersion: string, kind: string, revision: Revision): string {
  return `{"apiVersion":"${apiVersion}","kind":"${kind}","metadata":{"resourceVersion":"${revision}"`;
}

/** The header of an item in a list of a built-in kind, whose type the list names once for all. */
export function itemHeader(revision: Revision): string {
  return `{"metadata":{"resourceVersion":"${revision}"`;
}

/** The body of an object: its JSON without apiVersion, kind and metadata.resourceVersion. Metadata must have a name. */
export function objectBody(object: JsonObject): string {
  const { apiVersion: _version, kind: _kind, metadata, ...rest } = object;
  const { resourceVersion: _revision, ...meta } = metadata as JsonObject;
  const metaJson = encodeJson(meta);
  const restJson = encodeJson(rest);
  return `,${metaJson.slice(1)}${restJson === '{}' ? '}' : `,${restJson.slice(1)}`}`;
}

/**
 * The body of an object of a kind with several versions. It names its own as the last field, where it overrules the
 * header's when both are read together, and can be found without reading. KA-106
 */
export function versionedBody(object: JsonObject, apiVersion: string): string {
  return `${objectBody(object).slice(0, -1)},"apiVersion":"${apiVersion}"}`;
}

/** Longer than any group and version can be. */
const longestName = 400;

/**
 * The apiVersion that a body names; undefined when it names none. Nothing else can look like it: no other field of an
 * object itself is called so, parts of an object end in two braces, and within texts quotes are escaped.
 */
export function storedVersionOf(body: Buffer): string | undefined {
  if (body.at(-2) !== 0x22) return undefined;
  const end = body.toString('utf8', Math.max(0, body.byteLength - longestName));
  return /,"apiVersion":"([^"\\]*)"\}$/.exec(end)?.[1];
}
