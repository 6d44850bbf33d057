import { expect, test } from 'vitest';
import { historyOfWorks } from './history-of-works.ts';
import type { HubHistory } from './hub-history.ts';

const of = (epoch: string): HubHistory => ({ epoch, restoredAt: undefined, confirmed: undefined });
const { signal } = new AbortController();

/** A hub of history `new`, of which the agent heard last when its history was `old`. */
function sources() {
  const state = { loads: 0, asked: 0, isAway: false };
  const historyFor = historyOfWorks({
    works: { loads: () => state.loads },
    history: () => of('old'),
    askHistory: async () => {
      state.asked += 1;
      if (state.isAway) throw new Error('the hub is away');
      return of('new');
    },
  });
  return { state, epoch: async (isDelivered: boolean) => (await historyFor(isDelivered, signal)).epoch };
}

test('RG-10, F-14 what was delivered goes by what was heard last, with the hub away too, until Works are loaded anew', async () => {
  const { state, epoch } = sources();
  state.isAway = true;
  expect(await epoch(true)).toBe('old');
  expect(state.asked).toBe(0);

  state.isAway = false;
  state.loads = 1;
  expect(await epoch(true)).toBe('new');
  expect(await epoch(true)).toBe('old');
  expect(state.asked).toBe(1);
});

test('RG-10 what was not delivered so takes an answer each time, and a load that could not be asked for is asked for again', async () => {
  const { state, epoch } = sources();
  expect([await epoch(false), await epoch(false), state.asked]).toEqual(['new', 'new', 2]);

  state.loads = 1;
  state.isAway = true;
  await expect(epoch(true)).rejects.toThrow('the hub is away');
  state.isAway = false;
  expect([await epoch(true), state.asked]).toEqual(['new', 4]);
});
