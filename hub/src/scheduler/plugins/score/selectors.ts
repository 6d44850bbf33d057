import { matchesLabels } from '@quarterdeck/machinery';
import { aspect } from '../../aspects.ts';
import { hasBit } from '../../bits.ts';
import type { Priority } from '../../placement-request.ts';
import { meetsProperty } from '../../properties.ts';
import { propertyAspects } from '../../suitability.ts';
import { maxScore, type Score, scoresOf, unknownScore } from './score.ts';

/** 100 where the labels match. PL-15 */
export const label: Score<Priority & { type: 'Label' }> = ({ labels, key }, { snapshot: { fleet }, candidates }) => {
  const matching = fleet.where(
    `labels ${key}`,
    labels.map((requirement) => aspect.label(requirement.key)),
    (cluster) => matchesLabels(labels, cluster.labels),
  );
  return scoresOf(candidates, (position) => (hasBit(matching, position) ? maxScore : 0));
};

/** 100 where every requirement is met, 0 where one is not; unknown otherwise. PL-15 */
export const property: Score<Priority & { type: 'Property' }> = (
  { properties },
  { snapshot: { fleet }, candidates },
) => {
  const scores = fleet.column(
    `properties ${properties.map(({ name, operator, type, values }) => [name, operator, type, ...values].join('\t')).join('\n')}`,
    propertyAspects(properties),
    (cluster) => {
      const verdicts = properties.map((requirement) => meetsProperty(cluster, requirement));
      if (verdicts.includes(false)) return 0;
      return verdicts.includes(undefined) ? unknownScore : maxScore;
    },
  );
  return scoresOf(candidates, (position) => scores[position] ?? unknownScore);
};
