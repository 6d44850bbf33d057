import { isJsonObject, type JsonObject, type JsonValue, setOwn } from '../wire/value.ts';
import { type FieldPath, field, pathText, subscript } from './field-path.ts';
import { byCodePoint } from './go-text.ts';
import { objectMetaSchema } from './object-meta.ts';
import type { StructuralSchema } from './structural.ts';

export interface PruneOptions {
  /** The value is a whole object: its apiVersion, kind and metadata are kept whatever the schema says. Default false. */
  readonly isRoot?: boolean;
}

export interface Pruned {
  /** The argument itself when nothing was pruned. */
  readonly value: JsonObject;
  /** Paths of the fields that were dropped, sorted: what a strict write refuses. KA-61 */
  readonly pruned: string[];
}

/**
 * Drops the fields that the schema does not know. Kept are fields under `x-kubernetes-preserve-unknown-fields` and
 * additionalProperties, and apiVersion, kind and (reduced to its known fields) metadata of the root and of embedded
 * resources. KA-98
 */
export function pruneValue(value: JsonObject, schema: StructuralSchema, options: PruneOptions = {}): Pruned {
  const pruned: string[] = [];
  const root = options.isRoot === true ? { ...schema, 'x-kubernetes-embedded-resource': true as const } : schema;
  const result = prune(value, root, undefined, pruned) as JsonObject;
  return { value: result, pruned: pruned.sort(byCodePoint) };
}

function prune(
  value: JsonValue,
  schema: StructuralSchema | undefined,
  path: FieldPath | undefined,
  pruned: string[],
): JsonValue {
  if (Array.isArray(value)) {
    const items = itemSchema(schema);
    return mapList(value, (item, index) => prune(item, items, subscript(path, index), pruned));
  }
  if (!isJsonObject(value) || schema === keepAll) return value;
  return mapObject(value, (part, key) => {
    const own = childSchema(schema, key);
    if (own !== undefined) return prune(part, own, field(path, key), pruned);
    if (keepsUnknown(schema)) return part;
    pruned.push(pathText(field(path, key)));
    return undefined;
  });
}

const keepAll: StructuralSchema = Object.freeze({ 'x-kubernetes-preserve-unknown-fields': true });
const keepsUnknown = (schema: StructuralSchema | undefined) =>
  schema?.['x-kubernetes-preserve-unknown-fields'] === true;

/** What a list keeps, its items keep. */
function itemSchema(schema: StructuralSchema | undefined): StructuralSchema | undefined {
  if (!keepsUnknown(schema)) return schema?.items;
  return schema?.items === undefined ? keepAll : { ...schema.items, 'x-kubernetes-preserve-unknown-fields': true };
}

/** Undefined: the schema does not know this field. */
function childSchema(schema: StructuralSchema | undefined, key: string): StructuralSchema | undefined {
  if (schema === undefined) return undefined;
  const { properties, additionalProperties } = schema;
  if (schema['x-kubernetes-embedded-resource'] === true) {
    if (key === 'apiVersion' || key === 'kind') return keepAll;
    // A constraint on metadata.name is no list of the fields of metadata.
    if (key === 'metadata') return isFullMetadata(properties?.metadata) ? properties?.metadata : objectMetaSchema;
  }
  if (properties !== undefined && Object.hasOwn(properties, key)) return properties[key];
  return typeof additionalProperties === 'boolean' ? openChild : additionalProperties;
}

/** Under `additionalProperties: true` (and false: validation refuses those) the field is known, nothing below it is. */
const openChild: StructuralSchema = Object.freeze({});

const isFullMetadata = (schema: StructuralSchema | undefined) =>
  schema?.properties !== undefined && Object.hasOwn(schema.properties, 'resourceVersion');

function mapList(list: JsonValue[], change: (item: JsonValue, index: number) => JsonValue): JsonValue[] {
  let copy: JsonValue[] | undefined;
  list.forEach((item, index) => {
    const next = change(item, index);
    if (next !== item) copy ??= [...list];
    if (copy !== undefined) copy[index] = next;
  });
  return copy ?? list;
}

function mapObject(object: JsonObject, change: (value: JsonValue, key: string) => JsonValue | undefined): JsonObject {
  const copy: JsonObject = {};
  let changed = false;
  for (const key of Object.keys(object)) {
    const value = object[key] as JsonValue;
    const next = change(value, key);
    if (next !== value) changed = true;
    if (next !== undefined) setOwn(copy, key, next);
  }
  return changed ? copy : object;
}
