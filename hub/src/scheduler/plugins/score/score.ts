import type { Priority } from '../../placement-request.ts';
import type { FilterContext } from '../filter/filter.ts';

/** Scores are integers from 0 to this. PL-15 */
export const maxScore = 100;
/** A cluster whose score is not known. */
export const unknownScore = -1;

export interface ScoreContext extends FilterContext {
  /** Positions of the candidates in the fleet, ascending. */
  readonly candidates: Int32Array;
  /** Number of other placements' decisions that hold each cluster, by position. PL-15 */
  readonly load: Int32Array;
}

/**
 * Scores the candidates of one priority.
 * @returns by candidate: 0 to 100, or {@link unknownScore}
 */
export type Score<P extends Priority = Priority> = (priority: P, context: ScoreContext) => Int16Array;

/** A number of each cluster that a score is linear in: by position in the fleet, NaN where it is not known. */
export interface Amount {
  readonly column: Float64Array | Int32Array;
  /** Whether the largest scores best. */
  readonly descending: boolean;
}

/** One number for each candidate, without an iterator: this runs for every candidate of every placement. */
function valuesOf(candidates: Int32Array, column: Float64Array | Int32Array): Float64Array {
  const values = new Float64Array(candidates.length);
  for (let index = 0; index < candidates.length; index++) {
    values[index] = column[candidates[index] ?? 0] ?? Number.NaN;
  }
  return values;
}

/** The same as scores. */
export function scoresOf(candidates: Int32Array, scoreAt: (position: number) => number): Int16Array {
  const scores = new Int16Array(candidates.length);
  for (let index = 0; index < candidates.length; index++) scores[index] = scoreAt(candidates[index] ?? 0);
  return scores;
}

/** How amounts become scores: smallest value and score for each step above it. */
interface Scale {
  readonly from: number;
  /** 0: all alike. */
  readonly factor: number;
}

function scaleOf(candidates: Int32Array, { column, descending }: Amount): Scale {
  let least = Number.POSITIVE_INFINITY;
  let most = Number.NEGATIVE_INFINITY;
  for (let index = 0; index < candidates.length; index++) {
    const value = column[candidates[index] ?? 0] ?? Number.NaN;
    if (value < least) least = value;
    if (value > most) most = value;
  }
  const range = most - least;
  if (!(range > 0)) return { from: 0, factor: 0 };
  return descending ? { from: least, factor: maxScore / range } : { from: most, factor: -maxScore / range };
}

/**
 * Linear over the candidates: the smallest value gets 0, the largest 100, or the other way round; all alike get 100. NaN is
 * unknown. PL-15
 */
export function scaled(candidates: Int32Array, amount: Amount): Int16Array {
  const { from, factor } = scaleOf(candidates, amount);
  const values = valuesOf(candidates, amount.column);
  const scores = new Int16Array(values.length);
  for (let index = 0; index < values.length; index++) {
    const value = values[index] ?? Number.NaN;
    if (Number.isNaN(value)) scores[index] = unknownScore;
    else scores[index] = factor === 0 ? maxScore : Math.floor((value - from) * factor + 0.5);
  }
  return scores;
}

/**
 * The same scores, weighted, on top of totals, without keeping them: this takes most of the time of a choice.
 * @returns how many are unknown; they add `worst`
 */
export function addScaled(
  totals: Int32Array,
  { candidates, amount, weight, worst }: { candidates: Int32Array; amount: Amount; weight: number; worst: number },
): number {
  const { from, factor } = scaleOf(candidates, amount);
  const { column } = amount;
  let unknown = 0;
  for (let index = 0; index < candidates.length; index++) {
    const value = column[candidates[index] ?? 0] ?? Number.NaN;
    if (Number.isNaN(value)) {
      unknown++;
      totals[index] = (totals[index] ?? 0) + worst;
      continue;
    }
    const score = factor === 0 ? maxScore : Math.floor((value - from) * factor + 0.5);
    totals[index] = (totals[index] ?? 0) + weight * score;
  }
  return unknown;
}
