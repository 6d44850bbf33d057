import { expect, test } from 'vitest';
import { resultOf } from '../testing/result.ts';
import { compare, comparisonText } from './compare.ts';
import { figure } from './figure.ts';

const before = resultOf([
  figure('create', 'ops/s', [900, 1000, 1100]),
  figure('get', 'ops/s', [5000]),
  figure('old', 's', [1]),
]);
const after = resultOf([
  figure('create', 'ops/s', [1050, 1200, 1300]),
  figure('get', 'ops/s', [7500]),
  figure('new', 's', [2]),
]);

test('medians are compared, and ranges that overlap are no difference', () => {
  expect(compare(before, after)).toEqual([
    { name: 'create', unit: 'ops/s', before: 1000, after: 1200, ratio: 1.2, isApart: false },
    { name: 'get', unit: 'ops/s', before: 5000, after: 7500, ratio: 1.5, isApart: true },
    { name: 'old', unit: 's', before: 1, after: undefined, ratio: undefined, isApart: false },
    { name: 'new', unit: 's', before: undefined, after: 2, ratio: undefined, isApart: false },
  ]);
});

test('one line a figure, with a star where the ranges are apart', () => {
  expect(comparisonText(compare(before, after))).toBe(
    `create  1000 -> 1200 ops/s  x1.20
get     5000 -> 7500 ops/s  x1.50 *
old     1.000 -> - s
new     - -> 2.000 s
`,
  );
});

test('different benches are not compared', () => {
  expect(() => compare(before, resultOf([], { bench: 'fan-out' }))).toThrow(
    'api-crud and fan-out are different benches',
  );
});
