import { expect, test } from 'vitest';
import { createHealthRegistry } from './health.ts';

test('KA-19 failing checks are named, all or those of livez', () => {
  const health = createHealthRegistry();
  let isSynced = false;
  health.add({ name: 'informers', live: false, isHealthy: () => isSynced });
  health.add({ name: 'loop', live: true, isHealthy: () => true });
  health.add({
    name: 'broken',
    live: true,
    isHealthy: () => {
      throw new Error('oops');
    },
  });
  expect([health.failing(), health.failing({ live: true })]).toEqual([['informers', 'broken'], ['broken']]);
  isSynced = true;
  expect(health.failing()).toEqual(['broken']);
  expect([...health.checks].map(({ name }) => name)).toEqual(['informers', 'loop', 'broken']);
});

test('a check can be removed, and a name is taken once', () => {
  const health = createHealthRegistry();
  const check = { name: 'a', live: true, isHealthy: () => false };
  const remove = health.add(check);
  expect(() => health.add({ ...check })).toThrow(RangeError);
  remove();
  expect(health.failing()).toEqual([]);
  health.add({ ...check });
  remove();
  expect(health.failing()).toEqual(['a']);
});
