import { expect, test } from 'vitest';
import { formatDuration, parseDuration } from './duration.ts';

test.each([
  ['90s', 90_000],
  ['30m', 1_800_000],
  ['1h30m', 5_400_000],
  ['1d', 86_400_000],
  ['0.5h', 1_800_000],
])('%s is %d ms', (text, want) => expect(parseDuration(text)).toBe(want));

test.each(['', '60', 'h', '1 h', '-1h', '1h!', '1y'])('%j is no duration', (text) => {
  expect(() => parseDuration(text)).toThrow('is no duration: write for example 90s, 30m, 1h or 1h30m');
});

test.each([
  [0, '0s'],
  [-5, '0s'],
  [45_000, '45s'],
  [86_340_000, '23h59m'],
  [187_200_000, '2d4h'],
  [3_600_000, '1h'],
])('%d ms reads %s', (ms, want) => expect(formatDuration(ms)).toBe(want));
