import { isJsonObject, type JsonObject, type JsonValue } from '@quarterdeck/machinery';
import { listAt, objectAt } from '../registry/fields.ts';

/** Defaults that the published schemas do not say, filled in where a field is absent. KA-99 */

/** Fills in what is absent, or an empty text where the default is a text; what is there stays. */
export function withAbsent(object: JsonObject, defaults: JsonObject): JsonObject {
  const missing = Object.entries(defaults).filter(
    ([key, value]) => object[key] === undefined || (object[key] === '' && typeof value === 'string'),
  );
  return missing.length === 0 ? object : { ...object, ...Object.fromEntries(missing) };
}

/** The object with its `spec` changed. */
export function withSpec(object: JsonObject, change: (spec: JsonObject) => JsonObject): JsonObject {
  return { ...object, spec: change(objectAt(object, 'spec')) };
}

/** The object with each object of a list changed; without the list it stays as it is. */
export function withEach(object: JsonObject, field: string, change: (item: JsonObject) => JsonObject): JsonObject {
  if (!Array.isArray(object[field])) return object;
  const items = listAt(object, field).map((item): JsonValue => (isJsonObject(item) ? change(item) : item));
  return { ...object, [field]: items };
}

/** The object with the object in a field changed; without it it stays as it is. */
export function withPart(object: JsonObject, field: string, change: (part: JsonObject) => JsonObject): JsonObject {
  const part = object[field];
  return isJsonObject(part) ? { ...object, [field]: change(part) } : object;
}
