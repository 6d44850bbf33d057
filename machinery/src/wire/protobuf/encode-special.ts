import { encodeJson } from '../json.ts';
import { isJsonObject, type JsonObject, type JsonValue } from '../value.ts';
import { wireTypes } from './byte-reader.ts';
import type { ByteWriter } from './byte-writer.ts';
import { type EncodeContext, mismatch } from './context.ts';
import type { ProtobufSpecial } from './tables.ts';
import { parseDuration, parseTimestamp } from './time.ts';

interface SpecialType {
  readonly type: ProtobufSpecial;
  readonly message: string | undefined;
}

/** Writes a special message from its JSON form, highest field first; see ByteWriter. KA-30 */
export function encodeSpecial(
  writer: ByteWriter,
  special: SpecialType,
  value: JsonValue,
  context: EncodeContext,
): void {
  switch (special.type) {
    case 'time':
    case 'microTime': {
      const time = typeof value === 'string' ? parseTimestamp(value, special.type) : undefined;
      if (time === undefined) throw mismatch(context, 'an RFC 3339 time');
      writeVarint(writer, 2, time.nanos);
      writeVarint(writer, 1, time.seconds);
      return;
    }
    case 'duration': {
      const nanos = typeof value === 'string' ? parseDuration(value) : undefined;
      if (nanos === undefined) throw mismatch(context, 'a duration');
      writeVarint(writer, 1, nanos);
      return;
    }
    case 'quantity':
      if (typeof value !== 'string' && typeof value !== 'number' && typeof value !== 'bigint') {
        throw mismatch(context, 'a quantity');
      }
      writeString(writer, 1, String(value));
      return;
    case 'intOrString':
      writeIntOrString(writer, value, context);
      return;
    case 'json':
    case 'fieldsV1':
    case 'rawExtension':
      writeString(writer, 1, encodeJson(value));
      return;
    case 'stringList':
      writeStrings(writer, 1, value, context);
      return;
    case 'schemaOrArray':
    case 'schemaOrBool':
    case 'schemaOrStringArray':
      writeAlternatives(writer, special, value, context);
      return;
  }
}

function writeVarint(writer: ByteWriter, number: number, value: number | bigint): void {
  writer.varint(value);
  writer.tag(number, wireTypes.varint);
}

function writeString(writer: ByteWriter, number: number, text: string): void {
  const before = writer.length;
  writer.string(text);
  writer.delimit(number, before);
}

function writeStrings(writer: ByteWriter, number: number, value: JsonValue, context: EncodeContext): void {
  if (!Array.isArray(value)) throw mismatch(context, 'a list of strings');
  for (const item of value.toReversed()) {
    if (typeof item !== 'string') throw mismatch(context, 'a list of strings');
    writeString(writer, number, item);
  }
}

function writeIntOrString(writer: ByteWriter, value: JsonValue, context: EncodeContext): void {
  const isInt32 = typeof value === 'number' && (value | 0) === value;
  if (!isInt32 && typeof value !== 'string') throw mismatch(context, 'an int32 or a string');
  writeString(writer, 3, typeof value === 'string' ? value : '');
  writeVarint(writer, 2, isInt32 ? value : 0);
  writeVarint(writer, 1, isInt32 ? 0 : 1);
}

function writeAlternatives(writer: ByteWriter, special: SpecialType, value: JsonValue, context: EncodeContext): void {
  const writeSchema = (number: number, schema: JsonObject) => {
    const before = writer.length;
    context.encodeMessage(writer, special.message ?? '', schema, context);
    writer.delimit(number, before);
  };
  if (special.type === 'schemaOrBool') {
    if (typeof value !== 'boolean' && !isJsonObject(value)) throw mismatch(context, 'a schema or a boolean');
    if (isJsonObject(value)) writeSchema(2, value);
    writeVarint(writer, 1, value === false ? 0 : 1);
    return;
  }
  if (isJsonObject(value)) {
    writeSchema(1, value);
    return;
  }
  if (special.type === 'schemaOrStringArray') {
    writeStrings(writer, 2, value, context);
    return;
  }
  if (!Array.isArray(value)) throw mismatch(context, 'a schema or a list of schemas');
  for (const item of value.toReversed()) {
    if (!isJsonObject(item)) throw mismatch(context, 'a list of schemas');
    writeSchema(2, item);
  }
}
