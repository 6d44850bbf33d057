import { equalValues, getOwn, isJsonObject, type JsonObject, type JsonValue } from '../wire/value.ts';
import { goJson } from './go-text.ts';
import type { StructuralSchema } from './structural.ts';

/**
 * Finds for each item of a list the item it was before: by its keys in a list of type map, and never in others, whose
 * items have no identity. KA-104, KA-105
 */
export function correlateItems(
  schema: StructuralSchema,
  old: JsonValue | undefined,
): (item: JsonValue) => JsonValue | undefined {
  const keys = schema['x-kubernetes-list-map-keys'];
  if (schema['x-kubernetes-list-type'] !== 'map' || keys === undefined || !Array.isArray(old)) return none;
  const byKey = new Map<string, JsonValue>();
  for (const item of old) {
    const key = itemKey(item, keys);
    if (key !== undefined && !byKey.has(key)) byKey.set(key, item);
  }
  return (item) => {
    const key = itemKey(item, keys);
    return key === undefined ? undefined : byKey.get(key);
  };
}

const none = () => undefined;

function itemKey(item: JsonValue, keys: readonly string[]): string | undefined {
  if (!isJsonObject(item)) return undefined;
  const values = keys.map((key) => getOwn(item, key));
  // An item without all of its keys, or with one that is no scalar, is none that could be found again.
  if (!values.every(isScalar)) return undefined;
  return values.map(goJson).join('\u0000');
}

const isScalar = (value: JsonValue | undefined): value is JsonValue =>
  value !== undefined && value !== null && typeof value !== 'object';

/** The schema of a property, declared or additional; undefined where no schema describes it. */
export function propertySchema(schema: StructuralSchema, key: string): StructuralSchema | undefined {
  const { properties, additionalProperties } = schema;
  if (properties !== undefined && Object.hasOwn(properties, key)) return properties[key];
  return typeof additionalProperties === 'object' ? additionalProperties : undefined;
}

/**
 * Whether a value counts as unchanged, so that what was wrong with it before may stay: as Kubernetes tells it, by the
 * schema. So the order of a list of type map does not matter, and an object with a field that no schema describes counts as
 * changed, but within a list whose items have no identity, which is compared as a whole. KA-105
 */
export function isUnchanged(value: JsonValue, old: JsonValue, schema: StructuralSchema): boolean {
  if (Array.isArray(value)) return Array.isArray(old) && isUnchangedList(value, old, schema);
  if (!isJsonObject(value)) return equalValues(value, old);
  return isJsonObject(old) && isUnchangedObject(value, old, schema);
}

function isUnchangedList(list: readonly JsonValue[], old: JsonValue[], schema: StructuralSchema): boolean {
  if (list.length !== old.length) return false;
  if (schema['x-kubernetes-list-type'] !== 'map') return equalValues([...list], old);
  const { items } = schema;
  const oldOf = correlateItems(schema, old);
  return list.every((item) => {
    const before = oldOf(item);
    return before !== undefined && items !== undefined && isUnchanged(item, before, items);
  });
}

function isUnchangedObject(object: JsonObject, old: JsonObject, schema: StructuralSchema): boolean {
  const keys = Object.keys(object);
  if (keys.length !== Object.keys(old).length) return false;
  return keys.every((key) => {
    const before = getOwn(old, key);
    const own = propertySchema(schema, key);
    return before !== undefined && own !== undefined && isUnchanged(object[key] as JsonValue, before, own);
  });
}
