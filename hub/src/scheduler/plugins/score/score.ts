import type { Priority } from '../../snapshot.ts';
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

/** One number for each candidate, without an iterator: this runs for every candidate of every placement. */
export function valuesOf(candidates: Int32Array, column: Float64Array | Int32Array): Float64Array {
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

/**
 * Linear over the candidates: the smallest value gets 0, the largest 100, or the other way round; all alike get 100. NaN is
 * unknown. PL-15
 */
export function scaled(values: Float64Array, descending: boolean): Int16Array {
  let least = Number.POSITIVE_INFINITY;
  let most = Number.NEGATIVE_INFINITY;
  for (let index = 0; index < values.length; index++) {
    const value = values[index] ?? Number.NaN;
    if (value < least) least = value;
    if (value > most) most = value;
  }
  const range = most - least;
  const factor = range > 0 ? maxScore / range : 0;
  const scores = new Int16Array(values.length);
  for (let index = 0; index < values.length; index++) {
    const value = values[index] ?? Number.NaN;
    if (Number.isNaN(value)) scores[index] = unknownScore;
    else if (factor === 0) scores[index] = maxScore;
    else scores[index] = Math.floor((descending ? value - least : most - value) * factor + 0.5);
  }
  return scores;
}
