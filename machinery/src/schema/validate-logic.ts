import type { FieldError } from '@quarterdeck/apis';
import { type FieldPath, pathText } from './field-path.ts';
import { goQuote } from './go-text.ts';
import { addError, type Outcome } from './outcome.ts';
import type { StructuralSchema } from './structural.ts';

/**
 * Checks anyOf, oneOf, allOf and not of one node, in that order. KA-97
 * @param attempt checks the node's value against one branch
 */
export function validateLogic(
  outcome: Outcome,
  schema: StructuralSchema,
  path: FieldPath | undefined,
  attempt: (branch: StructuralSchema) => Outcome,
): void {
  const { anyOf, oneOf, allOf, not } = schema;
  if (anyOf === undefined && oneOf === undefined && allOf === undefined && not === undefined) return;
  const refuse = (what: string) => addError(outcome, logicError(outcome.prefix, path, what));
  if (anyOf !== undefined && anyOf.length > 0) {
    const results = attemptUntilValid(anyOf, attempt);
    const success = results.find(isValid);
    if (success === undefined) refuse('must validate at least one schema (anyOf)');
    merge(outcome, success ?? best(results));
  }
  if (oneOf !== undefined && oneOf.length > 0) {
    const results = oneOf.map(attempt);
    const successes = results.filter(isValid);
    if (successes.length === 1) merge(outcome, successes[0]);
    else {
      const found = successes.length === 0 ? 'Found none valid' : `Found ${successes.length} valid alternatives`;
      refuse(`must validate one and only one schema (oneOf). ${found}`);
      if (successes.length === 0) merge(outcome, best(results));
    }
  }
  if (allOf !== undefined && allOf.length > 0) {
    const results = allOf.map(attempt);
    for (const result of results) merge(outcome, result);
    const valid = results.filter(isValid).length;
    if (valid < results.length) refuse(`must validate all the schemas (allOf)${valid === 0 ? '. None validated' : ''}`);
  }
  if (not !== undefined && isValid(attempt(not))) refuse('must not validate the schema (not)');
}

const isValid = (result: Outcome) => result.errors.length === 0;

function attemptUntilValid(
  branches: readonly StructuralSchema[],
  attempt: (branch: StructuralSchema) => Outcome,
): Outcome[] {
  const results: Outcome[] = [];
  for (const branch of branches) {
    const result = attempt(branch);
    results.push(result);
    if (isValid(result)) break;
  }
  return results;
}

/** The first of those with the most checks made. */
function best(results: readonly Outcome[]): Outcome | undefined {
  return results.reduce<Outcome | undefined>(
    (found, result) => (found === undefined || result.matches > found.matches ? result : found),
    undefined,
  );
}

function merge(outcome: Outcome, result: Outcome | undefined): void {
  if (result === undefined) return;
  for (const error of result.errors) addError(outcome, error);
  outcome.matches += result.matches;
}

/** Upstream attaches these to no field; the path stands in the text. */
function logicError(prefix: string, path: FieldPath | undefined, what: string): FieldError {
  const message = `Invalid value: "": ${goQuote(pathText(path))} ${what}`;
  return { reason: 'FieldValueInvalid', field: prefix === '' ? '<nil>' : prefix, message };
}
