import { decodeJson } from '../json.ts';
import { isJsonObject, type JsonObject, type JsonValue, WireError } from '../value.ts';
import { type ByteReader, wireTypes } from './byte-reader.ts';
import { type DecodeContext, enterMessage } from './context.ts';
import { isEnvelope } from './magic.ts';
import type { ProtobufSpecial } from './tables.ts';
import { formatDuration, formatTimestamp } from './time.ts';

interface SpecialType {
  readonly type: ProtobufSpecial;
  /** The schema message of the `schemaOr…` types. */
  readonly message: string | undefined;
}

/** The JSON form of a special message; undefined where JSON has nothing (an unset time, an empty extension). KA-30 */
export function decodeSpecial(
  reader: ByteReader,
  special: SpecialType,
  context: DecodeContext,
  depth: number,
): JsonValue | undefined {
  enterMessage(reader, context, depth);
  switch (special.type) {
    case 'time':
    case 'microTime':
      return decodeTime(reader, special.type);
    case 'duration':
      return decodeDuration(reader);
    case 'quantity':
      return decodeQuantity(reader);
    case 'intOrString':
      return decodeIntOrString(reader);
    case 'json':
    case 'fieldsV1':
      return decodeRaw(reader, (raw) => decodeEmbedded(raw, context, depth));
    case 'rawExtension':
      return decodeRaw(reader, (raw) => decodeExtension(raw, context, depth));
    case 'stringList':
      return decodeStringList(reader);
    case 'schemaOrArray':
    case 'schemaOrBool':
    case 'schemaOrStringArray':
      return decodeAlternatives(reader, special, context, depth);
  }
}

/** Calls back for each field that has the expected wire type; others are skipped as unknown. */
function eachField(
  reader: ByteReader,
  expected: Readonly<Record<number, number>>,
  read: (number: number) => void,
): void {
  while (!reader.done) {
    const { number, wireType } = reader.tag();
    if (expected[number] === wireType) read(number);
    else reader.skip(wireType);
  }
}

/** A zero time is an empty message; 1970 is not: its zeros are written. */
function decodeTime(reader: ByteReader, form: 'time' | 'microTime'): string | undefined {
  if (reader.done) return undefined;
  let seconds: number | bigint = 0;
  let nanos = 0;
  eachField(reader, { 1: wireTypes.varint, 2: wireTypes.varint }, (number) => {
    if (number === 1) seconds = reader.int64();
    else nanos = reader.int32();
  });
  const text = formatTimestamp({ seconds: Number(seconds), nanos }, form);
  if (text === undefined) throw reader.fail('a time out of range');
  return text;
}

function decodeDuration(reader: ByteReader): string {
  let nanos: number | bigint = 0;
  eachField(reader, { 1: wireTypes.varint }, () => {
    nanos = reader.int64();
  });
  return formatDuration(BigInt(nanos));
}

function decodeQuantity(reader: ByteReader): string {
  let text = '';
  eachField(reader, { 1: wireTypes.bytes }, () => {
    text = reader.string();
  });
  return text === '' ? '0' : text;
}

function decodeIntOrString(reader: ByteReader): number | string {
  let isString = false;
  let number = 0;
  let text = '';
  eachField(reader, { 1: wireTypes.varint, 2: wireTypes.varint, 3: wireTypes.bytes }, (field) => {
    if (field === 1) isString = reader.varint() === 1;
    else if (field === 2) number = reader.int32();
    else text = reader.string();
  });
  return isString ? text : number;
}

function decodeRaw(reader: ByteReader, decode: (raw: Uint8Array) => JsonValue): JsonValue | undefined {
  let raw: Uint8Array | undefined;
  eachField(reader, { 1: wireTypes.bytes }, () => {
    raw = reader.part().rest();
  });
  return raw === undefined || raw.length === 0 ? undefined : decode(raw);
}

/** Embedded JSON has no way to report a duplicate key, so one is refused. KA-61 */
function decodeEmbedded(raw: Uint8Array, context: DecodeContext, depth: number): JsonValue {
  const { value, problems } = decodeJson(raw, { maxBytes: raw.length, maxDepth: context.maxDepth - depth });
  if (problems[0] !== undefined) throw new WireError(`embedded JSON has the key ${problems[0].path} twice`);
  return value;
}

function decodeExtension(raw: Uint8Array, context: DecodeContext, depth: number): JsonObject {
  const value = isEnvelope(raw) ? context.decodeEnvelope(raw, depth) : decodeEmbedded(raw, context, depth);
  if (!isJsonObject(value)) throw new WireError('an embedded object must be a JSON object');
  return value;
}

function decodeStringList(reader: ByteReader): string[] {
  const items: string[] = [];
  eachField(reader, { 1: wireTypes.bytes }, () => items.push(reader.string()));
  return items;
}

/**
 * {1 schema, 2 list} for the two with lists, where a list that is not empty wins, and {1 allows, 2 schema} for
 * schemaOrBool, where a schema wins.
 */
function decodeAlternatives(
  reader: ByteReader,
  special: SpecialType,
  context: DecodeContext,
  depth: number,
): JsonValue | undefined {
  const readSchema = () => context.decodeMessage(reader.part(), special.message ?? '', depth + 1);
  let schema: JsonObject | undefined;
  let allows = false;
  const list: JsonValue[] = [];
  if (special.type === 'schemaOrBool') {
    eachField(reader, { 1: wireTypes.varint, 2: wireTypes.bytes }, (number) => {
      if (number === 1) allows = reader.varint() !== 0;
      else schema = readSchema();
    });
    return schema ?? allows;
  }
  eachField(reader, { 1: wireTypes.bytes, 2: wireTypes.bytes }, (number) => {
    if (number === 1) schema = readSchema();
    else list.push(special.type === 'schemaOrArray' ? readSchema() : reader.string());
  });
  return list.length > 0 ? list : schema;
}
