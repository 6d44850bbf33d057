import { expect, test } from 'vitest';
import { proportionalSizes, rollingSizes, type SetSize } from './decide-replicas.ts';

const set = (replicas: number, available = replicas, recordedMax?: number): SetSize => ({
  replicas,
  available,
  recordedMax,
});
const bounds = { surge: 3, unavailable: 2 };

test.each([
  { name: 'the first set gets all at once', current: undefined, old: [], want: [10] },
  { name: 'a new set grows into the surge', current: undefined, old: [set(10)], want: [3, 10] },
  { name: 'old pods go by what may be missing', current: set(3, 0), old: [set(10)], want: [3, 8] },
  { name: 'nothing moves while the new ones are not there', current: set(5, 0), old: [set(8)], want: [5, 8] },
  { name: 'what became available is made up for', current: set(5, 2), old: [set(8)], want: [5, 6] },
  { name: 'the new set fills the room', current: set(5, 5), old: [set(5)], want: [8, 5] },
  { name: 'the last old ones go', current: set(10, 10), old: [set(2)], want: [10, 0] },
  { name: 'broken old pods go first', current: set(3, 0), old: [set(10, 0)], want: [3, 8] },
  { name: 'broken ones of any set before good ones', current: set(3, 3), old: [set(4), set(6, 2)], want: [3, 3, 2] },
  { name: 'a set that is too large shrinks', current: set(12), old: [], want: [10] },
  { name: 'the oldest shrinks first', current: set(3, 3), old: [set(4), set(6)], want: [3, 0, 5] },
  { name: 'sizes count, not what a status still says', current: set(5, 0), old: [set(8, 10)], want: [5, 8] },
])('rolling: $name', ({ current, old, want }) => {
  const sizes = rollingSizes({ current, old }, 10, bounds);
  expect([sizes.current, ...sizes.old]).toEqual(want);
});

test.each([
  { name: 'one set gets all', replicas: 20, current: set(10), old: [set(0)], want: [20, 0] },
  { name: 'an old set alone gets all', replicas: 5, current: set(0), old: [set(10)], want: [0, 5] },
  { name: 'a finished update ends', replicas: 10, current: set(10), old: [set(2)], want: [10, 0] },
  { name: 'more is shared out', replicas: 20, current: set(5, 5, 13), old: [set(8, 8, 13)], want: [9, 14] },
  { name: 'less is shared out', replicas: 5, current: set(5, 5, 13), old: [set(8, 8, 13)], want: [3, 5] },
  { name: 'nothing is wanted', replicas: 0, current: set(5, 5, 13), old: [set(8, 8, 13)], want: [0, 0] },
])('rescaled: $name', ({ replicas, current, old, want }) => {
  const sizes = proportionalSizes({ current, old }, replicas, bounds);
  expect([sizes.current, ...sizes.old]).toEqual(want);
});
