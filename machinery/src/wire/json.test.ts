import { describe, expect, test } from 'vitest';
import { decodeJson, encodeJson, parseJson } from './json.ts';
import { type JsonValue, WireError } from './value.ts';

/** The message of the WireError that decoding throws. */
function refusal(input: string | Uint8Array): string {
  try {
    decodeJson(input);
  } catch (error) {
    if (error instanceof WireError) return error.message;
    throw error;
  }
  throw new Error('nothing was refused');
}

describe('decodeJson', () => {
  test.each([
    { text: '{"a":[1,-2.5,true,false,null,"x"]}', value: { a: [1, -2.5, true, false, null, 'x'] } },
    { text: ' \t\r\n[ ] \n', value: [] },
    { text: '{ "a" : { } , "b" : [ [ ] ] }', value: { a: {}, b: [[]] } },
    { text: '"\\"\\\\\\/\\b\\f\\n\\r\\t\\u00e9\\ud83d\\ude00 é😀"', value: '"\\/\b\f\n\r\té😀 é😀' },
    { text: '0', value: 0 },
    { text: '1.0', value: 1 },
    { text: '1e3', value: 1000 },
    { text: '-1.5E-3', value: -0.0015 },
  ])('KA-27 reads $text', ({ text, value }) => {
    expect(decodeJson(text)).toEqual({ value, problems: [] });
    expect(decodeJson(Buffer.from(text))).toEqual({ value, problems: [] });
  });

  test.each([
    { text: '', error: 'invalid JSON at line 1, column 1 (the input ends there): expected a value' },
    { text: '{"a":1', error: "invalid JSON at line 1, column 7 (the input ends there): expected ',' or '}'" },
    { text: '{"a":', error: 'invalid JSON at line 1, column 6 (the input ends there): expected a value' },
    { text: '{"a"', error: "invalid JSON at line 1, column 5 (the input ends there): expected ':' after the key" },
    { text: '{"a":1,}', error: 'invalid JSON at line 1, column 8: expected a quoted key' },
    { text: '{a:1}', error: 'invalid JSON at line 1, column 2: expected a quoted key' },
    { text: '[1,]', error: 'invalid JSON at line 1, column 4: expected a value' },
    { text: '[1 2]', error: "invalid JSON at line 1, column 4: expected ',' or ']'" },
    { text: '{\n  "a": tru\n}', error: 'invalid JSON at line 2, column 8: expected a value' },
    { text: '{} x', error: 'invalid JSON at line 1, column 4: unexpected text after the value' },
    { text: '{}{}', error: 'invalid JSON at line 1, column 3: unexpected text after the value' },
    { text: '\ufeff{}', error: 'invalid JSON at line 1, column 1: expected a value' },
    { text: '"a', error: 'invalid JSON at line 1, column 3 (the input ends there): unterminated string' },
    { text: '"a\\', error: 'invalid JSON at line 1, column 3: invalid escape' },
    { text: '"\\x41"', error: 'invalid JSON at line 1, column 2: invalid escape' },
    { text: '"\\u12g4"', error: 'invalid JSON at line 1, column 2: invalid escape' },
    { text: '"a\nb"', error: 'invalid JSON at line 1, column 3: control character in a string' },
    { text: "'a'", error: 'invalid JSON at line 1, column 1: expected a value' },
    { text: '01', error: 'invalid JSON at line 1, column 1: a number must not start with 0' },
    { text: '-01', error: 'invalid JSON at line 1, column 2: a number must not start with 0' },
    { text: '-', error: 'invalid JSON at line 1, column 2 (the input ends there): expected a digit' },
    { text: '1.', error: 'invalid JSON at line 1, column 3 (the input ends there): expected a digit' },
    { text: '1e+', error: 'invalid JSON at line 1, column 4 (the input ends there): expected a digit' },
    { text: '.5', error: 'invalid JSON at line 1, column 1: expected a value' },
    { text: '+1', error: 'invalid JSON at line 1, column 1: expected a value' },
    { text: '0x10', error: 'invalid JSON at line 1, column 2: unexpected text after the value' },
  ])('BI-1 refuses $text with the position', ({ text, error }) => {
    expect(refusal(text)).toBe(error);
  });

  test('BI-1 the offset of an error counts units of the text', () => {
    expect(() => decodeJson('["é", x]')).toThrow(expect.objectContaining({ offset: 6, kind: 'malformed' }));
  });

  test('BI-3 nesting is bounded, at 512 unless said otherwise', () => {
    const nested = (depth: number) => '['.repeat(depth) + ']'.repeat(depth);
    expect(decodeJson(nested(512)).problems).toEqual([]);
    expect(refusal(nested(513))).toBe('invalid JSON at line 1, column 513: nested deeper than 512 levels');
    expect(refusal('{"a":'.repeat(100_000))).toMatch(/nested deeper than 512 levels$/);
    expect(() => decodeJson('[[]]', { maxDepth: 1 })).toThrow('nested deeper than 1 levels');
  });

  test('BI-2, BI-3 the size is bounded before anything is read', () => {
    const million = `{${Array.from({ length: 1_000_000 }, (_, index) => `"${index}":0`).join(',')}}`;
    const tooLarge = expect.objectContaining({ kind: 'tooLarge', message: 'the input is larger than 3145728 bytes' });
    expect(() => decodeJson(million)).toThrow(tooLarge);
    expect(() => decodeJson(Buffer.alloc(4_000_000, ' '))).toThrow(tooLarge);
    expect(() => decodeJson('"éé"', { maxBytes: 5 })).toThrow(expect.objectContaining({ kind: 'tooLarge' }));
    expect(decodeJson('"éé"', { maxBytes: 6 }).value).toBe('éé');
  });

  test('BI-4, KA-61 the last of duplicate keys wins, and each is reported once with its path', () => {
    const text = '{"a":1,"spec":{"ports":[{},{"name":"x","name":"y","name":"z"}],"a.b/c":{"k":1,"k":2}},"a":2}';
    expect(decodeJson(text)).toEqual({
      value: { a: 2, spec: { ports: [{}, { name: 'z' }], 'a.b/c': { k: 2 } } },
      problems: [
        { kind: 'duplicateField', path: 'spec.ports[1].name' },
        { kind: 'duplicateField', path: 'spec.a.b/c.k' },
        { kind: 'duplicateField', path: 'a' },
      ],
    });
  });

  test('BI-4 paths begin with an index where the document is a list', () => {
    expect(decodeJson('[[{"a":1,"a":2}]]').problems).toEqual([{ kind: 'duplicateField', path: '[0][0].a' }]);
  });

  test('BI-4 at most 100 duplicates are reported', () => {
    const text = `[${'{"a":1,"a":2},'.repeat(150)}0]`;
    expect(decodeJson(text).problems).toHaveLength(100);
  });

  test('BI-5 names of Object.prototype are keys like any other', () => {
    const { value, problems } = decodeJson(
      '{"__proto__":{"polluted":true},"constructor":1,"toString":2,"hasOwnProperty":3}',
    );
    expect(problems).toEqual([]);
    expect(Object.keys(value as object)).toEqual(['__proto__', 'constructor', 'toString', 'hasOwnProperty']);
    expect(Object.getPrototypeOf(value)).toBe(Object.prototype);
    expect(({} as Record<string, unknown>).polluted).toBeUndefined();
    expect(encodeJson(value)).toBe('{"__proto__":{"polluted":true},"constructor":1,"toString":2,"hasOwnProperty":3}');
  });

  test('BI-4, BI-5 duplicates of such names are seen', () => {
    const { value, problems } = decodeJson('{"__proto__":1,"__proto__":2,"constructor":1,"constructor":2}');
    expect(problems.map(({ path }) => path)).toEqual(['__proto__', 'constructor']);
    expect(encodeJson(value)).toBe('{"__proto__":2,"constructor":2}');
  });

  test.each([
    { name: 'a lone high surrogate', input: '"\ud800"', error: 'lone surrogate at line 1, column 2' },
    { name: 'a lone low surrogate', input: '{\n"a\udc00":1}', error: 'lone surrogate at line 2, column 3' },
    {
      name: 'an escaped one',
      input: '"\\ud800x"',
      error: 'invalid JSON at line 1, column 2: lone surrogate in a string',
    },
    {
      name: 'two high ones',
      input: '"\\ud800\\ud800"',
      error: 'invalid JSON at line 1, column 2: lone surrogate in a string',
    },
    {
      name: 'an escaped low one',
      input: '"\\udc00"',
      error: 'invalid JSON at line 1, column 2: lone surrogate in a string',
    },
    {
      name: 'escaped NUL',
      input: '{"a":"x\\u0000"}',
      error: 'invalid JSON at line 1, column 8: NUL is not allowed in a string',
    },
    {
      name: 'escaped NUL in a key',
      input: '{"\\u0000":1}',
      error: 'invalid JSON at line 1, column 3: NUL is not allowed in a string',
    },
    { name: 'raw NUL', input: '"\0"', error: 'invalid JSON at line 1, column 2: control character in a string' },
    { name: 'an overlong sequence', input: Buffer.from('22c0af22', 'hex'), error: 'invalid UTF-8 at byte 1' },
    { name: 'a surrogate in UTF-8', input: Buffer.from('2261eda08022', 'hex'), error: 'invalid UTF-8 at byte 3' },
    { name: 'a cut sequence', input: Buffer.from('22e282', 'hex'), error: 'invalid UTF-8 at byte 3' },
    { name: 'Latin-1', input: Buffer.from('"\u00e9"', 'latin1'), error: 'invalid UTF-8 at byte 2' },
  ])('BI-6 refuses $name', ({ input, error }) => {
    expect(refusal(input)).toBe(error);
  });

  test.each<{ text: string; value: JsonValue }>([
    { text: '9007199254740991', value: 9007199254740991 },
    { text: '-9007199254740991', value: -9007199254740991 },
    { text: '9007199254740992', value: 9007199254740992n },
    { text: '-9007199254740993', value: -9007199254740993n },
    { text: '18446744073709551615', value: 18446744073709551615n },
    { text: '123456789012345678901234567890', value: 123456789012345678901234567890n },
    { text: '0.1', value: 0.1 },
    { text: '-0', value: -0 },
    { text: '5e-324', value: 5e-324 },
    { text: '1.7976931348623157e+308', value: 1.7976931348623157e308 },
  ])('BI-7, KA-52 $text is the same after a round trip', ({ text, value }) => {
    expect(decodeJson(text).value).toBe(value);
    expect(encodeJson(decodeJson(`{"a":[${text}]}`).value)).toBe(`{"a":[${text}]}`);
  });

  test.each(['1e400', '-1e400', '1'.repeat(400), 'NaN', 'Infinity', '-Infinity'])('BI-7 refuses %s', (text) => {
    expect(refusal(text)).toMatch(
      /^invalid JSON at line 1, column [12]: (number out of range|expected a (value|digit))$/,
    );
  });
});

