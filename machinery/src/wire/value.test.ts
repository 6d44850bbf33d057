import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  cloneValue,
  equalValues,
  getOwn,
  identityOf,
  type JsonObject,
  type JsonValue,
  setOwn,
  WireError,
} from './value.ts';

describe('BI-5 own properties', () => {
  test('BI-5 setOwn and getOwn treat every name as data', () => {
    const object: JsonObject = {};
    for (const name of ['a', '__proto__', 'constructor']) setOwn(object, name, name);
    expect(Object.keys(object)).toEqual(['a', '__proto__', 'constructor']);
    expect(['a', '__proto__', 'constructor', 'toString'].map((name) => getOwn(object, name))).toEqual([
      'a',
      '__proto__',
      'constructor',
      undefined,
    ]);
    expect(Object.getPrototypeOf(object)).toBe(Object.prototype);
  });
});

describe('equalValues', () => {
  test.each<{ a: JsonValue | undefined; b: JsonValue | undefined; equal: boolean }>([
    { a: { x: 1, y: [null, 'a'] }, b: { y: [null, 'a'], x: 1 }, equal: true },
    { a: [1, 2], b: [2, 1], equal: false },
    { a: [1], b: [1, 2], equal: false },
    { a: 1, b: 1n, equal: true },
    { a: 2n ** 53n, b: 2 ** 53, equal: true },
    { a: 2n ** 53n + 1n, b: 2 ** 53, equal: false },
    { a: 2n ** 60n, b: 2n ** 60n, equal: true },
    { a: '1', b: 1, equal: false },
    { a: '1', b: 1n, equal: false },
    { a: null, b: {}, equal: false },
    { a: [], b: {}, equal: false },
    { a: { a: 1 }, b: { b: 1 }, equal: false },
    { a: JSON.parse('{"__proto__":1}') as JsonValue, b: {}, equal: false },
    { a: { toString: 1 }, b: { a: 1 }, equal: false },
    { a: undefined, b: undefined, equal: true },
    { a: undefined, b: null, equal: false },
  ])('KA-52 $a and $b: $equal', ({ a, b, equal }) => {
    expect(equalValues(a, b)).toBe(equal);
    expect(equalValues(b, a)).toBe(equal);
    if (a !== undefined && b !== undefined) expect(identityOf(a) === identityOf(b)).toBe(equal);
  });

  test('KA-52 values have one identity exactly when they are equal', () => {
    const scalar = fc.constantFrom<JsonValue>(
      ...[null, true, 'null', 'true', '1', '[]', '{}', '"', '1n'],
      ...[0, -0, 1, 1n, 1e21, 10n ** 21n, 10n ** 21n + 1n, 2 ** 60, 2n ** 60n, 1152921504606847000n],
    );
    const { value } = fc.letrec<{ value: JsonValue }>((tie) => ({
      value: fc.oneof(
        { depthSize: 'small', withCrossShrink: true },
        scalar,
        fc.array(tie('value'), { maxLength: 2 }),
        fc.dictionary(fc.constantFrom('a', 'b', '":'), tie('value'), { maxKeys: 2 }),
      ),
    }));
    fc.assert(
      fc.property(value, value, (a, b) => {
        expect(identityOf(a) === identityOf(b)).toBe(equalValues(a, b));
        expect(identityOf([a])).toBe(identityOf([cloneValue(a)]));
      }),
      { numRuns: 1_000 },
    );
  });
});

test('KA-52 a clone is equal and shares nothing', () => {
  fc.assert(
    fc.property(fc.jsonValue(), (json) => {
      const value = json as JsonValue;
      const clone = cloneValue(value);
      expect(equalValues(clone, value)).toBe(true);
      if (typeof value === 'object' && value !== null) expect(clone).not.toBe(value);
    }),
  );
  const nested: JsonObject = { list: [{ big: 2n ** 60n }] };
  const clone = cloneValue(nested);
  (clone.list as JsonObject[])[0] = {};
  expect(nested).toEqual({ list: [{ big: 2n ** 60n }] });
});

test('BI-1 a WireError is malformed input at an unknown place unless it says otherwise', () => {
  const cause = new Error('x');
  expect({ ...new WireError('a') }).toMatchObject({ name: 'WireError', kind: 'malformed', offset: undefined });
  expect(new WireError('a', { kind: 'tooLarge', offset: 5, cause })).toMatchObject({
    kind: 'tooLarge',
    offset: 5,
    cause,
  });
});
