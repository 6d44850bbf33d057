import { apiError, type ConfigMap, StatusReason } from '@quarterdeck/apis';
import type { Client } from '@quarterdeck/machinery';
import { fakeClock, testLogger } from '@quarterdeck/machinery/testing';
import { expect, test } from 'vitest';
import { followPolicy } from './policy-source.ts';

test('RG-50 the policy is read again; what cannot be read or understood lets nobody in', async () => {
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
  const broken = () => {
    throw new Error('the member is away');
  };
  expect((await after(broken))[0]).toBe('the member is away');
  expect(await after(undefined)).toEqual([undefined, 3]);
  stop.abort();
});
