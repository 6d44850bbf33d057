import { describe, expect, test } from 'vitest';
import { cloneValue, type JsonObject, type JsonValue } from '../wire/value.ts';
import { applyJsonPatch, maxJsonPatchOperations } from './json-patch.ts';
import { PatchError } from './patch-error.ts';

function refusal(value: JsonValue, patch: JsonValue): Pick<PatchError, 'kind' | 'message'> {
  try {
    applyJsonPatch(value, patch);
  } catch (error) {
    if (error instanceof PatchError) return { kind: error.kind, message: error.message };
    throw error;
  }
  throw new Error('the patch was not refused');
}

describe('patches that apply', () => {
  const rows: { name: string; value: JsonValue; patch: JsonValue; result: JsonValue }[] = [
    {
      name: 'KA-68 add a field',
      value: { a: 1 },
      patch: [{ op: 'add', path: '/b', value: { c: 2 } }],
      result: { a: 1, b: { c: 2 } },
    },
    {
      name: 'KA-68 add where there is one replaces it',
      value: { a: 1 },
      patch: [{ op: 'add', path: '/a', value: null }],
      result: { a: null },
    },
    {
      name: 'KA-68 add into a list moves the others on',
      value: { l: [1, 3] },
      patch: [{ op: 'add', path: '/l/1', value: 2 }],
      result: { l: [1, 2, 3] },
    },
    {
      name: 'KA-68 add at the length of a list appends',
      value: { l: [1] },
      patch: [{ op: 'add', path: '/l/1', value: 2 }],
      result: { l: [1, 2] },
    },
    {
      name: 'KA-68 add at - appends',
      value: { l: [1] },
      patch: [{ op: 'add', path: '/l/-', value: [2] }],
      result: { l: [1, [2]] },
    },
    {
      name: 'KA-68 add in nested lists',
      value: [[1], [2]],
      patch: [{ op: 'add', path: '/1/0', value: 9 }],
      result: [[1], [9, 2]],
    },
    {
      name: 'KA-68 add at the root replaces all',
      value: { a: 1 },
      patch: [{ op: 'add', path: '', value: [1] }],
      result: [1],
    },
    {
      name: 'KA-68 replace at the root replaces all',
      value: { a: 1 },
      patch: [{ op: 'replace', path: '', value: 2 }],
      result: 2,
    },
    { name: 'KA-68 remove a field', value: { a: 1, b: null }, patch: [{ op: 'remove', path: '/b' }], result: { a: 1 } },
    {
      name: 'KA-68 remove an item',
      value: { l: [1, 2, 3] },
      patch: [{ op: 'remove', path: '/l/1' }],
      result: { l: [1, 3] },
    },
    {
      name: 'KA-68 replace a field, an item and null',
      value: { a: 1, l: [1, 2], n: null },
      patch: [
        { op: 'replace', path: '/a', value: 'x' },
        { op: 'replace', path: '/l/1', value: 9 },
        { op: 'replace', path: '/n', value: 0 },
      ],
      result: { a: 'x', l: [1, 9], n: 0 },
    },
    {
      name: 'KA-68 move a field',
      value: { a: { x: 1 }, b: {} },
      patch: [{ op: 'move', from: '/a/x', path: '/b/y' }],
      result: { a: {}, b: { y: 1 } },
    },
    {
      name: 'KA-68 move an item in its list',
      value: { l: ['a', 'b', 'c'] },
      patch: [{ op: 'move', from: '/l/0', path: '/l/2' }],
      result: { l: ['b', 'c', 'a'] },
    },
    {
      name: 'KA-68 move a value onto itself',
      value: { a: [1] },
      patch: [{ op: 'move', from: '/a', path: '/a' }],
      result: { a: [1] },
    },
    {
      name: 'KA-68 move over a sibling with a longer name',
      value: { a: 1, ab: 2 },
      patch: [{ op: 'move', from: '/a', path: '/ab' }],
      result: { ab: 1 },
    },
    {
      name: 'KA-68 a copy is a value of its own',
      value: { a: { x: 1 } },
      patch: [
        { op: 'copy', from: '/a', path: '/b' },
        { op: 'add', path: '/b/y', value: 2 },
      ],
      result: { a: { x: 1 }, b: { x: 1, y: 2 } },
    },
    {
      name: 'KA-68 a copy may go into what it copies',
      value: { a: { x: 1 } },
      patch: [{ op: 'copy', from: '/a', path: '/a/y' }],
      result: { a: { x: 1, y: { x: 1 } } },
    },
    {
      name: 'KA-68 tests that hold change nothing',
      value: { a: [1, { b: 'x' }], n: null },
      patch: [
        { op: 'test', path: '/a', value: [1, { b: 'x' }] },
        { op: 'test', path: '/n', value: null },
        { op: 'test', path: '', value: { n: null, a: [1, { b: 'x' }] } },
      ],
      result: { a: [1, { b: 'x' }], n: null },
    },
    {
      name: 'KA-68 tests compare numbers by value',
      value: { a: 1, b: 2n ** 60n },
      patch: [
        { op: 'test', path: '/a', value: 1n },
        { op: 'test', path: '/b', value: 2n ** 60n },
      ],
      result: { a: 1, b: 2n ** 60n },
    },
    {
      name: 'KA-68 ~1 stands for a slash, ~0 for a tilde',
      value: { 'a/b': 1, '~1': 2, '': 3 },
      patch: [
        { op: 'remove', path: '/a~1b' },
        { op: 'test', path: '/~01', value: 2 },
        { op: 'replace', path: '/', value: 4 },
      ],
      result: { '~1': 2, '': 4 },
    },
    {
      name: 'KA-68 a number names a field where there is no list',
      value: { o: { 0: 'x' } },
      patch: [{ op: 'add', path: '/o/01', value: 'y' }],
      result: { o: { 0: 'x', '01': 'y' } },
    },
    {
      name: 'KA-68 members that mean nothing are ignored',
      value: {},
      patch: [{ op: 'add', path: '/a', value: 1, from: '/nowhere', note: 2 }],
      result: { a: 1 },
    },
    { name: 'KA-68 an empty patch changes nothing', value: { a: 1 }, patch: [], result: { a: 1 } },
  ];

  test.each(rows)('$name', ({ value, patch, result }) => {
    const [before, asked] = [cloneValue(value), cloneValue(patch)];
    expect(applyJsonPatch(value, patch)).toEqual(result);
    expect([value, patch]).toEqual([before, asked]);
  });

  test('BI-5 __proto__ is a field like any other', () => {
    const value = JSON.parse('{"__proto__":{"x":1}}') as JsonObject;
    const patch: JsonValue = [
      { op: 'move', from: '/__proto__/x', path: '/__proto__/y' },
      { op: 'copy', from: '/__proto__', path: '/constructor' },
    ];
    expect(JSON.stringify(applyJsonPatch(value, patch))).toBe('{"__proto__":{"y":1},"constructor":{"y":1}}');
    expect(refusal({}, [{ op: 'add', path: '/__proto__/polluted', value: 1 }]).kind).toBe('invalid');
    expect(refusal({}, [{ op: 'remove', path: '/toString' }]).kind).toBe('invalid');
  });

  test('KA-68 a value of the patch is not shared with the result', () => {
    const patch = [
      { op: 'add', path: '/a', value: { x: [] } },
      { op: 'add', path: '/a/x/-', value: 1 },
    ];
    expect(applyJsonPatch({}, patch)).toEqual({ a: { x: [1] } });
    expect(applyJsonPatch({}, patch)).toEqual({ a: { x: [1] } });
  });
});

