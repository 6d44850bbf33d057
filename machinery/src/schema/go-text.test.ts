import fc from 'fast-check';
import { expect, test } from 'vitest';
import { byCodePoint, goFloat, goJson, goNumber, goQuote } from './go-text.ts';

test.each([
  ['', '""'],
  ["it's", `"it's"`],
  ['a"b\\c', '"a\\"b\\\\c"'],
  ['\n\t\u0000\u007f', '"\\n\\t\\x00\\x7f"'],
  ['é😀', '"é😀"'],
  ['\u2028\u00a0', '"\\u2028\\u00a0"'],
  ['\u{e0001}', '"\\U000e0001"'],
])('KA-38 %j is quoted as Go quotes it', (text, want) => expect(goQuote(text)).toBe(want));

test.each<[number | bigint, string]>([
  [0, '0'],
  [-5, '-5'],
  [2.5, '2.5'],
  [10_000_000, '10000000'],
  [1_234_567.5, '1.2345675e+06'],
  [1e22, '1e+22'],
  [0.00001, '1e-05'],
  [0.0001, '0.0001'],
  [2n ** 63n - 1n, '9223372036854775807'],
  [2n ** 63n, '9.223372036854776e+18'],
])('KA-38 the number %d is written as Go writes it', (value, want) => expect(goNumber(value)).toBe(want));

test('KA-38 a whole float keeps its exponent', () =>
  expect([goFloat(1e6), goFloat(999_999)]).toEqual(['1e+06', '999999']));

test('KA-38 objects are written with sorted keys and escaped markup', () => {
  expect(goJson({ b: [1.5, null, true, 2n ** 60n], a: '<&>' })).toBe(
    '{"a":"\\u003c\\u0026\\u003e","b":[1.5,null,true,1152921504606846976]}',
  );
});

test('KA-38 texts are ordered by code point, as their UTF-8 bytes are', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), fc.string({ unit: 'grapheme' }), (a, b) => {
      expect(Math.sign(byCodePoint(a, b))).toBe(Math.sign(Buffer.compare(Buffer.from(a), Buffer.from(b))));
    }),
  );
});
