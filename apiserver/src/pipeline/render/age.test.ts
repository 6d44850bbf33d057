import { expect, test } from 'vitest';
import { ageOf, durationText } from './age.ts';

const s = 1000;
const m = 60 * s;
const h = 60 * m;
const d = 24 * h;

test.each([
  [-5 * s, '<invalid>'],
  [-0.5 * s, '0s'],
  [0, '0s'],
  [119 * s, '119s'],
  [2 * m, '2m'],
  [2 * m + 5 * s, '2m5s'],
  [10 * m + 5 * s, '10m'],
  [179 * m, '179m'],
  [3 * h, '3h'],
  [3 * h + 5 * m, '3h5m'],
  [8 * h + 5 * m, '8h'],
  [47 * h, '47h'],
  [2 * d, '2d'],
  [7 * d + 23 * h, '7d23h'],
  [8 * d + 23 * h, '8d'],
  [729 * d, '729d'],
  [730 * d, '2y'],
  [800 * d, '2y70d'],
  [3000 * d, '8y'],
])('KA-118 %s ms is %s', (ms, want) => expect(durationText(ms)).toBe(want));

test('KA-107 an age is relative to now; no time is unknown, and what is none is invalid', () => {
  expect(ageOf('2026-01-01T00:00:00Z', Date.parse('2026-01-01T00:01:00Z'))).toBe('60s');
  expect(ageOf('', 0)).toBe('<unknown>');
  expect(['yesterday', '2020', '2020-01-02'].map((text) => ageOf(text, 0))).toEqual(Array(3).fill('<invalid>'));
});
