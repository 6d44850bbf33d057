import { fakeClock } from '@quarterdeck/machinery/testing';
import { expect, test } from 'vitest';
import { createHubPauses } from './pauses.ts';

test('F-14 all pauses end when the hub is heard, and later ones last again', async () => {
  const clock = fakeClock();
  const { pause, hubHeard, onReturn } = createHubPauses(clock);
  let returns = 0;
  onReturn(() => void returns++);
  hubHeard();
  expect(returns).toBe(0); // nobody waited: it was not away
  const { signal } = new AbortController();
  const ended: string[] = [];
  const wait = (name: string, ms: number) => pause(ms, signal).then(() => ended.push(name));
  const first = [wait('a', 30_000), wait('b', 60_000)];
  await clock.advance(10_000);
  expect(ended).toEqual([]);
  hubHeard();
  await Promise.all(first);
  expect([ended, returns]).toEqual([['a', 'b'], 1]);
  const later = wait('c', 20_000);
  await clock.advance(19_999);
  expect(ended).toEqual(['a', 'b']);
  await clock.advance(1);
  await later;
  hubHeard();
  expect([ended, returns]).toEqual([['a', 'b', 'c'], 1]);
});

test('F-14 a pause of what is stopped fails with the reason', async () => {
  const { pause } = createHubPauses(fakeClock());
  const stopping = new AbortController();
  const waiting = pause(60_000, stopping.signal);
  stopping.abort(new Error('stopped'));
  await expect(waiting).rejects.toThrow('stopped');
});
