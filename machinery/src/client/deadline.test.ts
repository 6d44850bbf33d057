import { getEventListeners } from 'node:events';
import { expect, test } from 'vitest';
import { fakeClock } from '../testing/fake-clock.ts';
import { startDeadline } from './deadline.ts';

test('the time limit aborts, unless lifted', async () => {
  const clock = fakeClock();
  const strict = startDeadline(clock, 100, undefined);
  const lifted = startDeadline(clock, 100, undefined);
  lifted.lift();
  await clock.advance(100);
  expect([strict.signal.aborted, strict.passed(), lifted.signal.aborted, lifted.passed()]).toEqual([
    true,
    true,
    false,
    false,
  ]);
});

test('the signal of the caller aborts with its reason, also after the limit was lifted', () => {
  const controller = new AbortController();
  const deadline = startDeadline(fakeClock(), 100, controller.signal);
  deadline.lift();
  const reason = new Error('enough');
  controller.abort(reason);
  expect([deadline.signal.reason, deadline.passed()]).toEqual([reason, false]);
  expect(startDeadline(fakeClock(), 100, controller.signal).signal.reason).toBe(reason);
});

test('when ended it leaves neither timer nor listener', () => {
  const clock = fakeClock();
  const controller = new AbortController();
  const deadline = startDeadline(clock, 100, controller.signal);
  expect(getEventListeners(controller.signal, 'abort')).toHaveLength(1);
  deadline.end();
  expect([getEventListeners(controller.signal, 'abort').length, clock.pendingTimers()]).toEqual([0, 0]);
});
