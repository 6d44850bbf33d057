import { expect, test } from 'vitest';
import { isBrakeOn } from './brake.ts';

test.each([
  { watched: 3, silent: 3, want: false },
  { watched: 4, silent: 4, want: true },
  { watched: 7, silent: 3, want: false },
  { watched: 7, silent: 4, want: true },
  { watched: 100, silent: 55, want: false },
  { watched: 100, silent: 56, want: true },
  { watched: 0, silent: 0, want: false },
])('RG-31 $silent of $watched silent: the brake is on: $want', ({ watched, silent, want }) => {
  expect(isBrakeOn({ watched, silent })).toBe(want);
});
