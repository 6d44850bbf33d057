import { expect, test } from 'vitest';
import type { StructuralSchema } from '../schema/structural.ts';
import { kubernetesCelEnvironment } from './libraries/kubernetes.ts';
import { celBudgets, innerCardinality, overBudget, ruleCost } from './rule-cost.ts';
import { type SchemaType, schemaType, schemaTypeProvider, sizeInSchema } from './schema-type.ts';

const text: StructuralSchema = { type: 'string' };
const environment = kubernetesCelEnvironment();

function typed(schema: StructuralSchema): SchemaType {
  const type = schemaType(schema, { name: 'selfType', resourceRoot: false });
  if (type === undefined) throw new Error('the schema has no type');
  return type;
}

function costAt(schema: StructuralSchema, rule: string, cardinality: number | undefined): number {
  const self = typed(schema);
  const compiled = environment.compile(rule, {
    variables: { self: self.type },
    provider: schemaTypeProvider([self]),
    sizeOfPath: sizeInSchema(self),
  });
  if (!compiled.ok) throw new Error(compiled.problem);
  return ruleCost(compiled.estimatedCost, self, cardinality);
}

test.each<[string, StructuralSchema, number | undefined, number | undefined]>([
  ['a field stands as often as its object', { type: 'object', properties: { a: text } }, 3, 3],
  ['an item stands as often as the list may be long', { type: 'array', items: text, maxItems: 5 }, 3, 15],
  ['items without a limit have none', { type: 'array', items: text }, 3, undefined],
  [
    'a value stands as often as the map may be large',
    { type: 'object', additionalProperties: text, maxProperties: 4 },
    3,
    12,
  ],
  ['values without a limit have none', { type: 'object', additionalProperties: text }, 3, undefined],
  ['inside of what has no limit nothing has one', { type: 'array', items: text, maxItems: 5 }, undefined, undefined],
])('KA-101 %s', (_what, schema, cardinality, wanted) => {
  expect(innerCardinality(schema, cardinality)).toBe(wanted);
});

// The figures are those of Kubernetes 1.35.
test('KA-101 a rule costs its worst case at every place where it may stand', () => {
  expect(costAt({ type: 'string', maxLength: 10 }, "self.contains('abc')", 1)).toBe(5);
  expect(costAt({ type: 'string', maxLength: 10 }, "self.contains('abc')", 7)).toBe(35);
  expect(costAt({ type: 'string', maxLength: 10 }, "self.contains('abc')", undefined)).toBe(5 * 1_048_576);
  const named: StructuralSchema = { type: 'object', required: ['name'], properties: { name: text } };
  expect(costAt(named, "self.name == 'a'", undefined)).toBe(3 * 241_979);
});

test('KA-101 a cost over its limit is told by how far', () => {
  const advice =
    '(try simplifying the rule, or adding maxItems, maxProperties, and maxLength where arrays, maps, and strings are declared)';
  const told = (cost: number) => overBudget('estimated rule cost', cost, celBudgets.rule);
  expect(told(10_000_000)).toBeUndefined();
  expect(told(10_000_001)).toBe(`estimated rule cost exceeds budget by factor of 1.000000x ${advice}`);
  expect(told(32_000_000)).toBe(`estimated rule cost exceeds budget by factor of 3.2x ${advice}`);
  expect(told(2_000_000_000)).toBe(`estimated rule cost exceeds budget by factor of more than 100x ${advice}`);
});
