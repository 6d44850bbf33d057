import { compilePattern } from '../schema/pattern.ts';
import { children, type Expr } from './ast.ts';
import type { CheckedExpression } from './checker.ts';
import { type CelIssue, issueAt } from './errors.ts';
import type { CallCheck } from './library.ts';
import { firstSecond, lastSecond, parseDuration, parseTimestamp } from './time.ts';
import { type CelType, equalTypes, errorType, printType } from './types.ts';
import type { CelValue } from './values.ts';

/**
 * What Kubernetes refuses beyond what does not check: texts that are no duration, timestamp or pattern where one is
 * wanted, literals of mixed types, and what the libraries refuse. KA-101c
 */
export function literalIssues(checked: CheckedExpression, calls: readonly CallCheck[]): readonly CelIssue[] {
  const texts: CelIssue[] = [];
  const mixtures: CelIssue[] = [];
  const visit = (expr: Expr, mayMix: boolean): void => {
    texts.push(...argumentIssues(expr, checked.source), ...callIssues(expr, checked, calls));
    if (!mayMix) mixtures.push(...mixtureIssues(expr, checked));
    const inner = mayMix || (expr.kind === 'call' && expr.function === 'format');
    for (const child of children(expr)) visit(child, inner);
  };
  visit(checked.root, false);
  return [...texts, ...mixtures].sort((a, b) => a.offset - b.offset);
}

/** Functions whose literal argument must have a value. A list inside of `format` may be mixed. */
const checks: Readonly<Record<string, (argument: CelValue) => boolean>> = {
  duration: (argument) => typeof argument !== 'string' || parseDuration(argument) !== undefined,
  timestamp: (argument) =>
    typeof argument === 'bigint'
      ? isTimestamp(argument)
      : typeof argument !== 'string' || parseTimestamp(argument) !== undefined,
  matches: (argument) => typeof argument !== 'string' || !(compilePattern(argument) instanceof Error),
};

function isTimestamp(seconds: bigint): boolean {
  return seconds >= firstSecond && seconds <= lastSecond;
}

function argumentIssues(expr: Expr, source: string): CelIssue[] {
  if (expr.kind !== 'call' || !Object.hasOwn(checks, expr.function)) return [];
  const [argument] = expr.args;
  if (argument?.kind !== 'literal' || checks[expr.function]?.(argument.value) === true) return [];
  return [issueAt(source, argument.offset, `invalid ${expr.function} argument`)];
}

function callIssues(expr: Expr, checked: CheckedExpression, checks: readonly CallCheck[]): CelIssue[] {
  if (expr.kind !== 'call') return [];
  const typeOf = (part: Expr) => checked.types.get(part.id) ?? errorType;
  return checks
    .flatMap((check) => check(expr, typeOf))
    .map(({ at, message }) => issueAt(checked.source, at.offset, message));
}

function mixtureIssues(expr: Expr, checked: CheckedExpression): CelIssue[] {
  if (expr.kind === 'list') {
    const parts = expr.elements.map((element, index) => part(element, expr.optionals.has(index), checked));
    return mixtures(parts, checked.source).slice(0, 1);
  }
  if (expr.kind !== 'map') return [];
  const keys = expr.entries.map((entry) => part(entry.key, false, checked));
  const values = expr.entries.map((entry) => part(entry.value, entry.optional, checked));
  return [...mixtures(keys, checked.source), ...mixtures(values, checked.source)];
}

interface Part {
  readonly offset: number;
  readonly type: CelType;
}

function part(expr: Expr, optional: boolean, checked: CheckedExpression): Part {
  const type = checked.types.get(expr.id) ?? errorType;
  return { offset: expr.offset, type: optional && type.kind === 'optional' ? type.value : type };
}

/** Parts that are not of the type of the first. */
function mixtures(parts: readonly Part[], source: string): CelIssue[] {
  const [first, ...others] = parts;
  if (first === undefined) return [];
  return others
    .filter((other) => !equalTypes(first.type, other.type))
    .map(({ offset, type }) =>
      issueAt(source, offset, `expected type '${printType(first.type)}' but found '${printType(type)}'`),
    );
}
