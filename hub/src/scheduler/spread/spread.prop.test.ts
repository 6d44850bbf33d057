import { atLeast } from '@quarterdeck/machinery/testing';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { bruteForce, problems } from '../../testing/spread-problems.ts';
import { packPlace } from '../rank.ts';
import { chooseSpread } from './choose.ts';
import { compareSets, countsOf, isValid, type SpreadProblem } from './problem.ts';

describe('chooseSpread, laws', () => {
  test('PL-13, PL-10 over one key it finds the best set there is', () => {
    fc.assert(
      fc.property(problems(1, 9), (problem) => {
        const { chosen, bounded } = chooseSpread(problem);
        const found = chosen.toSorted((a, b) => a.key - b.key);
        const best = bruteForce(problem);
        expect(bounded).toBe(false);
        expect({ valid: isValid(problem, countsOf(problem, found)), size: found.length }).toEqual({
          valid: true,
          size: best.length,
        });
        expect(compareSets(problem, found, best)).toBe(0);
      }),
      atLeast(400),
    );
  });

  test('PL-13 over several keys it finds a largest set', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(2, 3).chain((count) => problems(count, 9)),
        (problem) => {
          const { chosen, bounded } = chooseSpread(problem);
          expect(bounded).toBe(false);
          expect(isValid(problem, countsOf(problem, chosen))).toBe(true);
          expect(chosen.length).toBe(bruteForce(problem).length);
        },
      ),
      atLeast(400),
    );
  });

  test('PL-10, PL-13 a valid set of chosen clusters of the right number stays as it is', () => {
    fc.assert(
      fc.property(problems(2, 9), (problem) => {
        const kept = problem.units.slice(0, problem.wanted);
        const staying: SpreadProblem = {
          ...problem,
          units: problem.units
            .map(({ key, domains }, position) => ({
              key: packPlace({
                driven: false,
                kept: kept.some((unit) => unit.key === key),
                lost: false,
                tier: 0,
                discouraged: false,
                listed: 0,
                score: 0,
                position,
              }),
              domains,
            }))
            .sort((a, b) => a.key - b.key),
        };
        const standing = staying.units.slice(0, problem.wanted);
        fc.pre(isValid(staying, countsOf(staying, standing)));
        expect(chooseSpread(staying).chosen.map(({ key }) => key)).toEqual(standing.map(({ key }) => key));
      }),
    );
  });
});
