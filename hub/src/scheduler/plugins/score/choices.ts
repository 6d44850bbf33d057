import type { Priority } from '../../snapshot.ts';
import { maxScore, type Score, scaled, scoresOf, valuesOf } from './score.ts';

/** The fewer decisions of other placements, in all namespaces, the better. PL-15 */
export const balance: Score<Priority & { type: 'Balance' }> = (_priority, { candidates, load }) =>
  scaled(valuesOf(candidates, load), false);

/** 100 for a cluster of the last decision. PL-15 */
export const steadiness: Score<Priority & { type: 'Steadiness' }> = (
  _priority,
  { snapshot: { fleet }, previous, candidates },
) =>
  scoresOf(candidates, (position) => {
    const cluster = fleet.clusters[position];
    return cluster !== undefined && previous.clusters.has(cluster.name) ? maxScore : 0;
  });
