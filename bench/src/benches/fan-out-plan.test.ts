import { expect, test } from 'vitest';
import { fanOutPlans } from './fan-out-plan.ts';

const shown = (watchers: number) =>
  fanOutPlans(watchers, 100).map(({ scope, perSecond, eventsPerSecond }) => [
    scope,
    Math.round(perSecond * 100) / 100,
    eventsPerSecond,
  ]);

test('one watcher gets what can be written', () => expect(shown(1)).toEqual([['broad', 404, 400]]));

test('with more watchers fewer changes make the same events', () => {
  expect(shown(1_000)).toEqual([
    ['broad', 10.1, 10_000],
    ['broad', 50.5, 50_000],
    ['per namespace', 404, 4_000],
  ]);
  expect(shown(10_000)).toEqual([
    ['broad', 1.01, 10_000],
    ['broad', 5.05, 50_000],
    ['per namespace', 101, 10_000],
    ['per namespace', 404, 40_000],
  ]);
});
