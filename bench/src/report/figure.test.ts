import { expect, test } from 'vitest';
import { figure } from './figure.ts';

test('a figure is the median with its range, at four digits', () => {
  expect(figure('create', 'ops/s', [2100.4567, 1900.1234, 2000.9876])).toEqual({
    name: 'create',
    unit: 'ops/s',
    median: 2001,
    min: 1900,
    max: 2100,
    runs: [2100, 1900, 2001],
    goal: null,
    met: null,
  });
});

test.each([
  { name: 'enough', runs: [2000], goal: { atLeast: 2000 }, met: true },
  { name: 'too few', runs: [1999.9], goal: { atLeast: 2000 }, met: false },
  { name: 'soon enough', runs: [3], goal: { atMost: 3 }, met: true },
  { name: 'too late, and rounding does not help', runs: [3.0001], goal: { atMost: 3 }, met: false },
  { name: 'the median counts, not the best run', runs: [9_000, 10, 11], goal: { atLeast: 2000 }, met: false },
])('a goal is met or missed: $name', ({ runs, goal, met }) => expect(figure('f', 's', runs, goal).met).toBe(met));

test('a run without a number is a broken bench', () => {
  expect(() => figure('f', 's', [1, Number.NaN])).toThrow('f: a run gave no number');
  expect(() => figure('f', 's', [])).toThrow(RangeError);
});
