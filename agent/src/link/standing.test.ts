import { fakeClock } from '@quarterdeck/machinery/testing';
import { expect, test } from 'vitest';
import { createStanding } from './standing.ts';

test('RG-41 an agent that the hub refuses for a minute is an outcast, once, until it is taken again', async () => {
  const clock = fakeClock();
  let times = 0;
  const standing = createStanding(clock, () => times++);
  const refuse = async (seconds: number) => {
    await clock.advance(seconds * 1000);
    standing.heard(false);
    return [standing.isOutcast(), times];
  };
  expect(await refuse(0)).toEqual([false, 0]);
  expect(await refuse(50)).toEqual([false, 0]);
  standing.heard(true);
  expect(await refuse(20)).toEqual([false, 0]);
  expect(await refuse(59)).toEqual([false, 0]);
  expect(await refuse(1)).toEqual([true, 1]);
  expect(await refuse(10)).toEqual([true, 1]);
  standing.heard(true);
  expect(standing.isOutcast()).toBe(false);
});
