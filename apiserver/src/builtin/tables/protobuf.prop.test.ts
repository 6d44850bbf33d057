import {
  decodeKubeProtobuf,
  encodeJson,
  encodeKubeProtobuf,
  type JsonObject,
  type ProtobufTables,
  WireError,
} from '@quarterdeck/machinery';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { drawMessage, pickFrom } from './arbitrary-object.ts';
import { builtinKinds, protobufTables } from './index.ts';

const kinds = builtinKinds.map(({ group, version, kind, message }) => ({
  apiVersion: group === 'any' ? 'v1' : group === '' ? version : `${group}/${version}`,
  kind,
  message,
}));

const messages = Object.keys(protobufTables.messages).map((message) => ({ message }));

/** Tables with a kind that holds one message; its own `kind` field would clash with the envelope's at the root. */
function holderOf(message: string): ProtobufTables {
  const held = { name: 'held', number: 1, type: 'message', message, zero: 'keep' } as const;
  return { kinds: { 'test/Holder': 'Holder' }, messages: { ...protobufTables.messages, Holder: [held] } };
}

describe('KA-30 laws of the protobuf form', () => {
  test.each(messages)('KA-30 $message survives encoding and decoding', ({ message }) => {
    const tables = holderOf(message);
    fc.assert(
      fc.property(fc.integer(), (seed) => {
        const held = drawMessage(pickFrom(seed), tables, message, 3);
        const value: JsonObject = { apiVersion: 'test', kind: 'Holder', held };
        expect(decodeKubeProtobuf(encodeKubeProtobuf(value, tables), tables).value).toEqual(value);
      }),
      { numRuns: 15 },
    );
  });

  test.each(kinds)('KA-30, BI-1 a truncated $kind of $apiVersion is refused or shorter, never a crash', (row) => {
    fc.assert(
      fc.property(fc.integer(), fc.nat(), (seed, at) => {
        const value = {
          apiVersion: row.apiVersion,
          kind: row.kind,
          ...drawMessage(pickFrom(seed), protobufTables, row.message, 2),
        };
        const bytes = encodeKubeProtobuf(value, protobufTables);
        expectValueOrWireError(bytes.subarray(0, at % bytes.length));
      }),
      { numRuns: 20 },
    );
  });

  test('KA-30, BI-1 corrupt bytes are refused or decoded to plain data, never a crash', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...kinds),
        fc.integer(),
        fc.array(fc.tuple(fc.nat(), fc.nat(255))),
        (row, seed, changes) => {
          const value = {
            apiVersion: row.apiVersion,
            kind: row.kind,
            ...drawMessage(pickFrom(seed), protobufTables, row.message, 2),
          };
          const bytes = Uint8Array.from(encodeKubeProtobuf(value, protobufTables));
          for (const [at, byte] of changes) bytes[at % bytes.length] = byte;
          expectValueOrWireError(bytes);
        },
      ),
      { numRuns: 300 },
    );
  });
});

function expectValueOrWireError(bytes: Uint8Array): void {
  try {
    const { value } = decodeKubeProtobuf(bytes, protobufTables);
    expect(encodeJson(value)).toMatch(/^\{"apiVersion":/);
  } catch (error) {
    expect(error).toBeInstanceOf(WireError);
  }
}
