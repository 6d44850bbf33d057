import { describe, expect, test } from 'vitest';
import { type JsonObject, type JsonValue, WireError } from '../value.ts';
import { decodeKubeProtobuf, encodeKubeProtobuf } from './envelope.ts';
import { body, bytes, double, number, varint } from './hand-made.ts';
import { type ProtobufTables, protobufMessageOf } from './tables.ts';

const tables: ProtobufTables = {
  kinds: { 'v1/Thing': 'Thing', 'any/Options': 'Child' },
  messages: {
    Thing: [
      { name: 'name', number: 1, type: 'string' },
      { name: 'count', number: 2, type: 'int32', zero: 'always' },
      { name: 'big', number: 3, type: 'int64', zero: 'keep' },
      { name: 'child', number: 4, type: 'message', message: 'Child', zero: 'keep' },
      { name: 'Inlined', number: 5, type: 'message', message: 'Inlined', inline: true },
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
      { name: 'list', number: 20, type: 'message', message: 'Child', repeated: true },
      { name: 'extra', number: 21, type: 'stringList', map: true },
      { name: 'any', number: 22, type: 'json', repeated: true },
      { name: 'items', number: 23, type: 'schemaOrArray', message: 'Child', zero: 'keep' },
      { name: 'more', number: 24, type: 'schemaOrBool', message: 'Child', zero: 'keep' },
      { name: 'needs', number: 25, type: 'schemaOrStringArray', message: 'Child', zero: 'keep' },
    ],
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

function refusal(input: Uint8Array, limits?: { maxDepth?: number; maxBytes?: number }): string {
  try {
    decodeKubeProtobuf(input, tables, limits);
  } catch (error) {
    if (error instanceof WireError) return error.message;
    throw error;
  }
  throw new Error('nothing was refused');
}

describe('decodeKubeProtobuf', () => {
  test.each<{ name: string; fields: Uint8Array[]; value: JsonObject }>([
    { name: 'nothing but zeros in an empty message', fields: [], value: {} },
    { name: 'an empty text as unset', fields: [bytes(1, '')], value: {} },
    { name: 'a zero behind a pointer as set', fields: [number(3, 0)], value: { big: 0 } },
    { name: 'a negative int32', fields: [number(2, -1)], value: { count: -1 } },
    { name: 'an int64 below 2^53', fields: [number(3, 2 ** 53 - 1)], value: { big: 2 ** 53 - 1 } },
    { name: 'an int64 beyond', fields: [number(3, 2n ** 53n)], value: { big: 2n ** 53n } },
    { name: 'the smallest int64', fields: [number(3, -(2n ** 63n))], value: { big: -(2n ** 63n) } },
    { name: 'a small negative int64', fields: [number(3, -2)], value: { big: -2 } },
    { name: 'the last of several scalars', fields: [number(2, 5), number(2, 6)], value: { count: 6 } },
    { name: 'a text that a later empty one unsets', fields: [bytes(1, 'a'), bytes(1, '')], value: {} },
    {
      name: 'a message that comes in parts',
      fields: [bytes(4, bytes(1, 'a')), bytes(4, bytes(2, bytes(1, 'b'))), bytes(4, bytes(2, bytes(2)))],
      value: { child: { x: 'a', next: { x: 'b', next: {} } } },
    },
    {
      name: 'inline fields in the parent',
      fields: [bytes(5, bytes(1, 'a'), number(2, 1))],
      value: { inlineOmit: 'a', inlineAlways: true },
    },
    {
      name: 'numbers one by one and packed',
      fields: [number(6, 1), number(6, -2), bytes(6, varint(3), varint(300))],
      value: { numbers: [1, -2, 3, 300] },
    },
    {
      name: 'doubles, packed and not',
      fields: [double(12, 0), double(13, -1.5), bytes(13, double(0, 2.5).subarray(1))],
      value: { ratio: 0, ratios: [-1.5, 2.5] },
    },
    {
      name: 'map entries, the last of a key',
      fields: [bytes(7, bytes(1, 'a'), bytes(2, 'x')), bytes(7, bytes(2, 'y'), bytes(1, 'a'))],
      value: { labels: { a: 'y' } },
    },
    {
      name: 'map entries without key or value, and with unknown fields',
      fields: [bytes(7), bytes(11, bytes(1, 'a')), bytes(11, bytes(1, 'b'), number(9, 1), bytes(2, bytes(1, 'x')))],
      value: { labels: { '': '' }, children: { a: {}, b: { x: 'x' } } },
    },
    { name: 'an unset time', fields: [bytes(8), bytes(19)], value: {} },
    {
      name: 'the time zero, which is set',
      fields: [bytes(8, number(1, 0), number(2, 0))],
      value: { at: '1970-01-01T00:00:00Z' },
    },
    {
      name: 'a time without its fraction',
      fields: [bytes(8, number(1, 1), number(2, 5))],
      value: { at: '1970-01-01T00:00:01Z' },
    },
    {
      name: 'micros, cut and not rounded',
      fields: [bytes(19, number(1, -1), number(2, 999_999_999))],
      value: { exact: '1969-12-31T23:59:59.999999Z' },
    },
    { name: 'empty extensions as unset', fields: [bytes(9), bytes(9, bytes(1)), bytes(10)], value: {} },
    {
      name: 'an extension of JSON',
      fields: [bytes(9, bytes(1, '{"a":[9007199254740993]}'))],
      value: { object: { a: [2n ** 53n + 1n] } },
    },
    {
      name: 'an extension that is an envelope',
      fields: [bytes(9, bytes(1, body('Options', bytes(1, 'a'))))],
      value: { object: { apiVersion: 'v1', kind: 'Options', x: 'a' } },
    },
    { name: 'a field set', fields: [bytes(10, bytes(1, '{"f:a":{}}'))], value: { fields: { 'f:a': {} } } },
    {
      name: 'any JSON, null in lists included',
      fields: [bytes(22, bytes(1, 'null')), bytes(22, bytes(1, '"a"'))],
      value: { any: [null, 'a'] },
    },
    { name: 'bytes as base64', fields: [bytes(15, Buffer.of(255, 254, 253))], value: { blob: '//79' } },
    { name: 'an int', fields: [bytes(16, number(1, 0), number(2, 80), bytes(3, 'x'))], value: { port: 80 } },
    { name: 'a string', fields: [bytes(16, number(1, 1), number(2, 80), bytes(3, '25%'))], value: { port: '25%' } },
    { name: 'an empty quantity', fields: [bytes(17)], value: { amount: '0' } },
    { name: 'a quantity', fields: [bytes(17, bytes(1, '100m'))], value: { amount: '100m' } },
    { name: 'a duration', fields: [bytes(14, number(1, 90_000_000_000))], value: { wait: '1m30s' } },
    { name: 'a flag of any number but zero', fields: [number(18, 2)], value: { flag: true } },
    {
      name: 'a map of lists',
      fields: [bytes(21, bytes(1, 'k'), bytes(2, bytes(1, 'a'), bytes(1, '')))],
      value: { extra: { k: ['a', ''] } },
    },
    {
      name: 'a schema',
      fields: [bytes(23, bytes(1, bytes(1, 'a'))), bytes(24, number(1, 1), bytes(2))],
      value: { items: { x: 'a' }, more: {} },
    },
    {
      name: 'lists of schemas and of names',
      fields: [bytes(23, bytes(2), bytes(2, bytes(1, 'a'))), bytes(25, bytes(2, 'n'))],
      value: { items: [{}, { x: 'a' }], needs: ['n'] },
    },
    { name: 'a flag in place of a schema', fields: [bytes(24, number(1, 1))], value: { more: true } },
    { name: 'no flag in place of a schema', fields: [bytes(24)], value: { more: false } },
    { name: 'no schema at all', fields: [bytes(23), bytes(25)], value: {} },
  ])('KA-30 reads $name', ({ fields, value }) => {
    expect(decodeKubeProtobuf(body('Thing', ...fields), tables).value).toEqual({ ...zeros, ...value });
  });

  test('KA-30 unknown fields of every wire type are skipped', () => {
    const group = Buffer.concat([
      varint(99 * 8 + 3),
      number(1, 5),
      varint(98 * 8 + 3),
      varint(98 * 8 + 4),
      varint(99 * 8 + 4),
    ]);
    const fixed32 = Buffer.concat([varint(90 * 8 + 5), Buffer.alloc(4)]);
    const unknown = [number(100, 2n ** 63n), double(101, 1), bytes(102, 'x'), group, fixed32];
    const input = Buffer.concat([
      body('Thing', ...unknown, bytes(1, 'a'), bytes(4, ...unknown)),
      bytes(9, 'x'),
      number(10, 1),
    ]);
    expect(decodeKubeProtobuf(input, tables)).toEqual({
      apiVersion: 'v1',
      kind: 'Thing',
      value: { ...zeros, name: 'a', child: {} },
    });
  });

  test('KA-30 empty content encoding and type are usual, others are refused', () => {
    const parts = (encoding: string, type: string) =>
      Buffer.concat([body('Options'), bytes(3, encoding), bytes(4, type)]);
    expect(decodeKubeProtobuf(parts('', ''), tables).value).toEqual({ apiVersion: 'v1', kind: 'Options' });
    expect(decodeKubeProtobuf(parts('', 'application/vnd.kubernetes.protobuf'), tables).kind).toBe('Options');
    expect(refusal(parts('gzip', ''))).toBe('unsupported content encoding "gzip" in a protobuf body');
    expect(refusal(parts('', 'application/json'))).toBe(
      'unsupported content type "application/json" in a protobuf body',
    );
  });

  test.each([
    {
      name: 'no envelope',
      input: Buffer.from('{"kind":"Thing"}'),
      error: 'not a Kubernetes protobuf body: it must begin with "k8s" and NUL',
    },
    {
      name: 'nothing',
      input: Buffer.alloc(0),
      error: 'not a Kubernetes protobuf body: it must begin with "k8s" and NUL',
    },
    {
      name: 'an unknown kind',
      input: body('Other'),
      error: 'no protobuf form is known of kind "Other" in version "v1"',
    },
    {
      name: 'a name of Object.prototype',
      input: body('constructor'),
      error: 'no protobuf form is known of kind "constructor" in version "v1"',
    },
    { name: 'no kind', input: Buffer.from('k8s\0'), error: 'no protobuf form is known of kind "" in version ""' },
    {
      name: 'a wrong wire type',
      input: body('Thing', number(1, 5)),
      error: 'invalid protobuf at byte 20: field name has wire type 0 instead of 2',
    },
    {
      name: 'a length beyond the end',
      input: body('Thing', Buffer.of(0x0a, 0x05, 0x61)),
      error: 'invalid protobuf at byte 21: truncated',
    },
    {
      name: 'a cut number',
      input: body('Thing', Buffer.of(0x10, 0x80)),
      error: 'invalid protobuf at byte 20: truncated',
    },
    {
      name: 'a number of 11 bytes',
      input: body('Thing', Buffer.of(0x10, ...Array(10).fill(0x80), 1)),
      error: 'invalid protobuf at byte 20: a number longer than 64 bits',
    },
    {
      name: 'field number 0',
      input: body('Thing', Buffer.of(0x02, 0x00)),
      error: 'invalid protobuf at byte 19: invalid field tag',
    },
    {
      name: 'an end without its group',
      input: body('Thing', varint(99 * 8 + 4)),
      error: 'invalid protobuf at byte 21: invalid wire type',
    },
    {
      name: 'a group without its end',
      input: body('Thing', varint(99 * 8 + 3)),
      error: 'invalid protobuf at byte 21: truncated',
    },
    {
      name: 'deep groups',
      input: body('Thing', ...Array(50).fill(varint(99 * 8 + 3))),
      error: 'invalid protobuf at byte 87: groups nested too deep',
    },
    {
      name: 'invalid UTF-8',
      input: body('Thing', bytes(1, Buffer.of(0xff))),
      error: 'invalid protobuf at byte 21: invalid UTF-8',
    },
    {
      name: 'NUL in a text',
      input: body('Thing', bytes(1, 'a\0')),
      error: 'invalid protobuf at byte 21: NUL is not allowed in a string',
    },
    {
      name: 'NaN',
      input: body('Thing', double(12, Number.NaN)),
      error: 'invalid protobuf at byte 20: a number that JSON cannot say',
    },
    {
      name: 'a time out of range',
      input: body('Thing', bytes(8, number(1, 2n ** 60n))),
      error: 'invalid protobuf at byte 31: a time out of range',
    },
    {
      name: 'invalid JSON inside',
      input: body('Thing', bytes(9, bytes(1, '{'))),
      error: 'invalid JSON at line 1, column 2 (the input ends there): expected a quoted key',
    },
    {
      name: 'a duplicate key inside',
      input: body('Thing', bytes(10, bytes(1, '{"a":1,"a":2}'))),
      error: 'embedded JSON has the key a twice',
    },
    {
      name: 'an embedded object that is none',
      input: body('Thing', bytes(9, bytes(1, '[]'))),
      error: 'an embedded object must be a JSON object',
    },
  ])('BI-1, BI-6 refuses $name', ({ input, error }) => {
    expect(refusal(input)).toBe(error);
  });

  test('BI-1 errors carry the byte offset', () => {
    expect(() => decodeKubeProtobuf(body('Thing', number(1, 5)), tables)).toThrow(
      expect.objectContaining({ kind: 'malformed', offset: 20 }),
    );
  });

  test('BI-2 the size is bounded', () => {
    expect(() => decodeKubeProtobuf(Buffer.alloc(4_000_000), tables)).toThrow(
      expect.objectContaining({ kind: 'tooLarge' }),
    );
  });

  test('BI-3 nesting is bounded, also through extensions', () => {
    const nested = (depth: number): Buffer => (depth === 0 ? Buffer.alloc(0) : bytes(2, nested(depth - 1)));
    expect(refusal(body('Options', nested(600)))).toMatch(/nested deeper than 512 levels$/);
    const wrapped = (depth: number): Buffer =>
      depth === 0 ? body('Thing') : body('Thing', bytes(9, bytes(1, wrapped(depth - 1))));
    expect(refusal(wrapped(20), { maxDepth: 10 })).toMatch(/nested deeper than 10 levels$/);
    expect(refusal(body('Thing', bytes(9, bytes(1, `{"a":${'['.repeat(600)}`))))).toMatch(
      /nested deeper than 510 levels$/,
    );
  });

  test('BI-3 two bytes each cannot make millions of objects', () => {
    expect(refusal(body('Thing', Buffer.concat(Array(1_000_000).fill(bytes(20)))))).toMatch(/: too many messages$/);
  });

  test('BI-5 names of Object.prototype are map keys like any other', () => {
    const entry = (key: string) => bytes(7, bytes(1, key), bytes(2, 'x'));
    const { value } = decodeKubeProtobuf(body('Thing', entry('__proto__'), entry('constructor')), tables);
    expect(Object.keys(value.labels as object)).toEqual(['__proto__', 'constructor']);
    expect(Object.getPrototypeOf(value.labels)).toBe(Object.prototype);
  });
});

describe('encodeKubeProtobuf', () => {
  test.each<{ name: string; fields: JsonObject; error: string }>([
    { name: 'a number for a text', fields: { name: 1 }, error: 'name: expected a string' },
    { name: 'a text for a number', fields: { count: '1' }, error: 'count: expected an int32' },
    { name: 'a number too large', fields: { count: 2 ** 31 }, error: 'count: expected an int32' },
    { name: 'a fraction', fields: { big: 1.5 }, error: 'big: expected an int64' },
    { name: 'an integer too large', fields: { numbers: [0, 2n ** 63n] }, error: 'numbers[1]: expected an int64' },
    { name: 'an object for a list', fields: { numbers: {} }, error: 'numbers: expected a list' },
    { name: 'a list for a map', fields: { labels: [] }, error: 'labels: expected an object' },
    { name: 'null in a map', fields: { labels: { a: null } }, error: 'labels.a: expected a string' },
    { name: 'a text for a message', fields: { child: { next: 'x' } }, error: 'child.next: expected an object' },
    { name: 'a wrong time', fields: { at: 'now' }, error: 'at: expected an RFC 3339 time' },
    { name: 'a wrong duration', fields: { wait: 5 }, error: 'wait: expected a duration' },
    { name: 'a wrong port', fields: { port: 1.5 }, error: 'port: expected an int32 or a string' },
    { name: 'a wrong quantity', fields: { amount: true }, error: 'amount: expected a quantity' },
    { name: 'a wrong flag', fields: { flag: 'true' }, error: 'flag: expected a boolean' },
    { name: 'a wrong double', fields: { ratio: '1' }, error: 'ratio: expected a number' },
    { name: 'wrong bytes', fields: { blob: 1 }, error: 'blob: expected a base64 string' },
    { name: 'a wrong list of texts', fields: { extra: { k: [1] } }, error: 'extra.k: expected a list of strings' },
    { name: 'a wrong schema', fields: { items: 1 }, error: 'items: expected a schema or a list of schemas' },
    { name: 'a wrong list of schemas', fields: { items: [1] }, error: 'items: expected a list of schemas' },
    { name: 'a wrong schema or flag', fields: { more: 1 }, error: 'more: expected a schema or a boolean' },
  ])('KA-30 refuses $name with the path', ({ fields, error }) => {
    const object = { apiVersion: 'v1', kind: 'Thing', ...fields };
    expect(() => encodeKubeProtobuf(object, tables)).toThrow(new WireError(`cannot encode as protobuf: ${error}`));
  });

  test('KA-30 null, empty lists and unknown fields are left out', () => {
    const object = { apiVersion: 'v1', kind: 'Thing', name: null, child: null, numbers: [], labels: {}, unknown: 1 };
    expect(decodeKubeProtobuf(encodeKubeProtobuf(object, tables), tables).value).toEqual(zeros);
  });

  test('KA-30 numbers stand for quantities, and map keys are sorted by bytes', () => {
    const object = { apiVersion: 'v1', kind: 'Thing', amount: 5, labels: { '😀': '1', '\uffff': '2', b: '3', a: '4' } };
    const { value } = decodeKubeProtobuf(encodeKubeProtobuf(object, tables), tables);
    expect(value.amount).toBe('5');
    expect(Object.keys(value.labels as object)).toEqual(['a', 'b', '\uffff', '😀']);
  });

  test.each<{ object: JsonObject }>([
    { object: { apiVersion: 'v2', kind: 'Thing' } },
    { object: { kind: 'Thing' } },
    { object: { apiVersion: 'v1', kind: 5 as JsonValue } },
  ])('KA-27 refuses a kind without a message: $object', ({ object }) => {
    expect(() => encodeKubeProtobuf(object, tables)).toThrow(/^no protobuf form is known of kind/);
  });

  test('KA-27 bodies larger than the first buffer are whole', () => {
    const object = {
      ...zeros,
      name: 'x'.repeat(2000),
      blob: Buffer.alloc(70_000, 1).toString('base64'),
      big: 2n ** 60n,
    };
    expect(decodeKubeProtobuf(encodeKubeProtobuf(object, tables), tables).value).toEqual(object);
  });
});

test('KA-27 protobufMessageOf finds kinds of one version and of every version', () => {
  expect(protobufMessageOf(tables, 'v1', 'Thing')).toBe('Thing');
  expect(protobufMessageOf(tables, 'apps/v1', 'Thing')).toBeUndefined();
  expect(protobufMessageOf(tables, 'apps/v1', 'Options')).toBe('Child');
  expect(protobufMessageOf(tables, 'v1', 'toString')).toBeUndefined();
});

test('a table that names a missing message is a bug, not bad input', () => {
  const broken: ProtobufTables = { kinds: { 'v1/Thing': 'Missing' }, messages: {} };
  expect(() => decodeKubeProtobuf(body('Thing'), broken)).toThrow(/^protobuf tables have no message Missing$/);
});
