import fc from 'fast-check';
import { expect, test } from 'vitest';
import { fixedDigits, scientificDigits } from './exact-decimal.ts';

const finite = fc.double({ noNaN: true, noDefaultInfinity: true });

/** Whether a decimal lies exactly between two others of this precision: there the two ways of rounding differ. */
const isHalfway = (value: number, precision: number) =>
  fixedDigits(value, precision + 1100)
    .fraction.slice(precision)
    .match(/^50*$/) !== null;

test('KA-102 fixed digits are those of toFixed where that is exact', () => {
  fc.assert(
    fc.property(fc.double({ min: -1e20, max: 1e20, noNaN: true }), fc.nat(20), (value, precision) => {
      fc.pre(!isHalfway(value, precision));
      const { whole, fraction } = fixedDigits(value, precision);
      const text = precision === 0 ? whole : `${whole}.${fraction}`;
      expect(text).toBe(Math.abs(value).toFixed(precision));
    }),
  );
});

test('KA-102 seventeen digits bring a double back', () => {
  fc.assert(
    fc.property(finite, (value) => {
      const { whole, fraction, exponent } = scientificDigits(value, 16);
      expect(Number(`${whole}.${fraction}e${exponent}`)).toBe(Math.abs(value));
    }),
  );
});

test('KA-102 halves round to even', () => {
  expect([0.5, 1.5, 2.5].map((value) => fixedDigits(value, 0).whole)).toEqual(['0', '2', '2']);
  expect(scientificDigits(1_048_576.5, 6)).toEqual({ whole: '1', fraction: '048576', exponent: 6 });
  expect(scientificDigits(9_999_999.9, 6)).toEqual({ whole: '1', fraction: '000000', exponent: 7 });
});
