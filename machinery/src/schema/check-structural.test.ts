import { expect, test } from 'vitest';
import type { JsonObject } from '../wire/value.ts';
import { uncheckedFormats } from './check-shape.ts';
import { checkStructural } from './check-structural.ts';

const string: JsonObject = { type: 'string' };

/** Errors of a schema as `path: message`, the path relative to the schema. */
function errorsOf(schema: JsonObject): string[] {
  return checkStructural(schema, 'S').map(({ field, message }) => `${field.slice(1)}: ${message}`);
}

/** Errors of a schema that stands under the property `x`. */
function errorsBelow(schema: JsonObject): string[] {
  return errorsOf({ type: 'object', properties: { x: schema } }).map((line) =>
    line.replaceAll('.properties[x]', '').replaceAll('S.', '.'),
  );
}

test.each<{ name: string; schema: JsonObject; want: string[] }>([
  { name: 'no type', schema: { properties: {} }, want: ['.type: Required value: must not be empty at the root'] },
  {
    name: 'another type',
    schema: { type: 'array', items: string },
    want: ['.type: Invalid value: "array": must be object at the root'],
  },
  {
    name: 'additionalProperties',
    schema: { type: 'object', additionalProperties: string },
    want: ['.additionalProperties: Forbidden: must not be used at the root'],
  },
  { name: 'open', schema: { 'x-kubernetes-preserve-unknown-fields': true }, want: [] },
  {
    name: 'branches beyond the spine',
    schema: {
      type: 'object',
      properties: { a: { type: 'array', items: { type: 'object' } } },
      anyOf: [{ properties: { b: { minLength: 1 } } }],
      not: { allOf: [{ properties: { a: { items: { properties: { c: {} } } } } }] },
    },
    want: [
      '.properties[a].items.properties[c]: Required value: because it is defined in S.not.allOf[0].properties[a].items.properties[c]',
      '.properties[b]: Required value: because it is defined in S.anyOf[0].properties[b]',
    ],
  },
  {
    name: 'metadata with more than names',
    schema: {
      type: 'object',
      properties: { metadata: { type: 'object', properties: { labels: { type: 'object' } } } },
    },
    want: [
      '.properties[metadata]: Forbidden: must not specify anything other than name and generateName, but metadata is implicitly specified',
    ],
  },
  {
    name: 'metadata with a description',
    schema: { type: 'object', properties: { metadata: { type: 'object', description: 'x' } } },
    want: [
      '.properties[metadata]: Forbidden: must not specify anything other than name and generateName, but metadata is implicitly specified',
    ],
  },
  {
    name: 'metadata that narrows the name',
    schema: {
      type: 'object',
      properties: { metadata: { type: 'object', properties: { name: { type: 'string', pattern: 'x' } } } },
    },
    want: [],
  },
  {
    name: 'the frame of other types',
    schema: {
      type: 'object',
      properties: { metadata: string, kind: { type: 'integer' }, apiVersion: { type: 'object' } },
    },
    want: [
      '.properties[apiVersion].type: Invalid value: "object": must be string',
      '.properties[kind].type: Invalid value: "integer": must be string',
      '.properties[metadata].type: Invalid value: "string": must be object',
    ],
  },
  {
    name: 'the frame with defaults',
    schema: {
      type: 'object',
      properties: { metadata: { type: 'object', default: {} }, kind: { type: 'string', default: 'x' } },
    },
    want: [
      '.properties[metadata].default: Forbidden: must not be set in top-level metadata',
      '.properties[kind].default: Forbidden: must not be set in top-level kind',
    ],
  },
])('KA-96 root: $name', ({ schema, want }) => expect(errorsOf(schema)).toEqual(want));

