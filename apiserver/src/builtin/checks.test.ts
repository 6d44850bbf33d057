import { expect, test } from 'vitest';
import { conditionTimes } from './checks.ts';

test('KA-38 each condition without a time is told by its index', () => {
  const conditions = [{ lastTransitionTime: '2026-01-01T00:00:00Z' }, { type: 'A' }, { lastTransitionTime: null }];
  expect(conditionTimes({ status: { conditions } }).map(({ field, reason }) => [field, reason])).toEqual([
    ['status.conditions[1].lastTransitionTime', 'FieldValueRequired'],
    ['status.conditions[2].lastTransitionTime', 'FieldValueRequired'],
  ]);
  expect(conditionTimes({})).toEqual([]);
});
