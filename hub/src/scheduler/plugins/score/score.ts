import type { FilterContext } from '../filter/filter.ts';
import type { Priority } from '../../snapshot.ts';

/** Scores are integers from 0 to this. PL-15 */
export const maxScore = 100;
/** A cluster whose score is not known. */
export const unknownScore = -1;

export interface ScoreContext extends FilterContext {
  /** Positions of the candidates in the fleet, ascending. */
  readonly candidates: readonly number[];
  /** Number of other placements' decisions that hold each cluster, by position. PL-15 */
  readonly load: Int32Array;
}

/**
 * Scores the candidates of one priority.
 * @returns by candidate: 0 to 100, or {@link unknownScore}
 */
export type Score<P extends Priority = Priority> = (priority: P, context: ScoreContext) => Int16Array;

/**
 * Linear over the candidates: the smallest value gets 0, the largest 100, or the other way round; all alike get 100. NaN is
 * unknown. PL-15
 */
export function scaled(values: Float64Array, descending: boolean): Int16Array {
  let [least, most] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const value of values) {
    if (Number.isNaN(value)) continue;
    if (value < least) least = value;
    if (value > most) most = value;
  }
  const range = most - least;
  const scores = new Int16Array(values.length);
  for (let index = 0; index < values.length; index++) {
    const value = values[index] ?? Number.NaN;
    if (Number.isNaN(value)) scores[index] = unknownScore;
    else if (range === 0) scores[index] = maxScore;
    else scores[index] = Math.round((maxScore * (descending ? value - least : most - value)) / range);
  }
  return scores;
}
