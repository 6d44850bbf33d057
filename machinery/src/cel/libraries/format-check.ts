import type { CallExpr, Expr } from '../ast.ts';
import { CelEvaluationError } from '../errors.ts';
import type { CallCheck } from '../library.ts';
import type { CelType } from '../types.ts';
import { renderTemplate } from './format-template.ts';
import { type ClauseRule, clauseRules, complaintAbout } from './format-values.ts';

type TypeOf = (expr: Expr) => CelType;

/**
 * What is wrong with `'template'.format([...])` before it ever runs: bad clauses, too few or too many arguments, and
 * arguments that a clause does not take. KA-101c, KA-102
 */
export const checkFormatCall: CallCheck = (call, typeOf) => {
  const found = literalFormat(call);
  if (found === undefined) return [];
  const { template, values } = found;
  let seen = 0;
  let at: Expr = call;
  try {
    renderTemplate(template, values.length, ({ rule }, index) => {
      seen += 1;
      const refused = firstRefused(values[index] as Expr, rule, typeOf);
      if (refused === undefined) return '';
      at = refused;
      throw new CelEvaluationError(complaintAbout(rule, typeOf(refused)));
    });
  } catch (error) {
    if (error instanceof CelEvaluationError) return [{ message: error.message, at }];
    throw error;
  }
  if (values.length <= seen) return [];
  const counts = `(expected ${seen}, got ${values.length})`;
  return [{ message: `too many arguments supplied to string.format ${counts}`, at: call }];
};

/** The template and the arguments, where both are written out. */
function literalFormat(call: CallExpr): { template: string; values: readonly Expr[] } | undefined {
  const [list] = call.args;
  if (call.function !== 'format' || call.target?.kind !== 'literal' || list?.kind !== 'list') return undefined;
  const template = call.target.value;
  return typeof template === 'string' ? { template, values: list.elements } : undefined;
}

/** `%s` looks into lists and maps that are written out. */
function firstRefused(value: Expr, rule: ClauseRule, typeOf: TypeOf): Expr | undefined {
  const { kind } = typeOf(value);
  if (kind !== 'dyn' && !rule.kinds.has(kind)) return value;
  if (rule !== clauseRules.string) return undefined;
  for (const part of literalParts(value)) {
    const refused = firstRefused(part, rule, typeOf);
    if (refused !== undefined) return refused;
  }
  return undefined;
}

function literalParts(value: Expr): readonly Expr[] {
  if (value.kind === 'list') return value.elements;
  return value.kind === 'map' ? value.entries.flatMap((entry) => [entry.key, entry.value]) : [];
}
