import { describe, expect, test } from 'vitest';
import { findCondition, formatTime, isConditionTrue, setCondition } from './conditions.ts';
import type { Condition } from './object.ts';

const then = Date.UTC(2026, 0, 31, 12, 0, 0, 999);
const later = then + 60_000;
const applied: Condition = {
  type: 'Applied',
  status: 'True',
  observedGeneration: 3,
  lastTransitionTime: '2026-01-31T12:00:00Z',
  reason: 'Done',
  message: '',
};
const { lastTransitionTime: _time, ...change } = applied;

describe('setCondition', () => {
  test('a new type comes last with the time of now', () => {
    const ready = { type: 'Ready', status: 'Unknown', reason: 'NotSeen', message: 'x' } as const;
    expect(setCondition([applied], ready, later)).toEqual([
      applied,
      { ...ready, lastTransitionTime: '2026-01-31T12:01:00Z' },
    ]);
  });

  test('no list is an empty list', () => {
    expect(setCondition(undefined, change, then)).toEqual([applied]);
  });

  test('WK-38 nothing changed returns the same array', () => {
    const list = [applied];
    expect(setCondition(list, change, later)).toBe(list);
  });

  test.each([{ reason: 'Other' }, { message: 'more' }, { observedGeneration: 4 }])(
    'WK-38 %o alone keeps the transition time',
    (difference) => {
      expect(setCondition([applied], { ...change, ...difference }, later)).toEqual([{ ...applied, ...difference }]);
    },
  );

  test('WK-38 another status sets the transition time and keeps the place', () => {
    const other = { ...applied, type: 'Other' };
    expect(setCondition([applied, other], { ...change, status: 'False' }, later)).toEqual([
      { ...applied, status: 'False', lastTransitionTime: '2026-01-31T12:01:00Z' },
      other,
    ]);
  });

  test('an observed generation that is not known any more goes', () => {
    const { observedGeneration: _generation, ...without } = change;
    expect(setCondition([applied], without, later)).toEqual([
      { ...without, lastTransitionTime: applied.lastTransitionTime },
    ]);
  });
});

test.each([
  { name: 'True of this generation', conditions: [applied], generation: 3, want: true },
  { name: 'WK-37 True of an older generation is no promise', conditions: [applied], generation: 4, want: false },
  { name: 'True of any generation when none is asked', conditions: [applied], generation: undefined, want: true },
  {
    name: 'Unknown is not True',
    conditions: [{ ...applied, status: 'Unknown' as const }],
    generation: undefined,
    want: false,
  },
  { name: 'absent is not True', conditions: [], generation: undefined, want: false },
  { name: 'no list is not True', conditions: undefined, generation: undefined, want: false },
])('$name', ({ conditions, generation, want }) => {
  expect(isConditionTrue(conditions, 'Applied', generation)).toBe(want);
});

test('findCondition finds by type', () => {
  expect([
    findCondition([applied], 'Applied'),
    findCondition([applied], 'Ready'),
    findCondition(undefined, 'Ready'),
  ]).toEqual([applied, undefined, undefined]);
});

test('KA-51 times are in whole seconds', () => {
  expect(formatTime(then)).toBe('2026-01-31T12:00:00Z');
});
