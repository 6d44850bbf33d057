import { expect, test } from 'vitest';
import { fakeClock } from './fake-clock.ts';

test('timers run in the order of their times, each at its time, also those that timers set', async () => {
  const clock = fakeClock(1000);
  const seen: string[] = [];
  const note = (what: string) => seen.push(`${what} ${clock.now()}`);
  clock.after(20, () => note('b'));
  clock.after(10, () => {
    note('a');
    clock.after(5, () => note('c'));
  });
  clock.after(20, () => note('d'));
  clock.after(100, () => note('never')).cancel();
  await clock.advance(20);
  expect(seen).toEqual(['a 1010', 'c 1015', 'b 1020', 'd 1020']);
  expect([clock.now(), clock.monotonic(), clock.pendingTimers(), clock.nextTimerAt()]).toEqual([
    1020,
    20,
    0,
    undefined,
  ]);
});

test('sleepers wake in order, chains of them within one advance', async () => {
  const clock = fakeClock();
  const seen: number[] = [];
  const run = (async () => {
    for (let round = 0; round < 3; round++) {
      await clock.sleep(10);
      seen.push(clock.monotonic());
    }
  })();
  await clock.advance(29);
  expect([seen, clock.nextTimerAt()]).toEqual([[10, 20], 30]);
  await clock.advance(1);
  await run;
  expect(seen).toEqual([10, 20, 30]);
});

test('a sleep ends with the reason of its signal, and leaves no timer', async () => {
  const clock = fakeClock();
  const reason = new Error('enough');
  const controller = new AbortController();
  const sleep = clock.sleep(10, controller.signal);
  controller.abort(reason);
  await expect(sleep).rejects.toBe(reason);
  await expect(clock.sleep(10, controller.signal)).rejects.toBe(reason);
  expect(clock.pendingTimers()).toBe(0);
});

test('F-20 the wall clock jumps alone', async () => {
  const clock = fakeClock(1000);
  let isDue = false;
  clock.after(10, () => {
    isDue = true;
  });
  clock.jump(3_600_000);
  await clock.settle();
  expect([isDue, clock.now(), clock.monotonic()]).toEqual([false, 3_601_000, 0]);
});

test('F-30 a stall moves time and runs nothing until somebody looks', async () => {
  const clock = fakeClock();
  const seen: number[] = [];
  clock.after(10, () => seen.push(clock.monotonic()));
  clock.stall(50);
  expect(seen).toEqual([]);
  await clock.advance(0);
  expect(seen).toEqual([50]);
});
