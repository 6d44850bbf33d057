import type { FieldError } from '@quarterdeck/apis';
import { getOwn, isJsonObject, type JsonObject, type JsonValue, setOwn } from '../wire/value.ts';
import { duplicateValue, invalidValue } from './field-error.ts';
import { type FieldPath, joinPath, pathText, subscript } from './field-path.ts';
import { goJson } from './go-text.ts';
import { appendErrors } from './outcome.ts';
import { isCheckedList } from './schema-features.ts';
import type { StructuralSchema } from './structural.ts';
import { visitNodes } from './visit-nodes.ts';

/** Reports the items that occur twice in sets and keyed lists, the second occurrence of each. KA-100 */
export function validateLists(value: JsonValue, schema: StructuralSchema, prefix: string): FieldError[] {
  const errors: FieldError[] = [];
  const at = (path: FieldPath | undefined) => joinPath(prefix, pathText(path));
  visitNodes(value, schema, (part, node, path) => {
    if (Array.isArray(part) && isCheckedList(node)) appendErrors(errors, listErrors(part, node, path, at));
  });
  return errors;
}

function listErrors(
  list: readonly JsonValue[],
  schema: StructuralSchema,
  path: FieldPath | undefined,
  at: (path: FieldPath) => string,
): FieldError[] {
  if (schema['x-kubernetes-list-type'] === 'set') return duplicates(list, path, at);
  const stranger = list.findIndex((item) => item !== null && !isJsonObject(item));
  if (stranger !== -1) {
    const why = 'must be an object for an array of list-type map';
    return [invalidValue(at(subscript(path, stranger)), list[stranger] ?? null, why)];
  }
  const keys = schema['x-kubernetes-list-map-keys'] ?? [];
  return duplicates(
    list.map((item) => keysOf(item, keys)),
    path,
    at,
  );
}

function keysOf(item: JsonValue, names: readonly string[]): JsonObject {
  const keys: JsonObject = {};
  if (!isJsonObject(item)) return keys;
  for (const name of names) {
    const value = getOwn(item, name);
    if (value !== undefined) setOwn(keys, name, value);
  }
  return keys;
}

/** Of many equal values only the second is reported. */
function duplicates(
  values: readonly JsonValue[],
  path: FieldPath | undefined,
  at: (path: FieldPath) => string,
): FieldError[] {
  const times = new Map<string, number>();
  const errors: FieldError[] = [];
  values.forEach((value, index) => {
    const text = goJson(value);
    const seen = times.get(text) ?? 0;
    times.set(text, seen + 1);
    if (seen === 1) errors.push(duplicateValue(at(subscript(path, index)), value));
  });
  return errors;
}
