import { expect, test } from 'vitest';
import {
  firstLiveness,
  type Liveness,
  type LivenessEvent,
  type LivenessStep,
  livenessPeriodMs,
  stepLiveness,
} from './liveness.ts';

const silent = (missed: number): Liveness => ({ type: 'silent', missed });
const lost: Liveness = { type: 'lost' };

test.each<{ state: Liveness; event: LivenessEvent; want: LivenessStep }>([
  { state: firstLiveness, event: 'heard', want: { next: firstLiveness, action: 'none' } },
  { state: firstLiveness, event: 'tick', want: { next: silent(0), action: 'ping' } },
  { state: silent(0), event: 'heard', want: { next: firstLiveness, action: 'none' } },
  { state: silent(0), event: 'tick', want: { next: silent(1), action: 'ping' } },
  { state: silent(1), event: 'tick', want: { next: silent(2), action: 'ping' } },
  { state: silent(2), event: 'heard', want: { next: firstLiveness, action: 'none' } },
  { state: silent(2), event: 'tick', want: { next: lost, action: 'cut' } },
  { state: lost, event: 'heard', want: { next: lost, action: 'none' } },
  { state: lost, event: 'tick', want: { next: lost, action: 'none' } },
])('RG-52 $state.type, then $event', ({ state, event, want }) => {
  expect(stepLiveness(state, event)).toEqual(want);
});

test('RG-52, F-13 silence is noticed within 30 s', () => {
  let state = firstLiveness;
  let ticks = 0;
  for (let action = 'none'; action !== 'cut'; ticks += 1) {
    const step = stepLiveness(state, 'tick');
    [state, action] = [step.next, step.action];
  }
  expect(ticks * livenessPeriodMs).toBeLessThanOrEqual(30_000);
});
