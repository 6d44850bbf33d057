import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  addPath,
  createFieldSet,
  difference,
  type FieldSet,
  fieldSetOf,
  hasPath,
  intersection,
  isEmptySet,
  isSubset,
  pathsOf,
  recursiveDifference,
  union,
} from './field-set.ts';
import { decodeFieldsV1, encodeFieldsV1 } from './fields-v1.ts';
import { type FieldPath, keyElement, valueElement } from './path-element.ts';

const element = fc.oneof(
  fc.constantFrom('f:a', 'f:b', 'f:c'),
  fc.string({ unit: 'grapheme', maxLength: 3 }).map((name) => `f:${name}`),
  fc.record({ k: fc.constantFrom('x', 'y<') }).map(keyElement),
  fc.oneof(fc.integer(), fc.string({ unit: 'grapheme', maxLength: 2 }), fc.boolean()).map(valueElement),
  fc.nat(3).map((index) => `i:${index}`),
);
const path = fc.array(element, { minLength: 1, maxLength: 4 });
const sets = fc.array(path, { maxLength: 12 }).map(fieldSetOf);

const key = (steps: FieldPath): string => JSON.stringify(steps);
const model = (set: FieldSet): Set<string> => new Set([...pathsOf(set)].map(key));
const startsWithOneOf = (steps: FieldPath, others: Set<string>): boolean =>
  steps.some((_, index) => others.has(key(steps.slice(0, index + 1))));

describe('field sets behave as sets of paths', () => {
  test('KA-73 algebra agrees with plain sets', () => {
    fc.assert(
      fc.property(sets, sets, (a, b) => {
        expect(model(union(a, b))).toEqual(model(a).union(model(b)));
        expect(model(intersection(a, b))).toEqual(model(a).intersection(model(b)));
        expect(model(difference(a, b))).toEqual(model(a).difference(model(b)));
        expect(isSubset(a, b)).toBe(model(a).isSubsetOf(model(b)));
        expect(isEmptySet(a)).toBe(model(a).size === 0);
      }),
    );
  });

  test('KA-73 a recursive difference takes what is below too', () => {
    fc.assert(
      fc.property(sets, sets, (a, b) => {
        const kept = [...pathsOf(a)].filter((steps) => !startsWithOneOf(steps, model(b)));
        expect(model(recursiveDifference(a, b))).toEqual(new Set(kept.map(key)));
      }),
    );
  });

  test('KA-73 a path is in the set when it was added', () => {
    fc.assert(
      fc.property(fc.array(path), path, (paths, other) => {
        const set = createFieldSet();
        for (const steps of paths) addPath(set, steps);
        for (const steps of paths) expect(hasPath(set, steps)).toBe(true);
        expect(hasPath(set, other)).toBe(paths.some((steps) => key(steps) === key(other)));
        expect(hasPath(set, [])).toBe(false);
      }),
    );
  });

  test('KA-73 FieldsV1 gives back the set it was made of', () => {
    fc.assert(
      fc.property(sets, (a) => {
        const decoded = decodeFieldsV1(encodeFieldsV1(a));
        expect(decoded instanceof Error ? decoded : model(decoded)).toEqual(model(a));
      }),
    );
  });

  test('KA-73 the order of insertion leaves no trace', () => {
    fc.assert(
      fc.property(fc.array(path), (paths) => {
        const there = JSON.stringify(encodeFieldsV1(fieldSetOf(paths)));
        expect(JSON.stringify(encodeFieldsV1(fieldSetOf([...paths].reverse())))).toBe(there);
      }),
    );
  });
});
