import type { Priority } from '../../placement-request.ts';
import { maxScore, type Score, scoresOf } from './score.ts';

/** 100 for a cluster of the last decision. PL-15 */
export const steadiness: Score<Priority & { type: 'Steadiness' }> = (
  _priority,
  { snapshot: { fleet }, previous, candidates },
) =>
  scoresOf(candidates, (position) => {
    const cluster = fleet.clusters[position];
    return cluster !== undefined && previous.clusters.has(cluster.name) ? maxScore : 0;
  });
