import fc from 'fast-check';
import { expect, test } from 'vitest';
import { formatQuantity } from './format.ts';
import {
  addQuantities,
  compareQuantities,
  parseQuantity,
  type Quantity,
  QuantityError,
  subtractQuantities,
} from './quantity.ts';

const quantity: fc.Arbitrary<Quantity> = fc.record({
  nanos: fc.bigInt({ min: -(10n ** 30n), max: 10n ** 30n }),
  format: fc.constantFrom('DecimalSI', 'DecimalExponent'),
});

test('the canonical text parses back to the same amount', () => {
  fc.assert(
    fc.property(quantity, (one) => {
      expect(parseQuantity(formatQuantity(one)).nanos).toBe(one.nanos);
    }),
  );
});

test('binary amounts below int64 parse back to the same amount', () => {
  const binary = fc.bigInt({ min: -(1n << 62n), max: 1n << 62n });
  fc.assert(
    fc.property(binary, (amount) => {
      const text = formatQuantity({ nanos: amount * 1_000_000_000n, format: 'BinarySI' });
      expect(parseQuantity(text).nanos).toBe(amount * 1_000_000_000n);
    }),
  );
});

test('formatting is idempotent', () => {
  fc.assert(
    fc.property(quantity, (one) => {
      const text = formatQuantity(one);
      expect(formatQuantity(parseQuantity(text))).toBe(text);
    }),
  );
});

test('addition undoes subtraction, and order follows the difference', () => {
  fc.assert(
    fc.property(quantity, quantity, (a, b) => {
      expect(addQuantities(subtractQuantities(a, b), b).nanos).toBe(a.nanos);
      const difference = subtractQuantities(a, b).nanos;
      expect(compareQuantities(a, b)).toBe(difference === 0n ? 0 : difference < 0n ? -1 : 1);
    }),
  );
});

test('any text is parsed or refused, never more', () => {
  const junk = fc.string({
    unit: fc.constantFrom('1', '0', '9', '.', '-', '+', 'e', 'E', 'i', 'K', 'M', 'm', 'n', ' '),
  });
  fc.assert(
    fc.property(junk, (text) => {
      try {
        formatQuantity(parseQuantity(text));
      } catch (error) {
        expect(error).toBeInstanceOf(QuantityError);
      }
    }),
  );
});
