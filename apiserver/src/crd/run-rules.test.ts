import type { JsonObject, StructuralSchema, ValidationRule } from '@quarterdeck/machinery';
import { beforeEach, expect, test } from 'vitest';
import { createRuleCompiler } from './rule-programs.ts';
import { checkRules, runRules } from './run-rules.ts';

const compiler = createRuleCompiler();
const compiled = (schema: StructuralSchema) => {
  const rules = compiler.compile(schema);
  if (rules === undefined) throw new Error('the schema has no rules');
  return rules;
};
const plain: StructuralSchema = { type: 'string' };
const rule = (text: string, more: Partial<ValidationRule> = {}): ValidationRule => ({ rule: text, ...more });
const immutable = rule('self == oldSelf', { message: ' is immutable ' });
const text = (...rules: ValidationRule[]): StructuralSchema => ({ type: 'string', 'x-kubernetes-validations': rules });
const object = (properties: Record<string, StructuralSchema>, ...rules: ValidationRule[]): StructuralSchema => ({
  type: 'object',
  properties,
  'x-kubernetes-validations': rules,
});

/** What the last runs warned of. */
const warned: string[] = [];
beforeEach(() => void warned.splice(0));

function run(schema: StructuralSchema, value: JsonObject, old?: JsonObject): string[] {
  return runRules({ object: value, old, warn: (text) => warned.push(text) }, compiled(schema)).map(
    ({ reason, field, message }) => `${reason.replace('FieldValue', '')} ${field} ${message}`,
  );
}

