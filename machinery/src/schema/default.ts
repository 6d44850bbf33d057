import { cloneValue, isJsonObject, type JsonObject, type JsonValue, setOwn } from '../wire/value.ts';
import { objectMetaSchema } from './object-meta.ts';
import type { StructuralSchema } from './structural.ts';

/**
 * Fills in the schema's defaults: for absent fields, and for null where null is not allowed. A null without default
 * where null is not allowed is dropped, because Go clients send one for every empty optional field. Parts that no
 * schema describes are left alone. Returns the argument itself when nothing changed. KA-99, CI-28
 */
export function defaultValue(value: JsonObject, schema: StructuralSchema): JsonObject {
  return fill(value, schema) as JsonObject;
}

function fill(value: JsonValue, schema: StructuralSchema): JsonValue {
  if (Array.isArray(value)) return schema.items === undefined ? value : fillList(value, schema.items);
  return isJsonObject(value) ? fillObject(value, schema) : value;
}

function fillList(list: JsonValue[], items: StructuralSchema): JsonValue[] {
  let copy: JsonValue[] | undefined;
  list.forEach((item, index) => {
    const next = fillOne(item, items) ?? null;
    if (next !== item) copy ??= [...list];
    if (copy !== undefined) copy[index] = next;
  });
  return copy ?? list;
}

function fillObject(object: JsonObject, schema: StructuralSchema): JsonObject {
  const copy: JsonObject = {};
  let changed = false;
  for (const key of Object.keys(object)) {
    const value = object[key] as JsonValue;
    const own = childSchema(schema, key);
    const next = own === undefined ? value : fillOne(value, own);
    if (next !== value) changed = true;
    if (next !== undefined) setOwn(copy, key, next);
  }
  const { properties } = schema;
  if (properties !== undefined) {
    for (const key of Object.keys(properties)) {
      const own = properties[key] as StructuralSchema;
      if (own.default === undefined || own.default === null || Object.hasOwn(object, key)) continue;
      setOwn(copy, key, fill(cloneValue(own.default), own));
      changed = true;
    }
  }
  return changed ? copy : object;
}

/** Undefined: to be dropped. */
function fillOne(value: JsonValue, schema: StructuralSchema): JsonValue | undefined {
  if (value !== null || schema.nullable === true) return fill(value, schema);
  if (schema.default === undefined || schema.default === null) return undefined;
  return fill(cloneValue(schema.default), schema);
}

function childSchema(schema: StructuralSchema, key: string): StructuralSchema | undefined {
  const { properties, additionalProperties } = schema;
  if (properties !== undefined && Object.hasOwn(properties, key)) return properties[key];
  if (key === 'metadata' && schema['x-kubernetes-embedded-resource'] === true) return objectMetaSchema;
  return typeof additionalProperties === 'object' ? additionalProperties : undefined;
}
