import { getOwn, isJsonObject, type JsonObject, type JsonValue, setOwn } from '../wire/value.ts';
import { PatchError } from './patch-error.ts';

/**
 * JSON merge patch, RFC 7396: objects merge, null deletes, everything else replaces, lists as a whole. A field that is null
 * is none in an object inside of a list either, as in Kubernetes. Never mutates; the result shares what the patch does not
 * touch. KA-68
 * @throws PatchError `malformed` when the patch of an object is no object: it would replace the whole object
 */
export function applyMergePatch(value: JsonValue, patch: JsonValue): JsonValue {
  if (isJsonObject(value) && !isJsonObject(patch)) {
    throw new PatchError('malformed', 'a merge patch must be a JSON object');
  }
  return merge(value, patch);
}

function merge(value: JsonValue | undefined, patch: JsonValue): JsonValue {
  if (!isJsonObject(patch)) return Array.isArray(patch) ? withoutNullFields(patch) : patch;
  const target = value !== undefined && isJsonObject(value) ? value : {};
  const merged: JsonObject = {};
  for (const name of Object.keys(target)) {
    const change = getOwn(patch, name);
    if (change === null) continue;
    const current = target[name] as JsonValue;
    setOwn(merged, name, change === undefined ? current : merge(current, change));
  }
  for (const name of Object.keys(patch)) {
    const change = patch[name] as JsonValue;
    if (change !== null && !Object.hasOwn(target, name)) setOwn(merged, name, merge(undefined, change));
  }
  return merged;
}

/** An item that is null stays. */
function withoutNullFields(list: readonly JsonValue[]): JsonValue[] {
  return list.map((item) => {
    if (Array.isArray(item)) return withoutNullFields(item);
    return isJsonObject(item) ? merge(undefined, item) : item;
  });
}