test.each<{ name: string; schema: JsonObject; want: string[] }>([
  {
    name: 'a field without type',
    schema: {},
    want: ['.type: Required value: must not be empty for specified object fields'],
  },
  { name: 'a list without items', schema: { type: 'array' }, want: ['.items: Required value: must be specified'] },
  {
    name: 'items without type',
    schema: { type: 'array', items: {} },
    want: ['.items.type: Required value: must not be empty for specified array items'],
  },
  {
    name: 'values of a map without type',
    schema: { type: 'object', additionalProperties: {} },
    want: ['.additionalProperties.type: Required value: must not be empty for specified object fields'],
  },
  {
    name: 'int-or-string, spelled out',
    schema: { 'x-kubernetes-int-or-string': true, anyOf: [{ type: 'integer' }, string] },
    want: [],
  },
  {
    name: 'int-or-string, spelled out in allOf',
    schema: { 'x-kubernetes-int-or-string': true, allOf: [{ anyOf: [{ type: 'integer' }, string] }, { pattern: 'x' }] },
    want: [],
  },
  {
    name: 'int-or-string that is open too',
    schema: { 'x-kubernetes-int-or-string': true, 'x-kubernetes-preserve-unknown-fields': true },
    want: [
      '.x-kubernetes-preserve-unknown-fields: Invalid value: true: must be false if x-kubernetes-int-or-string is true',
    ],
  },
  {
    name: 'an embedded resource without fields',
    schema: { type: 'object', 'x-kubernetes-embedded-resource': true },
    want: [
      '.properties: Required value: must not be empty if x-kubernetes-embedded-resource is true without x-kubernetes-preserve-unknown-fields',
    ],
  },
  {
    name: 'an embedded resource without type',
    schema: { 'x-kubernetes-embedded-resource': true, 'x-kubernetes-preserve-unknown-fields': true },
    want: ['.type: Required value: must be object if x-kubernetes-embedded-resource is true'],
  },
  {
    name: 'an embedded resource that is a map',
    schema: { type: 'object', 'x-kubernetes-embedded-resource': true, additionalProperties: string },
    want: [
      '.additionalProperties: Forbidden: must not be used if x-kubernetes-embedded-resource is set',
      '.properties: Required value: must not be empty if x-kubernetes-embedded-resource is true without x-kubernetes-preserve-unknown-fields',
    ],
  },
  {
    name: 'an embedded resource in metadata',
    schema: {
      type: 'object',
      'x-kubernetes-embedded-resource': true,
      properties: {
        metadata: {
          type: 'object',
          'x-kubernetes-embedded-resource': true,
          'x-kubernetes-preserve-unknown-fields': true,
        },
      },
    },
    want: ['.properties[metadata].x-kubernetes-embedded-resource: Forbidden: must not be used inside of resource meta'],
  },
  {
    name: 'a pattern that is none',
    schema: { type: 'string', pattern: '(' },
    want: [
      '.pattern: Invalid value: "(": must be a valid regular expression, but isn\'t: error parsing regexp: missing closing ): `(`',
    ],
  },
  {
    name: 'a branch that describes',
    schema: {
      type: 'object',
      properties: { a: string },
      anyOf: [
        {
          type: 'object',
          title: 't',
          description: 'd',
          default: {},
          nullable: true,
          properties: { a: { minLength: 1 }, b: { minLength: 1 } },
          'x-kubernetes-preserve-unknown-fields': true,
          'x-kubernetes-validations': [{ rule: 'true' }],
        },
      ],
      not: { items: { minLength: 1 }, additionalProperties: string },
      oneOf: [{ properties: { metadata: {} } }],
    },
    want: [
      '.anyOf[0].default: Forbidden: must be undefined to be structural',
      '.anyOf[0].description: Forbidden: must be empty to be structural',
      '.anyOf[0].nullable: Forbidden: must be false to be structural',
      '.anyOf[0].title: Forbidden: must be empty to be structural',
      '.anyOf[0].type: Forbidden: must be empty to be structural',
      '.anyOf[0].x-kubernetes-preserve-unknown-fields: Forbidden: must be false to be structural',
      '.anyOf[0].x-kubernetes-validations: Forbidden: must be empty to be structural',
      '.not.additionalProperties: Forbidden: must be undefined to be structural',
      '.oneOf[0].properties[metadata]: Forbidden: must not be specified in a nested context',
    ],
  },
])('KA-96 spine: $name', ({ schema, want }) => expect(errorsBelow(schema)).toEqual(want));

