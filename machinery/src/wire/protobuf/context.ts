import { type JsonObject, WireError } from '../value.ts';
import type { ByteReader } from './byte-reader.ts';
import type { ByteWriter } from './byte-writer.ts';
import type { ProtobufTables } from './tables.ts';

/** One decoding: its tables, and what it may still spend. */
export interface DecodeContext {
  readonly tables: ProtobufTables;
  readonly maxDepth: number;
  /** Messages and map entries that may still come: two bytes can name a message whose zero fields take hundreds. */
  budget: number;
  /** Decodes a message inside a special one (a CRD's schemas). */
  readonly decodeMessage: (reader: ByteReader, message: string, depth: number) => JsonObject;
  /** Decodes a nested envelope (RawExtension). */
  readonly decodeEnvelope: (bytes: Uint8Array, depth: number) => JsonObject;
}

/** Counts one message against the bounds of a decoding. @throws WireError */
export function enterMessage(reader: ByteReader, context: DecodeContext, depth: number): void {
  if (depth > context.maxDepth) throw reader.fail(`nested deeper than ${context.maxDepth} levels`);
  if (--context.budget < 0) throw reader.fail('too many messages');
}

/** One encoding, at one place. */
export interface EncodeContext {
  readonly tables: ProtobufTables;
  /** Dotted path of the value being written, for errors. */
  readonly path: string;
  /** Writes a message inside a special one (a CRD's schemas). */
  readonly encodeMessage: (writer: ByteWriter, message: string, object: JsonObject, context: EncodeContext) => void;
}

/** The error for a value that does not fit its field. */
export function mismatch(context: EncodeContext, expected: string): WireError {
  return new WireError(`cannot encode as protobuf: ${context.path}: expected ${expected}`);
}
