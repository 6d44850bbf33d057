import { expect, test } from 'vitest';
import { compareQuantities, parseQuantity } from '../../quantity/quantity.ts';
import {
  addKubeQuantities,
  asApproximateDouble,
  asInt64,
  compareKubeQuantities,
  KubeQuantityError,
  parseKubeQuantity,
  subtractKubeQuantities,
} from './kube-quantity.ts';

const parse = parseKubeQuantity;

test.each([
  ['50k', 50_000n],
  ['1Gi', 1_073_741_824n],
  ['-5', -5n],
  ['1e18', 1_000_000_000_000_000_000n],
  ['50000m', undefined],
  ['1.0', undefined],
  ['1.5Gi', undefined],
  ['1Ei', undefined],
  ['1e19', undefined],
  ['9999999999999999999', undefined],
])('KA-102 %s as an integer is %s', (text, expected) => {
  expect(asInt64(parse(text))).toBe(expected);
});

const amounts = [
  '-1',
  '0',
  '1n',
  '100m',
  '0.5',
  '1',
  '1000m',
  '1k',
  '1Ki',
  '1.5Gi',
  '1e10',
  '1Ei',
  '8Ei',
  '100Ei',
  '1e30',
];

test('KA-102 quantities order as they do elsewhere', () => {
  for (const a of amounts) {
    for (const b of amounts) {
      const elsewhere = compareQuantities(parseQuantity(a), parseQuantity(b));
      expect(compareKubeQuantities(parse(a), parse(b)), `${a} ${b}`).toBe(elsewhere);
    }
  }
});

test('KA-102 sums are exact and stay small while they fit', () => {
  expect(asInt64(addKubeQuantities(parse('50k'), parse('20')))).toBe(50_020n);
  expect(asInt64(subtractKubeQuantities(parse('50k'), parse('50k')))).toBe(0n);
  expect(asInt64(addKubeQuantities(parse('9223372036854775807'), parse('1')))).toBeUndefined();
  const third = addKubeQuantities(parse('100m'), parse('200m'));
  expect(compareKubeQuantities(third, parse('0.3'))).toBe(0);
});

test('KA-102 the nearest double', () => {
  expect(['1.5Gi', '100m', '-2k', '1e-9'].map((text) => asApproximateDouble(parse(text)))).toEqual([
    1_610_612_736, 0.1, -2000, 1e-9,
  ]);
});

test.each(['', '1kk', '1 ', 'abc', '1.2.3', '0x1', '1e', '1e+', '.Ei', '1e5000', `1${'0'.repeat(2000)}`])(
  'KA-102 %j is no quantity',
  (text) => {
    expect(() => parse(text)).toThrow(KubeQuantityError);
  },
);
