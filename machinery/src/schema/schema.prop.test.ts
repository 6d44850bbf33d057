import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type JsonObject, type JsonValue, setOwn } from '../wire/value.ts';
import { checkStructural } from './check-structural.ts';
import { isUnchanged } from './correlate.ts';
import { defaultValue } from './default.ts';
import { parseStructural } from './parse-structural.ts';
import { pruneValue } from './prune.ts';
import type { StructuralSchema } from './structural.ts';
import { toOpenApi } from './to-openapi.ts';
import { validateValue } from './validate.ts';

const names = fc.constantFrom('a', 'b', '__proto__', 'constructor');
const scalar = fc.oneof(fc.integer(), fc.constantFrom('', 'a', 'abc'), fc.boolean(), fc.constant(null), fc.bigInt());

function fromEntries(entries: readonly (readonly [string, JsonValue])[]): JsonObject {
  const object: JsonObject = {};
  for (const [key, value] of entries) setOwn(object, key, value);
  return object;
}
const objectOf = (value: fc.Arbitrary<JsonValue>) =>
  fc.uniqueArray(fc.tuple(names, value), { selector: ([name]) => name, maxLength: 4 }).map(fromEntries);

const { value: anyValue } = fc.letrec<{ value: JsonValue }>((tie) => ({
  value: fc.oneof({ depthSize: 'small' }, scalar, fc.array(tie('value'), { maxLength: 3 }), objectOf(tie('value'))),
}));
const anyObject = objectOf(anyValue);

const flags = fc.record(
  { nullable: fc.boolean(), 'x-kubernetes-preserve-unknown-fields': fc.constant(true) },
  { requiredKeys: [] },
);
/** Schemas as they stand in a CRD. Defaults may be bad: such a schema is skipped where that matters. */
const { schema: anySchema } = fc.letrec<{ schema: JsonObject }>((tie) => ({
  schema: fc.oneof(
    { depthSize: 'small' },
    fc.record(
      { type: fc.constant('string'), maxLength: fc.nat(3), default: fc.constantFrom('', 'a') },
      { requiredKeys: ['type'] },
    ),
    fc.record(
      { type: fc.constant('integer'), minimum: fc.integer(), default: fc.integer() },
      { requiredKeys: ['type'] },
    ),
    fc.constant({ 'x-kubernetes-int-or-string': true }),
    fc.tuple(tie('schema'), flags).map(([items, more]) => ({ type: 'array', items, ...more })),
    fc
      .tuple(tie('schema'), fc.boolean())
      .map(([additionalProperties, nullable]) => ({ type: 'object', additionalProperties, nullable })),
    fc
      .tuple(objectOf(tie('schema') as fc.Arbitrary<JsonValue>), flags, fc.option(fc.constant({}), { nil: undefined }))
      .map(([properties, more, value]) => ({
        type: 'object',
        properties,
        ...more,
        ...(value === undefined ? {} : { default: value }),
      })),
  ) as fc.Arbitrary<JsonObject>,
}));
const rootSchema = objectOf(anySchema as fc.Arbitrary<JsonValue>).map(
  (properties): JsonObject => ({ type: 'object', properties }),
);
const structural = rootSchema.map(parseStructural);

/** With each schema of a map's values as that of one property: Kubernetes checks no default below additionalProperties. */
function withMapsSpelledOut(schema: JsonObject): JsonObject {
  const copy: JsonObject = {};
  for (const [key, value] of Object.entries(schema)) {
    if (key === 'additionalProperties') copy.properties = { any: withMapsSpelledOut(value as JsonObject) };
    else if (key === 'items') copy.items = withMapsSpelledOut(value as JsonObject);
    else if (key === 'properties') {
      copy.properties = fromEntries(
        Object.entries(value as JsonObject).map(([name, child]) => [name, withMapsSpelledOut(child as JsonObject)]),
      );
    } else copy[key] = value;
  }
  return copy;
}
const sound = rootSchema
  .filter((schema) => checkStructural(withMapsSpelledOut(schema), 'schema').length === 0)
  .map(parseStructural);

describe('laws', () => {
  test('KA-98 pruning twice is pruning once, and reports nothing the second time', () => {
    fc.assert(
      fc.property(structural, anyObject, (schema, value) => {
        const once = pruneValue(value, schema).value;
        expect(pruneValue(once, schema)).toEqual({ value: once, pruned: [] });
      }),
    );
  });

  test('KA-98 pruning a good value gives a good value', () => {
    fc.assert(
      fc.property(structural, anyObject, (schema, value) => {
        fc.pre(validateValue(value, schema).length === 0);
        expect(validateValue(pruneValue(value, schema).value, schema)).toEqual([]);
      }),
    );
  });

  test('KA-99 defaulting twice is defaulting once', () => {
    fc.assert(
      fc.property(structural, anyObject, (schema, value) => {
        const once = defaultValue(value, schema);
        expect(defaultValue(once, schema)).toEqual(once);
      }),
    );
  });

  test('KA-99 defaults of a sound schema make no good value bad, and leave nothing to prune', () => {
    fc.assert(
      fc.property(sound, anyObject, (schema, value) => {
        const pruned = pruneValue(value, schema).value;
        fc.pre(validateValue(pruned, schema).length === 0);
        const filled = defaultValue(pruned, schema);
        expect(validateValue(filled, schema)).toEqual([]);
        expect(pruneValue(filled, schema).pruned).toEqual([]);
      }),
    );
  });

  test('KA-105 a part that counts as unchanged is never refused', () => {
    fc.assert(
      fc.property(structural, anyObject, (part, value) => {
        const known = pruneValue(value, part).value;
        fc.pre(isUnchanged(known, known, part));
        const schema: StructuralSchema = { type: 'object', properties: { part } };
        expect(validateValue({ part: known }, schema, { old: { part: known } })).toEqual([]);
      }),
    );
  });

  test('KA-98 no walk changes its argument or a prototype', () => {
    fc.assert(
      fc.property(structural, anyObject, (schema, value) => {
        const before = structuredClone(value);
        pruneValue(value, schema);
        defaultValue(value, schema);
        validateValue(value, schema);
        expect(value).toEqual(before);
        expect(Object.keys(Object.prototype)).toEqual([]);
      }),
    );
  });

  test('KA-25 a published schema reads back as itself', () => {
    fc.assert(
      fc.property(structural, (schema: StructuralSchema) => {
        expect(parseStructural(toOpenApi(schema))).toEqual(schema);
      }),
    );
  });
});
