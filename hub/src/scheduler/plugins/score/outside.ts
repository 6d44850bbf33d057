import { aspect } from '../../aspects.ts';
import type { Priority } from '../../placement-request.ts';
import { maxScore, type Score, scoresOf, unknownScore } from './score.ts';

/** What a CEL expression yields: a bool is all or nothing, an int is held between the bounds; anything else is unknown. PL-15 */
export const expression: Score<Priority & { type: 'Expression' }> = (priority, { snapshot: { fleet }, candidates }) => {
  const column = fleet.column(`expression ${priority.expression.text}`, [aspect.any], (cluster) => {
    const outcome = priority.expression.evaluate(cluster);
    if ('error' in outcome) return unknownScore;
    if (typeof outcome.value === 'boolean') return outcome.value ? maxScore : 0;
    return Number.isNaN(outcome.value) ? unknownScore : Math.round(Math.min(maxScore, Math.max(0, outcome.value)));
  });
  return scoresOf(candidates, (position) => column[position] ?? unknownScore);
};

/** What a ClusterScore says while it is valid. PL-15 */
export const clusterScore: Score<Priority & { type: 'ClusterScore' }> = (
  { objectName, score: scoreName },
  { snapshot: { fleet, now }, candidates },
) =>
  scoresOf(candidates, (position) => {
    const scores = fleet.clusters[position]?.scores;
    const object = scores !== undefined && Object.hasOwn(scores, objectName) ? scores[objectName] : undefined;
    if (object === undefined || (object.validUntil !== undefined && object.validUntil <= now)) return unknownScore;
    const value = object.values.get(scoreName);
    return value === undefined ? unknownScore : Math.min(maxScore, Math.max(0, value));
  });
