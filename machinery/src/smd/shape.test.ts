import { describe, expect, test } from 'vitest';
import { withObjectFrame } from '../schema/object-meta.ts';
import type { StructuralSchema } from '../schema/structural.ts';
import { encodeJson } from '../wire/json.ts';
import type { JsonObject } from '../wire/value.ts';
import { encodeFieldsV1 } from './fields-v1.ts';
import { objectShape } from './shape.ts';
import { toFieldSet } from './to-field-set.ts';
import { configurationProblems } from './validate.ts';

const text: StructuralSchema = { type: 'string' };
const list = (more: Omit<StructuralSchema, 'type'>): StructuralSchema => ({ type: 'array', items: text, ...more });
const struct = (properties: Record<string, StructuralSchema>): StructuralSchema => ({ type: 'object', properties });

const fieldsOf = (schema: StructuralSchema, spec: JsonObject): string =>
  encodeJson(encodeFieldsV1(toFieldSet({ spec }, objectShape(struct({ spec: schema })))));

describe('how a schema is merged', () => {
  const rows: { name: string; schema: StructuralSchema; value: JsonObject; fields: string }[] = [
    {
      name: 'KA-74 lists are atomic unless the schema says else',
      schema: struct({ l: list({}) }),
      value: { l: ['x'] },
      fields: '{"f:spec":{"f:l":{}}}',
    },
    {
      name: 'KA-74, KA-69 a merge strategy without a key makes a set',
      schema: struct({ l: list({ 'x-kubernetes-patch-strategy': 'merge' }) }),
      value: { l: ['x'] },
      fields: '{"f:spec":{"f:l":{"v:\\"x\\"":{}}}}',
    },
    {
      name: 'KA-74, KA-69 a merge strategy with a key makes a keyed list',
      schema: struct({
        l: {
          type: 'array',
          items: struct({ n: text }),
          'x-kubernetes-patch-strategy': 'merge,retainKeys',
          'x-kubernetes-patch-merge-key': 'n',
        },
      }),
      value: { l: [{ n: 'x' }] },
      fields: '{"f:spec":{"f:l":{"k:{\\"n\\":\\"x\\"}":{".":{},"f:n":{}}}}}',
    },
    {
      name: 'KA-74, KA-69 a list type counts before a patch strategy',
      schema: struct({ l: list({ 'x-kubernetes-list-type': 'atomic', 'x-kubernetes-patch-strategy': 'merge' }) }),
      value: { l: ['x'] },
      fields: '{"f:spec":{"f:l":{}}}',
    },
    {
      name: 'KA-69 retainKeys alone leaves a list atomic',
      schema: struct({ l: list({ 'x-kubernetes-patch-strategy': 'retainKeys' }) }),
      value: { l: ['x'] },
      fields: '{"f:spec":{"f:l":{}}}',
    },
    {
      name: 'KA-74 entries of a free map own themselves, fields of a declared one do not',
      schema: { type: 'object', additionalProperties: struct({ a: struct({ b: text }) }) },
      value: { k: { a: { b: 'x' } } },
      fields: '{"f:spec":{"f:k":{".":{},"f:a":{"f:b":{}}}}}',
    },
    {
      name: 'KA-74 an object that says nothing keeps everything',
      schema: { type: 'object' },
      value: { a: { b: [1] } },
      fields: '{"f:spec":{"f:a":{".":{},"f:b":{}}}}',
    },
    {
      name: 'KA-74 a schema without type takes anything, lists as a whole',
      schema: struct({
        x: { 'x-kubernetes-preserve-unknown-fields': true },
        y: { 'x-kubernetes-int-or-string': true },
      }),
      value: { x: { a: { b: 1 } }, y: '1' },
      fields: '{"f:spec":{"f:x":{"f:a":{".":{},"f:b":{}}},"f:y":{}}}',
    },
    {
      name: 'KA-74 unknown fields are kept below, where they are kept above',
      schema: { ...struct({ a: struct({ b: text }) }), 'x-kubernetes-preserve-unknown-fields': true },
      value: { a: { b: 'x', c: { d: 1 } } },
      fields: '{"f:spec":{"f:a":{"f:b":{},"f:c":{".":{},"f:d":{}}}}}',
    },
    {
      name: 'KA-74 an embedded resource has the metadata of every object',
      schema: { type: 'object', 'x-kubernetes-embedded-resource': true, 'x-kubernetes-preserve-unknown-fields': true },
      value: { apiVersion: 'v1', kind: 'X', metadata: { finalizers: ['x'] }, data: { a: 'b' } },
      fields:
        '{"f:spec":{"f:apiVersion":{},"f:data":{".":{},"f:a":{}},"f:kind":{},"f:metadata":{"f:finalizers":{"v:\\"x\\"":{}}}}}',
    },
  ];

  test.each(rows)('$name', ({ schema, value, fields }) => {
    expect(configurationProblems({ spec: value }, objectShape(struct({ spec: schema })))).toEqual([]);
    expect(fieldsOf(schema, value)).toBe(fields);
  });

  test('KA-74 unknown fields of the metadata are refused, even where the object keeps its own', () => {
    const root = withObjectFrame({ type: 'object', 'x-kubernetes-preserve-unknown-fields': true });
    const resource = struct({
      embedded: {
        type: 'object',
        'x-kubernetes-embedded-resource': true,
        'x-kubernetes-preserve-unknown-fields': true,
      },
    });
    const unknown = { metadata: { lables: {} }, other: 1 };
    expect(configurationProblems(unknown, objectShape(root)).map(({ field }) => field)).toEqual(['.metadata.lables']);
    expect(configurationProblems({ embedded: unknown }, objectShape(resource)).map(({ field }) => field)).toEqual([
      '.embedded.metadata.lables',
    ]);
  });

  test('KA-74 stored objects may hold what the schema does not know', () => {
    const schema = struct({ known: text, tags: list({ 'x-kubernetes-list-type': 'set' }) });
    expect(fieldsOf(schema, { unknown: { a: 1 }, tags: [{}, null, 'x'] })).toBe(
      '{"f:spec":{"f:tags":{"v:\\"x\\"":{},"i:0":{},"i:1":{}},"f:unknown":{".":{},"f:a":{}}}}',
    );
  });
});
