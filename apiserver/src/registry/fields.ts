import type { FieldError } from '@quarterdeck/apis';
import { encodeJson, isJsonObject, type JsonObject, type JsonValue } from '@quarterdeck/machinery';

/** Field errors in Kubernetes' words, and typed reads of decoded objects for strategies. KA-38 */

export function invalidField(field: string, value: JsonValue | undefined, why: string): FieldError {
  return { reason: 'FieldValueInvalid', field, message: `Invalid value: ${show(value)}: ${why}` };
}

export function requiredField(field: string, why = ''): FieldError {
  return { reason: 'FieldValueRequired', field, message: why === '' ? 'Required value' : `Required value: ${why}` };
}

export function forbiddenField(field: string, why: string): FieldError {
  return { reason: 'FieldValueForbidden', field, message: `Forbidden: ${why}` };
}

export function tooLongField(field: string, limit: number): FieldError {
  return { reason: 'FieldValueTooLong', field, message: `Too long: may not be more than ${limit} bytes` };
}

export function unsupportedField(
  field: string,
  value: JsonValue | undefined,
  supported: readonly string[],
): FieldError {
  const list = supported.map((item) => `"${item}"`).join(', ');
  return {
    reason: 'FieldValueNotSupported',
    field,
    message: `Unsupported value: ${show(value)}: supported values: ${list}`,
  };
}

function show(value: JsonValue | undefined): string {
  return value === undefined ? 'null' : encodeJson(value);
}

/** The object at `path`, or an empty one when anything on the way is absent or not an object. Read only. */
export function objectAt(object: JsonObject, ...path: readonly string[]): JsonObject {
  let current: JsonValue | undefined = object;
  for (const step of path) {
    current = isJsonObject(current) && Object.hasOwn(current, step) ? current[step] : undefined;
  }
  return isJsonObject(current) ? current : emptyObject;
}
const emptyObject: JsonObject = Object.freeze({});

/** The value at `path`; undefined when absent. */
export function valueAt(object: JsonObject, ...path: readonly string[]): JsonValue | undefined {
  const last = path.at(-1);
  if (last === undefined) return object;
  const parent = objectAt(object, ...path.slice(0, -1));
  return Object.hasOwn(parent, last) ? parent[last] : undefined;
}

/** The text at `path`; empty when absent or not text. */
export function stringAt(object: JsonObject, ...path: readonly string[]): string {
  const value = valueAt(object, ...path);
  return typeof value === 'string' ? value : '';
}

/** The list at `path`; empty when absent or not a list. */
export function listAt(object: JsonObject, ...path: readonly string[]): readonly JsonValue[] {
  const value = valueAt(object, ...path);
  return Array.isArray(value) ? value : [];
}

/** The objects of the list at `path`. */
export function objectsAt(object: JsonObject, ...path: readonly string[]): readonly JsonObject[] {
  return listAt(object, ...path).filter(isJsonObject);
}

/** The number at `path`; undefined when absent or not a number. */
export function numberAt(object: JsonObject, ...path: readonly string[]): number | undefined {
  const value = valueAt(object, ...path);
  if (typeof value === 'bigint') return Number(value);
  return typeof value === 'number' ? value : undefined;
}

/** The texts of the list at `path`. */
export function stringsAt(object: JsonObject, ...path: readonly string[]): readonly string[] {
  return listAt(object, ...path).filter((item) => typeof item === 'string');
}

/** A copy with the value at `path` replaced, or removed when undefined; parents are made as needed. */
export function withValue(object: JsonObject, path: readonly string[], value: JsonValue | undefined): JsonObject {
  const [step, ...rest] = path;
  if (step === undefined) return object;
  const child = Object.hasOwn(object, step) ? object[step] : undefined;
  const next = rest.length === 0 ? value : withValue(isJsonObject(child) ? child : {}, rest, value);
  if (next === undefined) {
    const { [step]: _removed, ...others } = object;
    return others;
  }
  return { ...object, [step]: next };
}
