import { median } from './statistics.ts';

/** What a figure has to reach, as written in the specification of the bench. */
export type Goal = { readonly atLeast: number } | { readonly atMost: number };

/** One measured quantity over all runs. */
export interface Figure {
  /** Unique within a result, and the same in every result of the bench: results are compared by it. */
  readonly name: string;
  readonly unit: string;
  readonly median: number;
  readonly min: number;
  readonly max: number;
  /** Its value in each run, in order. */
  readonly runs: readonly number[];
  /** Null: measured for the record. */
  readonly goal: Goal | null;
  /** Whether the median reaches the goal; null without one. */
  readonly met: boolean | null;
}

/** @throws RangeError without runs, or with a run that gave no number */
export function figure(name: string, unit: string, runs: readonly number[], goal: Goal | null = null): Figure {
  if (runs.some((value) => !Number.isFinite(value))) throw new RangeError(`${name}: a run gave no number`);
  const rounded = runs.map(significant);
  const middle = significant(median(runs));
  return {
    name,
    unit,
    median: middle,
    min: Math.min(...rounded),
    max: Math.max(...rounded),
    runs: rounded,
    goal,
    met: goal === null ? null : meets(median(runs), goal),
  };
}

function meets(value: number, goal: Goal): boolean {
  return 'atLeast' in goal ? value >= goal.atLeast : value <= goal.atMost;
}

/** Four significant digits: more would be noise. */
const significant = (value: number): number => Number(value.toPrecision(4));
