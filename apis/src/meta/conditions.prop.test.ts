import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type ConditionChange, findCondition, setCondition } from './conditions.ts';
import type { Condition } from './object.ts';

const changes = fc.array(
  fc.record({
    change: fc.record({
      type: fc.constantFrom('Applied', 'Available', 'Ready'),
      status: fc.constantFrom('True' as const, 'False' as const, 'Unknown' as const),
      reason: fc.constantFrom('A', 'B'),
      message: fc.constantFrom('', 'x'),
    }),
    now: fc.integer({ min: 0, max: 4e12 }),
  }),
);
const play = (list: { change: ConditionChange; now: number }[]) =>
  list.reduce<Condition[]>((conditions, { change, now }) => setCondition(conditions, change, now), []);

test('WK-38 the last change of each type stands, once, in the order of first appearance', () => {
  fc.assert(
    fc.property(changes, (list) => {
      const conditions = play(list);
      expect(conditions.map(({ type }) => type)).toEqual([...new Set(list.map(({ change }) => change.type))]);
      for (const condition of conditions) {
        const { lastTransitionTime: _time, ...rest } = condition;
        expect(rest).toEqual(list.findLast(({ change }) => change.type === condition.type)?.change);
      }
    }),
  );
});

test('WK-38 saying the same again changes nothing, whatever the time', () => {
  fc.assert(
    fc.property(changes, fc.integer({ min: 0, max: 4e12 }), (list, now) => {
      const conditions = play(list);
      for (const { type } of conditions) {
        const { lastTransitionTime: _time, ...same } = findCondition(conditions, type) as Condition;
        expect(setCondition(conditions, same, now)).toBe(conditions);
      }
    }),
  );
});