const refused = (keyword: string) => `.${keyword}: Forbidden: ${keyword} is not supported`;

test.each<{ name: string; schema: JsonObject; want: string[] }>([
  { name: '$ref', schema: { type: 'object', $ref: '#/x' }, want: [refused('$ref')] },
  { name: '$schema', schema: { type: 'object', $schema: 'x' }, want: [refused('$schema')] },
  { name: 'id', schema: { type: 'object', id: 'x' }, want: [refused('id')] },
  { name: 'definitions', schema: { type: 'object', definitions: { a: string } }, want: [refused('definitions')] },
  { name: 'dependencies', schema: { type: 'object', dependencies: { a: ['b'] } }, want: [refused('dependencies')] },
  {
    name: 'patternProperties',
    schema: { type: 'object', patternProperties: { a: string } },
    want: [refused('patternProperties')],
  },
  { name: 'additionalItems', schema: { type: 'object', additionalItems: true }, want: [refused('additionalItems')] },
  {
    name: 'readOnly and its kin',
    schema: {
      type: 'object',
      readOnly: true,
      writeOnly: true,
      xml: { name: 'x' },
      deprecated: true,
      discriminator: { propertyName: 'x' },
    },
    want: ['readOnly', 'writeOnly', 'xml', 'deprecated', 'discriminator'].map(refused),
  },
  {
    name: 'uniqueItems',
    schema: { type: 'array', items: string, uniqueItems: true },
    want: ['.uniqueItems: Forbidden: uniqueItems cannot be set to true since the runtime complexity becomes quadratic'],
  },
  {
    name: 'a list of item schemas',
    schema: { type: 'array', items: [string] },
    want: ['.items: Forbidden: items must be a schema object and not an array'],
  },
  {
    name: 'type null',
    schema: { type: 'null' },
    want: [
      '.type: Unsupported value: "null": supported values: "array", "boolean", "integer", "number", "object", "string"',
      '.type: Forbidden: type cannot be set to null, use nullable as an alternative',
    ],
  },
  {
    name: 'fields of a map',
    schema: { type: 'object', properties: { a: string }, additionalProperties: string },
    want: ['.additionalProperties: Forbidden: additionalProperties and properties are mutual exclusive'],
  },
  {
    name: 'additionalProperties false beside fields',
    schema: { type: 'object', properties: { a: string }, additionalProperties: false },
    want: ['.additionalProperties: Forbidden: additionalProperties and properties are mutual exclusive'],
  },
  {
    name: 'preserve-unknown-fields false',
    schema: { type: 'object', 'x-kubernetes-preserve-unknown-fields': false },
    want: ['.x-kubernetes-preserve-unknown-fields: Invalid value: false: must be true or undefined'],
  },
  {
    name: 'map type of a text',
    schema: { type: 'string', 'x-kubernetes-map-type': 'foo' },
    want: [
      '.type: Invalid value: "string": must be object if x-kubernetes-map-type is specified',
      '.x-kubernetes-map-type: Unsupported value: "foo": supported values: "atomic", "granular"',
    ],
  },
])('KA-96 keywords: $name', ({ schema, want }) => expect(errorsBelow(schema)).toEqual(want));

