import { createHash } from 'node:crypto';
import { encodeJson, type JsonObject } from '@quarterdeck/machinery';
import { encodeOpenApiV3 } from './swagger-protobuf.ts';

/** An OpenAPI document as it is served. */
export interface Document {
  readonly value: JsonObject;
  readonly body: Buffer;
  /** In the protobuf form of gnostic; written when it is first asked for. KA-21b */
  readonly protobuf: () => Uint8Array;
  /** Its ETag. */
  readonly hash: string;
}

/** The OpenAPI v3 documents of all group versions, by their path: `apis/apps/v1`. */
export interface Documents {
  names(): readonly string[];
  get(name: string): Document | undefined;
}

export function toDocument(value: JsonObject): Document {
  const body = Buffer.from(encodeJson(value), 'utf8');
  let written: Uint8Array | undefined;
  const protobuf = () => {
    written ??= encodeOpenApiV3(value);
    return written;
  };
  return { value, body, protobuf, hash: hashOf(body) };
}

/** In hexadecimal, upper case. KA-21a */
export function hashOf(body: Uint8Array): string {
  return createHash('sha512').update(body).digest('hex').toUpperCase();
}
