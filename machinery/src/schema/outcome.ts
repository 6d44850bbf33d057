import type { FieldError } from '@quarterdeck/apis';

/**
 * What a walk has found so far. `matches` counts the checks made the way upstream's validator counts them: among the
 * failed branches of anyOf and oneOf, the errors of the one with the most are reported.
 */
export interface Outcome {
  readonly prefix: string;
  readonly errors: FieldError[];
  readonly seen: Set<string>;
  matches: number;
  /** Of one branch of anyOf, oneOf, allOf or not: what it matches may be compared with the others. */
  readonly isBranch: boolean;
}

export function createOutcome(prefix: string, isBranch = false): Outcome {
  return { prefix, errors: [], seen: new Set(), matches: 0, isBranch };
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

/** Appends what still fits. Never all of them as arguments: a stack holds about a hundred thousand. */
export function appendErrors(to: FieldError[], more: readonly FieldError[]): void {
  to.push(...more.slice(0, maxErrors - to.length));
}

/** Takes back the errors after the first `keep`. */
export function forgetErrors(outcome: Outcome, keep: number): void {
  for (const error of outcome.errors.splice(keep)) outcome.seen.delete(`${error.field} ${error.message}`);
}
