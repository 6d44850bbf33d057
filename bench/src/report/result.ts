import type { Environment } from './environment.ts';
import type { Figure } from './figure.ts';

/** What a bench hands back. */
export interface Outcome {
  /** Sizes and shapes that were measured, for the reader of a result. */
  readonly setup: Readonly<Record<string, string | number>>;
  readonly figures: readonly Figure[];
  /** What could not be measured, and why. */
  readonly left: readonly string[];
}

/** A result as it is kept: everything that is needed to judge it later. */
export interface BenchResult extends Outcome, Environment {
  readonly bench: string;
  readonly id: string;
  /** Start, RFC 3339. */
  readonly date: string;
  /** Sizes were cut down to see that the bench works; not for the record. */
  readonly quick: boolean;
  readonly runs: number;
  /** Said by who ran it: how busy the machine was, what was special. */
  readonly note: string;
}

/** How a bench is run. */
export interface BenchContext {
  readonly runs: number;
  readonly quick: boolean;
  /** Of benches that measure several sizes; undefined: their own. */
  readonly sizes: readonly number[] | undefined;
  /** How long benches that watch over time do so, seconds; undefined: their own. */
  readonly seconds: number | undefined;
  /** Scratch directory, removed afterwards. */
  readonly dir: string;
  /** Progress, for a person. */
  readonly say: (line: string) => void;
}

export interface Bench {
  readonly name: string;
  /** In the specification. */
  readonly id: string;
  readonly title: string;
  /** Unless `--runs` says otherwise. */
  readonly defaultRuns: number;
  run(context: BenchContext): Promise<Outcome>;
}
