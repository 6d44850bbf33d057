import { getOwn, isJsonObject, type JsonValue } from '../wire/value.ts';
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
  if (values.every((value) => value === undefined)) return undefined;
  return values.map((value) => (value === undefined ? '' : goJson(value))).join('\u0000');
}
