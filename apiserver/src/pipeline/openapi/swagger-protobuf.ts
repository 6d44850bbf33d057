import {
  ByteWriter,
  encodeJson,
  isJsonObject,
  type JsonObject,
  type JsonValue,
  wireTypes,
} from '@quarterdeck/machinery';
import type { Message, Shape } from './message-shapes.ts';
import { documentMessage } from './swagger-messages.ts';
import { v3DocumentMessage } from './v3-messages.ts';

/** A Swagger 2.0 document as gnostic's `openapi.v2.Document`, which kubectl and Argo CD ask for. KA-26b */
export const encodeSwagger = (document: JsonObject): Uint8Array => encodeGnostic(documentMessage, document);

/** An OpenAPI 3.0 document as gnostic's `openapi.v3.Document`. KA-21b */
export const encodeOpenApiV3 = (document: JsonObject): Uint8Array => encodeGnostic(v3DocumentMessage, document);

/** Objects with free keys become lists of name and value, values of any type become YAML text. */
function encodeGnostic(message: Message, document: JsonObject): Uint8Array {
  const writer = new ByteWriter();
  writeMessage(writer, message, document);
  return writer.bytes();
}

/** The writer goes backwards, so fields come in descending order; `extensions` is the highest of each message. */
function writeMessage(writer: ByteWriter, { fields, extensions }: Message, object: JsonObject): void {
  const extra = Object.entries(object).filter(([key]) => key.startsWith('x-'));
  if (extra.length > 0 && extensions !== undefined)
    writeField(writer, extensions, { named: 'any' }, Object.fromEntries(extra));
  for (const [number, key, shape] of fields.toReversed()) {
    const value = Object.hasOwn(object, key) ? object[key] : undefined;
    if (value !== undefined && value !== null) writeField(writer, number, shape, value);
  }
}

/** A value that does not have its field's type is left out: the document then says less. */
function writeField(writer: ByteWriter, number: number, shape: Shape, value: JsonValue): void {
  const before = writer.length;
  switch (shape) {
    case 'string':
      if (typeof value !== 'string' || value === '') return;
      writer.string(value);
      writer.delimit(number, before);
      return;
    case 'bool':
      if (value !== true) return;
      writer.varint(1);
      writer.tag(number, wireTypes.varint);
      return;
    case 'integer':
      if ((typeof value !== 'number' && typeof value !== 'bigint') || Number(value) === 0) return;
      writer.varint(value);
      writer.tag(number, wireTypes.varint);
      return;
    case 'double':
      if ((typeof value !== 'number' && typeof value !== 'bigint') || Number(value) === 0) return;
      writer.double(Number(value));
      writer.tag(number, wireTypes.fixed64);
      return;
    case 'any':
      writer.string(`${encodeJson(value)}\n`);
      writer.delimit(2, before);
      writer.delimit(number, before);
      return;
    case 'empty':
      writer.delimit(number, before);
      return;
    default:
      writeComposite(writer, number, shape, value);
  }
}

function writeComposite(writer: ByteWriter, number: number, shape: Exclude<Shape, string>, value: JsonValue): void {
  if ('choose' in shape) {
    writeField(writer, number, shape.choose(value), value);
    return;
  }
  if ('present' in shape) {
    writePresent(writer, number, shape.present, value);
    return;
  }
  if ('each' in shape) {
    const items = Array.isArray(value) ? value : [value];
    for (const item of items.toReversed()) writeField(writer, number, shape.each, item);
    return;
  }
  if ('within' in shape) {
    const before = writer.length;
    writeField(writer, shape.within, shape.shape, value);
    writer.delimit(number, before);
    return;
  }
  if (!isJsonObject(value)) return;
  if ('named' in shape) {
    for (const [name, item] of Object.entries(value).toReversed()) {
      const before = writer.length;
      writeField(writer, 2, shape.named, item);
      writeField(writer, 1, 'string', name);
      writer.delimit(number, before);
    }
    return;
  }
  const before = writer.length;
  writeMessage(writer, shape.message(), value);
  writer.delimit(number, before);
}

/** Of the form that the shape was chosen by. */
function writePresent(writer: ByteWriter, number: number, form: 'string' | 'bool' | 'double', value: JsonValue): void {
  const before = writer.length;
  switch (form) {
    case 'string':
      writer.string(String(value));
      writer.delimit(number, before);
      return;
    case 'bool':
      writer.varint(value === true ? 1 : 0);
      writer.tag(number, wireTypes.varint);
      return;
    case 'double':
      writer.double(Number(value));
      writer.tag(number, wireTypes.fixed64);
      return;
    default:
      form satisfies never;
  }
}
