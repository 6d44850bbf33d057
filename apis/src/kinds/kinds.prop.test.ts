import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { allKinds } from './all.ts';
import { toStructural } from './openapi.ts';
import { fieldOf } from './value.ts';

const textOf = (schema: unknown): fc.Arbitrary<string> => {
  const minLength = (fieldOf(schema, 'minLength') as number | undefined) ?? 0;
  const maxLength = (fieldOf(schema, 'maxLength') as number | undefined) ?? 40;
  const pattern = fieldOf(schema, 'pattern') as string | undefined;
  if (fieldOf(schema, 'format') === 'date-time') {
    return fc.date({ noInvalidDate: true, min: new Date(0), max: new Date(4e12) }).map((date) => date.toISOString());
  }
  if (pattern === undefined) return fc.string({ minLength, maxLength: Math.min(maxLength, 40) });
  return fc.stringMatching(new RegExp(pattern)).filter((text) => text.length >= minLength && text.length <= maxLength);
};

/** Values that a schema of ours accepts. Knows what those schemas use, and throws on the rest. */
function valuesOf(schema: unknown): fc.Arbitrary<unknown> {
  const choices = fieldOf(schema, 'enum') as unknown[] | undefined;
  if (choices !== undefined) return fc.constantFrom(...choices);
  const type = fieldOf(schema, 'type');
  switch (type) {
    case 'string':
      return textOf(schema);
    case 'boolean':
      return fc.boolean();
    case 'integer': {
      const min = (fieldOf(schema, 'minimum') as number | undefined) ?? -1000;
      return fc.integer({ min, max: (fieldOf(schema, 'maximum') as number | undefined) ?? 1000 });
    }
    case 'array':
      return fc.array(valuesOf(fieldOf(schema, 'items')), {
        minLength: (fieldOf(schema, 'minItems') as number | undefined) ?? 0,
        maxLength: Math.min((fieldOf(schema, 'maxItems') as number | undefined) ?? 3, 3),
      });
    case 'object':
      return objectsOf(schema);
    default:
      throw new Error(`no values for the type ${String(type)}`);
  }
}

function objectsOf(schema: unknown): fc.Arbitrary<unknown> {
  const values = fieldOf(schema, 'additionalProperties');
  if (values !== undefined) return fc.dictionary(fc.string({ minLength: 1 }), valuesOf(values), { maxKeys: 3 });
  if (fieldOf(schema, 'x-kubernetes-preserve-unknown-fields') === true) {
    return fc.dictionary(fc.string({ minLength: 1 }), fc.jsonValue(), { maxKeys: 3 });
  }
  const properties = Object.entries((fieldOf(schema, 'properties') ?? {}) as object);
  const model = Object.fromEntries(properties.map(([name, child]) => [name, valuesOf(child)]));
  const required = (fieldOf(schema, 'required') ?? []) as string[];
  return fc.record(model, { requiredKeys: required });
}

const versions = allKinds.flatMap((kind) =>
  kind.versions.map((version) => ({ name: `${kind.kind} ${version.name}`, schema: version.schema })),
);

describe('laws of every kind', () => {
  test.each(versions)(
    'KA-99 $name: what the OpenAPI schema accepts parses, and parsing again changes nothing',
    ({ schema }) => {
      fc.assert(
        fc.property(valuesOf(toStructural(schema)), (value) => {
          const once = schema.parse(value);
          expect(schema.parse(once)).toEqual(once);
        }),
        { numRuns: 30 },
      );
    },
  );

  test.each(versions)('KA-98 $name: unknown fields are dropped, at the root and in spec', ({ schema }) => {
    fc.assert(
      fc.property(valuesOf(toStructural(schema)), (value) => {
        const known = schema.parse(value);
        expect(schema.parse({ ...known, unknownField: 1 })).toEqual(known);
      }),
      { numRuns: 10 },
    );
  });
});
