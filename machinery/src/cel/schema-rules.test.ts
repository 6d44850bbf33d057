import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { parseStructural } from '../schema/parse-structural.ts';
import { parseJson } from '../wire/json.ts';
import type { JsonObject, JsonValue } from '../wire/value.ts';
import { CelEvaluationError } from './errors.ts';
import { kubernetesCelEnvironment } from './libraries/kubernetes.ts';
import { schemaType, schemaTypeProvider, sizeInSchema } from './schema-type.ts';
import { boolType, optionalType } from './types.ts';
import { CelOptional } from './values.ts';

/** What Kubernetes 1.35 made of the rule: a compiler's problem, or a worst case, a cost and an outcome. */
interface Recorded {
  rule: string;
  problem?: string;
  /** Absent beyond 2^53, where costs are not exact here. */
  maxCost?: number;
  cost?: number;
  outcome?: string;
}

const file = parseJson(readFileSync(new URL('./testdata/rules.json', import.meta.url))) as {
  schema: JsonObject;
  object: JsonValue;
  rules: JsonObject[];
};
const rules = file.rules as unknown as Recorded[];
const environment = kubernetesCelEnvironment();

function rootType() {
  const type = schemaType(parseStructural(file.schema), { name: 'selfType', resourceRoot: true });
  if (type === undefined) throw new Error('the schema has no type');
  return type;
}

const root = rootType();
const provider = schemaTypeProvider([root]);
const self = root.decode(file.object);

function answer({ rule, maxCost }: Recorded): Recorded {
  const compiled = environment.compile(rule, {
    variables: { self: root.type, oldSelf: root.type },
    provider,
    sizeOfPath: sizeInSchema(root),
    resultType: boolType,
  });
  if (!compiled.ok) return { rule, problem: compiled.problem };
  const max = maxCost === undefined ? {} : { maxCost: compiled.estimatedCost.max };
  try {
    const { value, cost } = compiled.program.evaluate({ self, oldSelf: self });
    return { rule, ...max, cost, outcome: value === true ? 'holds' : 'fails' };
  } catch (error) {
    if (!(error instanceof CelEvaluationError)) throw error;
    return { rule, ...max, outcome: error.message };
  }
}

test.each(rules)('KA-101 the rule $rule is what it is in Kubernetes', (recorded) => {
  expect(answer(recorded)).toEqual(recorded);
});

test('KA-101 a schema without a known type is not visible to expressions', () => {
  const unknown = parseStructural({ 'x-kubernetes-preserve-unknown-fields': true });
  expect(schemaType(unknown, { name: 'selfType', resourceRoot: false })).toBeUndefined();
  const list = parseStructural({ type: 'array', items: { 'x-kubernetes-preserve-unknown-fields': true } });
  expect(schemaType(list, { name: 'selfType', resourceRoot: false })).toBeUndefined();
});

test('KA-101 reading an object copies nothing', () => {
  const before = JSON.stringify(file.object);
  for (const recorded of rules) answer(recorded);
  expect(JSON.stringify(file.object)).toBe(before);
});

describe('oldSelf as an optional', () => {
  const schema = parseStructural({
    type: 'object',
    properties: {
      s: { type: 'string', maxLength: 20 },
      l: { type: 'array', maxItems: 5, items: { type: 'string', maxLength: 3 } },
      o: { type: 'object', properties: { x: { type: 'integer' } } },
    },
  });
  const type = schemaType(schema, { name: 'selfType', resourceRoot: true });
  const now = { s: 'abc', l: ['a', 'b'], o: { x: 3 } };
  const before = { s: 'abd', l: ['a'] };

  // The worst case, then cost and value with an old object and without one: the figures of Kubernetes 1.35.
  test.each<[string, number, [number, boolean], [number, boolean]]>([
    ['!oldSelf.hasValue() || self.s == oldSelf.value().s', 8, [10, false], [3, true]],
    ["oldSelf.?s.orValue('abc') == self.s", 13, [5, false], [4, true]],
    ['oldSelf.optMap(o, o.s != self.s).orValue(true)', 20, [10, true], [3, true]],
    ['oldSelf.?o.?x.orValue(3) == self.o.x', 7, [5, true], [5, true]],
    ['has(oldSelf.s) ? oldSelf.s == optional.of(self.s) : true', 13, [7, false], [0, true]],
    ['oldSelf.orValue(self).l.all(x, x in self.l)', 5, [12, true], [21, true]],
    ['oldSelf.?l[?1].hasValue()', 4, [3, false], [2, false]],
  ])('KA-101 %s', (rule, worst, [costWith, valueWith], [costWithout, valueWithout]) => {
    if (type === undefined) throw new Error('the schema has no type');
    const compiled = environment.compile(rule, {
      variables: { self: type.type, oldSelf: optionalType(type.type) },
      provider: schemaTypeProvider([type]),
      sizeOfPath: sizeInSchema(type),
      resultType: boolType,
    });
    if (!compiled.ok) throw new Error(compiled.problem);
    const evaluate = (oldSelf: CelOptional) => compiled.program.evaluate({ self: type.decode(now), oldSelf });
    expect(compiled.estimatedCost.max).toBe(worst);
    expect(evaluate(new CelOptional(type.decode(before)))).toEqual({ value: valueWith, cost: costWith });
    expect(evaluate(CelOptional.none)).toEqual({ value: valueWithout, cost: costWithout });
  });
});
