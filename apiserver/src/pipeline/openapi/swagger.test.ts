import type { JsonObject } from '@quarterdeck/machinery';
import { expect, test } from 'vitest';
import { swaggerText, toSwagger } from './swagger.ts';

const gvk = { 'x-kubernetes-group-version-kind': [{ group: 'x.io', version: 'v1', kind: 'W' }] };
const open = { 'x-kubernetes-preserve-unknown-fields': true };
const text = { type: 'string' };

test.each<{ name: string; schema: JsonObject; want: JsonObject }>([
  {
    name: 'KA-25 a kind that takes unknown fields names none of its own',
    schema: { type: 'object', properties: { a: text }, ...open, ...gvk },
    want: { type: 'object', ...gvk },
  },
  {
    name: 'KA-25 a part that takes unknown fields keeps its marker, not its type or parts',
    schema: { type: 'object', ...gvk, properties: { s: { type: 'object', properties: { a: text }, ...open } } },
    want: { type: 'object', ...gvk, properties: { s: open } },
  },
  {
    name: 'KA-26a what may be null has no type and is not required',
    schema: { type: 'object', required: ['a', 'b'], properties: { a: { ...text, nullable: true }, b: text } },
    want: { type: 'object', required: ['b'], properties: { a: {}, b: text } },
  },
  {
    name: 'KA-26a nothing is required when all of it may be null',
    schema: { type: 'object', required: ['a'], properties: { a: { type: 'array', items: text, nullable: true } } },
    want: { type: 'object', properties: { a: {} } },
  },
  {
    name: 'KA-26a a list without items has no type',
    schema: { type: 'object', properties: { a: { type: 'array', ...open, items: text } } },
    want: { type: 'object', properties: { a: open } },
  },
  {
    name: 'KA-26a alternatives are left out, references move',
    schema: { type: 'object', anyOf: [text], properties: { a: { allOf: [{ $ref: '#/components/schemas/B' }] } } },
    want: { type: 'object', properties: { a: { $ref: '#/definitions/B' } } },
  },
])('$name', ({ schema, want }) => {
  const documents = [{ components: { schemas: { W: schema } } }];
  const swagger = toSwagger(documents, 'v1');
  expect(swagger.definitions).toEqual({ W: want });
  expect(JSON.parse(swaggerText(documents, 'v1'))).toEqual(swagger);
});
