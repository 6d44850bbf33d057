import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { StructuralSchema } from '../schema/structural.ts';
import { equalValues, isJsonObject, type JsonObject, type JsonValue, setOwn } from '../wire/value.ts';
import { applyJsonPatch } from './json-patch.ts';
import { applyMergePatch } from './merge-patch.ts';
import { PatchError } from './patch-error.ts';
import { applyStrategicMergePatch } from './strategic-merge-patch.ts';

const key = fc.oneof(fc.constantFrom('a', 'b', 'c/d', '~', '__proto__'), fc.string({ maxLength: 3 }));
const scalar = fc.oneof(
  fc.integer(),
  fc.string({ maxLength: 3 }),
  fc.boolean(),
  fc.bigInt({ min: 2n ** 60n, max: 2n ** 62n }),
);

function objectOf(entries: readonly (readonly [string, JsonValue])[]): JsonObject {
  const object: JsonObject = {};
  for (const [name, value] of entries) setOwn(object, name, value);
  return object;
}

/** Without null in objects, which merge patches cannot say. */
const { value, object } = fc.letrec<{ value: JsonValue; list: JsonValue[]; object: JsonObject }>((tie) => ({
  value: fc.oneof({ depthSize: 'small', withCrossShrink: true }, scalar, tie('list'), tie('object')),
  list: fc.array(tie('value'), { maxLength: 4 }),
  object: fc.array(fc.tuple(key, tie('value')), { maxLength: 5 }).map(objectOf),
}));

/** The smallest merge patch from one object to another. */
function mergeDiff(from: JsonObject, to: JsonObject): JsonObject {
  const patch: JsonObject = {};
  for (const name of Object.keys(from)) if (!Object.hasOwn(to, name)) setOwn(patch, name, null);
  for (const name of Object.keys(to)) {
    const [before, after] = [Object.hasOwn(from, name) ? from[name] : undefined, to[name] as JsonValue];
    if (before !== undefined && equalValues(before, after)) continue;
    const nested = before !== undefined && isJsonObject(before) && isJsonObject(after);
    setOwn(patch, name, nested ? mergeDiff(before, after) : after);
  }
  return patch;
}

describe('merge patch', () => {
  test('KA-68b the difference of two objects, applied to the one, gives the other', () => {
    fc.assert(
      fc.property(object, object, (from, to) => {
        expect(applyMergePatch(from, mergeDiff(from, to))).toEqual(to);
      }),
    );
  });

  test('KA-68b the same patch again changes nothing', () => {
    fc.assert(
      fc.property(object, object, (from, patch) => {
        const once = applyMergePatch(from, patch);
        expect(applyMergePatch(once, patch)).toEqual(once);
      }),
    );
  });

  test('KA-69 without a schema, a strategic merge patch without directives is a merge patch', () => {
    fc.assert(
      fc.property(object, object, (from, patch) => {
        fc.pre(!/\$/.test(Object.keys(patch).join('')));
        const clean = applyMergePatch({}, patch) as JsonObject;
        expect(tryStrategic(from, clean, {})).toEqual(applyMergePatch(from, clean));
      }),
    );
  });
});

const tryStrategic = (from: JsonValue, patch: JsonValue, schema: StructuralSchema): JsonValue =>
  applyStrategicMergePatch(from, patch, schema);

const pointer = (steps: readonly string[]): string =>
  steps.map((step) => `/${step.replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');

/** All places of a value. */
function placesIn(root: JsonValue, steps: readonly string[] = []): string[][] {
  const below = Array.isArray(root)
    ? root.flatMap((item, index) => placesIn(item, [...steps, String(index)]))
    : isJsonObject(root)
      ? Object.keys(root).flatMap((name) => placesIn(root[name] as JsonValue, [...steps, name]))
      : [];
  return steps.length === 0 ? below : [[...steps], ...below];
}

describe('JSON patch', () => {
  const places = object.filter((root) => placesIn(root).length > 0);

  test('KA-68 what is added can be tested, and removing it undoes the adding', () => {
    fc.assert(
      fc.property(object, key, value, (root, name, added) => {
        fc.pre(!Object.hasOwn(root, name));
        const path = pointer([name]);
        const add: JsonObject = { op: 'add', path, value: added };
        expect(applyJsonPatch(root, [add, { op: 'test', path, value: added }, { op: 'remove', path }])).toEqual(root);
      }),
    );
  });

  test('KA-68 every place can be reached: replaced and put back, moved away and back', () => {
    fc.assert(
      fc.property(places, fc.nat(), value, (root, pick, other) => {
        const all = placesIn(root);
        const path = pointer(all[pick % all.length] as string[]);
        const kept = { op: 'copy', from: path, path: '/kept by the test' };
        const restore = [
          { op: 'replace', path, value: other },
          { op: 'test', path, value: other },
          { op: 'copy', from: '/kept by the test', path: '/again' },
          { op: 'replace', path, value: null },
          { op: 'remove', path },
          { op: 'move', from: '/again', path },
          { op: 'remove', path: '/kept by the test' },
        ];
        expect(applyJsonPatch(root, [kept, ...restore] as JsonValue)).toEqual(root);
      }),
    );
  });

  test('KA-68, BI-16 any patch is applied or refused, and never touches its input', () => {
    const operation = fc.record({
      op: fc.constantFrom('add', 'remove', 'replace', 'move', 'copy', 'test', 'x'),
      path: fc.oneof(fc.array(key).map(pointer), fc.string()),
      from: fc.array(key).map(pointer),
      value,
    });
    fc.assert(
      fc.property(object, fc.array(operation), (root, patch) => {
        const before = structuredClone(root);
        try {
          applyJsonPatch(root, patch);
        } catch (error) {
          expect(error).toBeInstanceOf(PatchError);
        }
        expect(root).toEqual(before);
      }),
    );
  });
});
