import { expect, test } from 'vitest';
import { parseJson } from '../wire/json.ts';
import type { JsonValue } from '../wire/value.ts';
import type { StructuralSchema } from './structural.ts';
import { validateValue } from './validate.ts';

const string: StructuralSchema = { type: 'string' };
const integer: StructuralSchema = { type: 'integer' };
const object = (properties: Record<string, StructuralSchema>): StructuralSchema => ({ type: 'object', properties });

/** Checks a value as the field `x`, and writes each error as `reason field message`. */
function check(schema: StructuralSchema, value: JsonValue, old?: JsonValue): string[] {
  const options = old === undefined ? {} : { old: { x: old } };
  return validateValue({ x: value }, object({ x: schema }), options).map(
    ({ reason, field, message }) => `${reason.replace('FieldValue', '')} ${field} ${message}`,
  );
}

const wrongType = (actual: string, expected: string) =>
  `TypeInvalid x Invalid value: "${actual}": x in body must be of type ${expected}: "${actual}"`;
const invalid = (shown: string, what: string) => `Invalid x Invalid value: ${shown}: x in body ${what}`;

test.each<{ name: string; schema: StructuralSchema; value: JsonValue; want: string[] }>([
  { name: 'text for an integer', schema: integer, value: 'a', want: [wrongType('string', 'integer')] },
  { name: 'a fraction for an integer', schema: integer, value: 1.5, want: [wrongType('number', 'integer')] },
  { name: '1.0 is an integer', schema: integer, value: 1.0, want: [] },
  { name: 'the largest 64-bit integer', schema: integer, value: 2n ** 63n - 1n, want: [] },
  {
    name: 'an integer of more than 64 bits',
    schema: integer,
    value: 2n ** 63n,
    want: [wrongType('number', 'integer')],
  },
  { name: 'a huge float is no integer', schema: integer, value: 1e30, want: [wrongType('number', 'integer')] },
  { name: 'int32 does not limit', schema: { ...integer, format: 'int32' }, value: 2 ** 40, want: [] },
  { name: 'an integer for a number', schema: { type: 'number' }, value: 1, want: [] },
  { name: 'text for a number', schema: { type: 'number' }, value: 'a', want: [wrongType('string', 'number')] },
  { name: 'a number for text', schema: string, value: 1.5, want: [wrongType('number', 'string')] },
  { name: 'an object for text', schema: string, value: {}, want: [wrongType('object', 'string')] },
  { name: 'text for a flag', schema: { type: 'boolean' }, value: 'true', want: [wrongType('string', 'boolean')] },
  { name: 'a list for an object', schema: object({}), value: [], want: [wrongType('array', 'object')] },
  {
    name: 'an object for a list',
    schema: { type: 'array', items: integer },
    value: {},
    want: [wrongType('object', 'array')],
  },
  { name: 'null where it is not allowed', schema: integer, value: null, want: [wrongType('null', 'integer')] },
  { name: 'null where it is allowed', schema: { ...integer, nullable: true }, value: null, want: [] },
  {
    name: 'the type of an item',
    schema: { type: 'array', items: integer },
    value: [1, 'a'],
    want: ['TypeInvalid x[1] Invalid value: "string": x[1] in body must be of type integer: "string"'],
  },
  {
    name: 'neither integer nor text for int-or-string',
    schema: { 'x-kubernetes-int-or-string': true },
    value: true,
    want: [wrongType('boolean', 'integer,string')],
  },
  {
    name: 'a pattern of int-or-string looks at texts only',
    schema: { 'x-kubernetes-int-or-string': true, pattern: '%$' },
    value: 5,
    want: [],
  },
])('KA-97 types: $name', ({ schema, value, want }) => expect(check(schema, value)).toEqual(want));

