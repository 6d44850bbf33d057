import {
  CelEvaluationError,
  CelMap,
  type CelValue,
  celBudgets,
  fromJson,
  type JsonObject,
} from '@quarterdeck/machinery';
import type { CompiledPolicy, PolicyExpression, PolicyValidation } from './compile-policy.ts';

/** What evaluating a policy with one parameter came to. `error` is told by the policy's failurePolicy. KA-137b */
export interface PolicyResult {
  readonly decisions: readonly Decision[];
  readonly annotations: readonly AuditAnnotation[];
}

export type Decision =
  | { readonly type: 'admit' }
  | { readonly type: 'deny'; readonly message: string; readonly reason: string }
  | { readonly type: 'error'; readonly message: string };

export type AuditAnnotation =
  | { readonly key: string; readonly value: string }
  | { readonly key: string; readonly error: string; readonly always: boolean };

type Lookup = (name: string) => CelValue | undefined;

/** Of messages, in bytes. */
const longestMessage = 5 * 1024;
const nothing: PolicyResult = { decisions: [], annotations: [] };

/**
 * Evaluates conditions, validations, messages and audit annotations of a policy, within Kubernetes' budgets. KA-137b, KA-137c
 * @param common the variables of the request
 * @param params the parameter; undefined without one
 */
export function evaluatePolicy(policy: CompiledPolicy, common: Lookup, params: JsonObject | undefined): PolicyResult {
  const param = fromJson(params ?? null);
  const lookup: Lookup = (name) => (name === 'params' ? param : common(name));
  const matched = matches(policy, lookup);
  if (matched !== true) return matched === false ? nothing : { decisions: [error(matched.error)], annotations: [] };
  try {
    const run = new Evaluation(policy, lookup, celBudgets.request);
    const outcomes = policy.validations.map(({ check }) => run.evaluate(check));
    const decisions = decide(policy, outcomes, { lookup, budget: run.left });
    return { decisions, annotations: annotate(policy, lookup) };
  } catch (problem) {
    if (!(problem instanceof BudgetError)) throw problem;
    return { decisions: [error(problem.message)], annotations: [] };
  }
}

const error = (message: string): Decision => ({ type: 'error', message });

/** One that is false decides, whatever the others say. */
function matches({ conditions, variables }: CompiledPolicy, common: Lookup): boolean | { readonly error: string } {
  if (conditions.length === 0) return true;
  const lookup: Lookup = (name) => (name === 'namespaceObject' ? null : common(name));
  const run = new Evaluation({ variables }, lookup, celBudgets.matchConditions);
  const errors: string[] = [];
  try {
    for (const outcome of conditions.map((condition) => run.evaluate(condition))) {
      if ('error' in outcome) errors.push(outcome.error);
      else if (outcome.value === false) return false;
    }
  } catch (problem) {
    if (!(problem instanceof BudgetError)) throw problem;
    return { error: problem.message };
  }
  if (errors.length === 0) return true;
  return { error: errors.length === 1 ? (errors[0] as string) : `[${[...new Set(errors)].join(', ')}]` };
}

function decide(
  policy: CompiledPolicy,
  outcomes: readonly Outcome[],
  { lookup, budget }: { readonly lookup: Lookup; readonly budget: number },
): Decision[] {
  // Messages may not ask what the user may do: it could be told to those who must not know.
  const quiet: Lookup = (name) => (name.startsWith('authorizer') ? undefined : lookup(name));
  const messages = new Evaluation(policy, quiet, budget);
  let spent: string | undefined;
  const messageOf = (validation: PolicyValidation): string | undefined => {
    if (validation.messageExpression === undefined || spent !== undefined) return undefined;
    try {
      const outcome = messages.evaluate(validation.messageExpression);
      return 'value' in outcome && typeof outcome.value === 'string' ? outcome.value : undefined;
    } catch (problem) {
      if (!(problem instanceof BudgetError)) throw problem;
      spent = problem.message;
      return undefined;
    }
  };
  return outcomes.map((outcome, index): Decision => {
    const validation = policy.validations[index] as PolicyValidation;
    if ('error' in outcome) return error(outcome.error);
    if (outcome.value === true) return { type: 'admit' };
    const made = messageOf(validation);
    if (spent !== undefined) return error(`failed messageExpression: ${spent}`);
    return { type: 'deny', message: usable(made) ?? fallback(validation), reason: validation.reason };
  });
}

