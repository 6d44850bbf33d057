import fc from 'fast-check';
import { expect, test } from 'vitest';
import { atLeast } from '../testing/at-least.ts';
import { decodeJson, encodeJson, parseJson } from './json.ts';
import { equalValues, type JsonValue, setOwn, WireError } from './value.ts';

const key = fc.oneof(fc.string({ unit: 'binary' }), fc.constantFrom('__proto__', 'constructor', 'a', '0', '10'));
const number = fc.oneof(fc.integer(), fc.double({ noNaN: true, noDefaultInfinity: true }), fc.maxSafeInteger());
const native = fc.letrec<{ value: JsonValue }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small' },
    fc.constantFrom(null, true, false),
    number,
    fc.string({ unit: 'binary' }).filter((text) => !text.includes('\0')),
    fc.array(tie('value')),
    objectOf(tie('value')),
  ),
})).value;
const withBigints = fc.letrec<{ value: JsonValue }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small' },
    native,
    fc.bigInt().filter((big) => !Number.isSafeInteger(Number(big)) && Number.isFinite(Number(big))),
    fc.array(tie('value')),
    objectOf(tie('value')),
  ),
})).value;

function objectOf(value: fc.Arbitrary<JsonValue>): fc.Arbitrary<JsonValue> {
  return fc
    .uniqueArray(
      fc.tuple(
        key.filter((text) => !text.includes('\0')),
        value,
      ),
      { selector: ([name]) => name },
    )
    .map((entries) => {
      const object = {};
      for (const [name, field] of entries) setOwn(object, name, field);
      return object;
    });
}

test('KA-52 decoding undoes JSON.stringify where no integer is long', () => {
  fc.assert(
    fc.property(
      native.filter((value) => !hasSpecialNumber(value)),
      fc.constantFrom(undefined, 1, '\t'),
      (value, indent) => {
        const text = JSON.stringify(value, undefined, indent);
        expect(decodeJson(text)).toEqual({ value, problems: [] });
        expect(parseJson(text)).toEqual(value);
      },
    ),
  );
});

test('KA-52, BI-7 decoding undoes encoding, key order and long integers included', () => {
  fc.assert(
    fc.property(withBigints, (value) => {
      const text = encodeJson(value);
      const decoded = decodeJson(Buffer.from(text)).value;
      expect(equalValues(decoded, value)).toBe(true);
      expect(encodeJson(decoded)).toBe(text);
      expect(equalValues(parseJson(text), value)).toBe(true);
    }),
  );
});

test('KA-52 encoding equals JSON.stringify where no number is special', () => {
  const plain = native.filter((value) => !hasSpecialNumber(value));
  fc.assert(
    fc.property(plain, (value) => {
      expect(encodeJson(value)).toBe(JSON.stringify(value));
    }),
  );
});

function hasSpecialNumber(value: JsonValue): boolean {
  if (typeof value === 'object' && value !== null) return Object.values(value).some(hasSpecialNumber);
  return Object.is(value, -0) || (typeof value === 'number' && Math.abs(value) > Number.MAX_SAFE_INTEGER);
}

test('BI-1 a text is accepted exactly when JSON.parse accepts it, but for the things that are refused on purpose', () => {
  const pieces = fc.array(
    fc.constantFrom(
      '{',
      '}',
      '[',
      ']',
      ':',
      ',',
      '"',
      '"a"',
      '\\',
      '\\n',
      '1',
      '-',
      '0',
      '.5',
      'e3',
      'true',
      'null',
      ' ',
      '\n',
      'x',
    ),
    { maxLength: 12 },
  );
  fc.assert(
    fc.property(pieces, (parts) => {
      const text = parts.join('');
      // Large exponents are refused on purpose.
      fc.pre(!/e3\d/.test(text));
      expect(outcome(() => decodeJson(text).value, WireError)).toEqual(outcome(() => JSON.parse(text), SyntaxError));
    }),
    atLeast(5000),
  );
});

function outcome(run: () => unknown, refusal: new (...parameters: never[]) => Error): unknown {
  try {
    return { value: run() };
  } catch (error) {
    if (error instanceof refusal) return 'refused';
    throw error;
  }
}

test('BI-4 every key that is written twice is reported', () => {
  fc.assert(
    fc.property(fc.array(fc.constantFrom('a', 'b', '__proto__', 'toString'), { minLength: 1 }), (names) => {
      const text = `{${names.map((name, index) => `${JSON.stringify(name)}:${index}`).join(',')}}`;
      const { value, problems } = decodeJson(text);
      const doubled = new Set(names.filter((name, index) => names.indexOf(name) !== index));
      expect(new Set(problems.map(({ path }) => path))).toEqual(doubled);
      expect(Object.entries(value as object)).toEqual(
        [...new Set(names)].map((name) => [name, names.lastIndexOf(name)]),
      );
    }),
  );
});
