import { labelKeyProblem, labelValueProblem } from './label-syntax.ts';
import { SelectorError } from './selector-error.ts';

export type SelectorOperator = '=' | '!=' | 'in' | 'notin' | 'exists' | '!' | '>' | '<';

/** One condition on labels; a selector is a list of them, all of which must hold. KA-81 */
export interface Requirement {
  readonly key: string;
  readonly operator: SelectorOperator;
  /** Sorted, without repeats. One for `=`, `!=`, `>`, `<`; at least one for `in`, `notin`; none for the others. */
  readonly values: readonly string[];
}

const int64 = /^[+-]?[0-9]+$/;
const int64Max = (1n << 63n) - 1n;

/** A decimal that fits 64 bits; undefined otherwise. Kubernetes compares labels as such. */
function parseInt64(text: string): bigint | undefined {
  if (text.length > 64 || !int64.test(text)) return undefined;
  const value = BigInt(text.startsWith('+') ? text.slice(1) : text);
  return value > int64Max || value < -int64Max - 1n ? undefined : value;
}

/**
 * Builds a checked requirement.
 * @param position where its text began, for the error
 * @throws SelectorError when key, values or their number do not fit the operator
 */
export function requirement(
  key: string,
  operator: SelectorOperator,
  values: readonly string[] = [],
  position = 0,
): Requirement {
  const problem = requirementProblem(key, operator, values);
  if (problem !== undefined) throw new SelectorError(problem, position);
  return { key, operator, values: [...new Set(values)].sort() };
}

function requirementProblem(key: string, operator: SelectorOperator, values: readonly string[]): string | undefined {
  const keyProblem = labelKeyProblem(key);
  if (keyProblem !== undefined) return `label key ${JSON.stringify(key)} ${keyProblem}`;
  const countProblem = valueCountProblem(operator, values.length);
  if (countProblem !== undefined) return countProblem;
  for (const value of values) {
    const valueProblem = labelValueProblem(value);
    if (valueProblem !== undefined) return `label value ${JSON.stringify(value)} ${valueProblem}`;
    if ((operator === '>' || operator === '<') && parseInt64(value) === undefined) {
      return `"${operator}" compares with a 64-bit integer, not ${JSON.stringify(value)}`;
    }
  }
  return undefined;
}

function valueCountProblem(operator: SelectorOperator, count: number): string | undefined {
  switch (operator) {
    case 'in':
    case 'notin':
      return count === 0 ? `"${operator}" needs at least one value` : undefined;
    case '=':
    case '!=':
    case '>':
    case '<':
      return count === 1 ? undefined : `"${operator}" needs exactly one value`;
    case 'exists':
    case '!':
      return count === 0 ? undefined : 'a test of existence takes no values';
  }
}

/** Whether labels meet all requirements; none at all is met by everything. An absent map has no labels. KA-81 */
export function matchesLabels(
  requirements: readonly Requirement[],
  labels: Readonly<Record<string, string>> | undefined,
): boolean {
  for (const wanted of requirements) {
    const value = labels !== undefined && Object.hasOwn(labels, wanted.key) ? labels[wanted.key] : undefined;
    if (!holds(wanted, value)) return false;
  }
  return true;
}

function holds({ operator, values }: Requirement, value: string | undefined): boolean {
  switch (operator) {
    case '=':
      return value !== undefined && value === values[0];
    case '!=':
      return value !== values[0];
    case 'in':
      return value !== undefined && includesSorted(values, value);
    case 'notin':
      return value === undefined || !includesSorted(values, value);
    case 'exists':
      return value !== undefined;
    case '!':
      return value === undefined;
    case '>':
    case '<':
      return value !== undefined && comparesAs(operator, value, values[0] ?? '');
  }
}

function comparesAs(operator: '>' | '<', value: string, limit: string): boolean {
  const left = parseInt64(value);
  const right = parseInt64(limit);
  if (left === undefined || right === undefined) return false;
  return operator === '>' ? left > right : left < right;
}

/** Binary search: a selector with thousands of values is matched against every object. BI-9 */
function includesSorted(values: readonly string[], value: string): boolean {
  let low = 0;
  let high = values.length - 1;
  while (low <= high) {
    const middle = (low + high) >>> 1;
    const candidate = values[middle] ?? '';
    if (candidate === value) return true;
    if (candidate < value) low = middle + 1;
    else high = middle - 1;
  }
  return false;
}

/** The canonical text, requirements sorted by key: equal selectors give equal text. Parses back to the same. KA-81 */
export function selectorToString(requirements: readonly Requirement[]): string {
  return requirements.map(requirementToString).sort().join(',');
}

function requirementToString({ key, operator, values }: Requirement): string {
  switch (operator) {
    case 'exists':
      return key;
    case '!':
      return `!${key}`;
    case 'in':
    case 'notin':
      // `()` would be no value at all; `(,)` is the empty one, twice.
      return `${key} ${operator} (${values.length === 1 && values[0] === '' ? ',' : values.join(',')})`;
    case '=':
    case '!=':
    case '>':
    case '<':
      return `${key}${operator}${values[0] ?? ''}`;
  }
}