test.each<{ name: string; schema: StructuralSchema; value: JsonValue; want: string[] }>([
  {
    name: 'enum of texts',
    schema: { ...string, enum: ['a', 'b'] },
    value: 'c',
    want: ['NotSupported x Unsupported value: "c": supported values: "a", "b"'],
  },
  {
    name: 'enum of numbers',
    schema: { ...integer, enum: [1, 2] },
    value: 3,
    want: ['NotSupported x Unsupported value: 3: supported values: "1", "2"'],
  },
  { name: 'enum and a bigint', schema: { ...integer, enum: [1] }, value: 1n, want: [] },
  {
    name: 'null is in no enum',
    schema: { ...string, nullable: true, enum: ['a', null] },
    value: null,
    want: ['NotSupported x Unsupported value: null: supported values: "a", "null"'],
  },
  {
    name: 'minimum',
    schema: { ...integer, minimum: 2 },
    value: 1,
    want: [invalid('1', 'should be greater than or equal to 2')],
  },
  {
    name: 'maximum',
    schema: { ...integer, maximum: 5 },
    value: 6,
    want: [invalid('6', 'should be less than or equal to 5')],
  },
  {
    name: 'exclusive minimum',
    schema: { type: 'number', minimum: 2.5, exclusiveMinimum: true },
    value: 2.5,
    want: [invalid('2.5', 'should be greater than 2.5')],
  },
  {
    name: 'exclusive maximum',
    schema: { type: 'number', maximum: 5, exclusiveMaximum: true },
    value: 5,
    want: [invalid('5', 'should be less than 5')],
  },
  {
    name: 'a maximum beyond all integers',
    schema: { type: 'number', maximum: 1e22 },
    value: 1e30,
    want: [invalid('1e+30', 'should be less than or equal to 1e+22')],
  },
  {
    name: 'a bigint over the maximum',
    schema: { ...integer, maximum: 2 ** 53 },
    value: 2n ** 53n + 1n,
    want: [invalid('9007199254740993', 'should be less than or equal to 9.007199254740992e+15')],
  },
  {
    name: 'multipleOf',
    schema: { ...integer, multipleOf: 3 },
    value: 4,
    want: [invalid('4', 'should be a multiple of 3')],
  },
  { name: 'a multiple of a fraction', schema: { type: 'number', multipleOf: 0.1 }, value: 0.3, want: [] },
  {
    name: 'no multiple of a fraction',
    schema: { type: 'number', multipleOf: 0.5 },
    value: 1.3,
    want: [invalid('1.3', 'should be a multiple of 0.5')],
  },
  {
    name: 'maxLength',
    schema: { ...string, maxLength: 3 },
    value: 'abcd',
    want: ['TooLong x Too long: may not be more than 3 bytes'],
  },
  {
    name: 'maxLength 1',
    schema: { ...string, maxLength: 1 },
    value: 'ab',
    want: ['TooLong x Too long: may not be more than 1 byte'],
  },
  { name: 'maxLength counts code points', schema: { ...string, maxLength: 3 }, value: '😀😀😀', want: [] },
  {
    name: 'minLength',
    schema: { ...string, minLength: 2 },
    value: '😀',
    want: [invalid('"😀"', 'should be at least 2 chars long')],
  },
  {
    name: 'only the first broken rule of a text',
    schema: { ...string, minLength: 2, pattern: '^b' },
    value: 'a',
    want: [invalid('"a"', 'should be at least 2 chars long')],
  },
  {
    name: 'pattern',
    schema: { ...string, pattern: '^a+$' },
    value: 'b',
    want: [invalid('"b"', "should match '^a+$'")],
  },
  { name: 'patterns are not anchored', schema: { ...string, pattern: 'a' }, value: 'xax', want: [] },
  { name: 'patterns are RE2', schema: { ...string, pattern: '^\\pL(?i:b)\\z' }, value: 'äB', want: [] },
  {
    name: 'maxItems',
    schema: { type: 'array', items: string, maxItems: 1 },
    value: ['a', 'b'],
    want: ['TooMany x Too many: 2: must have at most 1 item'],
  },
  {
    name: 'minItems',
    schema: { type: 'array', items: string, minItems: 1 },
    value: [],
    want: [invalid('0', 'should have at least 1 items')],
  },
  {
    name: 'uniqueItems',
    schema: { type: 'array', items: string, uniqueItems: true },
    value: ['a', 'a'],
    want: [invalid('""', "shouldn't contain duplicates")],
  },
  {
    name: 'maxProperties',
    schema: { type: 'object', additionalProperties: integer, maxProperties: 1 },
    value: { a: 1, b: 2 },
    want: ['TooMany x Too many: 2: must have at most 1 item'],
  },
  {
    name: 'minProperties',
    schema: { type: 'object', additionalProperties: integer, minProperties: 1 },
    value: {},
    want: [invalid('0', 'should have at least 1 properties')],
  },
  {
    name: 'required, with an empty value and a null being there',
    schema: { ...object({ a: string, b: string }), required: ['a', 'b', 'c'] },
    value: { a: '', c: null },
    want: ['Required x.b Required value'],
  },
  {
    name: 'the values of a map',
    schema: { type: 'object', additionalProperties: integer },
    value: { 'a.b/c': 'x' },
    want: ['TypeInvalid x.a.b/c Invalid value: "string": x.a.b/c in body must be of type integer: "string"'],
  },
  {
    name: 'additionalProperties false',
    schema: { type: 'object', additionalProperties: false },
    value: { a: 1 },
    want: ['Invalid x Invalid value: "a": x.a in body is a forbidden property'],
  },
])('KA-97 limits: $name', ({ schema, value, want }) => expect(check(schema, value)).toEqual(want));

