import { checkSize, defaultMaxBytes, defaultMaxDepth } from '../text.ts';
import { type JsonObject, setOwn, WireError, type WireLimits } from '../value.ts';
import { ByteReader, wireTypes } from './byte-reader.ts';
import { ByteWriter } from './byte-writer.ts';
import type { DecodeContext } from './context.ts';
import { decodeMessage } from './decode.ts';
import { encodeMessage } from './encode.ts';
import { isEnvelope, magic } from './magic.ts';
import { type ProtobufTables, protobufMessageOf } from './tables.ts';

/** The media type of {@link decodeKubeProtobuf}'s input. */
export const protobufMediaType = 'application/vnd.kubernetes.protobuf';

export interface DecodedEnvelope {
  apiVersion: string;
  kind: string;
  /** Complete: with apiVersion and kind, as JSON would have it. */
  value: JsonObject;
}

/** One message for so many bytes of the size limit: half a million for 3 MiB. */
const bytesPerMessage = 6;

/**
 * Decodes a Kubernetes protobuf body: `k8s` NUL, then an envelope that names the kind, then the kind's message. The
 * value is what Go's JSON encoder makes of the same object, except that what it writes as null is left out: zero values
 * appear where Go's types write them, unset times and empty strings in metadata do not. Unknown fields are skipped, as
 * protobuf means them to be. KA-27, KA-28, KA-30
 * @throws WireError with the byte offset: no envelope, a kind without a message, truncated or too deep input
 */
export function decodeKubeProtobuf(bytes: Uint8Array, tables: ProtobufTables, limits?: WireLimits): DecodedEnvelope {
  const maxBytes = limits?.maxBytes ?? defaultMaxBytes;
  checkSize(bytes, maxBytes);
  const context: DecodeContext = {
    tables,
    maxDepth: limits?.maxDepth ?? defaultMaxDepth,
    budget: Math.floor(maxBytes / bytesPerMessage),
    decodeMessage: (reader, message, depth) => decodeMessage(reader, message, context, depth),
    decodeEnvelope: (nested, depth) => decodeEnvelope(nested, context, depth).value,
  };
  return decodeEnvelope(bytes, context, 1);
}

function decodeEnvelope(bytes: Uint8Array, context: DecodeContext, depth: number): DecodedEnvelope {
  if (!isEnvelope(bytes))
    throw new WireError('not a Kubernetes protobuf body: it must begin with "k8s" and NUL', { offset: 0 });
  const reader = new ByteReader(bytes, magic.length);
  const envelope = { apiVersion: '', kind: '', contentEncoding: '', contentType: '' };
  let raw = new ByteReader(bytes, bytes.length);
  while (!reader.done) {
    const { number, wireType } = reader.tag();
    if (wireType !== wireTypes.bytes) reader.skip(wireType);
    else if (number === 1) Object.assign(envelope, decodeTypeMeta(reader.part()));
    else if (number === 2) raw = reader.part();
    else if (number === 3) envelope.contentEncoding = reader.string();
    else if (number === 4) envelope.contentType = reader.string();
    else reader.skip(wireType);
  }
  const { apiVersion, kind, contentEncoding, contentType } = envelope;
  if (contentEncoding !== '')
    throw new WireError(`unsupported content encoding "${contentEncoding}" in a protobuf body`);
  if (contentType !== '' && contentType !== protobufMediaType) {
    throw new WireError(`unsupported content type "${contentType}" in a protobuf body`);
  }
  const message = protobufMessageOf(context.tables, apiVersion, kind);
  if (message === undefined)
    throw new WireError(`no protobuf form is known of kind "${kind}" in version "${apiVersion}"`);
  const value: JsonObject = { apiVersion, kind };
  const fields = decodeMessage(raw, message, context, depth);
  for (const key of Object.keys(fields)) setOwn(value, key, fields[key] ?? null);
  return { apiVersion, kind, value };
}

function decodeTypeMeta(reader: ByteReader): { apiVersion: string; kind: string } {
  const typeMeta = { apiVersion: '', kind: '' };
  while (!reader.done) {
    const { number, wireType } = reader.tag();
    if (number === 1 && wireType === wireTypes.bytes) typeMeta.apiVersion = reader.string();
    else if (number === 2 && wireType === wireTypes.bytes) typeMeta.kind = reader.string();
    else reader.skip(wireType);
  }
  return typeMeta;
}

/**
 * Encodes an object that names its apiVersion and kind to a Kubernetes protobuf body, byte for byte as Go's encoders do.
 * KA-29, KA-30
 * @throws WireError when the tables have no message for the kind, or with the path of a value that does not fit
 */
export function encodeKubeProtobuf(object: JsonObject, tables: ProtobufTables): Uint8Array {
  const { apiVersion, kind } = object;
  const message =
    typeof apiVersion === 'string' && typeof kind === 'string'
      ? protobufMessageOf(tables, apiVersion, kind)
      : undefined;
  if (message === undefined || typeof apiVersion !== 'string' || typeof kind !== 'string') {
    throw new WireError(`no protobuf form is known of kind "${kind}" in version "${apiVersion}"`);
  }
  const writer = new ByteWriter();
  const writeText = (number: number, text: string) => {
    const before = writer.length;
    writer.string(text);
    writer.delimit(number, before);
  };
  writeText(4, '');
  writeText(3, '');
  const beforeRaw = writer.length;
  encodeMessage(writer, message, object, { tables, path: '', encodeMessage });
  writer.delimit(2, beforeRaw);
  const beforeTypeMeta = writer.length;
  writeText(2, kind);
  writeText(1, apiVersion);
  writer.delimit(1, beforeTypeMeta);
  writer.raw(magic);
  return writer.bytes();
}
