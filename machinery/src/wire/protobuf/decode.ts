import { getOwn, isJsonObject, type JsonObject, type JsonValue, setOwn } from '../value.ts';
import { type ByteReader, wireTypes } from './byte-reader.ts';
import { type DecodeContext, enterMessage } from './context.ts';
import { decodeSpecial } from './decode-special.ts';
import { fieldsOf, type ProtobufField, type ProtobufTables, plainZero } from './tables.ts';

/** The object of a message: its fields as JSON names them, zero values as Go would write them, unknown fields skipped. */
export function decodeMessage(reader: ByteReader, message: string, context: DecodeContext, depth: number): JsonObject {
  const object: JsonObject = {};
  addZeros(object, message, context.tables);
  decodeInto(object, { reader, message, context, depth });
  return object;
}

interface Part {
  readonly reader: ByteReader;
  readonly message: string;
  readonly context: DecodeContext;
  readonly depth: number;
}

/** Fields that come again override scalars and are merged into messages, as protobuf has it. */
function decodeInto(object: JsonObject, part: Part): void {
  const { reader, context, depth } = part;
  enterMessage(reader, context, depth);
  const fields = fieldsByNumber(context.tables, part.message);
  while (!reader.done) {
    const { number, wireType } = reader.tag();
    const field = fields.get(number);
    if (field === undefined) {
      reader.skip(wireType);
    } else if (field.map === true) {
      decodeEntry(object, field, expectPart(reader, wireType, field), context, depth);
    } else if (field.repeated === true) {
      decodeItem(object, field, { reader, wireType, context, depth });
    } else if (field.type === 'message') {
      const nested = expectPart(reader, wireType, field);
      decodeInto(field.inline === true ? object : ownObject(object, field, context), {
        reader: nested,
        message: field.message ?? '',
        context,
        depth: depth + 1,
      });
    } else {
      setField(object, field, decodeValue(reader, field, { wireType, context, depth }));
    }
  }
}

function setField(object: JsonObject, field: ProtobufField, value: JsonValue | undefined): void {
  const isUnset = value === undefined || (isZero(value) && (field.zero ?? 'omit') === 'omit');
  if (!isUnset) object[field.name] = value;
  else if (Object.hasOwn(object, field.name)) delete object[field.name];
}

function isZero(value: JsonValue): boolean {
  return value === '' || value === 0 || value === false;
}

/** The message that a field already has, or a new one with its zero values. */
function ownObject(object: JsonObject, field: ProtobufField, context: DecodeContext): JsonObject {
  const existing = getOwn(object, field.name);
  if (isJsonObject(existing)) return existing;
  const created: JsonObject = {};
  addZeros(created, field.message ?? '', context.tables);
  object[field.name] = created;
  return created;
}

function decodeItem(object: JsonObject, field: ProtobufField, part: ValuePart & { reader: ByteReader }): void {
  const { reader, wireType } = part;
  const existing = getOwn(object, field.name);
  const list: JsonValue[] = Array.isArray(existing) ? existing : [];
  object[field.name] = list;
  if (wireType === wireTypes.bytes && isPackable(field)) {
    const packed = reader.part();
    const itemType = field.type === 'double' ? wireTypes.fixed64 : wireTypes.varint;
    while (!packed.done) list.push(decodeValue(packed, field, { ...part, wireType: itemType }) ?? null);
    return;
  }
  list.push(decodeValue(reader, field, part) ?? null);
}

function isPackable(field: ProtobufField): boolean {
  return field.type === 'bool' || field.type === 'int32' || field.type === 'int64' || field.type === 'double';
}

/** An entry is a message {1 key, 2 value}; either may be absent and is then zero. */
function decodeEntry(
  object: JsonObject,
  field: ProtobufField,
  entry: ByteReader,
  context: DecodeContext,
  depth: number,
): void {
  enterMessage(entry, context, depth);
  let key = '';
  let value: JsonValue | undefined;
  while (!entry.done) {
    const { number, wireType } = entry.tag();
    if (number === 1 && wireType === wireTypes.bytes) key = entry.string();
    else if (number === 2) value = decodeValue(entry, field, { wireType, context, depth });
    else entry.skip(wireType);
  }
  const existing = getOwn(object, field.name);
  const map: JsonObject = isJsonObject(existing) ? existing : {};
  object[field.name] = map;
  setOwn(map, key, value ?? zeroOf(field, context.tables) ?? null);
}

interface ValuePart {
  readonly wireType: number;
  readonly context: DecodeContext;
  readonly depth: number;
}

/** One value after its tag; undefined for what JSON leaves out (an unset time). */
function decodeValue(reader: ByteReader, field: ProtobufField, part: ValuePart): JsonValue | undefined {
  const { wireType, context, depth } = part;
  switch (field.type) {
    case 'string':
      expect(reader, wireType, wireTypes.bytes, field);
      return reader.string();
    case 'bytes': {
      const bytes = expectPart(reader, wireType, field).rest();
      return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('base64');
    }
    case 'bool':
      expect(reader, wireType, wireTypes.varint, field);
      return reader.varint() !== 0;
    case 'int32':
      expect(reader, wireType, wireTypes.varint, field);
      return reader.int32();
    case 'int64':
      expect(reader, wireType, wireTypes.varint, field);
      return reader.int64();
    case 'double':
      expect(reader, wireType, wireTypes.fixed64, field);
      return reader.double();
    case 'message':
      return decodeMessage(expectPart(reader, wireType, field), field.message ?? '', context, depth + 1);
    default:
      return decodeSpecial(
        expectPart(reader, wireType, field),
        { type: field.type, message: field.message },
        context,
        depth + 1,
      );
  }
}

function expect(reader: ByteReader, found: number, expected: number, field: ProtobufField): void {
  if (found !== expected) throw reader.fail(`field ${field.name} has wire type ${found} instead of ${expected}`);
}

function expectPart(reader: ByteReader, wireType: number, field: ProtobufField): ByteReader {
  expect(reader, wireType, wireTypes.bytes, field);
  return reader.part();
}

/** What an absent field shows in JSON, by Go's types; undefined for nothing. */
function zeroOf(field: ProtobufField, tables: ProtobufTables): JsonValue | undefined {
  if (field.type !== 'message') return plainZero(field);
  const object: JsonObject = {};
  addZeros(object, field.message ?? '', tables);
  return object;
}

function addZeros(object: JsonObject, message: string, tables: ProtobufTables): void {
  for (const field of fieldsOf(tables, message)) {
    if (field.inline === true) {
      addZeros(object, field.message ?? '', tables);
    } else if (field.zero === 'always' && field.repeated !== true && field.map !== true) {
      const zero = zeroOf(field, tables);
      if (zero !== undefined) object[field.name] = zero;
    }
  }
}

/** Tables are immutable, so their index is built once for each message. */
const indexes = new WeakMap<readonly ProtobufField[], ReadonlyMap<number, ProtobufField>>();

function fieldsByNumber(tables: ProtobufTables, message: string): ReadonlyMap<number, ProtobufField> {
  const fields = fieldsOf(tables, message);
  const known = indexes.get(fields);
  if (known !== undefined) return known;
  const index = new Map(fields.map((field) => [field.number, field]));
  indexes.set(fields, index);
  return index;
}
