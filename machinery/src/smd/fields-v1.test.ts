import { describe, expect, test } from 'vitest';
import { encodeJson } from '../wire/json.ts';
import type { JsonObject, JsonValue } from '../wire/value.ts';
import { fieldSetOf, pathsOf } from './field-set.ts';
import { decodeFieldsV1, encodeFieldsV1 } from './fields-v1.ts';
import { pathText } from './path-element.ts';

const texts = (value: JsonValue): string[] | Error => {
  const set = decodeFieldsV1(value);
  return set instanceof Error ? set : [...pathsOf(set)].map(pathText);
};

describe('FieldsV1', () => {
  test('KA-73 a set is written as a sorted tree, with a dot for what is owned itself', () => {
    const set = fieldSetOf([
      ['f:spec', 'f:ports', 'k:{"port":80}', 'f:name'],
      ['f:spec', 'f:ports', 'k:{"port":80}'],
      ['f:spec', 'f:ports', 'k:{"port":8}'],
      ['f:spec', 'f:tags', 'v:"x"'],
      ['f:spec', 'f:replicas'],
      ['f:metadata', 'f:labels', 'f:__proto__'],
    ]);
    expect(encodeJson(encodeFieldsV1(set))).toBe(
      '{"f:metadata":{"f:labels":{"f:__proto__":{}}},' +
        '"f:spec":{"f:ports":{"k:{\\"port\\":8}":{},"k:{\\"port\\":80}":{".":{},"f:name":{}}},' +
        '"f:replicas":{},"f:tags":{"v:\\"x\\"":{}}}}',
    );
  });

  test('KA-73 a tree is read back, in any order', () => {
    expect(texts({ 'f:b': { 'f:c': {}, '.': {} }, 'f:a': {} })).toEqual(['.a', '.b', '.b.c']);
  });

  test('KA-73 nothing below a step means the step itself, whatever stands for nothing', () => {
    expect(texts({ 'f:a': {}, 'f:b': null, 'f:c': { '.': {} }, 'f:d': { '?:x': {} } })).toEqual([
      '.a',
      '.b',
      '.c',
      '.d',
    ]);
    expect(texts({})).toEqual([]);
    expect(texts(null)).toEqual([]);
  });

  test('KA-73 steps of a kind that is not known yet are left out', () => {
    expect(texts({ 'f:a': { 'q:1': {}, 'f:b': {} } })).toEqual(['.a.b']);
  });

  test.each<{ name: string; value: JsonValue }>([
    { name: 'KA-77 a key that is no step is an error', value: { spec: {} } },
    { name: 'KA-77 a key below is judged too', value: { 'f:spec': { 'k:x': {} } } },
    { name: 'KA-77 a node that is no object is an error', value: { 'f:spec': 'all' } },
    { name: 'KA-77 a list is no tree', value: [] },
    { name: 'KA-77 __proto__ as a key is no step', value: JSON.parse('{"__proto__":{}}') as JsonObject },
  ])('$name', ({ value }) => {
    expect(texts(value)).toBeInstanceOf(Error);
  });
});
