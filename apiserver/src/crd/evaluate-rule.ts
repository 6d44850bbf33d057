import type { FieldError } from '@quarterdeck/apis';
import {
  CelCostError,
  CelEvaluationError,
  CelOptional,
  type CelProgram,
  type CelValue,
  celBudgets,
  duplicateValue,
  type Evaluation,
  forbidden,
  goQuote,
  invalidOmitted,
  invalidValue,
  type JsonValue,
  requiredValue,
  resolveFieldPath,
  type SchemaType,
  type ValidationRule,
} from '@quarterdeck/machinery';
import type { CompiledRule, RuledSchema } from './rule-programs.ts';

/** One value, the rules of its schema, and what it was before. */
export interface Place {
  readonly value: JsonValue;
  readonly node: RuledSchema;
  /** Empty at the root. */
  readonly path: string;
  /** The value before this write; undefined when none can be told to be the same part. KA-104 */
  readonly old: JsonValue | undefined;
  /** Whether the nearest part around here that has an old value is unchanged: errors are then warnings. KA-105 */
  readonly unchanged: () => boolean;
  readonly warn: (text: string) => void;
}

/** What is left of what one object may cost; nothing more runs once it is used up. KA-103 */
export interface Budget {
  left: number;
}

export const outOfBudget =
  'validation failed due to running out of cost budget, no further validation rules will be run';

/** Messages that an expression makes are not longer, in bytes. KA-103 */
const longestMessage = 5 * 1024;

/** @returns what the rule says is wrong; undefined where it holds, or where nothing changed. Takes what it cost from `budget` */
export function evaluateRule(compiled: CompiledRule, place: Place, budget: Budget): FieldError | undefined {
  const { rule, program } = compiled;
  const { type } = place.node;
  if (program === undefined || type === undefined) return compileProblem(compiled, place);
  const outcome = spend(program, bindings(place, type, rule.optionalOldSelf === true), budget);
  if ('overspent' in outcome) return invalid(place, outOfBudget);
  if ('error' in outcome) return invalid(place, evaluationProblem(outcome.error, rule, budget));
  if (outcome.value === true) return undefined;
  const detail = messageOf(compiled, place, type, budget);
  const problem =
    'error' in detail
      ? invalidValue(fieldOf(rule, place), place.node.schema.type ?? '', detail.error)
      : failure(rule, place, detail.text);
  if (compiled.usesOldSelf || !place.unchanged()) return problem;
  place.warn(`${problem.field}: ${problem.message}`);
  return undefined;
}

/** Blank rules say nothing; such as do not compile were stored by a server that understood them. */
function compileProblem({ problem }: CompiledRule, place: Place): FieldError | undefined {
  return problem === undefined ? undefined : invalid(place, `rule compile error: ${problem}`);
}

type Bindings = (name: string) => CelValue | undefined;

/** Values are read when the rule comes to them. */
function bindings({ value, old }: Place, type: SchemaType, optional: boolean): Bindings {
  return (name) => {
    if (name === 'self') return type.decode(value);
    const before = old === undefined || old === null ? undefined : type.decode(old);
    if (!optional) return before;
    return before === undefined ? CelOptional.none : new CelOptional(before);
  };
}

type Outcome = { readonly value: CelValue } | { readonly error: CelEvaluationError } | { readonly overspent: true };

function spend(program: CelProgram, bound: Bindings, budget: Budget): Outcome {
  let outcome: { readonly value: CelValue } | { readonly error: CelEvaluationError };
  let cost: number;
  try {
    const evaluation: Evaluation = program.evaluate(bound, { costLimit: celBudgets.call });
    outcome = evaluation;
    cost = evaluation.cost;
  } catch (error) {
    if (!(error instanceof CelEvaluationError)) throw error;
    outcome = { error };
    cost = error.cost ?? 0;
  }
  if (cost > budget.left) {
    budget.left = -1;
    return { overspent: true };
  }
  budget.left -= cost;
  return outcome;
}

function evaluationProblem(error: CelEvaluationError, rule: ValidationRule, budget: Budget): string {
  const { message } = error;
  const name = nameOf(rule);
  if (error instanceof CelCostError) {
    budget.left = -1;
    return `'${message}': no further validation rules will be run due to call cost exceeds limit for rule: ${name}`;
  }
  if (message.startsWith('no such overload')) {
    return `'${message}': call arguments did not match a supported operator, function or macro signature for rule: ${name}`;
  }
  return `${message} evaluating rule: ${name}`;
}

/** `error`: making the message cost too much, and nothing more is run. */
function messageOf(
  { rule, message }: CompiledRule,
  place: Place,
  type: SchemaType,
  budget: Budget,
): { readonly text: string } | { readonly error: string } {
  const fallback = {
    text: rule.message === undefined || rule.message === '' ? `failed rule: ${nameOf(rule)}` : nameOf(rule),
  };
  if (message === undefined) return fallback;
  const outcome = spend(message, bindings(place, type, false), budget);
  if ('overspent' in outcome) {
    return {
      error:
        'messageExpression evaluation failed due to running out of cost budget, no further validation rules will be run',
    };
  }
  if ('error' in outcome) {
    if (!(outcome.error instanceof CelCostError)) return fallback;
    budget.left = -1;
    const expression = goQuote(rule.messageExpression ?? '');
    return {
      error: `no further validation rules will be run due to call cost exceeds limit for messageExpression: ${expression}`,
    };
  }
  const text = typeof outcome.value === 'string' ? outcome.value.trim() : '';
  const isUsable = text !== '' && !text.includes('\n') && Buffer.byteLength(text) <= longestMessage;
  return isUsable ? { text } : fallback;
}

/** What errors call a rule: its message, or else its text. */
function nameOf({ message, rule }: ValidationRule): string {
  return (message === undefined || message === '' ? rule : message).trim();
}

const invalid = ({ path, node }: Place, detail: string): FieldError =>
  invalidValue(path === '' ? '<nil>' : path, node.schema.type ?? '', detail);

function failure(rule: ValidationRule, place: Place, message: string): FieldError {
  const field = fieldOf(rule, place);
  const { type } = place.node.schema;
  const scalar: JsonValue | undefined = type === 'object' || type === 'array' ? undefined : place.value;
  switch (rule.reason) {
    case 'FieldValueForbidden':
      return forbidden(field, message);
    case 'FieldValueRequired':
      return requiredValue(field, message);
    case 'FieldValueDuplicate':
      return scalar === undefined
        ? { reason: 'FieldValueDuplicate', field, message: 'Duplicate value' }
        : duplicateValue(field, scalar);
    default:
      return scalar === undefined ? invalidOmitted(field, message) : invalidValue(field, scalar, message);
  }
}

function fieldOf(rule: ValidationRule, { path, node }: Place): string {
  const found = rule.fieldPath === undefined ? undefined : resolveFieldPath(rule.fieldPath, node.schema);
  const below = found === undefined || 'problem' in found ? '' : found.text;
  if (below === '') return path === '' ? '<nil>' : path;
  return path === '' ? below : `${path}.${below}`;
}
