import { getOwn, isJsonObject, type JsonValue } from '../wire/value.ts';
import { type Filter, JsonPathError, parseSteps, type Step } from './json-path-parser.ts';

/** A parsed path; finds values in an object. */
export type JsonPath = (value: JsonValue) => JsonValue[];

/**
 * Parses a path as printer columns write it, in the JSONPath of kubectl: `.spec.a`, `['x']`, `[0]`, `[-1]`, `[0:2]`,
 * `[*]`, `..name`, `['a','b']`, `[?(@.type=="Ready")]`. KA-107
 * @returns a function from a value to what the path finds in it, in order (nothing for missing fields; never throws),
 *   or what is wrong with the path
 */
export function parseJsonPath(text: string): JsonPath | { readonly problem: string } {
  try {
    const steps = parseSteps(text);
    return (value) => walk([value], steps);
  } catch (error) {
    if (error instanceof JsonPathError) return { problem: error.message };
    throw error;
  }
}

function walk(values: readonly JsonValue[], steps: readonly Step[]): JsonValue[] {
  return steps.reduce<JsonValue[]>((found, step) => found.flatMap((value) => take(value, step)), [...values]);
}

function take(value: JsonValue, step: Step): JsonValue[] {
  switch (step.type) {
    case 'names':
      return step.names.flatMap((name) => {
        const child = isJsonObject(value) ? getOwn(value, name) : undefined;
        return child === undefined ? [] : [child];
      });
    case 'indexes':
      return Array.isArray(value) ? step.indexes.flatMap((index) => value.at(index) ?? []) : [];
    case 'slice':
      return Array.isArray(value) ? slice(value, step) : [];
    case 'every':
      return children(value);
    case 'descend':
      return descendants(value);
    case 'filter':
      return Array.isArray(value) ? value.filter((item) => passes(item, step.filter)) : [];
    default:
      return step satisfies never;
  }
}

function slice(list: readonly JsonValue[], { from, to, step }: { from: number; to: number | undefined; step: number }) {
  return list.slice(from, to).filter((_, index) => index % step === 0);
}

function children(value: JsonValue): JsonValue[] {
  if (Array.isArray(value)) return value;
  return isJsonObject(value) ? Object.values(value) : [];
}

function descendants(value: JsonValue): JsonValue[] {
  return [value, ...children(value).flatMap(descendants)];
}

function passes(item: JsonValue, { left, operator, right }: Filter): boolean {
  const [a] = typeof left === 'object' ? walk([item], left.steps) : [left];
  if (operator === undefined) return a !== undefined;
  const [b] = typeof right === 'object' ? walk([item], right.steps) : [right];
  if (a === undefined || b === undefined) return false;
  return compare(a, b, operator);
}

function compare(a: JsonValue, b: JsonValue, operator: NonNullable<Filter['operator']>): boolean {
  const order = orderOf(a, b);
  switch (operator) {
    case '==':
      return order === 0;
    case '!=':
      return order !== 0;
    case '<':
      return order !== undefined && order < 0;
    case '<=':
      return order !== undefined && order <= 0;
    case '>':
      return order !== undefined && order > 0;
    case '>=':
      return order !== undefined && order >= 0;
    default:
      return operator satisfies never;
  }
}

/** Undefined: values of different types, or of types without an order, that differ. */
function orderOf(a: JsonValue, b: JsonValue): number | undefined {
  const numeric = (value: JsonValue) => typeof value === 'number' || typeof value === 'bigint';
  if (a === b) return 0;
  if ((numeric(a) && numeric(b)) || (typeof a === 'string' && typeof b === 'string')) {
    return (a as number) < (b as number) ? -1 : (a as number) > (b as number) ? 1 : 0;
  }
  return undefined;
}