test.each<{ name: string; schema: StructuralSchema; value: JsonObject; want: string[] }>([
  {
    name: 'a text',
    schema: object({ x: text(rule("self == 'ok'")) }),
    value: { x: 'no' },
    want: [`Invalid x Invalid value: "no": failed rule: self == 'ok'`],
  },
  { name: 'a text that is good', schema: object({ x: text(rule("self == 'ok'")) }), value: { x: 'ok' }, want: [] },
  {
    name: 'an absent value, and null',
    schema: object({ x: text(rule("self == 'ok'")), y: { ...text(rule("self == 'ok'")), nullable: true } }),
    value: { y: null },
    want: [],
  },
  {
    name: 'an object, whose value is not printed',
    schema: object({ x: object({ a: plain }, rule("self.a == 'ok'", { message: ' bad ' })) }),
    value: { x: { a: 'no' } },
    want: ['Invalid x Invalid value: bad'],
  },
  {
    name: 'the root',
    schema: object(
      { a: plain },
      rule("self.a == 'ok'", { message: 'bad root' }),
      rule("self.metadata.name != 'evil'", { fieldPath: '.spec' }),
    ),
    value: { a: 'no', metadata: { name: 'evil' } },
    want: [
      'Invalid <nil> Invalid value: bad root',
      "Invalid <nil> Invalid value: failed rule: self.metadata.name != 'evil'",
    ],
  },
  {
    name: 'the metadata but for names is invisible',
    schema: object({}, rule('has(self.metadata.labels)')),
    value: { metadata: { name: 'a', labels: { a: 'b' } } },
    want: [
      `Invalid <nil> Invalid value: "object": rule compile error: compilation failed: ERROR: <input>:1:4: undefined field 'labels'\n | has(self.metadata.labels)\n | ...^`,
    ],
  },
  {
    name: 'reasons',
    schema: object({
      a: text(rule("self == 'ok'", { reason: 'FieldValueForbidden', message: 'no' })),
      b: text(rule("self == 'ok'", { reason: 'FieldValueRequired' })),
      c: text(rule("self == 'ok'", { reason: 'FieldValueDuplicate', message: 'not printed' })),
      d: object({ a: plain }, rule("self.a == 'ok'", { reason: 'FieldValueDuplicate' })),
    }),
    value: { a: 'x', b: 'x', c: 'x', d: { a: 'x' } },
    want: [
      'Forbidden a Forbidden: no',
      "Required b Required value: failed rule: self == 'ok'",
      'Duplicate c Duplicate value: "x"',
      'Duplicate d Duplicate value',
    ],
  },
  {
    name: 'a fieldPath, to a field and into a map',
    schema: object({
      x: object(
        { a: { type: 'string' }, m: { type: 'object', additionalProperties: { type: 'string' } } },
        rule("self.a == 'ok'", { fieldPath: '.a', message: 'one' }),
        rule("self.a == 'ok'", { fieldPath: ".m['k']", message: 'two' }),
      ),
    }),
    value: { x: { a: 'no' } },
    want: ['Invalid x.a Invalid value: one', 'Invalid x.m[k] Invalid value: two'],
  },
  {
    name: 'items and values of maps',
    schema: object({
      l: { type: 'array', items: text(rule("self == 'ok'")) },
      m: { type: 'object', additionalProperties: text(rule("self == 'ok'")) },
    }),
    value: { l: ['ok', 'x'], m: { k: 'x' } },
    want: [
      `Invalid l[1] Invalid value: "x": failed rule: self == 'ok'`,
      `Invalid m[k] Invalid value: "x": failed rule: self == 'ok'`,
    ],
  },
  {
    name: 'a rule that fails to run',
    schema: object({ x: object({ b: plain }, rule("self.b == 'ok'", { message: 'm' })) }),
    value: { x: {} },
    want: ['Invalid x Invalid value: "object": no such key: b evaluating rule: m'],
  },
  {
    name: 'a rule that runs into a type that only the value has',
    schema: object({ x: { 'x-kubernetes-int-or-string': true, 'x-kubernetes-validations': [rule('self > 1')] } }),
    value: { x: 'a' },
    want: [
      'Invalid x Invalid value: "": \'no such overload\': call arguments did not match a supported operator, function or macro signature for rule: self > 1',
    ],
  },
  {
    name: 'a message that is made',
    schema: object({
      x: text(
        rule("self == 'ok'", { messageExpression: "' not ' + self + ' '", message: 'unused' }),
        rule("self == 'ok'", { messageExpression: "'two\\nlines'", message: 'used' }),
        rule("self == 'ok'", { messageExpression: '[self][3]' }),
        rule("self == 'ok'", { messageExpression: "' '" }),
      ),
    }),
    value: { x: 'no' },
    want: [
      'Invalid x Invalid value: "no": not no',
      'Invalid x Invalid value: "no": used',
      `Invalid x Invalid value: "no": failed rule: self == 'ok'`,
      `Invalid x Invalid value: "no": failed rule: self == 'ok'`,
    ],
  },
  {
    name: 'an embedded object, of which the names are seen',
    schema: object({
      e: {
        ...object({}, rule("self.kind == 'Pod' && self.metadata.name == 'a'", { message: 'not that' })),
        'x-kubernetes-embedded-resource': true,
      },
    }),
    value: { e: { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'b' } } },
    want: ['Invalid e Invalid value: not that'],
  },
])('KA-101 $name', ({ schema, value, want }) => expect(run(schema, value)).toEqual(want));

const keyed: StructuralSchema = {
  type: 'array',
  'x-kubernetes-list-type': 'map',
  'x-kubernetes-list-map-keys': ['k'],
  items: object({ k: { type: 'string' }, v: text(immutable) }),
};

