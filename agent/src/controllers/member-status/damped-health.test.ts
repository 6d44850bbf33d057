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

test('RG-30 another cause of ill health is told when it has lasted as long; one that varies never is', () => {
  const [refused, etcd, late] = ['refused', 'etcd failed', 'no answer'].map((message) => ({
    status: 'False' as const,
    message,
  })) as [typeof down, typeof down, typeof down];
  const told = (...seen: (typeof up | typeof down)[]) => {
    let health: DampedHealth | undefined;
    for (const [index, each] of seen.entries()) health = observeHealth(health, each, index * 10_000);
    return health?.reported;
  };
  expect(told(refused, etcd, etcd)).toEqual(refused);
  expect(told(refused, etcd, etcd, etcd)).toEqual(etcd);
  expect(told(refused, etcd, late, etcd, late, etcd, late)).toEqual(refused);
  expect(told(up, refused, etcd, late)).toEqual(late);
});
