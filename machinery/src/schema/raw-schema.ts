import { getOwn, isJsonObject, type JsonObject, type JsonValue } from '../wire/value.ts';

/**
 * Typed reads of a schema as it stands in a CRD, before it is known to be a good one: what has the wrong type reads as
 * absent (the CRD's own schema reports it).
 */

export function text(schema: JsonObject, key: string): string {
  const value = getOwn(schema, key);
  return typeof value === 'string' ? value : '';
}

export function flag(schema: JsonObject, key: string): boolean {
  return getOwn(schema, key) === true;
}

/** The schema under a key; undefined when there is none. */
export function schemaAt(schema: JsonObject, key: string): JsonObject | undefined {
  const value = getOwn(schema, key);
  return isJsonObject(value) ? value : undefined;
}

/** The schemas of a list, with their positions. */
export function schemasAt(schema: JsonObject, key: string): readonly JsonObject[] {
  const value = getOwn(schema, key);
  return Array.isArray(value) ? value.filter(isJsonObject) : [];
}

/** The named schemas of a map. */
export function namedAt(schema: JsonObject, key: string): readonly [string, JsonObject][] {
  const map = schemaAt(schema, key);
  if (map === undefined) return [];
  return Object.keys(map).flatMap((name): [string, JsonObject][] => {
    const value = map[name] as JsonValue;
    return isJsonObject(value) ? [[name, value]] : [];
  });
}

export function textsAt(schema: JsonObject, key: string): readonly string[] {
  const value = getOwn(schema, key);
  return Array.isArray(value) ? value.filter((item) => typeof item === 'string') : [];
}

/** Present and not null. A default of null is none. */
export function has(schema: JsonObject, key: string): boolean {
  const value = getOwn(schema, key);
  return value !== undefined && value !== null;
}

/** What Go calls a zero value: saying it is saying nothing. */
export function isEmpty(value: JsonValue | undefined): boolean {
  if (value === undefined || value === null || value === '' || value === false) return true;
  return Array.isArray(value) ? value.length === 0 : isJsonObject(value) && Object.keys(value).length === 0;
}

/** All schemas directly inside a schema, each with its step. */
export function parts(schema: JsonObject): readonly [schema: JsonObject, step: string][] {
  const found: [JsonObject, string][] = [];
  for (const key of ['additionalProperties', 'items', 'not']) {
    const child = getOwn(schema, key);
    if (isJsonObject(child)) found.push([child, key]);
  }
  for (const [name, child] of namedAt(schema, 'properties')) found.push([child, `properties[${name}]`]);
  for (const junctor of ['allOf', 'anyOf', 'oneOf']) {
    schemasAt(schema, junctor).forEach((child, index) => void found.push([child, `${junctor}[${index}]`]));
  }
  return found;
}
