import { excludedByScore } from './excluded-by-score.ts';
import type { Filter } from './filter.ts';
import { excludedNames, listedNames } from './names.ts';
import { leaving, published, reachable } from './presence.ts';
import { related } from './related.ts';
import { room } from './room.ts';
import { bound, namedSets } from './sets.ts';
import { spreadKey } from './spread-key.ts';
import { tainted } from './tainted.ts';
import { candidateTerms, selectorTerms } from './terms.ts';

/** Every filter, in the order in which they are asked: the first that refuses is the reason. */
export const filters: readonly Filter[] = [
  bound,
  namedSets,
  excludedNames,
  listedNames,
  leaving,
  selectorTerms,
  candidateTerms,
  spreadKey,
  published,
  tainted,
  reachable,
  related,
  excludedByScore,
  room,
];
