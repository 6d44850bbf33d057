import { fakeClock } from '@quarterdeck/machinery/testing';
import { expect, test } from 'vitest';
import { createSessionLiveness } from './session-liveness.ts';

const session = (answers: boolean) => {
  const self = {
    bytesRead: 100,
    pings: 0,
    isDestroyed: false,
    ping() {
      self.pings++;
      if (answers) self.bytesRead += 17;
    },
    destroy() {
      self.isDestroyed = true;
    },
  };
  return self;
};

test('F-13 the hub lets go of a peer that vanished within 30 s, and of no other', async () => {
  const clock = fakeClock();
  let lost = 0;
  using liveness = createSessionLiveness(clock, () => lost++);
  const [gone, quiet, busy] = [session(false), session(true), session(false)];
  for (const each of [gone, quiet, busy]) liveness.watch(each);
  for (let second = 0; second < 60; second += 5) {
    busy.bytesRead += 1;
    await clock.advance(5_000);
    expect(gone.isDestroyed).toBe(second + 5 >= 30);
  }
  expect([quiet.isDestroyed, busy.isDestroyed, lost]).toEqual([false, false, 1]);
  // Who speaks by itself is not asked; who is silent is asked once between two answers.
  expect([busy.pings, quiet.pings]).toEqual([0, 2]);
});

test('F-13 a session that has ended is not looked at, and nothing is left behind', async () => {
  const clock = fakeClock();
  const liveness = createSessionLiveness(clock, () => {});
  const ended = session(false);
  liveness.watch(ended)();
  await clock.advance(60_000);
  expect([ended.pings, ended.isDestroyed]).toEqual([0, false]);
  liveness[Symbol.dispose]();
  expect(clock.pendingTimers()).toBe(0);
});
