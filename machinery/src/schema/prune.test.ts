import { expect, test } from 'vitest';
import { parseJson } from '../wire/json.ts';
import type { JsonObject } from '../wire/value.ts';
import { withObjectFrame } from './object-meta.ts';
import { pruneValue } from './prune.ts';
import type { StructuralSchema } from './structural.ts';

const string: StructuralSchema = { type: 'string' };
const object = (properties: Record<string, StructuralSchema>): StructuralSchema => ({ type: 'object', properties });
const open: StructuralSchema = { type: 'object', 'x-kubernetes-preserve-unknown-fields': true };
const embedded: StructuralSchema = { ...open, 'x-kubernetes-embedded-resource': true };

test.each<{ name: string; schema: StructuralSchema; value: JsonObject; want: JsonObject; pruned: string[] }>([
  {
    name: 'unknown fields',
    schema: object({ a: string }),
    value: { a: 'x', c: 1, b: {} },
    want: { a: 'x' },
    pruned: ['b', 'c'],
  },
  {
    name: 'unknown fields in lists and maps',
    schema: object({
      l: { type: 'array', items: object({ a: string }) },
      m: { type: 'object', additionalProperties: object({ a: string }) },
    }),
    value: { l: [{ a: 'x', b: 1 }], m: { k: { b: 1 } } },
    want: { l: [{ a: 'x' }], m: { k: {} } },
    pruned: ['l[0].b', 'm.k.b'],
  },
  {
    name: 'values of another type are left to validation',
    schema: object({ a: object({}) }),
    value: { a: [1] },
    want: { a: [1] },
    pruned: [],
  },
  {
    name: 'nothing under preserve-unknown-fields',
    schema: object({ o: { ...open, properties: { a: object({ b: string }) } } }),
    value: { o: { x: { y: [{ z: 1 }] }, a: { b: 'x', c: 1 } } },
    want: { o: { x: { y: [{ z: 1 }] }, a: { b: 'x' } } },
    pruned: ['o.a.c'],
  },
  {
    name: 'a list that keeps unknown fields keeps those of its items',
    schema: object({
      l: { type: 'array', 'x-kubernetes-preserve-unknown-fields': true, items: object({ a: object({ b: string }) }) },
    }),
    value: { l: [{ x: 1, a: { b: 'x', c: 1 } }] },
    want: { l: [{ x: 1, a: { b: 'x' } }] },
    pruned: ['l[0].a.c'],
  },
  {
    name: 'everything below additionalProperties: true',
    schema: object({ m: { type: 'object', additionalProperties: true } }),
    value: { m: { a: 1, b: { c: 1 }, d: [{ e: 1 }] } },
    want: { m: { a: 1, b: {}, d: [{}] } },
    pruned: ['m.b.c', 'm.d[0].e'],
  },
  {
    name: 'the frame of an embedded resource is kept, its metadata reduced',
    schema: object({ r: embedded }),
    value: { r: { apiVersion: 'v1', kind: 'A', metadata: { name: 'a', foo: 1, labels: { x: 'y' } }, spec: { x: 1 } } },
    want: { r: { apiVersion: 'v1', kind: 'A', metadata: { name: 'a', labels: { x: 'y' } }, spec: { x: 1 } } },
    pruned: ['r.metadata.foo'],
  },
  {
    name: 'an embedded resource that describes its fields',
    schema: object({ r: { type: 'object', 'x-kubernetes-embedded-resource': true, properties: { spec: object({}) } } }),
    value: { r: { apiVersion: 'v1', kind: 'A', metadata: {}, spec: { x: 1 }, data: {} } },
    want: { r: { apiVersion: 'v1', kind: 'A', metadata: {}, spec: {} } },
    pruned: ['r.data', 'r.spec.x'],
  },
  {
    name: 'names of Object.prototype',
    schema: object({ a: string }),
    value: parseJson('{"__proto__": {"x": 1}, "constructor": 1, "a": "x"}') as JsonObject,
    want: { a: 'x' },
    pruned: ['__proto__', 'constructor'],
  },
])('KA-98 drops: $name', ({ schema, value, want, pruned }) => {
  const before = structuredClone(value);
  expect(pruneValue(value, schema)).toEqual({ value: want, pruned });
  expect(value).toEqual(before);
});

test('KA-98 a root keeps its frame, whatever its schema says of names', () => {
  const value = { apiVersion: 'a/v1', kind: 'A', metadata: { name: 'a', labels: { l: 'm' }, foo: 1 }, spec: {} };
  const want = { apiVersion: 'a/v1', kind: 'A', metadata: { name: 'a', labels: { l: 'm' } } };
  const narrow = object({ metadata: object({ name: { ...string, maxLength: 5 } }) });
  const pruned = ['metadata.foo', 'spec'];
  expect(pruneValue(value, narrow, { isRoot: true })).toEqual({ value: want, pruned });
  expect(pruneValue(value, withObjectFrame(narrow), { isRoot: true })).toEqual({ value: want, pruned });
  expect(pruneValue(value, object({})).value).toEqual({});
});

test('KA-98 __proto__ that the schema keeps stays a field', () => {
  const value = parseJson('{"m": {"__proto__": {"x": 1, "y": 2}}}') as JsonObject;
  const schema = object({ m: { type: 'object', additionalProperties: object({ x: { type: 'integer' } }) } });
  const { value: kept, pruned } = pruneValue(value, schema);
  expect(Object.getOwnPropertyDescriptor(kept.m, '__proto__')?.value).toEqual({ x: 1 });
  expect(pruned).toEqual(['m.__proto__.y']);
  expect(Object.getPrototypeOf(kept.m)).toBe(Object.prototype);
});

test('KA-98 an object with nothing to prune is returned as it is', () => {
  const value = { a: 'x' };
  expect(pruneValue(value, object({ a: string })).value).toBe(value);
});
