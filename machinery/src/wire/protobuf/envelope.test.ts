import { describe, expect, test } from 'vitest';
import type { JsonObject, JsonValue } from '../value.ts';
import { decodeKubeProtobuf, encodeKubeProtobuf } from './envelope.ts';
import type { ProtobufField, ProtobufTables } from './tables.ts';
import { protobufMessageOf } from './tables.ts';

const thing: ProtobufField[] = [
  { name: 'name', number: 1, type: 'string' },
  { name: 'count', number: 2, type: 'int32', zero: 'always' },
  { name: 'big', number: 3, type: 'int64', zero: 'keep' },
  { name: 'child', number: 4, type: 'message', message: 'Child', zero: 'keep' },
  { name: 'Child', number: 5, type: 'message', message: 'Inlined', inline: true },
  { name: 'numbers', number: 6, type: 'int64', repeated: true },
  { name: 'labels', number: 7, type: 'string', map: true },
  { name: 'at', number: 8, type: 'time' },
  { name: 'object', number: 9, type: 'rawExtension' },
  { name: 'fields', number: 10, type: 'fieldsV1', zero: 'keep' },
  { name: 'children', number: 11, type: 'message', message: 'Child', map: true },
  { name: 'ratio', number: 12, type: 'double', zero: 'keep' },
  { name: 'ratios', number: 13, type: 'double', repeated: true },
  { name: 'wait', number: 14, type: 'duration', zero: 'keep' },
  { name: 'blob', number: 15, type: 'bytes' },
  { name: 'port', number: 16, type: 'intOrString', zero: 'keep' },
  { name: 'amount', number: 17, type: 'quantity', zero: 'keep' },
  { name: 'flag', number: 18, type: 'bool', zero: 'keep' },
  { name: 'exact', number: 19, type: 'microTime', zero: 'keep' },
];

const tables: ProtobufTables = {
  kinds: { 'v1/Thing': 'Thing', 'any/Options': 'Child' },
  messages: {
    Thing: thing,
    Child: [
      { name: 'x', number: 1, type: 'string' },
      { name: 'next', number: 2, type: 'message', message: 'Child', zero: 'keep' },
    ],
    Inlined: [
      { name: 'inlineOmit', number: 1, type: 'string' },
      { name: 'inlineAlways', number: 2, type: 'bool', zero: 'always' },
    ],
  },
};

/** What every Thing shows. */
const zeros = { apiVersion: 'v1', kind: 'Thing', count: 0, inlineAlways: false };
const typeMeta = '0a0b0a0276311205' + Buffer.from('Thing').toString('hex');

/** A Thing's body around the bytes of its message. */
function body(raw: string): Uint8Array {
  const length = raw.length / 2;
  const varint = length < 128 ? [length] : [(length % 128) | 0x80, Math.floor(length / 128)];
  return Buffer.from(`6b387300${typeMeta}12${Buffer.from(varint).toString('hex')}${raw}`, 'hex');
}

const decode = (raw: string) => decodeKubeProtobuf(body(raw), tables).value;
const text = (value: string) => Buffer.from(value).toString('hex');

describe('decodeKubeProtobuf', () => {
  test.each<{ name: string; raw: string; fields: JsonObject }>([
    { name: 'an empty message has its zeros', raw: '', fields: {} },
    { name: 'an empty text is unset', raw: '0a00', fields: {} },
    { name: 'a zero behind a pointer is set', raw: '1800', fields: { big: 0 } },
    { name: 'a negative int32 has ten bytes', raw: '10ffffffffffffffffff01', fields: { count: -1 } },
    { name: 'an int64 below 2^53', raw: '18ffffffffffffff0f', fields: { big: 2 ** 53 - 1 } },
    { name: 'an int64 beyond', raw: '188080808080808010', fields: { big: 2n ** 53n } },
    { name: 'the smallest int64', raw: '1880808080808080808001', fields: { big: -(2n ** 63n) } },
    { name: 'a small negative int64', raw: '18feffffffffffffffff01', fields: { big: -2 } },
    { name: 'the last of several scalars counts', raw: '10051006', fields: { count: 6 } },
    { name: 'a later empty text unsets', raw: '0a01610a00', fields: {} },
    { name: 'messages that come again are merged', raw: '22030a0161' + '22041202' + '0a00', fields: { child: { x: 'a', next: {} } } },
    { name: 'inline fields stand in the parent', raw: '2a050a01611001', fields: { inlineOmit: 'a', inlineAlways: true } },
    { name: 'numbers one by one and packed', raw: '300130023203030405', fields: { numbers: [1, 2, 3, 4, 5] } },
    { name: 'packed doubles', raw: '6a10000000000000f83f0000000000000000', fields: { ratios: [1.5, 0] } },
    { name: 'map entries, the last of a key counts', raw: '3a060a016112016b'.replace('016b', '0178') + '3a060a0161120179', fields: { labels: { a: 'y' } } },
    { name: 'map entries without key or value', raw: '3a00' + '5a030a0161', fields: { labels: { '': '' }, children: { a: {} } } },
    { name: 'map entries with unknown fields', raw: '3a080a0161120178' + '1801', fields: { labels: { a: 'x' } } },
    { name: 'an unset time', raw: '4200', fields: {} },
    { name: 'the time zero, which is set', raw: '420408001000', fields: { at: '1970-01-01T00:00:00Z' } },
    { name: 'an empty extension', raw: '4a00' + '5200', fields: {} },
    { name: 'an extension of JSON', raw: `4a0d0a0b${text('{"a":[1,2]}')}`, fields: { object: { a: [1, 2] } } },
    { name: 'bytes as base64', raw: '7a03fffefd', fields: { blob: '//79' } },
    { name: 'an int or string that is an int', raw: '820104080010501a00'.replace('04', '06'), fields: { port: 80 } },
    { name: 'an int or string that is a string', raw: '82010708011000' + '1a0161', fields: { port: 'a' } },
    { name: 'a flag of any number but zero', raw: '900102', fields: { flag: true } },
    { name: 'an empty quantity', raw: '8a0100', fields: { amount: '0' } },
    { name: 'a duration', raw: '72060880a4e8030a'.slice(0, 4) + '0880a4e80300', fields: { wait: '8.004608s' } },
    { name: 'micros are cut, not rounded', raw: '9a01070801' + '10ff93ebdc03'.slice(0, 12), fields: { exact: '1970-01-01T00:00:01.999999Z' } },
  ].map((row) => row))('KA-30 $name', ({ raw, fields }) => {
    expect(() => decode(raw)).not.toThrow();
    expect(decode(raw)).toEqual({ ...zeros, ...fields });
  });
});
