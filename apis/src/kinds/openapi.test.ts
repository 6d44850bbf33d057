import { expect, test } from 'vitest';
import { z } from 'zod';
import { int32, int64 } from './fields.ts';
import { toStructural } from './openapi.ts';

test.each([
  {
    name: 'a date-time keeps its format and loses the pattern',
    schema: z.iso.datetime({ offset: true }),
    want: { type: 'string', format: 'date-time' },
  },
  {
    name: 'integers lose the bounds of their type and keep their own',
    schema: z.object({ a: int32(), b: int64().min(0), c: int32().max(10) }),
    want: {
      type: 'object',
      required: ['a', 'b', 'c'],
      properties: {
        a: { type: 'integer', format: 'int32' },
        b: { type: 'integer', format: 'int64', minimum: 0 },
        c: { type: 'integer', format: 'int32', maximum: 10 },
      },
    },
  },
  {
    name: 'a loose object keeps unknown fields by the extension alone',
    schema: z.looseObject({}).meta({ 'x-kubernetes-preserve-unknown-fields': true }),
    want: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true },
  },
  {
    name: 'a map has additionalProperties',
    schema: z.record(z.string(), z.string().max(3)).meta({ maxProperties: 2 }),
    want: { type: 'object', maxProperties: 2, additionalProperties: { type: 'string', maxLength: 3 } },
  },
  {
    name: 'a slash in a pattern is not escaped',
    schema: z.string().regex(/^a\/b$/),
    want: { type: 'string', pattern: '^a/b$' },
  },
  {
    name: 'KA-99 defaults of objects and values are carried, and such fields are not required',
    schema: z.object({ spec: z.object({ a: z.enum(['X', 'Y']).default('X') }).prefault({}) }),
    want: {
      type: 'object',
      properties: {
        spec: { type: 'object', default: {}, properties: { a: { type: 'string', default: 'X', enum: ['X', 'Y'] } } },
      },
    },
  },
])('$name', ({ schema, want }) => {
  expect(toStructural(schema)).toEqual(want);
});

test('KA-96 what a structural schema cannot say is refused with its path', () => {
  expect(() => toStructural(z.object({ a: z.union([z.string(), z.int()]) }))).toThrow('.a: keyword anyOf');
  expect(() => toStructural(z.object({ a: z.array(z.literal(1)) }))).not.toThrow();
});
