import { equalValues, getOwn, isJsonObject, type JsonObject, type JsonValue } from '../wire/value.ts';
import { correlateItems, isUnchanged, propertySchema } from './correlate.ts';
import { invalidType, invalidValue, requiredValue, tooLong, tooMany, unsupportedValue } from './field-error.ts';
import { type FieldPath, field, joinPath, pathText, subscript } from './field-path.ts';
import { formatCheck } from './formats.ts';
import { goFloat, goJson, goNumber, goQuote } from './go-text.ts';
import { addError, createOutcome, forgetErrors, type Outcome } from './outcome.ts';
import { compilePattern } from './pattern.ts';
import { schemaFeatures } from './schema-features.ts';
import type { StructuralSchema } from './structural.ts';
import { validateLogic } from './validate-logic.ts';

interface Node {
  readonly outcome: Outcome;
  readonly schema: StructuralSchema;
  readonly path: FieldPath | undefined;
  readonly before: Before | undefined;
}

/** The value before this write, where one can be told to be the same part. */
export interface Before {
  readonly value: JsonValue;
  /** Of the part itself; a branch of its allOf, anyOf, oneOf or not is another. */
  readonly schema: StructuralSchema;
}

/** Checks one value and its parts against one schema node. Errors on an unchanged value are dropped. KA-97, KA-105 */
export function validateNode(
  outcome: Outcome,
  value: JsonValue,
  schema: StructuralSchema,
  path: FieldPath | undefined,
  before: Before | undefined,
): void {
  const known = outcome.errors.length;
  const node: Node = { outcome, schema, path, before };
  checkType(node, value);
  if (value !== null) {
    validateLogic(outcome, schema, path, (branch) => {
      const result = createOutcome(outcome.prefix, true);
      validateNode(result, value, branch, path, before);
      return result;
    });
    if (typeof value === 'string') checkString(node, value);
    else if (typeof value === 'number' || typeof value === 'bigint') checkNumber(node, value);
    else if (Array.isArray(value)) checkArray(node, value);
    outcome.matches += 4;
  }
  checkEnum(node, value);
  if (isJsonObject(value)) checkObject(node, value);
  // What is wrong for a branch is so for the part, which may be unchanged. The root never is: its metadata has no schema.
  if (outcome.errors.length === known || before === undefined || before.schema !== schema || path === undefined) return;
  if (isUnchanged(value, before.value, schema)) forgetErrors(outcome, known);
}

const where = (node: Node) => joinPath(node.outcome.prefix, pathText(node.path));
const refuse = (node: Node, value: JsonValue, what: string) =>
  addError(node.outcome, invalidValue(where(node), value, `${pathText(node.path)} in body ${what}`));

type Kind = 'null' | 'boolean' | 'string' | 'integer' | 'number' | 'array' | 'object';

const minInt64 = -(2n ** 63n);
const maxInt64 = 2n ** 63n - 1n;

/** `1.0` is an integer; whole numbers that no 64-bit integer holds are not. */
function kindOf(value: JsonValue): Kind {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'array';
  switch (typeof value) {
    case 'string':
      return 'string';
    case 'boolean':
      return 'boolean';
    case 'bigint':
      return value >= minInt64 && value <= maxInt64 ? 'integer' : 'number';
    case 'number':
      return Number.isSafeInteger(value) ? 'integer' : 'number';
    default:
      return 'object';
  }
}

