import fc from 'fast-check';
import { expect, test } from 'vitest';
import { atLeast } from '../testing/at-least.ts';
import { equalValues, isJsonObject, type JsonObject } from '../wire/value.ts';
import { equalInSubstance } from './never-owned.ts';

const leaf = fc.constantFrom(1, 'x', null, true);
const parts = fc.dictionary(fc.constantFrom('uid', 'name', 'generation', 'labels', 'managedFields'), leaf, {
  maxKeys: 3,
});
const object = fc
  .record(
    { metadata: fc.oneof(parts, leaf), spec: parts, status: fc.oneof(leaf, parts), other: leaf },
    { requiredKeys: [] },
  )
  .map((value) => value as JsonObject);
const serverKept = ['creationTimestamp', 'selfLink', 'uid', 'generation', 'resourceVersion', 'managedFields'];

function without(value: JsonObject, [name, ...below]: readonly string[]): JsonObject {
  if (name === undefined || !Object.hasOwn(value, name)) return value;
  const { [name]: own, ...rest } = value;
  if (below.length === 0) return rest;
  return isJsonObject(own) ? { ...value, [name]: without(own, below) } : value;
}

test('KA-56, KA-79 two objects are equal in substance exactly when their copies without what is left out are equal', () => {
  const seen = new Set<boolean>();
  const ignored = fc.option(fc.subarray([['status'], ['spec', 'name'], ['spec'], ['metadata', 'labels']]), {
    nil: undefined,
  });
  const pairs = fc
    .tuple(object, object, fc.boolean())
    .map(([a, b, isNear]) => [a, isNear ? { ...a, ...b } : b] as const);
  fc.assert(
    fc.property(pairs, ignored, ([a, b], resetPaths) => {
      const paths = [...serverKept.map((name) => ['metadata', name]), ...(resetPaths ?? [])];
      const expected = equalValues(paths.reduce(without, a), paths.reduce(without, b));
      seen.add(expected);
      return equalInSubstance(a, b, resetPaths) === expected;
    }),
    atLeast(1_000),
  );
  expect(seen.size).toBe(2);
});
