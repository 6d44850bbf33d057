import {
  getOwn,
  isJsonObject,
  type JsonObject,
  type JsonValue,
  type ProtobufField,
  type ProtobufTables,
  type StructuralSchema,
} from '@quarterdeck/machinery';

/**
 * A built-in object without the zeros that Go's types do not write: empty lists, maps and texts, `false` and 0 where a
 * field is dropped when empty. So `data: {}` is stored as no data, as on any Kubernetes server, and saying it anew
 * changes nothing. KA-56
 * @returns the object itself when there is none
 */
export function omitZeros(
  object: JsonObject,
  message: string,
  schema: StructuralSchema,
  tables: ProtobufTables,
): JsonObject {
  const required = schema.required ?? [];
  let out = object;
  for (const field of fieldsOf(message, tables)) {
    const value = getOwn(object, field.name);
    if (value === undefined) continue;
    const next = isOmitted(field, value, required)
      ? undefined
      : within(field, value, schema.properties?.[field.name], tables);
    if (next === value) continue;
    if (out === object) out = { ...object };
    if (next === undefined) delete out[field.name];
    else out[field.name] = next;
  }
  return out;
}

function fieldsOf(message: string, tables: ProtobufTables): readonly ProtobufField[] {
  const fields = tables.messages[message] ?? [];
  if (!fields.some(({ inline }) => inline === true)) return fields;
  return fields.flatMap((field) =>
    field.inline === true && field.message !== undefined ? fieldsOf(field.message, tables) : [field],
  );
}

function isOmitted(field: ProtobufField, value: JsonValue, required: readonly string[]): boolean {
  if (field.repeated === true) return Array.isArray(value) && value.length === 0 && !required.includes(field.name);
  if (field.map === true) return isJsonObject(value) && isEmpty(value) && !required.includes(field.name);
  return (field.zero ?? 'omit') === 'omit' && (value === '' || value === false || value === 0);
}

function isEmpty(value: JsonObject): boolean {
  for (const _key in value) return false;
  return true;
}

/** The same inside of messages, and of lists and maps of them. */
function within(
  field: ProtobufField,
  value: JsonValue,
  schema: StructuralSchema | undefined,
  tables: ProtobufTables,
): JsonValue {
  const { message } = field;
  if (message === undefined) return value;
  // The schemas in a CRD are described by none: nothing is required of them.
  const one = (item: JsonValue, itemSchema: StructuralSchema | undefined): JsonValue =>
    isJsonObject(item) ? omitZeros(item, message, itemSchema ?? {}, tables) : item;
  if (field.repeated === true || (Array.isArray(value) && field.type !== 'message')) {
    if (!Array.isArray(value)) return value;
    const items = value.map((item) => one(item, schema?.items));
    return items.every((item, index) => item === value[index]) ? value : items;
  }
  if (field.map !== true) return one(value, schema);
  if (!isJsonObject(value)) return value;
  const values = schema?.additionalProperties;
  const itemSchema = typeof values === 'object' ? values : undefined;
  const entries = Object.entries(value).map(([key, item]) => [key, one(item, itemSchema)] as const);
  return entries.every(([key, item]) => item === value[key]) ? value : Object.fromEntries(entries);
}