describe('parseJson', () => {
  test.each([
    { before: 'b\\', key: 'b\n' },
    { before: '\\', key: '"' },
    { before: '{\\"c', key: '{"c"' },
  ])('KA-52 takes the key $key not for $before, which stood in its place before', ({ before, key }) => {
    const objectWith = (second: string) => ({ [`before ${key}`]: 0, [second]: { nested: [] } });
    parseJson(JSON.stringify(objectWith(before)));
    const text = JSON.stringify(objectWith(key));
    expect(parseJson(text)).toEqual(objectWith(key));
    expect(parseJson(text.replaceAll('":', '"\t\r\n :'))).toEqual(objectWith(key));
  });

  test.each<{ text: string; value: JsonValue }>([
    { text: '{"a":1}', value: { a: 1 } },
    {
      text: '{"resourceVersion":"1763722054123456","a":9007199254740993}',
      value: { resourceVersion: '1763722054123456', a: 9007199254740993n },
    },
    { text: '[-9007199254740993]', value: [-9007199254740993n] },
    { text: '9007199254740993', value: 9007199254740993n },
    { text: '{"a":\t12345678901234567}', value: { a: 12345678901234567n } },
    { text: '[0.12345678901234567890]', value: [0.12345678901234568] },
    { text: '{"text":": 12345678901234567"}', value: { text: ': 12345678901234567' } },
  ])('KA-52 reads $text as decodeJson does', ({ text, value }) => {
    expect(parseJson(text)).toEqual(value);
    expect(parseJson(Buffer.from(text))).toEqual(value);
    expect(decodeJson(text).value).toEqual(value);
  });

  test('BI-5 keeps __proto__ as data', () => {
    expect(Object.keys(parseJson('{"__proto__":1}') as object)).toEqual(['__proto__']);
  });

  test('KA-52 takes what a trusted peer has stored, beside a long integer too', () => {
    expect(parseJson('["a\\u0000\\ud800",9007199254740993]')).toEqual(['a\0\ud800', 9007199254740993n]);
  });

  test('BI-1 throws on invalid JSON', () => {
    expect(() => parseJson('{')).toThrow(SyntaxError);
    expect(() => parseJson('[12345678901234567')).toThrow(WireError);
  });
});