test.each<{ name: string; schema: StructuralSchema; value: JsonValue; want: string[] }>([
  {
    name: 'not',
    schema: { ...string, not: { enum: ['bad'] } },
    value: 'bad',
    want: ['Invalid <nil> Invalid value: "": "x" must not validate the schema (not)'],
  },
  {
    name: 'anyOf tells of the first branch',
    schema: { ...integer, anyOf: [{ maximum: 3 }, { minimum: 10 }] },
    value: 5,
    want: [
      'Invalid <nil> Invalid value: "": "x" must validate at least one schema (anyOf)',
      invalid('5', 'should be less than or equal to 3'),
    ],
  },
  {
    name: 'anyOf with a good branch',
    schema: { ...integer, anyOf: [{ maximum: 3 }, { minimum: 10 }] },
    value: 11,
    want: [],
  },
  {
    name: 'anyOf tells of the branch that came further',
    schema: {
      ...object({ a: string, b: string }),
      anyOf: [{ required: ['b'] }, { properties: { a: { enum: ['y'] } }, required: ['b'] }],
    },
    value: { a: 'z' },
    want: [
      'Invalid <nil> Invalid value: "": "x" must validate at least one schema (anyOf)',
      'NotSupported x.a Unsupported value: "z": supported values: "y"',
      'Required x.b Required value',
    ],
  },
  {
    name: 'oneOf with no good branch',
    schema: { ...object({ a: string, b: string }), oneOf: [{ required: ['a'] }, { required: ['b'] }] },
    value: {},
    want: [
      'Invalid <nil> Invalid value: "": "x" must validate one and only one schema (oneOf). Found none valid',
      'Required x.a Required value',
    ],
  },
  {
    name: 'oneOf with two good branches',
    schema: { ...object({ a: string, b: string }), oneOf: [{ required: ['a'] }, { required: ['b'] }] },
    value: { a: '', b: '' },
    want: [
      'Invalid <nil> Invalid value: "": "x" must validate one and only one schema (oneOf). Found 2 valid alternatives',
    ],
  },
  {
    name: 'allOf with one bad branch',
    schema: { ...integer, allOf: [{ maximum: 3 }, { minimum: 2 }] },
    value: 5,
    want: [
      invalid('5', 'should be less than or equal to 3'),
      'Invalid <nil> Invalid value: "": "x" must validate all the schemas (allOf)',
    ],
  },
  {
    name: 'allOf with none good',
    schema: { ...integer, allOf: [{ maximum: 3 }, { multipleOf: 2 }] },
    value: 5,
    want: [
      invalid('5', 'should be less than or equal to 3'),
      invalid('5', 'should be a multiple of 2'),
      'Invalid <nil> Invalid value: "": "x" must validate all the schemas (allOf). None validated',
    ],
  },
  {
    name: 'a format in a branch, for a value of another type',
    schema: { 'x-kubernetes-int-or-string': true, allOf: [{ format: 'ipv4' }] },
    value: 5,
    want: [
      'TypeInvalid x Invalid value: "int64": x in body must be of type ipv4: "int64"',
      'Invalid <nil> Invalid value: "": "x" must validate all the schemas (allOf). None validated',
    ],
  },
])('KA-97 logic: $name', ({ schema, value, want }) => expect(check(schema, value)).toEqual(want));

test('KA-97 the same fault found twice is told once', () => {
  const schema: StructuralSchema = { ...string, maxLength: 1, allOf: [{ maxLength: 1 }, { maxLength: 1 }] };
  expect(check(schema, 'ab')).toEqual([
    'TooLong x Too long: may not be more than 1 byte',
    'Invalid <nil> Invalid value: "": "x" must validate all the schemas (allOf). None validated',
  ]);
});

test('KA-97 a path prefix stands in the field, and not in the text', () => {
  expect(validateValue({ a: 1 }, object({ a: string }), { path: 'status' })).toEqual([
    {
      reason: 'FieldValueTypeInvalid',
      field: 'status.a',
      message: 'Invalid value: "integer": a in body must be of type string: "integer"',
    },
  ]);
  expect(validateValue([1], { type: 'array', items: string }, { path: 'list' }).map(({ field }) => field)).toEqual([
    'list[0]',
  ]);
  expect(validateValue(1, string).map(({ field, message }) => [field, message])).toEqual([
    ['<nil>', 'Invalid value: "integer":  in body must be of type string: "integer"'],
  ]);
});

