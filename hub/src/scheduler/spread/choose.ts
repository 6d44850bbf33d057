import { spreadOverOne } from './one-key.ts';
import { noLimits, type SpreadKey, type SpreadProblem, type SpreadSolution } from './problem.ts';
import { spreadOverSeveral } from './search.ts';

/** The best set under hard and soft spread rules, over any number of keys. PL-10, PL-13, PL-14 */
export function chooseSpread(problem: SpreadProblem): SpreadSolution {
  const [only] = problem.keys;
  if (problem.keys.length === 1 && only !== undefined && isExactForOne(only)) return spreadOverOne(problem, only);
  return spreadOverSeveral(problem);
}

/** A soft bound on the number of domains makes costs depend on the order of taking: the search looks at whole sets. */
const isExactForOne = ({ soft }: SpreadKey): boolean =>
  soft.every(({ maxDomains }) => maxDomains === noLimits.maxDomains);
