import { readFileSync } from 'node:fs';
import {
  decodeKubeProtobuf,
  encodeKubeProtobuf,
  encodeProtobufWatchFrame,
  isJsonObject,
  type JsonObject,
  type JsonValue,
  parseJson,
  setOwn,
} from '@quarterdeck/machinery';
import { describe, expect, test } from 'vitest';
import { protobufTables } from './index.ts';

/**
 * Bodies made by the Go encoders of k8s.io/apimachinery v0.35.4, and what Go's JSON encoder makes of the same objects.
 */
interface Golden {
  name: string;
  bytes: Uint8Array;
  object: JsonObject;
}

const text = readFileSync(new URL('./testdata/protobuf-golden.json', import.meta.url));
const goldens = (parseJson(text) as JsonObject[]).map(
  ({ name, bytes, json }): Golden => ({
    name: String(name),
    bytes: Buffer.from(String(bytes), 'base64'),
    object: withoutNulls(json ?? null) as JsonObject,
  }),
);
const [bodies, frames] = [goldens.filter(({ name }) => !isFrame(name)), goldens.filter(({ name }) => isFrame(name))];

function isFrame(name: string): boolean {
  return name.startsWith('WatchEvent');
}

/** Go writes null for unset times and lists, which our values leave out. Nulls in lists are values. */
function withoutNulls(value: JsonValue): JsonValue {
  if (Array.isArray(value)) return value.map(withoutNulls);
  if (!isJsonObject(value)) return value;
  const kept: JsonObject = {};
  for (const [key, field] of Object.entries(value)) if (field !== null) setOwn(kept, key, withoutNulls(field));
  return kept;
}

describe('KA-28 bodies of real Go clients', () => {
  test.each(bodies)('KA-27, KA-30 decodes $name as Go does', ({ bytes, object }) => {
    expect(decodeKubeProtobuf(bytes, protobufTables)).toEqual({
      apiVersion: object.apiVersion,
      kind: object.kind,
      value: object,
    });
  });

  test.each(bodies)('KA-30 encodes $name byte for byte as Go does', ({ bytes, object }) => {
    expect(Buffer.from(encodeKubeProtobuf(object, protobufTables)).toString('hex')).toBe(
      Buffer.from(bytes).toString('hex'),
    );
  });

  test.each(frames)('KA-29 frames a $name as a Kubernetes server does', ({ bytes, object }) => {
    const frame = encodeProtobufWatchFrame('ADDED', encodeKubeProtobuf(object, protobufTables));
    expect(Buffer.from(frame).toString('hex')).toBe(Buffer.from(bytes).toString('hex'));
  });
});
