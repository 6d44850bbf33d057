import { apiError } from '@quarterdeck/apis';
import { expect, test } from 'vitest';
import { historyOfWorks } from './history-of-works.ts';
import type { HubHistory } from './hub-history.ts';

const of = (epoch: string): HubHistory => ({ epoch, restoredAt: undefined, confirmed: undefined });
const { signal } = new AbortController();
const away = apiError('ServiceUnavailable', 'the hub is away');

/** A hub of history `new`, of which the agent heard last when its history was `old`. */
function sources() {
  const state: { loads: number; asked: number; anew: boolean[]; failure: Error | undefined } = {
    loads: 0,
    asked: 0,
    anew: [],
    failure: undefined,
  };
  const historyFor = historyOfWorks({
    works: { loads: () => state.loads },
    history: () => of('old'),
    askHistory: async (_signal, anew) => {
      state.asked += 1;
      state.anew.push(anew);
      if (state.failure !== undefined) throw state.failure;
      return of('new');
    },
  });
  const epoch = async (isDelivered: boolean) => {
    const { history, isKnown } = await historyFor(isDelivered, signal);
    return isKnown ? history.epoch : `perhaps ${history.epoch}`;
  };
  return { state, epoch };
}

test('RG-10, F-14 what was delivered goes by what was heard last, with the hub away too, until Works are loaded anew', async () => {
  const { state, epoch } = sources();
  state.failure = away;
  expect(await epoch(true)).toBe('old');
  expect(state.asked).toBe(0);

  state.failure = undefined;
  state.loads = 1;
  expect(await epoch(true)).toBe('new');
  expect(await epoch(true)).toBe('old');
  expect(state.asked).toBe(1);
});

test('RG-10 what was not delivered so takes an answer each time, and a load that could not be asked for is asked for again', async () => {
  const { state, epoch } = sources();
  expect([await epoch(false), await epoch(false), state.asked]).toEqual(['new', 'new', 2]);

  state.loads = 1;
  state.failure = apiError('Forbidden', 'not you');
  await expect(epoch(true)).rejects.toThrow('not you');
  state.failure = undefined;
  expect([await epoch(true), state.asked]).toEqual(['new', 4]);
  // An answer from before the load may be of the history before it.
  expect(state.anew).toEqual([false, false, true, true]);
});

test('RG-10, F-14 a hub that goes away right after a load has what was delivered kept, and nothing else followed', async () => {
  const { state, epoch } = sources();
  state.loads = 1;
  state.failure = away;
  expect(await epoch(true)).toBe('perhaps old');
  await expect(epoch(false)).rejects.toThrow('the hub is away');
  state.failure = undefined;
  expect([await epoch(true), await epoch(true)]).toEqual(['new', 'old']);
});
