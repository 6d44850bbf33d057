import fc from 'fast-check';
import { expect, test } from 'vitest';
import { atLeast } from '../testing/at-least.ts';
import { equalValues, type JsonValue, setOwn, WireError } from './value.ts';
import { decodeYaml, encodeYaml } from './yaml.ts';

const text = fc
  .oneof(
    fc.string({ unit: 'grapheme' }),
    fc.string({ unit: 'binary' }),
    fc.string({
      unit: fc.constantFrom('\n', ' ', '\t', '#', ':', '-', '"', "'", '\r', '|', '>', 'a', '\u2028', '\x85', '\ufeff'),
    }),
    fc.constantFrom(
      'yes',
      'n',
      '~',
      '',
      '0o7',
      '017',
      '1_0',
      '.5',
      '1e3',
      '<<',
      '---',
      '...',
      '*a',
      '&a',
      '!a',
      '%a',
      '@',
      '`',
      '- a',
      'a: b',
      '? a',
      '2001-01-01',
      '0b1',
      '-.inf',
      '.NaN',
    ),
  )
  .filter((value) => !value.includes('\0'));

const value = fc.letrec<{ value: JsonValue }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small' },
    fc.constantFrom(null, true, false),
    fc.integer(),
    fc.double({ noNaN: true, noDefaultInfinity: true }),
    fc.bigInt({ min: 2n ** 53n, max: 2n ** 80n }),
    text,
    fc.array(tie('value')),
    fc
      .uniqueArray(fc.tuple(fc.oneof(text, fc.constant('__proto__')), tie('value')), { selector: ([key]) => key })
      .map((entries) => {
        const object = {};
        for (const [key, field] of entries) setOwn(object, key, field);
        return object;
      }),
  ),
})).value;

test('KA-27 decoding undoes encoding', () => {
  fc.assert(
    fc.property(value, (original) => {
      const encoded = encodeYaml(original);
      const { value: decoded, problems } = decodeYaml(encoded);
      expect(problems).toEqual([]);
      if (!equalValues(decoded, original)) expect(decoded).toEqual(original);
    }),
    atLeast(500),
  );
});

test('BI-1, KA-140c any text is decoded or refused, never a crash', () => {
  const pieces = fc.constantFrom(
    'a',
    ': ',
    ':',
    '\n',
    '  ',
    '- ',
    '? ',
    '[',
    ']',
    '{',
    '}',
    ', ',
    '"',
    "'",
    '|',
    '>',
    '&a ',
    '*a',
    '<<',
    '!!int ',
    '#',
    '---',
    '...',
    '%',
    '\t',
    '1',
    '~',
  );
  fc.assert(
    fc.property(fc.array(pieces, { maxLength: 25 }), (parts) => {
      try {
        decodeYaml(parts.join(''));
      } catch (error) {
        expect(error).toBeInstanceOf(WireError);
      }
    }),
    atLeast(5000),
  );
});
