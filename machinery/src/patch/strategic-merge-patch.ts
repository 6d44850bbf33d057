import type { StructuralSchema } from '../schema/structural.ts';
import { getOwn, isJsonObject, type JsonObject, type JsonValue, setOwn } from '../wire/value.ts';
import { PatchError } from './patch-error.ts';
import {
  at,
  deleteFromListDirective,
  directiveField,
  directiveOf,
  fieldsOfPatch,
  patchDirective,
  retainKeysDirective,
  setOrderDirective,
  valueOfPatch,
} from './strategic-directives.ts';
import { checkElementOrder, deleteFromList, type ListMerge, mergeLists, setElementOrder } from './strategic-lists.ts';

/**
 * Kubernetes' strategic merge patch, for built-in kinds: maps merge, null deletes, lists replace unless the schema gives
 * them merge strategy, and directives say the rest (`$patch`, `$retainKeys`, `$setElementOrder/F`,
 * `$deleteFromPrimitiveList/F`). Where the schema says nothing, it is a merge patch with directives. Never mutates. KA-69
 * @throws PatchError `malformed` for a patch or directive of the wrong form, `invalid` for one that does not fit the
 *   object; with the dotted path
 */
export function applyStrategicMergePatch(value: JsonValue, patch: JsonValue, schema: StructuralSchema): JsonValue {
  if (!isJsonObject(patch)) throw new PatchError('malformed', 'a strategic merge patch must be a JSON object');
  return mergeMaps(isJsonObject(value) ? value : {}, patch, schema, '');
}

type MaybeSchema = StructuralSchema | undefined;

function mergeMaps(live: JsonObject, patch: JsonObject, schema: MaybeSchema, path: string): JsonObject {
  switch (directiveOf(patch, path)) {
    case 'replace':
      return fieldsOfPatch(patch);
    case 'delete':
      return {};
    case 'merge':
    case undefined:
      break;
  }
  const merged: JsonObject = { ...retainedFields(live, patch, path) };
  const done = mergeOrderedLists(merged, patch, schema, path);
  for (const key of Object.keys(patch)) {
    if (key === patchDirective || key === retainKeysDirective || done.has(key)) continue;
    if (directiveField(key, deleteFromListDirective, path) !== undefined) continue;
    mergeField(merged, key, patch[key] as JsonValue, schema, path);
  }
  deleteListValues(merged, patch, path);
  return merged;
}

function mergeField(merged: JsonObject, name: string, change: JsonValue, schema: MaybeSchema, path: string): void {
  const live = getOwn(merged, name);
  const value = change === null ? undefined : mergeValues(live, change, fieldSchema(schema, name), below(path, name));
  if (value === undefined) delete merged[name];
  else setOwn(merged, name, value);
}

function mergeValues(
  live: JsonValue | undefined,
  change: JsonValue,
  schema: MaybeSchema,
  path: string,
): JsonValue | undefined {
  if (isJsonObject(change) && live !== undefined && isJsonObject(live)) {
    return strategyOf(schema) === 'replace' ? valueOfPatch(change) : mergeMaps(live, change, schema, path);
  }
  if (Array.isArray(change) && Array.isArray(live) && strategyOf(schema) === 'merge') {
    return mergeLists(live, change, listMerge(schema, path));
  }
  return valueOfPatch(change);
}

const below = (path: string, name: string): string => (path === '' ? name : `${path}.${name}`);

function fieldSchema(schema: MaybeSchema, name: string): MaybeSchema {
  const { properties, additionalProperties } = schema ?? {};
  if (properties !== undefined && Object.hasOwn(properties, name)) return properties[name];
  return typeof additionalProperties === 'object' ? additionalProperties : undefined;
}

/** `retainKeys` speaks to those who make patches; who applies one obeys its directive. */
const strategyOf = (schema: MaybeSchema): string | undefined =>
  schema?.['x-kubernetes-patch-strategy']?.split(',').find((strategy) => strategy !== 'retainKeys');

const listMerge = (schema: MaybeSchema, path: string): ListMerge => ({
  path,
  mergeKey: schema?.['x-kubernetes-patch-merge-key'],
  mergeItem: (item, change) => mergeMaps(item, change, schema?.items, path),
});

/** The fields that `$retainKeys` lets stay, which must name all that the patch sets. */
function retainedFields(live: JsonObject, patch: JsonObject, path: string): JsonObject {
  const retained = getOwn(patch, retainKeysDirective);
  if (retained === undefined) return live;
  if (!Array.isArray(retained)) throw malformed(path, `${retainKeysDirective} must be a list of field names`);
  const names = new Set(retained);
  for (const key of Object.keys(patch)) {
    if (patch[key] === null || key.startsWith('$') || names.has(key)) continue;
    throw malformed(path, `the patch sets ${key}, which is not in its ${retainKeysDirective}`);
  }
  const kept: JsonObject = {};
  for (const key of Object.keys(live)) if (names.has(key)) setOwn(kept, key, live[key] as JsonValue);
  return kept;
}

/** Comes last, so that the outcome does not hang on the order of keys: what is deleted is gone. */
function deleteListValues(merged: JsonObject, patch: JsonObject, path: string): void {
  for (const key of Object.keys(patch)) {
    const name = directiveField(key, deleteFromListDirective, path);
    if (name === undefined) continue;
    const values = patch[key];
    if (!Array.isArray(values)) throw malformed(path, `${key} must be a list`);
    const list = getOwn(merged, name);
    if (Array.isArray(list)) setOwn(merged, name, deleteFromList(list, values));
  }
}

/**
 * Merges the lists whose order the patch gives, each together with its order.
 * @returns the keys of the patch that are done
 */
function mergeOrderedLists(merged: JsonObject, patch: JsonObject, schema: MaybeSchema, path: string): Set<string> {
  const done = new Set<string>();
  for (const key of Object.keys(patch)) {
    const name = directiveField(key, setOrderDirective, path);
    if (name === undefined) continue;
    done.add(key);
    const order = listOrAbsent(patch, key, path) ?? [];
    const live = listOrAbsent(merged, name, path);
    const change = listOrAbsent(patch, name, path);
    if (change !== undefined) done.add(name);
    const listSchema = fieldSchema(schema, name);
    const how = listMerge(listSchema, below(path, name));
    checkElementOrder(change ?? [], order, how);
    const items = change === undefined ? live : mergeValues(live, change, listSchema, how.path);
    if (Array.isArray(items)) setOwn(merged, name, setElementOrder(items, order, live ?? [], how));
  }
  return done;
}

function listOrAbsent(map: JsonObject, name: string, path: string): JsonValue[] | undefined {
  const value = getOwn(map, name);
  if (value === undefined || Array.isArray(value)) return value;
  throw malformed(path, `${name} must be a list, because its order is set`);
}

const malformed = (path: string, why: string): PatchError => new PatchError('malformed', `${at(path)}${why}`, path);
