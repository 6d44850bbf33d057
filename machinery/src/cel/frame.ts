import { CelCostError, CelEvaluationError } from './errors.ts';
import type { CallContext } from './library.ts';
import type { CelValue } from './values.ts';

/** Values of variables by name; undefined for one that has none. Asked only for what the evaluation comes to. */
export type Bindings = (name: string) => CelValue | undefined;

/**
 * One evaluation: its variables, its comprehensions' variables, and what it has cost so far. An accumulator may hold an
 * error, which `&&` or `||` of a later element may still absorb.
 */
export class Frame implements CallContext {
  readonly slots: (CelValue | CelEvaluationError | Pending)[] = [];
  readonly bindings: Bindings;
  readonly limit: number;
  cost = 0;

  constructor(bindings: Bindings, limit: number) {
    this.bindings = bindings;
    this.limit = limit;
  }

  get remainingCost(): number {
    return this.limit - this.cost;
  }

  charge(cost: number): void {
    this.cost += cost;
    if (this.cost > this.limit) throw new CelCostError();
  }
}

/** A bound variable that nothing has read yet: it costs nothing until something does. */
export class Pending {
  readonly #step: Step;

  constructor(step: Step) {
    this.#step = step;
  }

  /** Computes the value, or the error, once. The comprehensions in it use the same slots as those around the reader. */
  settle(frame: Frame, slot: number): CelValue | CelEvaluationError {
    const kept = [...frame.slots];
    const settled = this.#run(frame);
    frame.slots.splice(0, frame.slots.length, ...kept);
    frame.slots[slot] = settled;
    return settled;
  }

  #run(frame: Frame): CelValue | CelEvaluationError {
    try {
      return this.#step(frame);
    } catch (error) {
      return absorbable(error);
    }
  }
}

/** Computes a value; throws CelEvaluationError where there is none. */
export type Step = (frame: Frame) => CelValue;

/** A compiled part of an expression. */
export interface Code {
  readonly run: Step;
  /**
   * Of names and what is selected from something: finds the value without charging for having found it, as selecting
   * further from it and choosing it by `?:` do.
   */
  readonly find?: Step;
  /** The value, where it is known without running. */
  readonly constant?: { readonly value: CelValue };
}

export function constant(value: CelValue): Code {
  return { run: () => value, constant: { value } };
}

/** Code whose finding costs 1 in the end. */
export function attribute(find: Step): Code {
  return {
    find,
    run: (frame) => {
      frame.charge(1);
      return find(frame);
    },
  };
}

/** What may be absorbed; anything else, running out of cost too, is thrown on. */
export function absorbable(error: unknown): CelEvaluationError {
  if (error instanceof CelEvaluationError && !(error instanceof CelCostError)) return error;
  throw error;
}
