import { describe, expect, test } from 'vitest';
import { cloneValue, type JsonObject, type JsonValue } from '../wire/value.ts';
import { applyMergePatch } from './merge-patch.ts';

describe('merge patches', () => {
  const rows: { name: string; value: JsonValue; patch: JsonValue; result: JsonValue }[] = [
    { name: 'KA-68b a field is replaced', value: { a: 'b' }, patch: { a: 'c' }, result: { a: 'c' } },
    { name: 'KA-68b a field is added', value: { a: 'b' }, patch: { b: 'c' }, result: { a: 'b', b: 'c' } },
    { name: 'KA-68b null deletes', value: { a: 'b', c: 'd' }, patch: { a: null }, result: { c: 'd' } },
    {
      name: 'KA-68b null on nothing is nothing',
      value: { a: 1 },
      patch: { b: null, c: { d: null } },
      result: { a: 1, c: {} },
    },
    {
      name: 'KA-68b objects merge at any depth',
      value: { a: { b: { c: 1, d: 2 } } },
      patch: { a: { b: { c: null, e: 3 } } },
      result: { a: { b: { d: 2, e: 3 } } },
    },
    {
      name: 'KA-68b lists are replaced as a whole',
      value: { a: [{ b: 'c' }, 2] },
      patch: { a: [1, null, { x: null, y: { z: null } }, [{ x: null }]] },
      result: { a: [1, null, { y: {} }, [{}]] },
    },
    {
      name: 'KA-68b an object takes the place of what is none',
      value: { a: [1], b: 'x', c: null },
      patch: { a: { x: 1 }, b: { y: null }, c: {} },
      result: { a: { x: 1 }, b: {}, c: {} },
    },
    {
      name: 'KA-68b what is no object takes the place of one',
      value: { a: { b: 1 } },
      patch: { a: 'x' },
      result: { a: 'x' },
    },
    { name: 'KA-68b null that is there stays', value: { e: null }, patch: { a: 1 }, result: { e: null, a: 1 } },
    {
      name: 'BI-17 null takes away a required field, which validation then misses',
      value: { spec: { size: 1, name: 'x' } },
      patch: { spec: { size: null } },
      result: { spec: { name: 'x' } },
    },
    { name: 'KA-68b an empty patch changes nothing', value: { a: { b: [] } }, patch: {}, result: { a: { b: [] } } },
    { name: 'KA-68b what is no object becomes one', value: ['a'], patch: { a: 'b', c: null }, result: { a: 'b' } },
    { name: 'KA-68b what is no object is replaced by what is none', value: ['a'], patch: ['c'], result: ['c'] },
  ];

  test.each(rows)('$name', ({ value, patch, result }) => {
    const [before, asked] = [cloneValue(value), cloneValue(patch)];
    expect(applyMergePatch(value, patch)).toEqual(result);
    expect([value, patch]).toEqual([before, asked]);
  });

  test.each([null, 'x', 1, [{}]])('KA-68b %j is no patch of an object', (patch) => {
    expect(() => applyMergePatch({ a: 1 }, patch)).toThrow(
      expect.objectContaining({ name: 'PatchError', kind: 'malformed' }),
    );
  });

  test('BI-5 __proto__ is a field like any other', () => {
    const patch = JSON.parse('{"__proto__":{"polluted":1},"a":{"__proto__":null}}') as JsonObject;
    const value = JSON.parse('{"a":{"__proto__":{"x":1},"b":2}}') as JsonObject;
    expect(JSON.stringify(applyMergePatch(value, patch))).toBe('{"a":{"b":2},"__proto__":{"polluted":1}}');
    expect(({} as JsonObject).polluted).toBeUndefined();
  });
});
