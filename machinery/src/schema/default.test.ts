import { expect, test } from 'vitest';
import { parseJson } from '../wire/json.ts';
import type { JsonObject } from '../wire/value.ts';
import { defaultValue } from './default.ts';
import { withObjectFrame } from './object-meta.ts';
import type { StructuralSchema } from './structural.ts';

const string: StructuralSchema = { type: 'string' };
const withDefault: StructuralSchema = { type: 'string', default: 'd' };
const object = (properties: Record<string, StructuralSchema>): StructuralSchema => ({ type: 'object', properties });

test.each<{ name: string; schema: StructuralSchema; value: JsonObject; want: JsonObject }>([
  { name: 'an absent field', schema: object({ a: withDefault }), value: {}, want: { a: 'd' } },
  { name: 'not an empty one', schema: object({ a: withDefault }), value: { a: '' }, want: { a: '' } },
  { name: 'a null that is not allowed', schema: object({ a: withDefault }), value: { a: null }, want: { a: 'd' } },
  {
    name: 'not a null that is allowed',
    schema: object({ a: { ...withDefault, nullable: true } }),
    value: { a: null },
    want: { a: null },
  },
  {
    name: 'nothing in a parent that is absent',
    schema: object({ o: object({ a: withDefault }) }),
    value: {},
    want: {},
  },
  {
    name: 'inside a default',
    schema: object({ o: { ...object({ a: withDefault }), default: {} } }),
    value: {},
    want: { o: { a: 'd' } },
  },
  {
    name: 'in items and values of maps',
    schema: object({
      l: { type: 'array', items: object({ a: withDefault }) },
      m: { type: 'object', additionalProperties: object({ a: withDefault }) },
    }),
    value: { l: [{}, { a: 'x' }], m: { k: {} } },
    want: { l: [{ a: 'd' }, { a: 'x' }], m: { k: { a: 'd' } } },
  },
  {
    name: 'null items and values',
    schema: object({
      l: { type: 'array', items: withDefault },
      m: { type: 'object', additionalProperties: withDefault },
    }),
    value: { l: [null], m: { k: null } },
    want: { l: ['d'], m: { k: 'd' } },
  },
  {
    name: 'values of the wrong type are left to validation',
    schema: object({ o: object({ a: withDefault }) }),
    value: { o: 'x' },
    want: { o: 'x' },
  },
])('KA-99 fills in: $name', ({ schema, value, want }) => {
  const before = structuredClone(value);
  expect(defaultValue(value, schema)).toEqual(want);
  expect(value).toEqual(before);
});

test.each<{ name: string; schema: StructuralSchema; value: JsonObject; want: JsonObject }>([
  { name: 'a field', schema: object({ a: string, b: string }), value: { a: null, b: 'x' }, want: { b: 'x' } },
  {
    name: 'a value of a map',
    schema: object({ m: { type: 'object', additionalProperties: string } }),
    value: { m: { a: null, b: 'x' } },
    want: { m: { b: 'x' } },
  },
  {
    name: 'not an item of a list, whose place counts',
    schema: object({ l: { type: 'array', items: string } }),
    value: { l: [null] },
    want: { l: [null] },
  },
  {
    name: 'not where no schema describes it',
    schema: object({ o: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true } }),
    value: { o: { a: null } },
    want: { o: { a: null } },
  },
  {
    name: 'creationTimestamp of the root and of embedded resources',
    schema: withObjectFrame(
      object({
        r: { type: 'object', 'x-kubernetes-embedded-resource': true, 'x-kubernetes-preserve-unknown-fields': true },
      }),
    ),
    value: {
      metadata: { creationTimestamp: null, name: 'a' },
      r: { metadata: { creationTimestamp: null }, status: null },
    },
    want: { metadata: { name: 'a' }, r: { metadata: {}, status: null } },
  },
])('CI-28 drops a null without default: $name', ({ schema, value, want }) =>
  expect(defaultValue(value, schema)).toEqual(want),
);

test('KA-99 a default is copied, not shared', () => {
  const schema = object({ o: { type: 'object', default: { list: [] } } });
  const first = defaultValue({}, schema);
  (first.o as { list: number[] }).list.push(1);
  expect(defaultValue({}, schema)).toEqual({ o: { list: [] } });
});

test('KA-99 an object with nothing to fill in is returned as it is', () => {
  const value = { a: 'x', m: { b: ['c'] } };
  expect(defaultValue(value, object({ a: withDefault, m: object({ b: { type: 'array', items: string } }) }))).toBe(
    value,
  );
});

test('KA-99 a default for a field named __proto__ is a field', () => {
  const properties = parseJson('{"__proto__": {"type": "string", "default": "d"}}') as Record<string, StructuralSchema>;
  const filled = defaultValue({}, { type: 'object', properties });
  expect(Object.getOwnPropertyDescriptor(filled, '__proto__')?.value).toBe('d');
});
