import fc from 'fast-check';
import { packPlace } from '../scheduler/rank.ts';
import {
  compareSets,
  countsOf,
  isValid,
  noLimits,
  type SpreadKey,
  type SpreadProblem,
  type Unit,
} from '../scheduler/spread/problem.ts';

const limit = (min: number, max: number, none: number) => fc.oneof(fc.constant(none), fc.integer({ min, max }));
const any = Number.POSITIVE_INFINITY;
const limits = fc.record({
  maxSkew: limit(1, 2, any),
  minDomains: limit(1, 3, 0),
  maxDomains: limit(1, 3, any),
  maxPerDomain: limit(1, 3, any),
});
const keys = (count: number) =>
  fc.array(
    fc.record({ hard: fc.option(limits, { nil: undefined }), isSoft: fc.boolean() }).map(
      ({ hard, isSoft }): Omit<SpreadKey, 'domains'> => ({
        hard,
        soft: isSoft || hard === undefined ? [{ ...noLimits, maxSkew: 1, exemptsMissing: false }] : [],
      }),
    ),
    { minLength: count, maxLength: count },
  );
const unitParts = (count: number) =>
  fc.record({
    domains: fc.array(fc.integer({ min: -1, max: 2 }), { minLength: count, maxLength: count }),
    kept: fc.boolean(),
    driven: fc.integer({ min: 0, max: 5 }).map((dice) => dice === 0),
    discouraged: fc.boolean(),
    score: fc.integer({ min: 0, max: 5 }),
  });

/** Random problems over so many keys, small enough to try every set. */
export const problems = (count: number, maxUnits: number): fc.Arbitrary<SpreadProblem> =>
  fc
    .tuple(keys(count), fc.array(unitParts(count), { maxLength: maxUnits }), fc.integer({ min: 0, max: maxUnits }))
    .map(([spreadKeys, parts, wanted]) => {
      const units = parts
        .map(
          ({ domains, ...place }, position): Unit => ({
            key: packPlace({ ...place, lost: false, tier: 0, listed: 0, position }),
            domains,
          }),
        )
        .sort((a, b) => a.key - b.key);
      // Domains are numbered as they come: those without a candidate do not count.
      const numbers = spreadKeys.map(() => new Map<number, number>());
      const numbered = units.map(({ key, domains }) => ({
        key,
        domains: domains.map((domain, index) => {
          if (domain < 0) return -1;
          const ofKey = numbers[index] ?? new Map<number, number>();
          if (!ofKey.has(domain)) ofKey.set(domain, ofKey.size);
          return ofKey.get(domain) ?? -1;
        }),
      }));
      return {
        units: numbered,
        wanted: Math.min(wanted, units.length),
        keys: spreadKeys.map((key, index) => ({ ...key, domains: numbers[index]?.size ?? 0 })),
      };
    });

/** Every subset, one by one: slow and plainly right. */
export function bruteForce(problem: SpreadProblem): readonly Unit[] {
  let best: readonly Unit[] = [];
  for (let mask = 0; mask < 1 << problem.units.length; mask++) {
    const chosen = problem.units.filter((_, index) => (mask & (1 << index)) !== 0);
    if (chosen.length > problem.wanted || chosen.length < best.length || !isValid(problem, countsOf(problem, chosen)))
      continue;
    if (compareSets(problem, chosen, best) < 0) best = chosen;
  }
  return best;
}