describe('patches that are refused', () => {
  const rows: { name: string; patch: JsonValue; message: string }[] = [
    {
      name: 'KA-68 add below nothing',
      patch: [{ op: 'add', path: '/x/y', value: 1 }],
      message: 'operation 0 (add "/x/y"): its parent does not exist',
    },
    {
      name: 'KA-68 add below a scalar',
      patch: [{ op: 'add', path: '/a/y', value: 1 }],
      message: 'operation 0 (add "/a/y"): its parent does not exist',
    },
    {
      name: 'KA-68 remove nothing',
      patch: [{ op: 'remove', path: '/x' }],
      message: 'operation 0 (remove "/x"): there is nothing at this path',
    },
    {
      name: 'KA-68 remove an item behind the end',
      patch: [{ op: 'remove', path: '/l/2' }],
      message: 'operation 0 (remove "/l/2"): there is nothing at this path',
    },
    {
      name: 'KA-68 remove at -',
      patch: [{ op: 'remove', path: '/l/-' }],
      message: 'operation 0 (remove "/l/-"): there is nothing at this path',
    },
    {
      name: 'KA-68 remove the root',
      patch: [{ op: 'remove', path: '' }],
      message: 'operation 0 (remove ""): the whole object cannot be removed',
    },
    {
      name: 'KA-68 replace nothing',
      patch: [{ op: 'replace', path: '/x', value: 1 }],
      message: 'operation 0 (replace "/x"): there is nothing at this path',
    },
    {
      name: 'KA-68 replace an item behind the end',
      patch: [{ op: 'replace', path: '/l/2', value: 1 }],
      message: 'operation 0 (replace "/l/2"): there is nothing at this path',
    },
    {
      name: 'KA-68 an index with a sign',
      patch: [{ op: 'add', path: '/l/-1', value: 1 }],
      message: 'operation 0 (add "/l/-1"): "-1" is no list index',
    },
    {
      name: 'KA-68 an index with a leading zero',
      patch: [{ op: 'add', path: '/l/01', value: 1 }],
      message: 'operation 0 (add "/l/01"): "01" is no list index',
    },
    {
      name: 'KA-68 an index behind the end',
      patch: [{ op: 'add', path: '/l/3', value: 1 }],
      message: 'operation 0 (add "/l/3"): the list has only 2 items',
    },
    {
      name: 'KA-68 a name in a list',
      patch: [{ op: 'add', path: '/l/x', value: 1 }],
      message: 'operation 0 (add "/l/x"): "x" is no list index',
    },
    {
      name: 'KA-68 a test of another value',
      patch: [{ op: 'test', path: '/a', value: '1' }],
      message: 'operation 0 (test "/a"): the value is another one',
    },
    {
      name: 'KA-68 a test of nothing',
      patch: [{ op: 'test', path: '/x', value: null }],
      message: 'operation 0 (test "/x"): there is nothing at this path',
    },
    {
      name: 'KA-68 move from nowhere',
      patch: [{ op: 'move', from: '/x', path: '/y' }],
      message: 'operation 0 (move "/y"): there is nothing at "/x"',
    },
    {
      name: 'KA-68 move from below nothing',
      patch: [{ op: 'move', from: '/x/z', path: '/y' }],
      message: 'operation 0 (move "/y"): the parent of "/x/z" does not exist',
    },
    {
      name: 'KA-68 move into itself',
      patch: [{ op: 'move', from: '/o', path: '/o/p/q' }],
      message: 'operation 0 (move "/o/p/q"): "/o" cannot move into itself',
    },
    {
      name: 'KA-68 copy from nowhere',
      patch: [{ op: 'copy', from: '/x', path: '/y' }],
      message: 'operation 0 (copy "/y"): there is nothing at "/x"',
    },
    {
      name: 'BI-16 an operation that does not exist',
      patch: [
        { op: 'test', path: '/a', value: 1 },
        { op: 'spam', path: '/a' },
      ],
      message: 'operation 1 (spam "/a"): there is no such operation',
    },
    {
      name: 'KA-68 a value that is missing',
      patch: [{ op: 'add', path: '/b' }],
      message: 'operation 0 (add "/b"): "value" is missing',
    },
    {
      name: 'KA-68 a path that is missing',
      patch: [{ op: 'remove' }],
      message: 'operation 0 (remove): "path" is missing',
    },
    {
      name: 'KA-68 a source that is missing',
      patch: [{ op: 'copy', path: '/b' }],
      message: 'operation 0 (copy "/b"): "from" is missing',
    },
    {
      name: 'KA-68 a path without a slash',
      patch: [{ op: 'remove', path: 'a' }],
      message: 'operation 0 (remove "a"): "a" is no JSON pointer',
    },
    {
      name: 'KA-68 a stray tilde',
      patch: [{ op: 'remove', path: '/a~2' }],
      message: 'operation 0 (remove "/a~2"): "/a~2" is no JSON pointer',
    },
  ];

  test.each(rows)('$name', ({ patch, message }) => {
    expect(refusal({ a: 1, l: [1, 2], o: { p: {} } }, patch)).toEqual({ kind: 'invalid', message });
  });

  test('KA-68 the path of the operation comes with the error', () => {
    expect(() => applyJsonPatch({}, [{ op: 'remove', path: '/x' }])).toThrow(
      expect.objectContaining({ name: 'PatchError', path: '/x' }),
    );
  });

  const malformed: { name: string; patch: JsonValue; message: string }[] = [
    {
      name: 'KA-68 an object is no JSON patch',
      patch: { op: 'add' },
      message: 'a JSON patch must be a list of operations',
    },
    { name: 'KA-68 null is no JSON patch', patch: null, message: 'a JSON patch must be a list of operations' },
    {
      name: 'KA-68 an operation is an object',
      patch: [{ op: 'test', path: '', value: {} }, 'add'],
      message: 'operation 1: must be an object',
    },
    { name: 'KA-68 an operation says what it is', patch: [{ path: '/a' }], message: 'operation 0: "op" is missing' },
    {
      name: 'KA-68 a path is text',
      patch: [{ op: 'remove', path: ['a'] }],
      message: 'operation 0: "path" must be a string',
    },
  ];
  test.each(malformed)('$name', ({ patch, message }) => {
    expect(refusal({}, patch)).toEqual({ kind: 'malformed', message });
  });

  test('BI-16, KA-63c more than 10,000 operations', () => {
    const test = { op: 'test', path: '/a', value: 1 };
    const most = Array.from({ length: maxJsonPatchOperations }, () => test);
    expect(applyJsonPatch({ a: 1 }, most)).toEqual({ a: 1 });
    expect(refusal({ a: 1 }, [...most, test])).toEqual({
      kind: 'tooLarge',
      message: 'a JSON patch may have at most 10000 operations, this one has 10001',
    });
  });

  test('KA-68 copies of more than 3 MiB in all', () => {
    const value = { a: 'ä'.repeat(512 * 1024) };
    const copy = (path: string) => ({ op: 'copy', from: '/a', path });
    expect(Object.keys(applyJsonPatch(value, [copy('/b'), copy('/c')]) as JsonObject)).toEqual(['a', 'b', 'c']);
    expect(refusal(value, [copy('/b'), copy('/c'), copy('/d')])).toEqual({
      kind: 'invalid',
      message: 'operation 2 (copy "/d"): the copies of this patch take more than 3145728 bytes',
    });
  });

  test('KA-68 nothing of a patch that fails is done', () => {
    const value = { a: 1 };
    refusal(value, [
      { op: 'add', path: '/b', value: 2 },
      { op: 'remove', path: '/x' },
    ]);
    expect(value).toEqual({ a: 1 });
  });
});
