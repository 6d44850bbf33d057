import { atLeast } from '@quarterdeck/machinery/testing';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { bruteForce, problems } from '../../testing/spread-problems.ts';
import { sumsOf } from '../rank.ts';
import { chooseSpread } from './choose.ts';
import { countsOf, isValid, type RoomRule, type SpreadProblem, shortfallOf, type Unit } from './problem.ts';
import { withRoom } from './roomy.ts';

type RoomProblem = SpreadProblem & { readonly room: RoomRule };

/** Rooms of the units, by place, and what is needed: sometimes little, sometimes more than there is. */
const roomProblems = (keys: number, hard: boolean): fc.Arbitrary<RoomProblem> =>
  fc
    .tuple(
      problems(keys, 8),
      fc.array(fc.integer({ min: 0, max: 9 }), { minLength: 8, maxLength: 8 }),
      fc.nat({ max: 40 }),
    )
    .map(([problem, rooms, needed]) => {
      const byUnit = new Map(problem.units.map((unit, index) => [unit, rooms[index] ?? 0]));
      return { ...problem, room: { of: (unit: Unit) => byUnit.get(unit) ?? 0, needed, hard } };
    });

const settle = (problem: RoomProblem) => {
  const { room, ...rest } = problem;
  const byPreference =
    rest.keys.length === 0 ? { chosen: rest.units.slice(0, rest.wanted), bounded: false } : chooseSpread(rest);
  return {
    byPreference,
    found: shortfallOf({ ...rest, room }, byPreference.chosen) > 0 ? withRoom(problem, byPreference) : byPreference,
  };
};
/** What comes before soft spread and score: driven away, kept, lost, terms, taints. */
const before = (chosen: readonly Unit[]) =>
  sumsOf(
    chosen.map(({ key }) => key),
    0,
  ).slice(0, 5);

describe('withRoom, laws', () => {
  test.each([0, 1, 2, 3])('PL-17, PL-13 under %i spread keys room enough is found wherever a set has it', (keys) => {
    fc.assert(
      fc.property(roomProblems(keys, true), (problem) => {
        const { byPreference, found } = settle(problem);
        const best = bruteForce(problem);
        expect(found.bounded).toBe(false);
        expect(isValid(problem, countsOf(problem, found.chosen))).toBe(true);
        expect([found.chosen.length, new Set(found.chosen).size]).toEqual([best.length, best.length]);
        if (shortfallOf(problem, best) > 0) expect(found.chosen).toEqual(byPreference.chosen);
        else expect(shortfallOf(problem, found.chosen)).toBe(0);
      }),
      atLeast(300),
    );
  });

  test.each([0, 1, 2])('PL-17, PL-10 under %i keys of the sets with room the one that keeps most is taken', (keys) => {
    fc.assert(
      fc.property(roomProblems(keys, true), (problem) => {
        const best = bruteForce(problem);
        fc.pre(shortfallOf(problem, best) === 0);
        expect(before(settle(problem).found.chosen)).toEqual(before(best));
      }),
      atLeast(300),
    );
  });

  test('PL-17, PL-20 a soft rule about room takes no chosen cluster away', () => {
    fc.assert(
      fc.property(roomProblems(1, false), (problem) => {
        const { byPreference, found } = settle(problem);
        expect(found.chosen.length).toBe(byPreference.chosen.length);
        expect(before(found.chosen)).toEqual(before(byPreference.chosen));
        expect(shortfallOf(problem, found.chosen)).toBeLessThanOrEqual(shortfallOf(problem, byPreference.chosen));
      }),
      atLeast(300),
    );
  });
});
