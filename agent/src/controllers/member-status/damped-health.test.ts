import { expect, test } from 'vitest';
import { type DampedHealth, observeHealth } from './damped-health.ts';

const up = { status: 'True' as const, message: '' };
const down = { status: 'False' as const, message: 'refused' };

/** One observation each 10 s. */
const reported = (...seen: (typeof up | typeof down)[]) => {
  let health: DampedHealth | undefined;
  return seen.map((each, index) => {
    health = observeHealth(health, each, index * 10_000);
    return health.reported.status;
  });
};

test.each([
  { name: 'the first observation counts at once', seen: [down], want: ['False'] },
  {
    name: 'a change counts when it lasted 20 s',
    seen: [up, down, down, down],
    want: ['True', 'True', 'True', 'False'],
  },
  { name: 'both ways', seen: [down, up, up, up], want: ['False', 'False', 'False', 'True'] },
  {
    name: 'a flap does not',
    seen: [up, down, up, down, down, down],
    want: ['True', 'True', 'True', 'True', 'True', 'False'],
  },
])('RG-30 $name', ({ seen, want }) => {
  expect(reported(...seen)).toEqual(want);
});