test.each<{ name: string; schema: JsonObject; want: string[] }>([
  {
    name: 'of an object',
    schema: { type: 'object', 'x-kubernetes-list-type': 'set' },
    want: ['.type: Invalid value: "object": must be array if x-kubernetes-list-type is specified'],
  },
  {
    name: 'unknown',
    schema: { type: 'array', items: string, 'x-kubernetes-list-type': 'foo' },
    want: ['.x-kubernetes-list-type: Unsupported value: "foo": supported values: "atomic", "set", "map"'],
  },
  {
    name: 'a set of objects that merge',
    schema: { type: 'array', items: { type: 'object' }, 'x-kubernetes-list-type': 'set' },
    want: [
      '.items.x-kubernetes-map-type: Invalid value: null: must be atomic as item of a list with x-kubernetes-list-type=set',
    ],
  },
  {
    name: 'a set of sets',
    schema: {
      type: 'array',
      items: { type: 'array', items: string, 'x-kubernetes-list-type': 'set' },
      'x-kubernetes-list-type': 'set',
    },
    want: [
      '.items.x-kubernetes-list-type: Invalid value: "set": must be atomic as item of a list with x-kubernetes-list-type=set',
    ],
  },
  {
    name: 'map without keys',
    schema: { type: 'array', items: { type: 'object' }, 'x-kubernetes-list-type': 'map' },
    want: ['.x-kubernetes-list-map-keys: Required value: must not be empty if x-kubernetes-list-type is map'],
  },
  {
    name: 'keys of a set',
    schema: { type: 'array', items: string, 'x-kubernetes-list-type': 'set', 'x-kubernetes-list-map-keys': ['a'] },
    want: ['.x-kubernetes-list-type: Invalid value: "set": must be map if x-kubernetes-list-map-keys is non-empty'],
  },
  {
    name: 'keys without list type',
    schema: { type: 'array', items: string, 'x-kubernetes-list-map-keys': ['a'] },
    want: ['.x-kubernetes-list-type: Required value: must be map if x-kubernetes-list-map-keys is non-empty'],
  },
  {
    name: 'map of texts',
    schema: { type: 'array', items: string, 'x-kubernetes-list-type': 'map', 'x-kubernetes-list-map-keys': ['a'] },
    want: ['.items.type: Invalid value: "string": must be object if parent array\'s x-kubernetes-list-type is map'],
  },
  {
    name: 'map with bad keys',
    schema: {
      type: 'array',
      'x-kubernetes-list-type': 'map',
      'x-kubernetes-list-map-keys': ['a', 'b', 'c', 'c'],
      items: {
        type: 'object',
        nullable: true,
        properties: { a: { type: 'string', nullable: true }, b: { type: 'object' } },
      },
    },
    want: [
      '.items.properties[b].type: Invalid value: "object": must be a scalar type if parent array\'s x-kubernetes-list-type is map',
      '.x-kubernetes-list-map-keys: Invalid value: ["a","b","c","c"]: entries must all be names of item properties',
      '.x-kubernetes-list-map-keys: Invalid value: ["a","b","c","c"]: entries must all be names of item properties',
      '.x-kubernetes-list-map-keys: Invalid value: ["a","b","c","c"]: must not contain duplicate entries',
      '.items.nullable: Forbidden: cannot be nullable when x-kubernetes-list-type is map',
      '.items.properties[a].default: Required value: this property is in x-kubernetes-list-map-keys, so it must have a default or be a required property',
      '.items.properties[a].nullable: Forbidden: this property is in x-kubernetes-list-map-keys, so it cannot be nullable',
      '.items.properties[b].default: Required value: this property is in x-kubernetes-list-map-keys, so it must have a default or be a required property',
    ],
  },
  {
    name: 'map with a required and a defaulted key',
    schema: {
      type: 'array',
      'x-kubernetes-list-type': 'map',
      'x-kubernetes-list-map-keys': ['a', 'b'],
      items: { type: 'object', required: ['a'], properties: { a: string, b: { type: 'string', default: '' } } },
    },
    want: [],
  },
])('KA-100 list type: $name', ({ schema, want }) => expect(errorsBelow(schema)).toEqual(want));

