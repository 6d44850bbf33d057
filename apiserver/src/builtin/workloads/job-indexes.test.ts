import { expect, test } from 'vitest';
import { intervalError, sharedIndex } from './job-indexes.ts';

test.each<[text: string, want: string | undefined]>([
  ['', undefined],
  ['0', undefined],
  ['1,3-4', undefined],
  ['4-5', 'too large index: "5"'],
  ['x', 'cannot convert string to integer for index: "x"'],
  ['1,,2', 'cannot convert string to integer for index: ""'],
  ['3,1', 'non-increasing order, previous: 3, current: 1'],
  ['3-3', 'non-increasing order, previous: 3, current: 3'],
  ['1-3,3', 'non-increasing order, previous: 3, current: 3'],
])('KA-3 of five indexes, "%s" is written wrong: %s', (text, want) => expect(intervalError(text, 5)).toBe(want));

test.each<[one: string, other: string, want: number | undefined]>([
  ['', '1', undefined],
  ['0,2,4', '1,3', undefined],
  ['0-2', '2', 2],
  ['0,3-4', '1,x,3', 3],
])('KA-3 "%s" and "%s" share %s', (one, other, want) => expect(sharedIndex(one, other, 5)).toBe(want));
