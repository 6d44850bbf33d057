import { fakeClock } from '@quarterdeck/machinery/testing';
import { expect, test } from 'vitest';
import { createTelling } from './telling.ts';

const { signal } = new AbortController();

function telling() {
  const clock = fakeClock();
  const told: string[] = [];
  const { deciding, later } = createTelling(clock);
  const tell = (what: string, until: AbortSignal = signal) => later(async () => void told.push(what), until);
  return { clock, told, deciding, tell };
}

test('what is told of decisions waits for those that are being written, and keeps its order', async () => {
  const { clock, told, deciding, tell } = telling();
  const first = deciding();
  const second = deciding();
  tell('a');
  tell('b');
  await clock.advance(1_000);
  first[Symbol.dispose]();
  await clock.advance(1_000);
  expect(told).toEqual([]);
  second[Symbol.dispose]();
  await clock.advance(50);
  expect(told).toEqual(['a', 'b']);
  expect(clock.pendingTimers()).toBe(0);
});

test('decisions without an end keep nothing back for ever', async () => {
  const { clock, told, deciding, tell } = telling();
  using _under = deciding();
  tell('a');
  await clock.advance(4_900);
  expect(told).toEqual([]);
  await clock.advance(100);
  expect(told).toEqual(['a']);
});

test('nothing is told after the controller has stopped', async () => {
  const { clock, told, deciding, tell } = telling();
  using _under = deciding();
  const stop = new AbortController();
  tell('a', stop.signal);
  await clock.advance(50);
  stop.abort(new Error('stop'));
  await clock.settle();
  expect([told, clock.pendingTimers()]).toEqual([[], 0]);
});
