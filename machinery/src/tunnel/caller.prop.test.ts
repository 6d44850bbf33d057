import fc from 'fast-check';
import { expect, test } from 'vitest';
import { decodeCaller, encodeCaller } from './caller.ts';

// No name holds a NUL: what does is refused as a whole, below.
const name = fc.string({ unit: 'binary', minLength: 1 }).filter((text) => text.isWellFormed() && !text.includes('\0'));

test('RG-50 a caller arrives as it was sent, in characters that a header can carry', () => {
  fc.assert(
    fc.property(name, fc.array(name), (user, groups) => {
      const header = encodeCaller({ user, groups });
      expect(header).toMatch(/^[\x21-\x7e]+$/);
      expect(decodeCaller(header)).toEqual({ user, groups });
    }),
  );
});

test.each([
  undefined,
  '',
  '%',
  '{',
  'null',
  '[]',
  '{"user":"","groups":[]}',
  '{"user":"a"}',
  '{"user":"a","groups":[1]}',
  encodeCaller({ user: 'a\0', groups: [] }),
])('RG-50, SEC-14 %s names nobody', (header) => {
  expect(decodeCaller(header)).toBeUndefined();
});
