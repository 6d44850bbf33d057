import { expect, test } from 'vitest';
import { deepFreeze } from './deep-freeze.ts';

test('everything inside is frozen, and the same object comes back', () => {
  const object = { a: [{ b: {} }], n: null, s: 'x' };
  expect(deepFreeze(object)).toBe(object);
  expect([object, object.a, object.a[0], object.a[0]?.b].every(Object.isFrozen)).toBe(true);
  expect(deepFreeze(undefined)).toBeUndefined();
});
