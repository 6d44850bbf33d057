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
 * So gets, lists and watch frames of every served version reuse the same body bytes (conversion None), and the
 * revision never has to be written into an encoded object.
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
