import { getOwn, isJsonObject, type JsonObject, type JsonValue, setOwn } from '../wire/value.ts';
import { PatchError } from './patch-error.ts';

/** What a map or list item in a strategic merge patch says about itself. KA-69 */
export const patchDirective = '$patch';
/** The only fields of a map that may stay. KA-69 */
export const retainKeysDirective = '$retainKeys';
/** With `/F`: values to take out of the list of scalars F. KA-69 */
export const deleteFromListDirective = '$deleteFromPrimitiveList';
/** With `/F`: the order of the items of list F. KA-69 */
export const setOrderDirective = '$setElementOrder';

type PatchDirective = 'replace' | 'delete' | 'merge';

/**
 * The `$patch` of a map.
 * @returns undefined when it has none
 * @throws PatchError `invalid` for one that does not exist
 */
export function directiveOf(map: JsonObject, path: string): PatchDirective | undefined {
  const directive = getOwn(map, patchDirective);
  if (directive === undefined || directive === 'replace' || directive === 'delete' || directive === 'merge') {
    return directive;
  }
  throw new PatchError('invalid', `${at(path)}there is no patch directive ${JSON.stringify(String(directive))}`, path);
}

/**
 * The field that a key like `$setElementOrder/ports` is about; undefined when the key is not of this directive.
 * @throws PatchError `malformed` when it names no field
 */
export function directiveField(key: string, directive: string, path: string): string | undefined {
  if (!key.startsWith(directive)) return undefined;
  const field = key.slice(directive.length + 1);
  if (key[directive.length] === '/' && field !== '') return field;
  throw new PatchError('malformed', `${at(path)}${key} must name a field: ${directive}/FIELD`, path);
}

/**
 * A part of a patch that meets nothing to merge with, as a value: without nulls in maps, and without directives and what
 * carries them.
 * @returns undefined when nothing is left because the value itself was a directive
 */
export function valueOfPatch(patch: JsonValue): JsonValue | undefined {
  if (Array.isArray(patch)) {
    return patch.flatMap((item) => {
      const value = valueOfPatch(item);
      return value === undefined ? [] : [value];
    });
  }
  if (!isJsonObject(patch)) return patch;
  return Object.hasOwn(patch, patchDirective) ? undefined : fieldsOfPatch(patch);
}

/** Like {@link valueOfPatch} for a map whose own `$patch` has been obeyed. */
export function fieldsOfPatch(patch: JsonObject): JsonObject {
  const fields: JsonObject = {};
  for (const key of Object.keys(patch)) {
    const value = patch[key] as JsonValue;
    if (value === null || isDirectiveKey(key)) continue;
    const kept = valueOfPatch(value);
    if (kept !== undefined) setOwn(fields, key, kept);
  }
  return fields;
}

const isDirectiveKey = (key: string): boolean =>
  key === patchDirective ||
  key === retainKeysDirective ||
  key.startsWith(deleteFromListDirective) ||
  key.startsWith(setOrderDirective);

/** The beginning of a message about a place in the patch. */
export const at = (path: string): string => (path === '' ? '' : `${path}: `);
