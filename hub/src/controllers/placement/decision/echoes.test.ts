import { type Placement, PlacementDecision, type Stored } from '@quarterdeck/apis';
import { fakeClock } from '@quarterdeck/machinery/testing';
import { expect, test } from 'vitest';
import { placement, stored } from '../../../testing/builders.ts';
import { createEchoes } from './echoes.ts';

const at = (resourceVersion: string) => placement('p', {}, { metadata: { namespace: 'apps', resourceVersion } });
const slice = stored(PlacementDecision, 's', {
  metadata: { namespace: 'apps', resourceVersion: '8' },
  decisions: [],
} as never);

function echoes() {
  const placements = new Map<string, Stored<Placement>>([['apps/p', at('7')]]);
  const decisions = new Map<string, Stored<PlacementDecision>>();
  const clock = fakeClock();
  return { placements, decisions, clock, ...createEchoes({ placements, decisions }, clock) };
}

test('nothing was written: the caches are believed', () => {
  const { waitMs, expect: wrote } = echoes();
  wrote('apps/p', []);
  expect(waitMs('apps/p')).toBeUndefined();
});

test('PD-14 what was written is waited for until the caches show all of it, and a later deletion is seen at once', () => {
  const { waitMs, expect: wrote, placements, decisions } = echoes();
  wrote('apps/p', [slice, at('9')]);
  expect([waitMs('apps/p'), waitMs('apps/other')]).toEqual([1_000, undefined]);
  decisions.set('apps/s', slice);
  expect(waitMs('apps/p')).toBe(1_000);
  placements.set('apps/p', at('10'));
  expect(waitMs('apps/p')).toBeUndefined();
  decisions.clear();
  expect(waitMs('apps/p')).toBeUndefined();
});

test('PD-14 what somebody took away before the caches showed it is not waited for long', async () => {
  const { waitMs, expect: wrote, clock } = echoes();
  wrote('apps/p', [slice]);
  await clock.advance(600);
  expect(waitMs('apps/p')).toBe(400);
  await clock.advance(400);
  expect(waitMs('apps/p')).toBeUndefined();
});
