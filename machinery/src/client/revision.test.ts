import fc from 'fast-check';
import { expect, test } from 'vitest';
import { compareRevisions } from './revision.ts';

test('KA-43 revisions compare as integers of any size', () => {
  const revision = fc.bigInt({ min: 1n, max: 1n << 64n });
  fc.assert(
    fc.property(revision, revision, (a, b) => {
      const order = compareRevisions(String(a), String(b)) ?? Number.NaN;
      expect(Math.sign(order)).toBe(a === b ? 0 : a < b ? -1 : 1);
    }),
  );
});

test.each([
  ['1', 'abc'],
  ['01', '1'],
  ['', '1'],
  ['-1', '1'],
])('KA-43 nothing is concluded from %s and %s', (a, b) => {
  expect(compareRevisions(a, b)).toBeUndefined();
});
