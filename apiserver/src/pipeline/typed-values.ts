import {
  getOwn,
  isJsonObject,
  type JsonObject,
  type JsonValue,
  type ProtobufField,
  type ProtobufTables,
  setOwn,
} from '@quarterdeck/machinery';
import { bytesAsStored, quantityAsStored, timeAsStored } from './typed-leaves.ts';

export interface TypedValues {
  /** The object itself when nothing had to change. */
  readonly value: JsonObject;
  /** What no Go type holds, as `PATH: WHY`: Kubernetes cannot even decode it. */
  readonly wrong: readonly string[];
  /** Fields that no type has, where no schema says so: those in the schemas of CRDs. They are dropped. */
  readonly unknown: readonly string[];
}

/**
 * A built-in object with its values as Go's types write them again: times in UTC with their digits, base64 without line
 * breaks, quantities in their canonical form. Every typed client depends on it: one Lease whose time has another form is a list that client-go cannot read.
 * The schemas inside of CRDs, which no schema describes, are checked for types here. KA-30, KA-51, KA-61
 * @param message of the object, in the tables
 */
export function typedValues(object: JsonObject, message: string, tables: ProtobufTables): TypedValues {
  const walk: Walk = { tables, wrong: [], unknown: [] };
  // Metadata is the server's, or checked by its own rules.
  const { metadata, ...rest } = object;
  const value = typedMessage(rest, message, '', walk);
  const changed = value === rest ? object : metadata === undefined ? value : { ...value, metadata };
  return { value: changed, wrong: walk.wrong, unknown: walk.unknown };
}

interface Walk {
  readonly tables: ProtobufTables;
  readonly wrong: string[];
  readonly unknown: string[];
}

/** A message that contains itself has no schema, since a schema is a tree; nor has what is inside of it. */
const openMessages: ReadonlySet<string> = new Set([
  'apiextensions.v1.JSONSchemaProps',
  'apiextensions.v1.ExternalDocumentation',
  'apiextensions.v1.ValidationRule',
]);

function typedMessage(object: JsonObject, message: string, path: string, walk: Walk): JsonObject {
  const isOpen = openMessages.has(message);
  let out = object;
  const put = (key: string, next: JsonValue | undefined) => {
    if (out === object) out = { ...object };
    if (next === undefined) delete out[key];
    else setOwn(out, key, next);
  };
  const fields = fieldsOf(message, walk.tables);
  for (const field of fields) {
    const value = getOwn(object, field.name);
    if (value === undefined) continue;
    const at = path === '' ? field.name : `${path}.${field.name}`;
    const next =
      isOpen && value === null
        ? undefined
        : typedField(value, field, { at, isOpen, isCore: message.startsWith('core.'), walk });
    if (next !== value) put(field.name, next);
  }
  if (!isOpen) return out;
  for (const key of Object.keys(object)) {
    if (fields.some(({ name }) => name === key)) continue;
    walk.unknown.push(`${path}.${key}`);
    put(key, undefined);
  }
  return out;
}

const flattened = new WeakMap<ProtobufTables, Map<string, readonly ProtobufField[]>>();

/** With those of inline messages in their place. */
function fieldsOf(message: string, tables: ProtobufTables): readonly ProtobufField[] {
  const known = flattened.get(tables) ?? new Map<string, readonly ProtobufField[]>();
  flattened.set(tables, known);
  const found = known.get(message);
  if (found !== undefined) return found;
  const fields = (tables.messages[message] ?? []).flatMap((field) =>
    field.inline === true && field.message !== undefined ? fieldsOf(field.message, tables) : [field],
  );
  known.set(message, fields);
  return fields;
}

interface Place {
  readonly at: string;
  readonly isOpen: boolean;
  /** Only the lists of amounts of core kinds are rounded; the overhead of a RuntimeClass is not. */
  readonly isCore: boolean;
  readonly walk: Walk;
}