test.each<{ name: string; schema: JsonObject; want: string[] }>([
  {
    name: 'of another type',
    schema: { type: 'integer', default: 'x' },
    want: ['.default: Invalid value: "string":  in body must be of type integer: "string"'],
  },
  {
    name: 'with unknown fields',
    schema: { type: 'object', properties: { a: string }, default: { b: 1 } },
    want: ['.default: Invalid value: {"b":1}: must not have unknown fields'],
  },
  {
    name: 'with unknown fields in items',
    schema: { type: 'array', items: { type: 'object', properties: { a: string } }, default: [{ b: 1 }] },
    want: ['.default: Invalid value: [{"b":1}]: must not have unknown fields'],
  },
  {
    name: 'without a required field',
    schema: {
      type: 'object',
      properties: { a: { type: 'object', required: ['z'], properties: { z: string }, default: {} } },
    },
    want: ['.properties[a].default.z: Required value'],
  },
  {
    name: 'of an embedded resource without kind',
    schema: {
      type: 'object',
      'x-kubernetes-embedded-resource': true,
      'x-kubernetes-preserve-unknown-fields': true,
      default: { metadata: { name: 'x' } },
    },
    want: ['.default.apiVersion: Required value', '.default.kind: Required value'],
  },
  { name: 'null, which is none', schema: { type: 'string', default: null }, want: [] },
])('KA-99 a default $name', ({ schema, want }) => expect(errorsBelow(schema)).toEqual(want));

const ruled = (rule: JsonObject): JsonObject => ({
  type: 'object',
  properties: { a: string },
  'x-kubernetes-validations': [rule],
});

test.each<{ name: string; rule: JsonObject; want: string[] }>([
  { name: 'nothing to evaluate', rule: { rule: ' ' }, want: ['rule: Required value: rule is not specified'] },
  {
    name: 'a blank message',
    rule: { rule: 'x', message: ' ' },
    want: ['message: Invalid value: " ": must be non-empty if specified'],
  },
  {
    name: 'a message of two lines',
    rule: { rule: 'x', message: 'a\nb' },
    want: ['message: Invalid value: "a\\nb": must not contain line breaks'],
  },
  {
    name: 'two lines without message',
    rule: { rule: 'x\n&& y' },
    want: ['message: Required value: message must be specified if rule contains line breaks'],
  },
  {
    name: 'a blank messageExpression',
    rule: { rule: 'x', messageExpression: ' ' },
    want: ['messageExpression: Required value: messageExpression must be non-empty if specified'],
  },
  {
    name: 'an unknown reason',
    rule: { rule: 'x', reason: 'Foo' },
    want: [
      'reason: Unsupported value: "Foo": supported values: "FieldValueDuplicate", "FieldValueForbidden", "FieldValueInvalid", "FieldValueRequired"',
    ],
  },
  {
    name: 'a fieldPath to nowhere',
    rule: { rule: 'x', fieldPath: '.b' },
    want: ['fieldPath: Invalid value: ".b": must be a valid path'],
  },
  { name: 'a fieldPath', rule: { rule: 'x', fieldPath: '.a' }, want: [] },
])('KA-101 a rule with $name', ({ rule, want }) =>
  expect(errorsBelow(ruled(rule))).toEqual(want.map((line) => `.x-kubernetes-validations[0].${line}`)),
);

test('KA-96 keywords of the wrong type are told, and nothing else then', () => {
  const schema = {
    type: ['string'],
    minLength: 'x',
    properties: { a: 'b' },
    'x-kubernetes-validations': [{ rule: 1 }],
  };
  expect(errorsBelow(schema)).toEqual([
    '.minLength: Invalid value: "string": minLength in body must be of type integer: "string"',
    '.properties.a: Invalid value: "string": properties.a in body must be of type object: "string"',
    '.type: Invalid value: "array": type in body must be of type string: "array"',
    '.x-kubernetes-validations[0].rule: Invalid value: "integer": x-kubernetes-validations[0].rule in body must be of type string: "integer"',
  ]);
});

test('KA-97 formats that nobody checks can be told in a warning', () => {
  const schema: JsonObject = {
    type: 'object',
    properties: { format: { type: 'string', format: 'foo' }, b: { type: 'integer', format: 'int32' } },
  };
  expect(uncheckedFormats(schema)).toEqual(['foo']);
});
