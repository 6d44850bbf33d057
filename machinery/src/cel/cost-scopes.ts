import type { Range } from './size.ts';

/** How large the keys and values of a list or map are. */
export interface EntrySize {
  readonly container: 'list' | 'map';
  readonly key: Range;
  readonly value: Range;
}

/**
 * How a variable leads to a value. Paths grow as the slices of upstream's language do: two that were grown from one share
 * its memory while there is room, and the later one overwrites the step of the earlier. Estimates depend on it, and a rule
 * that Kubernetes takes must be taken here.
 */
export class CostPath {
  static readonly none: CostPath = new CostPath([], 0, 0);
  readonly #memory: string[];
  readonly #room: number;
  readonly length: number;

  private constructor(memory: string[], length: number, room: number) {
    this.#memory = memory;
    this.length = length;
    this.#room = room;
  }

  static of(variable: string): CostPath {
    return new CostPath([variable], 1, 1);
  }

  with(step: string): CostPath {
    const fits = this.length < this.#room;
    const memory = fits ? this.#memory : this.steps();
    memory[this.length] = step;
    return new CostPath(memory, this.length + 1, fits ? this.#room : Math.max(1, this.#room * 2));
  }

  steps(): string[] {
    return this.#memory.slice(0, this.length);
  }
}

/** What an estimate knows of a variable of a comprehension. */
export interface CostVariable {
  /** Empty when it is not reached from a declared variable. */
  readonly path: CostPath;
  readonly size: Range | undefined;
  readonly entrySize: EntrySize | undefined;
}

/** The variables that are in scope at one point of a walk; an inner one hides an outer one of the same name. */
export class CostScopes {
  readonly #stacks = new Map<string, CostVariable[]>();

  push(name: string, variable: CostVariable): void {
    const stack = this.#stacks.get(name);
    if (stack === undefined) this.#stacks.set(name, [variable]);
    else stack.push(variable);
  }

  pop(name: string): void {
    this.#stacks.get(name)?.pop();
  }

  find(name: string): CostVariable | undefined {
    return this.#stacks.get(name)?.at(-1);
  }
}
