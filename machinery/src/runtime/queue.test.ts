import { expect, test } from 'vitest';
import { fakeClock } from '../testing/fake-clock.ts';
import { createQueue } from './queue.ts';

test('keys come in order of arrival, each once', () => {
  const queue = createQueue({ clock: fakeClock() });
  for (const key of ['b', 'a', 'b', 'c']) queue.add(key);
  expect([queue.length, queue.take(), queue.take(), queue.take(), queue.take()]).toEqual([3, 'b', 'a', 'c', undefined]);
});

test('a key that is worked on waits until that is done', () => {
  const queue = createQueue({ clock: fakeClock() });
  queue.add('a');
  expect(queue.take()).toBe('a');
  queue.add('a');
  queue.add('a');
  expect(queue.take()).toBeUndefined();
  queue.done('a');
  expect([queue.take(), queue.take()]).toEqual(['a', undefined]);
  queue.done('a');
  expect(queue.take()).toBeUndefined();
});

test('delayed keys come when due; of several delays the earliest counts', async () => {
  const clock = fakeClock();
  const queue = createQueue({ clock });
  queue.addAfter('a', 100);
  queue.addAfter('a', 50);
  queue.addAfter('a', 200);
  queue.addAfter('b', 0);
  expect(queue.take()).toBe('b');
  await clock.advance(49);
  expect(queue.take()).toBeUndefined();
  await clock.advance(1);
  expect(queue.take()).toBe('a');
  expect(clock.pendingTimers()).toBe(0);
});

test('F-20 delays do not follow the wall clock', async () => {
  const clock = fakeClock();
  const queue = createQueue({ clock });
  queue.addAfter('a', 1000);
  clock.jump(-3_600_000);
  queue.addAfter('a', 2000);
  await clock.advance(1000);
  expect(queue.take()).toBe('a');
  expect(clock.pendingTimers()).toBe(0);
});

test('failures double the delay of a key up to a limit, until forgotten', () => {
  const queue = createQueue({ clock: fakeClock(), baseDelayMs: 10, maxDelayMs: 50, random: () => 0.5 });
  const delays = Array.from({ length: 5 }, () => queue.addRateLimited('a'));
  expect(delays).toEqual([7.5, 15, 30, 37.5, 37.5]);
  expect(queue.addRateLimited('b')).toBe(7.5);
  queue.forget('a');
  expect(queue.addRateLimited('a')).toBe(7.5);
});

test('the listener hears of each key that becomes available', async () => {
  const clock = fakeClock();
  const queue = createQueue({ clock });
  let calls = 0;
  queue.onAvailable(() => calls++);
  queue.add('a');
  queue.add('a');
  expect(calls).toBe(1);
  queue.take();
  queue.add('a');
  expect(calls).toBe(1);
  queue.done('a');
  expect(calls).toBe(2);
  queue.addAfter('b', 10);
  await clock.advance(10);
  expect(calls).toBe(3);
});

test('a closed queue is empty, takes nothing and leaves no timer', async () => {
  const clock = fakeClock();
  const queue = createQueue({ clock });
  queue.add('a');
  queue.add('b');
  queue.take();
  queue.add('a');
  queue.addAfter('c', 10);
  queue.close();
  queue.add('d');
  queue.addAfter('e', 10);
  queue.done('a');
  await clock.advance(100);
  expect([queue.take(), queue.length, clock.pendingTimers()]).toEqual([undefined, 0, 0]);
});
