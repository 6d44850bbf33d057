import { expect, test } from 'vitest';
import { objectMetaSchema, withObjectFrame } from './object-meta.ts';
import type { StructuralSchema } from './structural.ts';
import { toOpenApi } from './to-openapi.ts';

test('KA-25 open nodes, int-or-string and embedded resources are published with their markers', () => {
  const schema: StructuralSchema = {
    type: 'object',
    properties: {
      open: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true },
      port: { 'x-kubernetes-int-or-string': true, description: 'A port.' },
      object: { type: 'object', 'x-kubernetes-embedded-resource': true, 'x-kubernetes-preserve-unknown-fields': true },
    },
  };
  expect(toOpenApi(schema)).toEqual({
    type: 'object',
    properties: {
      open: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true },
      port: { 'x-kubernetes-int-or-string': true, description: 'A port.' },
      object: { type: 'object', 'x-kubernetes-embedded-resource': true, 'x-kubernetes-preserve-unknown-fields': true },
    },
  });
});

test('KA-21 empty parts are left out, a default is not', () => {
  expect(toOpenApi({ type: 'object', properties: {}, required: [], default: {} })).toEqual({
    type: 'object',
    default: {},
  });
});

test('KA-24 everything that kubectl reads is published', () => {
  const schema: StructuralSchema = {
    type: 'array',
    description: 'Some.',
    default: [{ a: 1 }],
    minItems: 1,
    items: { type: 'object', required: ['a'], properties: { a: { type: 'integer', format: 'int32', enum: [1, 2] } } },
    'x-kubernetes-list-type': 'map',
    'x-kubernetes-list-map-keys': ['a'],
    'x-kubernetes-patch-strategy': 'merge',
    'x-kubernetes-patch-merge-key': 'a',
  };
  expect(toOpenApi(schema)).toEqual(schema);
});

test('KA-24 a named schema is published as a reference that keeps its description', () => {
  const named = new Map([[objectMetaSchema, 'ObjectMeta']]);
  const { properties } = toOpenApi(withObjectFrame({ type: 'object' }), { named });
  expect(properties).toMatchObject({
    metadata: { allOf: [{ $ref: '#/components/schemas/ObjectMeta' }], description: objectMetaSchema.description },
  });
});

test('KA-24 a schema that contains itself is published when it has a name', () => {
  const node: StructuralSchema & { properties: Record<string, StructuralSchema> } = { type: 'object', properties: {} };
  node.properties.child = node;
  expect(toOpenApi(node, { named: new Map([[node, 'Node']]) })).toEqual({
    type: 'object',
    properties: { child: { allOf: [{ $ref: '#/components/schemas/Node' }] } },
  });
});

test('KA-25 what is published shares nothing with the schema', () => {
  const schema: StructuralSchema = { type: 'object', default: { a: [] } };
  const out = toOpenApi(schema) as { default: { a: number[] } };
  out.default.a.push(1);
  expect(schema.default).toEqual({ a: [] });
});