test.each<{ name: string; schema: StructuralSchema; old?: JsonObject; value: JsonObject; want: string[] }>([
  { name: 'on create', schema: object({ x: text(immutable) }), value: { x: 'a' }, want: [] },
  { name: 'on a field that is new', schema: object({ x: text(immutable) }), old: {}, value: { x: 'a' }, want: [] },
  { name: 'on a field that goes', schema: object({ x: text(immutable) }), old: { x: 'a' }, value: {}, want: [] },
  {
    name: 'on a field that stays',
    schema: object({ x: text(immutable) }),
    old: { x: 'a' },
    value: { x: 'a' },
    want: [],
  },
  {
    name: 'on a change',
    schema: object({ x: text(immutable) }),
    old: { x: 'a' },
    value: { x: 'b' },
    want: ['Invalid x Invalid value: "b": is immutable'],
  },
  {
    name: 'on a change of an object, key order aside',
    schema: object({ x: object({}, immutable), y: object({}, immutable) }),
    old: { x: { a: 1, b: 2 }, y: { a: 1 } },
    value: { x: { b: 2, a: 1 }, y: { a: 2 } },
    want: ['Invalid y Invalid value: is immutable'],
  },
  {
    name: 'on items of a keyed list, by their keys',
    schema: object({ l: keyed }),
    old: {
      l: [
        { k: 'a', v: '1' },
        { k: 'b', v: '2' },
      ],
    },
    value: {
      l: [
        { k: 'b', v: '3' },
        { k: 'c', v: '4' },
        { k: 'a', v: '1' },
      ],
    },
    want: ['Invalid l[0].v Invalid value: "3": is immutable'],
  },
  {
    name: 'not in other lists',
    schema: object({ l: { type: 'array', items: text(immutable) } }),
    old: { l: ['a'] },
    value: { l: ['b'] },
    want: [],
  },
  {
    name: 'not on what was null',
    schema: object({ x: { ...text(immutable), nullable: true } }),
    old: { x: null },
    value: { x: 'a' },
    want: [],
  },
  {
    name: 'always, when oldSelf is optional',
    schema: object({ x: text(rule("oldSelf.hasValue() || self == 'ok'", { optionalOldSelf: true })) }),
    value: { x: 'a' },
    want: [`Invalid x Invalid value: "a": failed rule: oldSelf.hasValue() || self == 'ok'`],
  },
])('KA-104 a rule about the change runs: $name', ({ schema, old, value, want }) =>
  expect(run(schema, value, old)).toEqual(want),
);

const strict = text(rule("self == 'ok'"));

test.each<{ name: string; schema: StructuralSchema; old: JsonObject; value: JsonObject; want: string[] }>([
  { name: 'an unchanged value passes', schema: object({ x: strict }), old: { x: 'no' }, value: { x: 'no' }, want: [] },
  {
    name: 'a changed one does not',
    schema: object({ x: strict }),
    old: { x: 'no' },
    value: { x: 'nono' },
    want: [`Invalid x Invalid value: "nono": failed rule: self == 'ok'`],
  },
  {
    name: 'items of an unchanged list pass',
    schema: object({ l: { type: 'array', items: strict }, y: { type: 'string' } }),
    old: { l: ['no'], y: 'a' },
    value: { l: ['no'], y: 'b' },
    want: [],
  },
  {
    name: 'items of a changed list do not',
    schema: object({ l: { type: 'array', items: strict } }),
    old: { l: ['no', 'ok'] },
    value: { l: ['no'] },
    want: [`Invalid l[0] Invalid value: "no": failed rule: self == 'ok'`],
  },
])('KA-105 $name', ({ schema, old, value, want }) => expect(run(schema, value, old)).toEqual(want));

const note =
  'some validation rules were not checked because the object was invalid; correct the existing errors to complete validation';
const broken = { reason: 'FieldValueInvalid', field: 'x', message: `Invalid value: "no": failed rule: self == 'ok'` };
const skipped = { reason: 'FieldValueInvalid', field: '<nil>', message: `Invalid value: null: ${note}` };

test.each([
  ...['NotSupported', 'Required', 'TooLong', 'TooMany', 'TypeInvalid'].map((reason) => ({ reason, want: [skipped] })),
  ...['Invalid', 'Duplicate', 'Forbidden'].map((reason) => ({ reason, want: [broken] })),
])('KA-104 beside an error $reason rules are run or skipped with one note', ({ reason, want }) => {
  const found = [{ reason: `FieldValue${reason}`, field: 'y', message: 'is wrong' }] as const;
  const schema = object({ x: text(rule("self == 'ok'")) });
  expect(checkRules({ object: { x: 'no' }, old: undefined, found, warn: () => {} }, compiled(schema))).toEqual(want);
});

test('KA-105 what rules say of unchanged parts is a warning', () => {
  const schema = object({ x: strict, y: plain });
  expect(run(schema, { x: 'no', y: '2' }, { x: 'no', y: '1' })).toEqual([]);
  expect(warned).toEqual([`x: Invalid value: "no": failed rule: self == 'ok'`]);
});

