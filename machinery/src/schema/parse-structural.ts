import { getOwn, isJsonObject, type JsonObject, type JsonValue } from '../wire/value.ts';
import { keywords } from './keywords.ts';
import { isEmpty } from './raw-schema.ts';
import type { StructuralSchema } from './structural.ts';

/** Beside those that are published as they are. */
const parsedKeywords = [
  'type',
  'x-kubernetes-preserve-unknown-fields',
  'x-kubernetes-int-or-string',
  ...keywords,
] as const;

/** Zero is a limit; empty text and false say nothing. */
const kept = (key: string, value: JsonValue) =>
  key === 'default' || key === 'example' ? value !== null : typeof value === 'number' || !isEmpty(value);

/**
 * Reads the OpenAPI v3 schema of a CRD version as a structural schema: keywords that say nothing and keywords that a
 * structural schema does not have are left out. The schema should have passed checkStructural; of one that has not,
 * what can be read is. The result is a frozen copy.
 */
export function parseStructural(json: JsonObject): StructuralSchema {
  const schema: Record<string, unknown> = {};
  for (const key of parsedKeywords) {
    const value = getOwn(json, key);
    if (value !== undefined && kept(key, value)) schema[key] = value;
  }
  const properties = getOwn(json, 'properties');
  if (isJsonObject(properties) && Object.keys(properties).length > 0) schema.properties = parseMap(properties);
  const open = getOwn(json, 'additionalProperties');
  if (typeof open === 'boolean') schema.additionalProperties = open;
  else if (isJsonObject(open)) schema.additionalProperties = parseStructural(open);
  for (const key of ['items', 'not'] as const) {
    const child = getOwn(json, key);
    if (isJsonObject(child)) schema[key] = parseStructural(child);
  }
  for (const key of ['allOf', 'anyOf', 'oneOf'] as const) {
    const branches = getOwn(json, key);
    if (Array.isArray(branches) && branches.length > 0) {
      schema[key] = branches.filter(isJsonObject).map(parseStructural);
    }
  }
  return Object.freeze(schema) as StructuralSchema;
}

function parseMap(map: JsonObject): Record<string, StructuralSchema> {
  const parsed: Record<string, StructuralSchema> = {};
  for (const name of Object.keys(map)) {
    const child = map[name] as JsonValue;
    if (!isJsonObject(child)) continue;
    Object.defineProperty(parsed, name, {
      value: parseStructural(child),
      writable: true,
      enumerable: true,
      configurable: true,
    });
  }
  return parsed;
}