function usable(made: string | undefined): string | undefined {
  const text = made?.trim() ?? '';
  return text === '' || text.includes('\n') || Buffer.byteLength(text) > longestMessage ? undefined : text;
}

function fallback({ message, check }: PolicyValidation): string {
  return message === '' ? `failed expression: ${check.expression.trim()}` : message;
}

function annotate(policy: CompiledPolicy, lookup: Lookup): AuditAnnotation[] {
  const quiet: Lookup = (name) => (name.startsWith('authorizer') ? undefined : lookup(name));
  const run = new Evaluation(policy, quiet, celBudgets.request);
  return policy.annotations.flatMap(({ key, value: expression }): AuditAnnotation[] => {
    const outcome = run.evaluate(expression);
    if ('error' in outcome) return [{ key, error: outcome.error, always: false }];
    const { value } = outcome;
    if (value === null) return [];
    if (typeof value === 'string') return value.trim() === '' ? [] : [{ key, value: value.trim() }];
    const why = `valueExpression '${expression.expression}' resulted in unsupported return type. Return type must be either string or null.`;
    return [{ key, error: why, always: true }];
  });
}

type Outcome = { readonly value: CelValue } | { readonly error: string };

/** All that an evaluation may cost is used up. */
class BudgetError extends Error {
  override readonly name = 'BudgetError';

  constructor() {
    super('validation failed due to running out of cost budget, no further validation rules will be run');
  }
}

/** Expressions that share variables and a budget. */
class Evaluation {
  /** What may still be spent. */
  left: number;
  readonly #lookup: Lookup;
  readonly #variables: LazyVariables;

  constructor({ variables }: Pick<CompiledPolicy, 'variables'>, common: Lookup, budget: number) {
    this.left = budget;
    this.#variables = new LazyVariables(
      variables,
      (name) => this.#lookup(name),
      (cost) => {
        this.left -= cost;
      },
    );
    this.#lookup = (name) => (name === 'variables' ? this.#variables : common(name));
  }

  /** Throws BudgetError. */
  evaluate({ expression, program, problem }: PolicyExpression): Outcome {
    if (program === undefined) return { error: `compilation error: ${problem ?? ''}` };
    let outcome: Outcome;
    try {
      const { value, cost } = program.evaluate(this.#lookup);
      this.left -= cost;
      outcome = { value };
    } catch (thrown) {
      if (!(thrown instanceof CelEvaluationError)) throw thrown;
      this.left -= thrown.cost ?? 0;
      outcome = { error: `expression '${expression}' resulted in error: ${thrown.message}` };
    }
    if (this.left < 0) throw new BudgetError();
    return outcome;
  }
}

/** `variables`: each is evaluated when it is first read, and its cost counted then. */
class LazyVariables extends CelMap {
  readonly size: number;
  readonly #expressions: ReadonlyMap<string, PolicyExpression>;
  readonly #lookup: Lookup;
  readonly #spend: (cost: number) => void;
  readonly #known = new Map<string, CelValue | CelEvaluationError>();

  constructor(expressions: ReadonlyMap<string, PolicyExpression>, lookup: Lookup, spend: (cost: number) => void) {
    super();
    this.size = expressions.size;
    this.#expressions = expressions;
    this.#lookup = lookup;
    this.#spend = spend;
  }

  get(key: CelValue): CelValue | undefined {
    const variable = typeof key === 'string' ? this.#expressions.get(key) : undefined;
    if (typeof key !== 'string' || variable === undefined) return undefined;
    let value = this.#known.get(key);
    if (value === undefined) {
      value = this.#evaluate(key, variable);
      this.#known.set(key, value);
    }
    if (value instanceof CelEvaluationError) throw value;
    return value;
  }

  override has(key: CelValue): boolean {
    return typeof key === 'string' && this.#expressions.has(key);
  }

  keys(): IterableIterator<CelValue> {
    return this.#expressions.keys();
  }

  #evaluate(name: string, { program, problem }: PolicyExpression): CelValue | CelEvaluationError {
    if (program === undefined) {
      return new CelEvaluationError(`composited variable "${name}" fails to compile: ${problem ?? ''}`);
    }
    try {
      const { value, cost } = program.evaluate(this.#lookup);
      this.#spend(cost);
      return value;
    } catch (thrown) {
      if (!(thrown instanceof CelEvaluationError)) throw thrown;
      this.#spend(thrown.cost ?? 0);
      return new CelEvaluationError(`composited variable "${name}" fails to evaluate: ${thrown.message}`);
    }
  }
}