test('KA-97 names of Object.prototype are fields like any other', () => {
  const schema = { ...object({ a: string }), required: ['constructor', 'toString'] };
  expect(check(schema, {})).toEqual(['Required x.constructor Required value', 'Required x.toString Required value']);
  expect(check({ type: 'object', additionalProperties: integer }, parseJson('{"__proto__": "a"}'))).toEqual([
    'TypeInvalid x.__proto__ Invalid value: "string": x.__proto__ in body must be of type integer: "string"',
  ]);
});

test('KA-97 what is wrong everywhere is told at most a thousand times', () => {
  const wrong = Array.from({ length: 100_000 }, () => 'a');
  expect(check({ type: 'array', items: integer }, wrong)).toHaveLength(1_000);
});

test('KA-100 duplicates by the hundred thousand are told a thousand times, and so is what is wrong in embedded metadata', () => {
  const many = Array.from({ length: 130_000 }, (_, index) => index);
  const set: StructuralSchema = { type: 'array', 'x-kubernetes-list-type': 'set', items: integer };
  expect(validateValue([...many, ...many], set)).toHaveLength(1_000);
  const labels = Object.fromEntries(many.map((index) => [`-${index}`, 'a']));
  const object = { apiVersion: 'v1', kind: 'Pod', metadata: { labels } };
  expect(validateValue(object, { type: 'object', 'x-kubernetes-embedded-resource': true })).toHaveLength(1_000);
});

const listMap: StructuralSchema = {
  type: 'array',
  'x-kubernetes-list-type': 'map',
  'x-kubernetes-list-map-keys': ['k'],
  items: { ...object({ k: string, v: { ...string, maxLength: 1 } }), required: ['k'] },
};
const nested: StructuralSchema = {
  ...object({ a: { ...string, maxLength: 1 }, b: string, c: string }),
  required: ['c'],
};

test.each<{ name: string; schema: StructuralSchema; old: JsonValue; value: JsonValue; want: string[] }>([
  { name: 'an unchanged value', schema: { ...string, maxLength: 1 }, old: 'ab', value: 'ab', want: [] },
  {
    name: 'a changed value',
    schema: { ...string, maxLength: 1 },
    old: 'ab',
    value: 'ac',
    want: ['TooLong x Too long: may not be more than 1 byte'],
  },
  {
    name: 'a field beside a changed one, but not the object around both',
    schema: nested,
    old: { a: 'xx', b: '1' },
    value: { a: 'xx', b: '2' },
    want: ['Required x.c Required value'],
  },
  {
    name: 'an unchanged value under anyOf',
    schema: { ...string, anyOf: [{ maxLength: 1 }, { pattern: '^z' }] },
    old: 'ab',
    value: 'ab',
    want: [],
  },
  {
    name: 'items of a keyed list, wherever they stand now',
    schema: listMap,
    old: [
      { k: 'a', v: 'xx' },
      { k: 'b', v: 'yy' },
    ],
    value: [
      { k: 'b', v: 'yy' },
      { k: 'a', v: 'xx' },
      { k: 'c', v: 'zz' },
    ],
    want: ['TooLong x[2].v Too long: may not be more than 1 byte'],
  },
  {
    name: 'items of other lists only as a whole list',
    schema: { type: 'array', items: { ...string, maxLength: 1 } },
    old: ['xx', 'yy'],
    value: ['xx'],
    want: ['TooLong x[0] Too long: may not be more than 1 byte'],
  },
  {
    name: 'an unchanged list',
    schema: { type: 'array', items: { ...string, maxLength: 1 } },
    old: ['xx', 'yy'],
    value: ['xx', 'yy'],
    want: [],
  },
  {
    name: 'a value of a map',
    schema: { type: 'object', additionalProperties: { ...string, maxLength: 1 } },
    old: { a: 'xx' },
    value: { a: 'xx', b: 'yy' },
    want: ['TooLong x.b Too long: may not be more than 1 byte'],
  },
  {
    name: 'nothing of an object with a field that no schema describes',
    schema: { ...object({ a: string }), 'x-kubernetes-preserve-unknown-fields': true, maxProperties: 1 },
    old: { a: 'x', b: 1 },
    value: { a: 'x', b: 1 },
    want: ['TooMany x Too many: 2: must have at most 1 item'],
  },
  {
    name: 'of a list with such objects, which is compared as a whole',
    schema: { type: 'array', maxItems: 1, items: { ...object({}), 'x-kubernetes-preserve-unknown-fields': true } },
    old: [{ b: 1 }, { b: 2 }],
    value: [{ b: 1 }, { b: 2 }],
    want: [],
  },
  {
    name: 'a keyed list whose items all were there before',
    schema: { ...listMap, maxItems: 1 },
    old: [
      { k: 'a', v: 'x' },
      { k: 'b', v: 'y' },
    ],
    value: [
      { k: 'b', v: 'y' },
      { k: 'a', v: 'x' },
    ],
    want: [],
  },
])('KA-105 errors are dropped on what did not change: $name', ({ schema, old, value, want }) =>
  expect(check(schema, value, old)).toEqual(want),
);

