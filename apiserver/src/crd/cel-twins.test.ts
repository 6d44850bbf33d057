import type { RuleTwin } from '@quarterdeck/apis';
import type { JsonObject, StructuralSchema, ValidationRule } from '@quarterdeck/machinery';
import { expect, test } from 'vitest';
import { checkRules, runRules } from './cel-twins.ts';
import { usesOldSelf, withGenericTwins } from './crd-rules.ts';

const twins = withGenericTwins(
  new Map<string, RuleTwin>([
    ["self == 'ok'", (self) => self === 'ok'],
    ["self.a == 'ok'", (self) => (self as { a?: string }).a === 'ok'],
    ["self.metadata.name != 'evil'", (self) => (self as { metadata: { name: string } }).metadata.name !== 'evil'],
    ['!has(self.metadata.labels)', (self) => !('labels' in (self as { metadata: object }).metadata)],
    ['oldSelf.hasValue() || self.x', (self, oldSelf) => oldSelf !== undefined || self === 'ok'],
    [
      'explodes',
      () => {
        throw new Error('no such key: b');
      },
    ],
  ]),
);
const rule = (text: string, more: Partial<ValidationRule> = {}): ValidationRule => ({ rule: text, ...more });
const immutable = rule('self == oldSelf', { message: ' is immutable ' });
const text = (...rules: ValidationRule[]): StructuralSchema => ({ type: 'string', 'x-kubernetes-validations': rules });
const object = (properties: Record<string, StructuralSchema>, ...rules: ValidationRule[]): StructuralSchema => ({
  type: 'object',
  properties,
  'x-kubernetes-validations': rules,
});

function run(schema: StructuralSchema, value: JsonObject, old?: JsonObject): string[] {
  return runRules(value, old, schema, twins).map(
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
    schema: object({ x: object({}, rule("self.a == 'ok'", { message: ' bad ' })) }),
    value: { x: {} },
    want: ['Invalid x Invalid value: bad'],
  },
  {
    name: 'the root',
    schema: object(
      {},
      rule("self.a == 'ok'", { message: 'bad root' }),
      rule("self.metadata.name != 'evil'", { fieldPath: '.spec' }),
    ),
    value: { metadata: { name: 'evil' } },
    want: [
      'Invalid <nil> Invalid value: bad root',
      "Invalid <nil> Invalid value: failed rule: self.metadata.name != 'evil'",
    ],
  },
  {
    name: 'the metadata but for names is invisible',
    schema: object({}, rule('!has(self.metadata.labels)')),
    value: { metadata: { name: 'a', labels: { a: 'b' } } },
    want: [],
  },
  {
    name: 'reasons',
    schema: object({
      a: text(rule("self == 'ok'", { reason: 'FieldValueForbidden', message: 'no' })),
      b: text(rule("self == 'ok'", { reason: 'FieldValueRequired' })),
      c: text(rule("self == 'ok'", { reason: 'FieldValueDuplicate', message: 'not printed' })),
      d: object({}, rule("self.a == 'ok'", { reason: 'FieldValueDuplicate' })),
    }),
    value: { a: 'x', b: 'x', c: 'x', d: {} },
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
    schema: object({ x: text(rule('explodes', { message: 'm' })) }),
    value: { x: 'a' },
    want: ['Invalid x Invalid value: "string": no such key: b evaluating rule: m'],
  },
  {
    name: 'a rule that nobody can run',
    schema: object({ x: text(rule('self > 1')) }),
    value: { x: 'a' },
    want: ['Invalid x Invalid value: "string": this server cannot evaluate the rule: self > 1'],
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
    name: 'always, when oldSelf is optional',
    schema: object({ x: text(rule('oldSelf.hasValue() || self.x', { optionalOldSelf: true })) }),
    value: { x: 'a' },
    want: ['Invalid x Invalid value: "a": failed rule: oldSelf.hasValue() || self.x'],
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

test.each([
  ['self == oldSelf', true],
  ['oldSelf.x', true],
  ["self == 'oldSelf'", false],
  ['myoldSelf', false],
  ['self.oldSelfie', false],
])('KA-104 %s compares with the old value: %s', (text, want) => expect(usesOldSelf(text)).toBe(want));

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
  expect(checkRules({ object: { x: 'no' }, old: undefined, found }, schema, twins)).toEqual(want);
});

test('KA-104 a schema without rules says nothing of rules that were not checked', () => {
  const found = [{ reason: 'FieldValueRequired', field: 'y', message: 'Required value' }] as const;
  expect(checkRules({ object: { x: 'no' }, old: undefined, found }, object({}), twins)).toEqual([]);
});