describe('encodeJson', () => {
  test.each<{ value: JsonValue; text: string }>([
    { value: { b: 1, a: [true, null, 'é"\n\u2028'] }, text: '{"b":1,"a":[true,null,"é\\"\\n\u2028"]}' },
    {
      value: { n: 10n ** 20n, l: [-(2n ** 63n), 'x', null, { t: true }] },
      text: '{"n":100000000000000000000,"l":[-9223372036854775808,"x",null,{"t":true}]}',
    },
    { value: [-0, 0, 1.5], text: '[-0,0,1.5]' },
    { value: [1e20, -(2 ** 53)], text: '[1e+20,-9.007199254740992e+15]' },
    { value: 5n, text: '5' },
    { value: {}, text: '{}' },
  ])('KA-52 writes $text', ({ value, text }) => {
    expect(encodeJson(value)).toBe(text);
  });

  test.each([Number.NaN, Number.POSITIVE_INFINITY, [Number.NaN], { a: Number.NEGATIVE_INFINITY }])(
    'BI-7 throws on %s',
    (value) => {
      expect(() => encodeJson(value)).toThrow(TypeError);
    },
  );

  test('an undefined field of a typed object is left out, with and without long integers', () => {
    const absent = undefined as unknown as JsonValue;
    expect(encodeJson({ a: absent, b: 1 })).toBe('{"b":1}');
    expect(encodeJson({ a: absent, b: 2n ** 60n })).toBe('{"b":1152921504606846976}');
    expect(() => encodeJson([absent])).toThrow('undefined has no JSON form');
  });
});