test.each<{ name: string; schema: StructuralSchema; value: JsonObject }>([
  {
    name: 'names are escaped',
    schema: object(
      { 'a.b': plain, 'c-d': plain, 'e/f': plain, g__h: plain, namespace: plain },
      rule(
        "self.a__dot__b + self.c__dash__d + self.e__slash__f + self.g__underscores__h + self.__namespace__ == '12345'",
      ),
    ),
    value: { 'a.b': '1', 'c-d': '2', 'e/f': '3', g__h: '4', namespace: '5' },
  },
  {
    name: 'numbers are of the type that the schema says',
    schema: object(
      { i: { type: 'integer' }, d: { type: 'number' }, x: { 'x-kubernetes-int-or-string': true } },
      rule('type(self.i) == int && type(self.d) == double && type(self.x) == int'),
    ),
    value: { i: 1, d: 1, x: 1 },
  },
  {
    name: 'formats have types',
    schema: object(
      {
        t: { type: 'string', format: 'date-time' },
        d: { type: 'string', format: 'duration' },
        b: { type: 'string', format: 'byte' },
      },
      rule("self.t.getFullYear() == 2026 && self.d == duration('90s') && self.b == b'hi'"),
    ),
    value: { t: '2026-01-31T12:00:00Z', d: '1m30s', b: 'aGk=' },
  },
  {
    name: 'the order of sets and keyed lists is nothing, and + unites them',
    schema: object({
      s: {
        type: 'array',
        'x-kubernetes-list-type': 'set',
        items: plain,
        'x-kubernetes-validations': [rule("self == ['b', 'a'] || size(self + ['a']) == size(self)")],
      },
    }),
    value: { s: ['a', 'b'] },
  },
])('KA-101d $name', ({ schema, value }) => expect(run(schema, value)).toEqual([]));

test('KA-101d what is preserved without a type is invisible', () => {
  const unknown: StructuralSchema = { 'x-kubernetes-preserve-unknown-fields': true };
  const schema = object({ x: unknown }, rule('has(self.x)'));
  expect(run(schema, { x: 1 })[0]).toContain("undefined field 'x'");
});

test('KA-104 a schema without rules has nothing to check', () => {
  expect(compiler.compile(object({ x: plain }))).toBeUndefined();
});

test('KA-103 equal schemas share their programs', () => {
  expect(compiled(object({ x: strict }))).toBe(compiled(structuredClone(object({ x: strict }))));
});

/** Costs about half of what one call may. */
const heavy = "self.all(a, self.all(b, a != b || b != 'x'))";
const listOf = (items: StructuralSchema, ...rules: ValidationRule[]): StructuralSchema => ({
  type: 'array',
  items,
  'x-kubernetes-validations': rules,
});
const many = (count: number) => Array.from({ length: count }, (_, index) => `${index}`);

test('KA-103 a rule that costs too much in one call is an error, and no other runs after it', () => {
  const schema = object({ l: listOf(plain, rule(heavy, { message: 'm' })), z: text(rule("self == 'ok'")) });
  expect(run(schema, { l: many(1000), z: 'no' })).toEqual([
    `Invalid l Invalid value: "array": 'operation cancelled: actual cost limit exceeded': no further validation rules will be run due to call cost exceeds limit for rule: m`,
  ]);
});

test('KA-103 all rules of an object share one budget, failed ones too', () => {
  const expensive = listOf(plain, rule(`${heavy} && self[5000] == ''`));
  const schema = object({ m: { type: 'object', additionalProperties: expensive } });
  const lists = Object.fromEntries(many(60).map((key) => [key, many(300)]));
  const errors = run(schema, { m: lists });
  expect(errors.length).toBeLessThan(60);
  expect(errors[0]).toContain('index out of bounds: 5000 evaluating rule');
  expect(errors.at(-1)).toContain(
    'validation failed due to running out of cost budget, no further validation rules will be run',
  );
});
