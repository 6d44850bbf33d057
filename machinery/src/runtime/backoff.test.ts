import { expect, test } from 'vitest';
import { backoffMs } from './backoff.ts';

const options = { baseMs: 100, maxMs: 1000 };

test.each([
  { failures: 1, random: 0, want: 50 },
  { failures: 1, random: 1, want: 100 },
  { failures: 2, random: 0.5, want: 150 },
  { failures: 4, random: 1, want: 800 },
  { failures: 5, random: 1, want: 1000 },
  { failures: 5000, random: 0, want: 500 },
])('F-33 the pause after $failures failures (random $random)', ({ failures, random, want }) => {
  expect(backoffMs(options, failures, random)).toBe(want);
});
