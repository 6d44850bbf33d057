import { describe, expect, test } from 'vitest';
import { formatQuantity } from './format.ts';
import {
  addQuantities,
  approximateValue,
  compareQuantities,
  milliValue,
  parseQuantity,
  QuantityError,
  quantityOf,
  subtractQuantities,
  sumQuantities,
  wholeValue,
} from './quantity.ts';

/** Canonical text, format and whole value as k8s.io/apimachinery v0.35.4 gives them (int64 overflows left out). */
const golden: [text: string, canonical: string, format: string, whole: bigint][] = [
  ['0', '0', 'DecimalSI', 0n],
  ['1', '1', 'DecimalSI', 1n],
  ['-1', '-1', 'DecimalSI', -1n],
  ['+1', '1', 'DecimalSI', 1n],
  ['1.5', '1500m', 'DecimalSI', 2n],
  ['.5', '500m', 'DecimalSI', 1n],
  ['.', '0', 'DecimalSI', 0n],
  ['1000', '1k', 'DecimalSI', 1000n],
  ['1500', '1500', 'DecimalSI', 1500n],
  ['1500m', '1500m', 'DecimalSI', 2n],
  ['100m', '100m', 'DecimalSI', 1n],
  ['0.1', '100m', 'DecimalSI', 1n],
  ['1k', '1k', 'DecimalSI', 1000n],
  ['1024', '1024', 'DecimalSI', 1024n],
  ['1Ki', '1Ki', 'BinarySI', 1024n],
  ['1.5Gi', '1536Mi', 'BinarySI', 1610612736n],
  ['0.5Ki', '512', 'BinarySI', 512n],
  ['0.1Ki', '102400m', 'BinarySI', 103n],
  ['1.0001Ki', '1024102400u', 'BinarySI', 1025n],
  ['1025Ki', '1025Ki', 'BinarySI', 1049600n],
  ['1024Ki', '1Mi', 'BinarySI', 1048576n],
  ['1048576', '1048576', 'DecimalSI', 1048576n],
  ['1e3', '1e3', 'DecimalExponent', 1000n],
  ['1E3', '1e3', 'DecimalExponent', 1000n],
  ['1e-3', '1e-3', 'DecimalExponent', 1n],
  ['12E6', '12e6', 'DecimalExponent', 12000000n],
  ['1E', '1E', 'DecimalSI', 1000000000000000000n],
  ['1e20', '100e18', 'DecimalExponent', 100000000000000000000n],
  ['1e30', '1e30', 'DecimalExponent', 10n ** 30n],
  ['9223372036854775807', '9223372036854775807', 'DecimalSI', 9223372036854775807n],
  ['10Ei', '9223372036854775807', 'BinarySI', 9223372036854775807n],
  ['7Ei', '7Ei', 'BinarySI', 8070450532247928832n],
  ['1n', '1n', 'DecimalSI', 1n],
  ['0.1n', '1n', 'DecimalSI', 1n],
  ['0.0000000001', '1n', 'DecimalSI', 1n],
  ['-0.0000000001', '-1n', 'DecimalSI', -1n],
  ['1u', '1u', 'DecimalSI', 1n],
  ['-0', '0', 'DecimalSI', 0n],
  ['0Ki', '0', 'BinarySI', 0n],
  ['1.123456789123', '1123456790n', 'DecimalSI', 2n],
  ['1e-10', '1e-9', 'DecimalExponent', 1n],
  ['1500e-3', '1500e-3', 'DecimalExponent', 2n],
  ['1000e3', '1e6', 'DecimalExponent', 1000000n],
  ['1234567e1', '12345670', 'DecimalExponent', 12345670n],
  ['-1.5Gi', '-1536Mi', 'BinarySI', -1610612736n],
  ['-0.5Ki', '-512', 'BinarySI', -512n],
];

describe('parsing', () => {
  test.each(golden)('%s is %s (%s)', (text, canonical, format, whole) => {
    const quantity = parseQuantity(text);
    expect({ text: formatQuantity(quantity), format: quantity.format, whole: wholeValue(quantity) }).toEqual({
      text: canonical,
      format,
      whole,
    });
  });

  test.each(['', ' 1', '1 ', '1 k', '1K', '1ki', '1p', '1e', '--1', '1.2.3', '1e3k', 'k', '+', '1_000', '0x10', 'NaN'])(
    '"%s" is no quantity',
    (text) => {
      expect(() => parseQuantity(text)).toThrow(QuantityError);
    },
  );

  test.each(['1e65', '1e-65', '1e2147483648', '1'.repeat(129)])('BI-25 %s is refused before any work', (text) => {
    expect(() => parseQuantity(text)).toThrow(QuantityError);
  });
});

describe('arithmetic', () => {
  const q = parseQuantity;
  test.each([
    { a: '1', b: '1000m', want: 0 },
    { a: '1Gi', b: '1G', want: 1 },
    { a: '999m', b: '1', want: -1 },
    { a: '-1', b: '0', want: -1 },
  ])('$a compared with $b', ({ a, b, want }) => {
    expect(compareQuantities(q(a), q(b))).toBe(want);
  });

  test('addition and subtraction are exact and keep the left format', () => {
    expect(formatQuantity(addQuantities(q('1Gi'), q('512Mi')))).toBe('1536Mi');
    expect(formatQuantity(addQuantities(q('100m'), q('0.9')))).toBe('1');
    expect(formatQuantity(addQuantities(q('1'), q('1Ki')))).toBe('1025');
    expect(formatQuantity(subtractQuantities(q('1'), q('1500m')))).toBe('-500m');
    expect(formatQuantity(subtractQuantities(q('2Gi'), q('1Gi')))).toBe('1Gi');
  });

  test('a sum takes the format of what is in it', () => {
    expect(formatQuantity(sumQuantities([q('1Gi'), q('1Gi')]))).toBe('2Gi');
    expect(formatQuantity(sumQuantities([]))).toBe('0');
  });

  test('views: thousandths round away from zero, doubles are near', () => {
    expect(milliValue(q('1u'))).toBe(1n);
    expect(milliValue(q('-1500u'))).toBe(-2n);
    expect(approximateValue(q('1.5Gi'))).toBe(1610612736);
    expect(formatQuantity(quantityOf(2048, 'BinarySI'))).toBe('2Ki');
  });
});
