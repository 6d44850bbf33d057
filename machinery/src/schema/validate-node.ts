import type { FieldError } from '@quarterdeck/apis';
import { equalValues, getOwn, isJsonObject, type JsonObject, type JsonValue } from '../wire/value.ts';
import { correlateItems } from './correlate.ts';
import { invalidType, invalidValue, requiredValue, tooLong, tooMany, unsupportedValue } from './field-error.ts';
import { type FieldPath, field, joinPath, pathText, subscript } from './field-path.ts';
import { formatCheck } from './formats.ts';
import { goJson, goNumber, goQuote } from './go-text.ts';
import { compilePattern } from './pattern.ts';
import type { StructuralSchema } from './structural.ts';
import { validateLogic } from './validate-logic.ts';

/**
 * What a walk has found so far. `matches` counts the checks made the way upstream's validator counts them: among the
 * failed branches of anyOf and oneOf, the errors of the one with the most are reported.
 */
export interface Outcome {
  readonly prefix: string;
  readonly errors: FieldError[];
  readonly seen: Set<string>;
  matches: number;
}

export function createOutcome(prefix: string): Outcome {
  return { prefix, errors: [], seen: new Set(), matches: 0 };
}

/** Bounds the work on input that is wrong everywhere. */
const maxErrors = 1_000;

/** Adds an error once. */
export function addError(outcome: Outcome, error: FieldError): void {
  const key = `${error.field} ${error.message}`;
  if (outcome.seen.has(key) || outcome.errors.length >= maxErrors) return;
  outcome.seen.add(key);
  outcome.errors.push(error);
}

interface Node {
  readonly outcome: Outcome;
  readonly schema: StructuralSchema;
  readonly path: FieldPath | undefined;
  /** The value before this write; undefined when there is none that can be told to be the same part. */
  readonly old: JsonValue | undefined;
}

/** Checks one value and its parts against one schema node. Errors on an unchanged value are dropped. KA-97, KA-105 */
export function validateNode(
  outcome: Outcome,
  value: JsonValue,
  schema: StructuralSchema,
  path: FieldPath | undefined,
  old: JsonValue | undefined,
): void {
  const before = outcome.errors.length;
  const node: Node = { outcome, schema, path, old };
  checkType(node, value);
  if (value !== null) {
    validateLogic(outcome, value, schema, path, old);
    if (typeof value === 'string') checkString(node, value);
    else if (typeof value === 'number' || typeof value === 'bigint') checkNumber(node, value);
    else if (Array.isArray(value)) checkArray(node, value);
    outcome.matches += 2;
  }
  checkEnum(node, value);
  if (isJsonObject(value)) checkObject(node, value);
  if (outcome.errors.length > before && old !== undefined && equalValues(value, old)) forgetErrors(outcome, before);
}

function forgetErrors(outcome: Outcome, keep: number): void {
  for (const error of outcome.errors.splice(keep)) outcome.seen.delete(`${error.field} ${error.message}`);
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
  const types = schema['x-kubernetes-int-or-string'] === true ? intOrString : schema.type === undefined ? [] : [schema.type];
  const format = schema.format !== undefined && formatCheck(schema.format) !== undefined ? schema.format : undefined;
  if (types.length === 0 && format === undefined) return;
  const kind = kindOf(value);
  const fits = (types as readonly string[]).includes(kind) || (kind === 'integer' && schema.type === 'number');
  if (fits || (kind === 'null' && (schema.nullable === true || types.length === 0)) || (types.length === 0 && kind === 'string')) {
    outcome.matches += 2;
    return;
  }
  outcome.matches += 1;
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
    return addError(node.outcome, tooLong(where(node), maxLength));
  }
  if (minLength !== undefined && (text.length < minLength || codePoints(text) < minLength)) {
    return refuse(node, text, `should be at least ${minLength} chars long`);
  }
  if (pattern === undefined || pattern === '') return;
  const compiled = compilePattern(pattern);
  if (compiled instanceof Error) {
    return refuse(node, text, `should match '${pattern}, but pattern is invalid: ${compiled.message}'`);
  }
  if (!compiled.test(text)) refuse(node, text, `should match '${pattern}'`);
}

function codePoints(text: string): number {
  let count = 0;
  for (const _ of text) count += 1;
  return count;
}

function checkNumber(node: Node, value: number | bigint): void {
  const { multipleOf, minimum, maximum, exclusiveMinimum, exclusiveMaximum } = node.schema;
  node.outcome.matches += 2;
  if (multipleOf !== undefined && !isMultiple(value, multipleOf)) {
    refuse(node, value, `should be a multiple of ${goNumber(multipleOf)}`);
  }
  if (minimum !== undefined && (exclusiveMinimum === true ? value <= minimum : value < minimum)) {
    refuse(node, value, `should be greater than ${exclusiveMinimum === true ? '' : 'or equal to '}${goNumber(minimum)}`);
  }
  if (maximum !== undefined && (exclusiveMaximum === true ? value >= maximum : value > maximum)) {
    refuse(node, value, `should be less than ${exclusiveMaximum === true ? '' : 'or equal to '}${goNumber(maximum)}`);
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
  return Math.abs(quotient - whole) <= 1e-9 * Math.max(1, Math.abs(quotient));
}

function checkArray(node: Node, list: readonly JsonValue[]): void {
  const { outcome, schema, path, old } = node;
  const { items, minItems, maxItems, uniqueItems } = schema;
  outcome.matches += 2;
  if (items !== undefined) {
    const oldOf = correlateItems(schema, old);
    list.forEach((item, index) => void validateNode(outcome, item, items, subscript(path, index), oldOf(item)));
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
  const oldOf = oldProperty(node);
  if (additionalProperties !== undefined && additionalProperties !== true) {
    for (const key of keys) {
      if (Object.hasOwn(properties, key)) continue;
      if (additionalProperties === false) {
        addError(outcome, invalidValue(where(node), key, `${pathText(path)}.${key} in body is a forbidden property`));
      } else {
        validateNode(outcome, object[key] as JsonValue, additionalProperties, field(path, key), oldOf(key));
      }
    }
  }
  for (const key of Object.keys(properties)) {
    if (!Object.hasOwn(object, key)) continue;
    const own = properties[key] as StructuralSchema;
    validateNode(outcome, object[key] as JsonValue, own, field(path, key), oldOf(key));
  }
  for (const key of schema.required ?? []) {
    if (!Object.hasOwn(object, key)) addError(outcome, requiredValue(joinPath(outcome.prefix, pathText(field(path, key)))));
  }
}

/** apiVersion and kind of the root are never taken as unchanged: both sides were converted to the same version. */
function oldProperty(node: Node): (key: string) => JsonValue | undefined {
  const { old, path } = node;
  if (!isJsonObject(old)) return () => undefined;
  return (key) => (path === undefined && (key === 'apiVersion' || key === 'kind') ? undefined : getOwn(old, key));
}