const set: StructuralSchema = { type: 'array', 'x-kubernetes-list-type': 'set', items: {} };

test.each<{ name: string; schema: StructuralSchema; value: JsonValue; old?: JsonValue; want: string[] }>([
  {
    name: 'a set, the second of many',
    schema: set,
    value: ['a', 'b', 'a', 'a'],
    want: ['Duplicate x[2] Duplicate value: "a"'],
  },
  { name: 'a set of numbers', schema: set, value: [1, 1.0], want: ['Duplicate x[1] Duplicate value: 1'] },
  { name: 'text is not a number', schema: set, value: [1, '1'], want: [] },
  {
    name: 'a set of objects',
    schema: set,
    value: [
      { a: 1, b: 2 },
      { b: 2, a: 1 },
    ],
    want: ['Duplicate x[1] Duplicate value: {"a":1,"b":2}'],
  },
  {
    name: 'a keyed list',
    schema: listMap,
    value: [{ k: 'a' }, { k: 'a', v: 'b' }],
    want: ['Duplicate x[1] Duplicate value: {"k":"a"}'],
  },
  {
    name: 'a keyed list with two keys',
    schema: {
      type: 'array',
      'x-kubernetes-list-type': 'map',
      'x-kubernetes-list-map-keys': ['p', 'k'],
      items: object({ k: string, p: integer }),
    },
    value: [
      { k: 'a', p: 1 },
      { k: 'a', p: 2 },
      { p: 1, k: 'a' },
    ],
    want: ['Duplicate x[2] Duplicate value: {"k":"a","p":1}'],
  },
  {
    name: 'keys that are missing are equal',
    schema: listMap,
    value: [{}, {}],
    want: ['Required x[0].k Required value', 'Required x[1].k Required value', 'Duplicate x[1] Duplicate value: {}'],
  },
  {
    name: 'a keyed list of texts',
    schema: { ...listMap, items: string },
    value: ['a', 'a'],
    want: ['Invalid x[0] Invalid value: "a": must be an object for an array of list-type map'],
  },
  {
    name: 'below maps and lists',
    schema: { type: 'object', additionalProperties: { type: 'array', items: object({ s: set }) } },
    value: { m: [{ s: ['a', 'a'] }] },
    want: ['Duplicate x[m][0].s[1] Duplicate value: "a"'],
  },
  { name: 'an update of what was wrong already', schema: set, old: ['a', 'a'], value: ['a', 'a', 'b', 'b'], want: [] },
  {
    name: 'an update of what was right',
    schema: set,
    old: ['a'],
    value: ['a', 'a'],
    want: ['Duplicate x[1] Duplicate value: "a"'],
  },
  {
    name: 'lists of built-in kinds have their own rules',
    schema: { ...set, 'x-kubernetes-patch-strategy': 'merge' },
    value: ['a', 'a'],
    want: [],
  },
])('KA-100 duplicates: $name', ({ schema, value, old, want }) => expect(check(schema, value, old)).toEqual(want));

test('KA-105 a part that is the very same object as before is not looked at again, but in a branch', () => {
  const looked: string[] = [];
  const watched = (name: string): JsonValue =>
    new Proxy(
      { text: 'a' },
      {
        ownKeys: (target) => {
          looked.push(name);
          return Reflect.ownKeys(target);
        },
      },
    );
  const [spec, status] = [watched('spec'), watched('status')];
  const part = object({ text: integer });
  const schema = object({ spec: part, status: part });
  const fields = (value: JsonValue, old: JsonValue, by = schema) =>
    validateValue(value, by, { old }).map(({ field }) => field);
  expect(fields({ spec, status }, { spec, status: {} })).toEqual(['status.text']);
  expect([...new Set(looked)]).toEqual(['status']);
  looked.splice(0);
  fields({ spec, other: 1 }, { spec }, { ...schema, not: object({ spec: part }) });
  expect(looked).toContain('spec');
});
