import type { FieldError } from '@quarterdeck/apis';
import type { JsonObject } from '../wire/value.ts';
import { formatCheck } from './formats.ts';
import { parts, text } from './raw-schema.ts';
import type { StructuralSchema } from './structural.ts';
import { validateValue } from './validate.ts';

const string: StructuralSchema = { type: 'string' };
const boolean: StructuralSchema = { type: 'boolean' };
const number: StructuralSchema = { type: 'number' };
const integer: StructuralSchema = { type: 'integer', format: 'int64' };
const anything: StructuralSchema = { 'x-kubernetes-preserve-unknown-fields': true };
const schema: StructuralSchema = { type: 'object', 'x-kubernetes-preserve-unknown-fields': true };
const list = (items: StructuralSchema): StructuralSchema => ({ type: 'array', items });
const map = (items: StructuralSchema): StructuralSchema => ({ type: 'object', additionalProperties: items });

const rule: StructuralSchema = {
  type: 'object',
  properties: {
    rule: string,
    message: string,
    messageExpression: string,
    reason: string,
    fieldPath: string,
    optionalOldSelf: boolean,
  },
};

/** Every keyword that a schema in a CRD can have, those included that are refused later, and the type of its value. */
const keywords: Readonly<Record<string, StructuralSchema>> = {
  $ref: string,
  $schema: string,
  additionalItems: anything,
  additionalProperties: anything,
  allOf: list(schema),
  anyOf: list(schema),
  default: anything,
  definitions: map(schema),
  dependencies: map(anything),
  deprecated: anything,
  description: string,
  discriminator: anything,
  enum: list({ ...anything, nullable: true }),
  example: anything,
  exclusiveMaximum: boolean,
  exclusiveMinimum: boolean,
  externalDocs: { type: 'object', properties: { description: string, url: string } },
  format: string,
  id: string,
  items: anything,
  maxItems: integer,
  maxLength: integer,
  maxProperties: integer,
  maximum: number,
  minItems: integer,
  minLength: integer,
  minProperties: integer,
  minimum: number,
  multipleOf: number,
  not: schema,
  nullable: boolean,
  oneOf: list(schema),
  pattern: string,
  patternProperties: map(schema),
  properties: map(schema),
  readOnly: anything,
  required: list(string),
  title: string,
  type: string,
  uniqueItems: boolean,
  writeOnly: anything,
  xml: anything,
  'x-kubernetes-embedded-resource': boolean,
  'x-kubernetes-int-or-string': boolean,
  'x-kubernetes-list-map-keys': list(string),
  'x-kubernetes-list-type': string,
  'x-kubernetes-map-type': string,
  'x-kubernetes-preserve-unknown-fields': boolean,
  'x-kubernetes-validations': list(rule),
};

const node: StructuralSchema = { type: 'object', properties: keywords };

/** Checks that the value of every keyword, at every depth, has the type it must have. KA-96 */
export function shapeErrors(json: JsonObject, path: string): FieldError[] {
  return [
    ...validateValue(withoutNulls(json), node, { path }),
    ...parts(json).flatMap(([child, step]) => shapeErrors(child, `${path}.${step}`)),
  ];
}

/** A null keyword is an absent one. */
function withoutNulls(json: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(json).filter(([, value]) => value !== null));
}

/** The formats of texts, at any depth, that nobody checks: what a warning names. KA-97 */
export function uncheckedFormats(json: JsonObject): string[] {
  const format = text(json, 'format');
  const own = text(json, 'type') === 'string' && format !== '' && formatCheck(format) === undefined ? [format] : [];
  return [...own, ...parts(json).flatMap(([child]) => uncheckedFormats(child))];
}
