import type { KubeObject, Stored } from '@quarterdeck/apis';
import { expect, test } from 'vitest';
import { configMap, stored } from '../testing/builders.ts';
import { fakeClock } from '../testing/fake-clock.ts';
import { createEchoes } from './echoes.ts';

const at = (revision: string, name = 'p') => stored(configMap(name), revision);
const slice = at('8', 's');
const going = stored(configMap('p', {}, { deletionTimestamp: '2026-01-01T00:00:00Z' }), '9');

function echoes() {
  const cache = new Map<string, Stored<KubeObject>>([['p', at('7')]]);
  const clock = fakeClock();
  const looked: string[] = [];
  const cached = ({ metadata: { name } }: Stored<KubeObject>) => {
    looked.push(name);
    return cache.get(name);
  };
  return { cache, clock, looked, ...createEchoes(cached, clock) };
}

test('nothing was written: the caches are believed', () => {
  const { waitMs, expect: wrote } = echoes();
  wrote('apps/p', []);
  expect(waitMs('apps/p')).toBeUndefined();
});

test('PD-14 what was written is waited for until the caches show all of it, and a later deletion is seen at once', () => {
  const { waitMs, expect: wrote, cache } = echoes();
  wrote('apps/p', [slice, at('9')]);
  expect([waitMs('apps/p'), waitMs('apps/other')]).toEqual([1_000, undefined]);
  cache.set('s', slice);
  expect(waitMs('apps/p')).toBe(1_000);
  cache.set('p', at('10'));
  expect(waitMs('apps/p')).toBeUndefined();
  cache.clear();
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

test('PD-14 a deletion is shown by its mark, or when the object is gone', () => {
  const { waitMs, expect: wrote, cache } = echoes();
  wrote('apps/p', [going]);
  expect(waitMs('apps/p')).toBe(1_000);
  cache.set('p', going);
  expect(waitMs('apps/p')).toBeUndefined();
  wrote('apps/p', [going]);
  cache.delete('p');
  expect(waitMs('apps/p')).toBeUndefined();
});

test('PD-14 many that are shown one by one are looked at once or twice each, not each time', () => {
  const { waitMs, expect: wrote, cache, looked } = echoes();
  const many = Array.from({ length: 100 }, (_, index) => at('8', `s${index}`));
  wrote('apps/p', many);
  for (const each of many.toReversed()) {
    expect(waitMs('apps/p')).toBe(1_000);
    cache.set(each.metadata.name, each);
  }
  expect(waitMs('apps/p')).toBeUndefined();
  expect(looked.length).toBeLessThanOrEqual(2 * many.length);
});