function checkType(node: Node, value: JsonValue): void {
  const { schema, outcome } = node;
  const types =
    schema['x-kubernetes-int-or-string'] === true ? intOrString : schema.type === undefined ? [] : [schema.type];
  const format = schema.format !== undefined && formatCheck(schema.format) !== undefined ? schema.format : undefined;
  if (types.length === 0 && format === undefined) return;
  const kind = kindOf(value);
  const fits = (types as readonly string[]).includes(kind) || (kind === 'integer' && schema.type === 'number');
  if (kind === 'null') {
    if (schema.nullable === true || types.length === 0) {
      outcome.matches += 1;
      return;
    }
  } else {
    outcome.matches += fits ? 2 : 1;
    // A bare format says nothing of the type. (Upstream also lets a list pass for a string with a format; we do not.)
    if (fits || (types.length === 0 && (kind === 'string' || kind === 'array'))) return;
  }
  const [expected, actual] =
    format === undefined || kind === 'string' || kind === 'array' || kind === 'null'
      ? [types.join(','), kind]
      : [format, formatOf(kind)];
  addError(
    outcome,
    invalidType(where(node), actual, `${pathText(node.path)} in body must be of type ${expected}: ${goQuote(actual)}`),
  );
}

const intOrString = ['integer', 'string'] as const;
const formatOf = (kind: Kind) => (kind === 'integer' ? 'int64' : kind === 'number' ? 'float64' : '');

function checkString(node: Node, text: string): void {
  const { schema, outcome } = node;
  outcome.matches += 1;
  checkLength(node, text);
  const check = schema.format === undefined ? undefined : formatCheck(schema.format);
  if (check === undefined || schema.format === undefined) return;
  outcome.matches += 1;
  if (check(text)) return;
  const why = `${pathText(node.path)} in body must be of type ${schema.format}: ${goQuote(text)}`;
  addError(outcome, invalidType(where(node), text, why));
}

/** Stops at the first failure, as upstream does. Lengths count code points. */
function checkLength(node: Node, text: string): void {
  const { maxLength, minLength, pattern } = node.schema;
  if (maxLength !== undefined && text.length > maxLength && codePoints(text) > maxLength) {
    addError(node.outcome, tooLong(where(node), maxLength));
    return;
  }
  if (minLength !== undefined && (text.length < minLength || codePoints(text) < minLength)) {
    refuse(node, text, `should be at least ${minLength} chars long`);
    return;
  }
  if (pattern === undefined || pattern === '') return;
  const compiled = compilePattern(pattern);
  if (compiled instanceof Error) {
    refuse(node, text, `should match '${pattern}, but pattern is invalid: ${compiled.message}'`);
  } else if (!compiled.test(text)) refuse(node, text, `should match '${pattern}'`);
}

function codePoints(text: string): number {
  let count = 0;
  for (const _ of text) count += 1;
  return count;
}

function checkNumber(node: Node, value: number | bigint): void {
  const { multipleOf, minimum, maximum, exclusiveMinimum, exclusiveMaximum } = node.schema;
  const limit = kindOf(value) === 'integer' ? goNumber : (bound: number | bigint) => goFloat(Number(bound));
  const orEqual = (exclusive: boolean | undefined) => (exclusive === true ? '' : 'or equal to ');
  node.outcome.matches += 2;
  if (multipleOf !== undefined && !isMultiple(value, multipleOf)) {
    refuse(node, value, `should be a multiple of ${limit(multipleOf)}`);
  }
  if (minimum !== undefined && (exclusiveMinimum === true ? value <= minimum : value < minimum)) {
    refuse(node, value, `should be greater than ${orEqual(exclusiveMinimum)}${limit(minimum)}`);
  }
  if (maximum !== undefined && (exclusiveMaximum === true ? value >= maximum : value > maximum)) {
    refuse(node, value, `should be less than ${orEqual(exclusiveMaximum)}${limit(maximum)}`);
  }
}

function isMultiple(value: number | bigint, factor: number): boolean {
  if (factor <= 0) return false;
  if (typeof value === 'bigint') {
    return Number.isSafeInteger(factor) ? value % BigInt(factor) === 0n : isMultiple(Number(value), factor);
  }
  if (Number.isSafeInteger(value) && Number.isSafeInteger(factor)) return value % factor === 0;
  const quotient = value / factor;
  const whole = Math.round(quotient);
  return Number.isSafeInteger(whole) && Math.abs(quotient - whole) <= 1e-9 * Math.max(1, Math.abs(quotient));
}

