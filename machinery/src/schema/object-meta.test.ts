import { expect, test } from 'vitest';
import { objectMetaSchema, withObjectFrame } from './object-meta.ts';
import { childSchemas } from './schema-features.ts';
import type { StructuralSchema } from './structural.ts';
import { validateValue } from './validate.ts';

test('KA-24 every field of the metadata has a description', () => {
  const undescribed: string[] = [];
  const visit = (schema: StructuralSchema, path: string) => {
    for (const [name, child] of Object.entries(schema.properties ?? {})) {
      if (child.description === undefined) undescribed.push(`${path}.${name}`);
      visit(child, `${path}.${name}`);
    }
    if (schema.items !== undefined) visit(schema.items, `${path}[]`);
  };
  visit(objectMetaSchema, 'metadata');
  expect(undescribed).toEqual([]);
  expect(childSchemas(objectMetaSchema)).toHaveLength(15);
});

test('KA-24 the frame comes first and keeps what a kind says of names', () => {
  const schema = withObjectFrame({
    type: 'object',
    description: 'A kind.',
    required: ['spec'],
    properties: {
      spec: { type: 'object' },
      metadata: { type: 'object', properties: { name: { type: 'string', maxLength: 3 } } },
    },
  });
  expect(Object.keys(schema.properties ?? {})).toEqual(['apiVersion', 'kind', 'metadata', 'spec']);
  expect(schema.description).toBe('A kind.');
  expect(validateValue({ metadata: { name: 'abcd', labels: { a: 1 } }, spec: {} }, schema)).toEqual([
    {
      reason: 'FieldValueTypeInvalid',
      field: 'metadata.labels.a',
      message: expect.stringContaining('must be of type string'),
    },
    { reason: 'FieldValueTooLong', field: 'metadata.name', message: 'Too long: may not be more than 3 bytes' },
  ]);
  expect(withObjectFrame({ type: 'object' }).properties?.metadata).toBe(objectMetaSchema);
});
