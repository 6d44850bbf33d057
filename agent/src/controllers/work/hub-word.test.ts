import type { MemberCluster, Stored } from '@quarterdeck/apis';
import type { Client, Informer } from '@quarterdeck/machinery';
import { fakeClock } from '@quarterdeck/machinery/testing';
import { expect, test } from 'vitest';
import { followHubWord } from './hub-word.ts';

const memberWith = (annotations: Record<string, string>) =>
  ({ metadata: { name: 'm1', annotations } }) as unknown as Stored<MemberCluster>;
const signal = new AbortController().signal;

test('RG-10 an answer serves the Works that come together, until the hub says something else', async () => {
  let now = memberWith({ 'quarterdeck.dev/hub-epoch': 'e2 2026-01-01T00:00:00Z' });
  let asked = 0;
  const hubClient = {
    get: () => {
      asked += 1;
      return Promise.resolve(now);
    },
  } as unknown as Client;
  let tell: (event: { object: Stored<MemberCluster> }) => void = () => {};
  const member = {
    get: () => now,
    subscribe: (listener: typeof tell) => {
      tell = listener;
    },
  } as unknown as Informer<MemberCluster>;
  const clock = fakeClock();
  const word = followHubWord({ hubClient, clusterName: 'm1', member, clock });
  const heard: (number | undefined)[] = [];
  word.onHubWord(() => heard.push(word.history().confirmed?.at));

  expect((await word.askHistory(signal)).confirmed).toBeUndefined();
  expect((await word.askHistory(signal)).confirmed).toBeUndefined();
  expect(asked).toBe(1);

  now = memberWith({ ...now.metadata.annotations, 'quarterdeck.dev/restore-confirmed': '2026-01-01T00:01:00Z e2' });
  tell({ object: now });
  const at = Date.parse('2026-01-01T00:01:00Z');
  expect(heard).toEqual([at]);
  expect(await word.askHistory(signal)).toMatchObject({ epoch: 'e2', confirmed: { at, epoch: 'e2' } });
  expect(asked).toBe(2);
  await word.askHistory(signal, true);
  expect(asked).toBe(3);
});