function checkArray(node: Node, list: readonly JsonValue[]): void {
  const { outcome, schema, path } = node;
  const { items, minItems, maxItems, uniqueItems } = schema;
  outcome.matches += 2;
  if (items !== undefined) {
    const beforeOf = itemsBefore(node);
    list.forEach((item, index) => void validateNode(outcome, item, items, subscript(path, index), beforeOf(item)));
  }
  if (minItems !== undefined && list.length < minItems) {
    refuse(node, list.length, `should have at least ${minItems} items`);
  }
  if (maxItems !== undefined && list.length > maxItems) {
    addError(outcome, tooMany(where(node), list.length, maxItems));
  }
  if (uniqueItems === true && new Set(list.map(goJson)).size < list.length) {
    refuse(node, '', "shouldn't contain duplicates");
  }
}

/** A null never matches an enum, not even one that lists null: so it is upstream. */
function checkEnum(node: Node, value: JsonValue): void {
  const allowed = node.schema.enum;
  if (allowed === undefined || allowed.length === 0) return;
  if (value !== null && allowed.some((candidate) => equalValues(candidate, value))) return;
  const names = allowed.map((candidate) => (typeof candidate === 'string' ? candidate : goJson(candidate)));
  addError(node.outcome, unsupportedValue(where(node), value, names));
}

function checkObject(node: Node, object: JsonObject): void {
  const { outcome, schema, path } = node;
  const { minProperties, maxProperties, additionalProperties } = schema;
  const properties = schema.properties ?? {};
  outcome.matches += 1;
  const keys = Object.keys(object);
  if (minProperties !== undefined && keys.length < minProperties) {
    refuse(node, keys.length, `should have at least ${minProperties} properties`);
  }
  if (maxProperties !== undefined && keys.length > maxProperties) {
    addError(outcome, tooMany(where(node), keys.length, maxProperties));
  }
  const beforeOf = propertiesBefore(node);
  if (additionalProperties !== undefined && additionalProperties !== true) {
    for (const key of keys) {
      if (Object.hasOwn(properties, key)) continue;
      if (additionalProperties === false) {
        addError(outcome, invalidValue(where(node), key, `${pathText(path)}.${key} in body is a forbidden property`));
      } else {
        validateNode(outcome, object[key] as JsonValue, additionalProperties, field(path, key), beforeOf(key));
      }
    }
  }
  for (const key of Object.keys(properties)) {
    if (!Object.hasOwn(object, key)) continue;
    const own = properties[key] as StructuralSchema;
    const value = object[key] as JsonValue;
    const before = beforeOf(key);
    // A write of a status leaves the rest as the very same object. No error on it would be kept, if it counts as unchanged.
    if (before !== undefined && value === before.value && typeof value === 'object' && !outcome.isBranch) {
      if (!schemaFeatures(own).open || isUnchanged(value, before.value, own)) continue;
    }
    validateNode(outcome, value, own, field(path, key), before);
  }
  for (const key of schema.required ?? []) {
    if (!Object.hasOwn(object, key))
      addError(outcome, requiredValue(joinPath(outcome.prefix, pathText(field(path, key)))));
  }
}

function itemsBefore({ before }: Node): (item: JsonValue) => Before | undefined {
  const items = before?.schema.items;
  if (before === undefined || items === undefined) return () => undefined;
  const oldOf = correlateItems(before.schema, before.value);
  return (item) => {
    const value = oldOf(item);
    return value === undefined ? undefined : { value, schema: items };
  };
}

/** apiVersion and kind of the root are never taken as unchanged: both sides were converted to the same version. */
function propertiesBefore({ before, path }: Node): (key: string) => Before | undefined {
  if (before === undefined || !isJsonObject(before.value)) return () => undefined;
  const { value: old, schema } = before;
  return (key) => {
    if (path === undefined && (key === 'apiVersion' || key === 'kind')) return undefined;
    const [value, own] = [getOwn(old, key), propertySchema(schema, key)];
    return value === undefined || own === undefined ? undefined : { value, schema: own };
  };
}
