import { fakeClock } from '@quarterdeck/machinery/testing';
import { expect, test } from 'vitest';
import { withDeadline } from './deadline.ts';
import { createWaker } from './waker.ts';

const never = new AbortController().signal;

test('a wait ends by time, by a wake-up, or with the signal, and leaves no timer behind', async () => {
  const clock = fakeClock();
  const waker = createWaker(clock);
  const stopping = new AbortController();
  const ended: string[] = [];
  const run = (async () => {
    await waker.wait(1_000, stopping.signal);
    ended.push(`time ${clock.monotonic()}`);
    await waker.wait(1_000, stopping.signal);
    ended.push(`woken ${clock.monotonic()}`);
    await waker.wait(1_000, stopping.signal);
    ended.push(`stopped ${clock.monotonic()}`);
  })();
  await clock.advance(1_500);
  waker.wake();
  await clock.settle();
  stopping.abort(new Error('stop'));
  await run;
  expect([ended, clock.pendingTimers()]).toEqual([['time 1000', 'woken 1500', 'stopped 1500'], 0]);
});

test('a wake-up while nobody waits is not lost', async () => {
  const clock = fakeClock();
  const waker = createWaker(clock);
  waker.wake();
  await waker.wait(1_000, never);
  expect(clock.monotonic()).toBe(0);
});

test('F-13 what does not answer in time is given up', async () => {
  const clock = fakeClock();
  const hangs = (signal: AbortSignal) =>
    new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason as Error)));
  const call = withDeadline(clock, 500, never, hangs);
  const refused = expect(call).rejects.toThrow('no answer within 500 ms');
  await clock.advance(500);
  await refused;
  expect([await withDeadline(clock, 500, never, () => Promise.resolve('x')), clock.pendingTimers()]).toEqual(['x', 0]);
});
