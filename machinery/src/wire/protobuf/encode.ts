import { getOwn, isJsonObject, type JsonObject, type JsonValue } from '../value.ts';
import { wireTypes } from './byte-reader.ts';
import type { ByteWriter } from './byte-writer.ts';
import { type EncodeContext, mismatch } from './context.ts';
import { encodeSpecial } from './encode-special.ts';
import { fieldsOf, type ProtobufField, type ProtobufTables } from './tables.ts';

/**
 * Writes the fields of a message, highest number first, since the writer goes backwards. The bytes are those that Go's
 * encoders write: zero values are spelled out where Go has values, absent where it has pointers. Fields that the message
 * does not have are left out; the schema has pruned them before.
 * @throws WireError with the path when a value does not fit its field
 */
export function encodeMessage(writer: ByteWriter, message: string, object: JsonObject, context: EncodeContext): void {
  for (const field of fieldsDescending(context.tables, message)) {
    if (field.inline === true) {
      const before = writer.length;
      encodeMessage(writer, field.message ?? '', object, context);
      writer.delimit(field.number, before);
      continue;
    }
    const value = getOwn(object, field.name);
    const inField = { ...context, path: context.path === '' ? field.name : `${context.path}.${field.name}` };
    if (field.map === true) encodeMap(writer, field, value, inField);
    else if (field.repeated === true) encodeList(writer, field, value, inField);
    else if (value !== undefined && value !== null) encodeField(writer, field, value, inField);
    else encodeAbsent(writer, field, inField);
  }
}

function encodeField(writer: ByteWriter, field: ProtobufField, value: JsonValue, context: EncodeContext): void {
  const before = writer.length;
  const wireType = encodeValue(writer, field, value, context);
  if (wireType === wireTypes.bytes) writer.delimit(field.number, before);
  else writer.tag(field.number, wireType);
}

/** What Go writes for a value (not a pointer) that is zero. */
function encodeAbsent(writer: ByteWriter, field: ProtobufField, context: EncodeContext): void {
  if (field.zero === 'keep') return;
  switch (field.type) {
    case 'string':
    case 'stringList':
    case 'time':
    case 'microTime':
    case 'json':
    case 'fieldsV1':
    case 'rawExtension':
      writer.delimit(field.number, writer.length);
      return;
    case 'bool':
      encodeField(writer, field, false, context);
      return;
    case 'message':
      encodeField(writer, field, {}, context);
      return;
    case 'quantity':
      encodeField(writer, field, '0', context);
      return;
    case 'duration':
      encodeField(writer, field, '0s', context);
      return;
    case 'int32':
    case 'int64':
    case 'double':
    case 'intOrString':
      encodeField(writer, field, 0, context);
      return;
    case 'bytes':
    case 'schemaOrArray':
    case 'schemaOrBool':
    case 'schemaOrStringArray':
      return;
  }
}

function encodeList(
  writer: ByteWriter,
  field: ProtobufField,
  value: JsonValue | undefined,
  context: EncodeContext,
): void {
  if (value === undefined || value === null) return;
  if (!Array.isArray(value)) throw mismatch(context, 'a list');
  for (let index = value.length - 1; index >= 0; index--) {
    const item = value[index] as JsonValue;
    encodeField(writer, field, item, { ...context, path: `${context.path}[${index}]` });
  }
}

/** Entries in the order of their keys, as Go sorts them: by bytes. */
function encodeMap(
  writer: ByteWriter,
  field: ProtobufField,
  value: JsonValue | undefined,
  context: EncodeContext,
): void {
  if (value === undefined || value === null) return;
  if (!isJsonObject(value)) throw mismatch(context, 'an object');
  const keys = Object.keys(value).sort(compareBytes);
  for (const key of keys.reverse()) {
    const before = writer.length;
    const item = getOwn(value, key) ?? null;
    encodeField(writer, { ...field, number: 2 }, item, { ...context, path: `${context.path}.${key}` });
    const beforeKey = writer.length;
    writer.string(key);
    writer.delimit(1, beforeKey);
    writer.delimit(field.number, before);
  }
}

function compareBytes(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}

/** Writes one value and returns the wire type its tag must name. */
function encodeValue(writer: ByteWriter, field: ProtobufField, value: JsonValue, context: EncodeContext): number {
  switch (field.type) {
    case 'string':
      if (typeof value !== 'string') throw mismatch(context, 'a string');
      writer.string(value);
      return wireTypes.bytes;
    case 'bytes':
      if (typeof value !== 'string') throw mismatch(context, 'a base64 string');
      writer.raw(Buffer.from(value, 'base64'));
      return wireTypes.bytes;
    case 'bool':
      if (typeof value !== 'boolean') throw mismatch(context, 'a boolean');
      writer.varint(value ? 1 : 0);
      return wireTypes.varint;
    case 'int32':
      writer.varint(integer(value, 32, context));
      return wireTypes.varint;
    case 'int64':
      writer.varint(integer(value, 64, context));
      return wireTypes.varint;
    case 'double':
      if (typeof value !== 'number' && typeof value !== 'bigint') throw mismatch(context, 'a number');
      writer.double(Number(value));
      return wireTypes.fixed64;
    case 'message':
      if (!isJsonObject(value)) throw mismatch(context, 'an object');
      encodeMessage(writer, field.message ?? '', value, context);
      return wireTypes.bytes;
    default:
      encodeSpecial(writer, { type: field.type, message: field.message }, value, context);
      return wireTypes.bytes;
  }
}

function integer(value: JsonValue, bits: 32 | 64, context: EncodeContext): number | bigint {
  const isInteger = typeof value === 'bigint' || (typeof value === 'number' && Number.isInteger(value));
  if (!isInteger) throw mismatch(context, `an int${bits}`);
  const big = BigInt(value);
  if (BigInt.asIntN(bits, big) !== big) throw mismatch(context, `an int${bits}`);
  return Number.isSafeInteger(Number(value)) ? Number(value) : big;
}

const descending = new WeakMap<readonly ProtobufField[], readonly ProtobufField[]>();

function fieldsDescending(tables: ProtobufTables, message: string): readonly ProtobufField[] {
  const fields = fieldsOf(tables, message);
  const known = descending.get(fields);
  if (known !== undefined) return known;
  const sorted = fields.toSorted((a, b) => b.number - a.number);
  descending.set(fields, sorted);
  return sorted;
}
