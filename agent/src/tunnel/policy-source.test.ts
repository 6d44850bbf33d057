import { apiError, type ConfigMap, StatusReason } from '@quarterdeck/apis';
import type { Client } from '@quarterdeck/machinery';
import { fakeClock, testLogger } from '@quarterdeck/machinery/testing';
import { expect, test } from 'vitest';
import { followPolicy } from './policy-source.ts';

test('RG-50 the policy is read again; what must not be read or cannot be understood lets nobody in', async () => {
  const clock = fakeClock();
  const stop = new AbortController();
  let answer: (() => Partial<ConfigMap>) | undefined;
  const memberClient = {
    get: async () => {
      if (answer === undefined) throw apiError(StatusReason.NotFound, 'not found');
      return answer();
    },
  } as unknown as Client;
  let changes = 0;
  const onChange = () => {
    changes += 1;
  };
  const options = { memberClient, clock, logger: testLogger(), onChange };
  const source = await followPolicy(options, stop.signal);
  const after = async (next: typeof answer) => {
    answer = next;
    await clock.advance(10_000);
    const state = source.current();
    return [state.type === 'known' ? state.policy.verbs : state.why, changes];
  };
  expect(source.current().type).toBe('known');
  expect(await after(undefined)).toEqual([undefined, 0]);
  expect(await after(() => ({ data: { 'policy.yaml': 'verbs: [get]' } }))).toEqual([['get'], 1]);
  expect(await after(() => ({ data: { 'policy.yaml': 'verbs: [get]' } }))).toEqual([['get'], 1]);
  expect(await after(() => ({ data: { 'policy.yaml': 'verbs: get' } }))).toEqual([expect.stringContaining('verbs'), 2]);
  expect(await after(undefined)).toEqual([undefined, 3]);
  const forbidden = () => {
    throw apiError(StatusReason.Forbidden, 'no right to it');
  };
  expect(await after(forbidden)).toEqual(['no right to it', 4]);
  expect(await after(undefined)).toEqual([undefined, 5]);
  stop.abort();
});

test('RG-50, RG-52 while the member does not answer, the policy that was read last holds for a minute and no longer', async () => {
  const clock = fakeClock();
  const stop = new AbortController();
  let answer = async (_signal: AbortSignal): Promise<unknown> => ({ data: { 'policy.yaml': 'verbs: [get]' } });
  const memberClient = {
    get: (_type: unknown, _ref: unknown, { signal }: { signal: AbortSignal }) => answer(signal),
  } as unknown as Client;
  let changes = 0;
  const onChange = () => {
    changes += 1;
  };
  const source = await followPolicy({ memberClient, clock, logger: testLogger(), onChange }, stop.signal);
  answer = () => Promise.reject(apiError(StatusReason.TooManyRequests, 'busy'));
  await clock.advance(10_000);
  expect([source.current().type, changes]).toEqual(['known', 0]);
  // A read that hangs is given up in time for the next.
  answer = (signal) => new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)));
  await clock.advance(40_000);
  expect([source.current().type, changes]).toEqual(['known', 0]);
  await clock.advance(30_000);
  expect([source.current().type, changes]).toEqual(['unknown', 1]);
  answer = async () => ({ data: { 'policy.yaml': 'verbs: [get]' } });
  await clock.advance(20_000);
  expect([source.current().type, changes]).toEqual(['known', 2]);
  stop.abort();
});