function typedField(value: JsonValue, field: ProtobufField, place: Place): JsonValue | undefined {
  const { at } = place;
  if (field.repeated === true) {
    if (!Array.isArray(value)) return refuse(value, 'an array', place);
    return mapList(value, (item, index) => typedOne(item, field, { ...place, at: `${at}[${index}]` }) ?? null);
  }
  if (field.map !== true) return typedOne(value, field, place);
  if (!isJsonObject(value)) return refuse(value, 'an object', place);
  return mapObject(value, (item, key) => typedOne(item, field, { ...place, at: `${at}.${key}` }) ?? null);
}

function typedOne(value: JsonValue, field: ProtobufField, place: Place): JsonValue | undefined {
  const { message = '', type } = field;
  switch (type) {
    case 'message':
      if (!isJsonObject(value)) return value === null && place.isOpen ? {} : refuse(value, 'an object', place);
      return typedMessage(value, message, place.at, place.walk);
    case 'time':
    case 'microTime': {
      if (typeof value !== 'string') return value;
      const time = timeAsStored(value, type);
      if (time === undefined) place.walk.wrong.push(`${place.at}: ${timeForms[type]}`);
      return time ?? value;
    }
    case 'quantity': {
      const quantity = quantityAsStored(value, field.map === true && place.isCore);
      if (quantity === undefined) place.walk.wrong.push(`${place.at}: must be a quantity such as 100m or 1Gi`);
      return quantity ?? value;
    }
    case 'bytes':
      return typeof value === 'string' ? bytesAsStored(value) : value;
    case 'int32':
    case 'int64':
      if (isNumber(value) && !fits(value, type)) place.walk.wrong.push(`${place.at}: must be of type ${type}`);
      return isInteger(value) ? value : refuse(value, 'an integer', place);
    case 'string':
      return typeof value === 'string' ? value : refuse(value, 'a string', place);
    case 'bool':
      return typeof value === 'boolean' ? value : refuse(value, 'a boolean', place);
    case 'double':
      return isNumber(value) ? value : refuse(value, 'a number', place);
    case 'schemaOrBool':
      if (isJsonObject(value)) return typedMessage(value, message, place.at, place.walk);
      return typeof value === 'boolean' ? value : refuse(value, 'a boolean or a schema', place);
    case 'schemaOrArray':
    case 'schemaOrStringArray':
      return typedAlternative(value, message, place);
    default:
      return value;
  }
}

/** A schema, or a list of them or of texts; what is neither says nothing to Kubernetes. */
function typedAlternative(value: JsonValue, message: string, { at, walk }: Place): JsonValue | undefined {
  if (isJsonObject(value)) return typedMessage(value, message, at, walk);
  if (!Array.isArray(value)) return undefined;
  return mapList(value, (item, index) =>
    isJsonObject(item) ? typedMessage(item, message, `${at}[${index}]`, walk) : item,
  );
}

/** Elsewhere the schema of the kind says so. */
function refuse(value: JsonValue, what: string, { at, isOpen, walk }: Place): JsonValue {
  if (isOpen) walk.wrong.push(`${at}: must be ${what}`);
  return value;
}

const timeForms = {
  time: 'must be a time as in 2006-01-02T15:04:05Z',
  microTime: 'must be a time with microseconds, as in 2006-01-02T15:04:05.000000Z',
};

const isNumber = (value: JsonValue): value is number | bigint => typeof value === 'number' || typeof value === 'bigint';

const isInteger = (value: JsonValue) => typeof value === 'bigint' || Number.isInteger(value);

function fits(value: number | bigint, type: 'int32' | 'int64'): boolean {
  const bound = type === 'int32' ? 2n ** 31n : 2n ** 63n;
  return value >= -bound && value < bound;
}

function mapList(list: readonly JsonValue[], change: (item: JsonValue, index: number) => JsonValue): JsonValue[] {
  const next = list.map(change);
  return next.every((item, index) => item === list[index]) ? (list as JsonValue[]) : next;
}

function mapObject(object: JsonObject, change: (item: JsonValue, key: string) => JsonValue): JsonObject {
  let copy: JsonObject | undefined;
  for (const key of Object.keys(object)) {
    const value = object[key] as JsonValue;
    const next = change(value, key);
    if (next === value) continue;
    copy ??= { ...object };
    setOwn(copy, key, next);
  }
  return copy ?? object;
}
