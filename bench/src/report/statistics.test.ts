import { expect, test } from 'vitest';
import { logLogSlope, median, quantile } from './statistics.ts';

test.each([
  { name: 'one value is its own median', values: [7], want: 7 },
  { name: 'an odd number has a middle', values: [9, 1, 5], want: 5 },
  { name: 'of an even number the middle two are averaged', values: [10, 1, 2, 4], want: 3 },
  { name: 'numbers are sorted as numbers', values: [100, 9, 20], want: 20 },
])('$name', ({ values, want }) => expect(median(values)).toBe(want));

test.each([
  { share: 0, want: 1 },
  { share: 0.5, want: 51 },
  { share: 0.99, want: 100 },
  { share: 0.995, want: 100.5 },
  { share: 1, want: 101 },
])('quantile $share of 1 to 101 is $want', ({ share, want }) => {
  const values = Array.from({ length: 101 }, (_, index) => 101 - index);
  expect(quantile(values, share)).toBeCloseTo(want, 9);
});

test('nothing is said of no values, nor for a share that is none', () => {
  expect(() => median([])).toThrow(RangeError);
  expect(() => quantile([1], 1.01)).toThrow('1.01 is no share');
  expect(() => quantile([1], Number.NaN)).toThrow(RangeError);
});

test.each([{ power: 0 }, { power: 1 }, { power: 1.15 }, { power: 2 }])(
  'cost that grows as size to the power of $power has that slope',
  ({ power }) => {
    const points = [1, 2, 4, 8, 16].map((factor) => ({ size: factor * 10, cost: 3 * (factor * 10) ** power }));
    expect(logLogSlope(points)).toBeCloseTo(power, 9);
  },
);

test('a slope needs two sizes', () => {
  expect(() => logLogSlope([{ size: 10, cost: 1 }])).toThrow('two sizes');
});
