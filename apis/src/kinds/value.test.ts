import { describe, expect, test } from 'vitest';
import { equalJson, fieldOf, listAt, valueAt } from './value.ts';

describe('equalJson', () => {
  test.each([
    { a: { x: 1, y: [1, 'a'] }, b: { y: [1, 'a'], x: 1 }, want: true },
    { a: [1, 2], b: [2, 1], want: false },
    { a: 1, b: 1n, want: true },
    { a: 9007199254740993n, b: 9007199254740992, want: false },
    { a: 1n, b: '1', want: false },
    { a: {}, b: [], want: false },
    { a: null, b: {}, want: false },
    { a: { x: undefined }, b: {}, want: false },
    { a: JSON.parse('{"__proto__":1}'), b: {}, want: false },
  ])('BI-5 $a and $b: $want', ({ a, b, want }) => {
    expect([equalJson(a, b), equalJson(b, a)]).toEqual([want, want]);
  });
});

test('BI-5 only own fields are read', () => {
  expect([fieldOf({}, 'constructor'), fieldOf('text', 'length'), fieldOf(null, 'a'), fieldOf({ a: 1 }, 'a')]).toEqual([
    undefined,
    undefined,
    undefined,
    1,
  ]);
  expect([valueAt({ a: { b: [1] } }, 'a', 'b'), listAt({ a: 1 }, 'a'), listAt({ a: [1] }, 'a')]).toEqual([
    [1],
    [],
    [1],
  ]);
});
