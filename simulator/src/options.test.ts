import { expect, test } from 'vitest';
import { defaultShape, memberNames, shapeOf } from './options.ts';
import { createRandom, draw, uuidFrom } from './random.ts';

test('members are named or counted', () => {
  expect(memberNames({})).toEqual(['m1', 'm2', 'm3']);
  expect(memberNames({ count: 1 })).toEqual(['m1']);
  expect(memberNames({ names: ['b', 'a'], count: 9 })).toEqual(['b', 'a']);
});

test.each([{ names: ['a', 'a'] }, { names: ['A'] }, { names: ['a/b'] }, { names: [''] }, { names: [] }, { count: 0 }])(
  '%o names no fleet',
  (options) => expect(() => memberNames(options)).toThrow(RangeError),
);

test("a member's own shape is over the fleet's, and that over the defaults", () => {
  const shape = (name: string, index: number) => (name === 'a' ? { nodes: index + 7 } : {});
  const options = { nodes: 2, nodeLabels: { zone: 'z' }, shape };
  expect(shapeOf(options, 'a', 0)).toEqual({ ...defaultShape, nodes: 7, nodeLabels: { zone: 'z' } });
  expect(shapeOf(options, 'b', 1)).toEqual({ ...defaultShape, nodes: 2, nodeLabels: { zone: 'z' } });
});

test('numbers follow from their seed, and spread', () => {
  const numbers = (seed: string) => Array.from({ length: 1000 }, createRandom(seed));
  expect(numbers('a')).toEqual(numbers('a'));
  expect(numbers('a')).not.toEqual(numbers('b'));
  const mean = numbers('a').reduce((sum, one) => sum + one, 0) / 1000;
  expect(mean).toBeGreaterThan(0.45);
  expect(mean).toBeLessThan(0.55);
  expect(draw('a', 'b')).toBe(draw('a', 'b'));
  expect(draw('a', 'b')).not.toBe(draw('ab'));
  expect(uuidFrom(createRandom('a'))).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
});
