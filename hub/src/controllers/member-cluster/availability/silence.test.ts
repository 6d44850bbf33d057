import { fakeClock } from '@quarterdeck/machinery/testing';
import { expect, test } from 'vitest';
import { createSilence } from './silence.ts';

test('F-20 a jump of the wall clock makes no member silent, and none heard', () => {
  const clock = fakeClock();
  const silence = createSilence(clock);
  silence.heard('member-a');
  clock.stall(39_000);
  clock.jump(3_600_000);
  expect(silence.lasting('member-a')).toBe(39_000);
  clock.jump(-7_200_000);
  clock.stall(1_000);
  expect(silence.lasting('member-a')).toBe(40_000);
});

test('RG-31 a Lease counts as heard when it is first seen, and again after it was gone', () => {
  const clock = fakeClock();
  const silence = createSilence(clock);
  expect([silence.isKnown('member-a'), silence.lasting('member-a')]).toEqual([false, 0]);
  silence.heard('member-a');
  clock.stall(60_000);
  silence.forget('member-a');
  expect([silence.isKnown('member-a'), silence.lasting('member-a')]).toEqual([false, 0]);
});

test('RG-31 the fleet is silent as far as members are watched, and well before they count as lost', () => {
  const clock = fakeClock();
  const silence = createSilence(clock);
  for (const each of ['member-a', 'member-b', 'member-denied']) silence.heard(each);
  const ofFleet = () => silence.ofFleet((namespace) => namespace !== 'member-denied');
  clock.stall(24_999);
  silence.heard('member-b');
  expect(ofFleet()).toEqual({ watched: 2, silent: 0 });
  clock.stall(1_000);
  expect(ofFleet()).toEqual({ watched: 2, silent: 1 });
});

test('RG-31 whoever was lost before stays so until its Lease is seen to change, whichever of the two is known first', () => {
  const clock = fakeClock();
  const silence = createSilence(clock);
  silence.heard('member-a');
  silence.lostBefore('member-a');
  silence.lostBefore('member-b');
  silence.heard('member-b');
  const lasting = () => ['member-a', 'member-b'].map(silence.lasting);
  expect([lasting(), silence.ofFleet(() => true)]).toEqual([[Infinity, Infinity], { watched: 2, silent: 2 }]);
  for (const namespace of ['member-a', 'member-b']) silence.heard(namespace);
  clock.stall(1_000);
  expect([lasting(), silence.ofFleet(() => true)]).toEqual([[1_000, 1_000], { watched: 2, silent: 0 }]);
});
