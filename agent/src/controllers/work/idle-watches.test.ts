import { type AppliedWork, ConfigMap, type ResourceType, Secret } from '@quarterdeck/apis';
import type { Client, Informer, WatchOptions } from '@quarterdeck/machinery';
import { eventually, fakeClock, testLogger } from '@quarterdeck/machinery/testing';
import { expect, test } from 'vitest';
import { createExecutors } from '../../member/executors.ts';
import { createWatchers } from '../../member/watchers.ts';
import { appliedWork } from '../../testing/builders.ts';
import { endIdleWatches, needsOf } from './idle-watches.ts';
import { appliedWorkName } from './journal.ts';

const hubUID = 'hub-1';
const resource = { version: 'v1', kind: 'ConfigMap', resource: 'configmaps', namespace: 'shop', name: 'a', ordinal: 0 };
const journal = (name: string, annotations: Record<string, string> = {}, of = hubUID) =>
  appliedWork(name, {
    metadata: { name: appliedWorkName(of, { namespace: 'member-m1', name }), annotations },
    status: { appliedResources: [resource] },
  });
const executeAs = { 'quarterdeck.dev/execute-as': 'shop/deployer' };

test('DL-20, DL-30 what the journals of our Works hold is needed, in the eyes of who applied it, and nothing else', () => {
  const { isUsed, isWatched } = needsOf([journal('own'), journal('other', executeAs, 'hub-2')], hubUID);
  const v2 = { ...ConfigMap, version: 'v2' };
  const asked: [string | undefined, ResourceType, string][] = [
    [undefined, ConfigMap, ''],
    [undefined, ConfigMap, 'shop'],
    [undefined, ConfigMap, 'bank'],
    [undefined, Secret, ''],
    [undefined, v2, ''],
    ['shop/deployer', ConfigMap, ''],
  ];
  expect(asked.map((each) => isWatched(...each))).toEqual([true, true, false, false, false, false]);
  expect([isUsed('shop/deployer'), needsOf([journal('w', executeAs)], hubUID).isUsed('shop/deployer')]).toEqual([
    false,
    true,
  ]);
});

/** Members' clients, one for each executor, with how many watches are open and which of them are closed. */
function memberClients() {
  const at = { watches: 0, made: [] as string[], closed: [] as string[] };
  const clientAs = (user: string): Client => {
    at.made.push(user);
    const client = {
      list: () => Promise.resolve({ items: [], metadata: { resourceVersion: '5' } }),
      async *watch(_type: unknown, { signal }: WatchOptions) {
        at.watches++;
        yield { type: 'BOOKMARK', resourceVersion: '5', initialEventsEnd: true };
        await new Promise((_resolve, reject) => {
          signal?.addEventListener('abort', () => reject(signal.reason as Error), { once: true });
        }).finally(() => at.watches--);
      },
      [Symbol.asyncDispose]: () => {
        at.closed.push(user);
        return Promise.resolve();
      },
    };
    return client as unknown as Client;
  };
  return { at, clientAs };
}

test('DL-20 when the last Work of an executor is gone its watches end and its client is closed; they begin anew with the next', async () => {
  const clock = fakeClock();
  const stopping = new AbortController();
  const { signal } = stopping;
  const logger = testLogger();
  const { at, clientAs } = memberClients();
  const executors = createExecutors({
    defaultClient: clientAs('agent'),
    clientAs,
    view: (memberClient) => ({
      watchers: createWatchers({ memberClient, onChange: () => {}, clock, logger, signal }),
      discovery: { resourceOf: () => Promise.resolve(undefined), namespaced: () => Promise.resolve([]) },
    }),
  });
  let journals = [journal('w', executeAs)];
  const appliedWorks = { hasSynced: () => true, list: () => journals } as unknown as Informer<AppliedWork>;
  const running = endIdleWatches({ executors, appliedWorks, hubUID, clock, logger }, signal);
  const user = 'system:serviceaccount:shop:deployer';
  const watch = async () => {
    const executor = executors.get('shop/deployer');
    await executor?.watchers.ready(ConfigMap, 'shop', signal);
    return executor;
  };
  /** An idle watch ends at the second look, its executor at the one after. */
  const look = async (times: number) => {
    for (let time = 0; time < times; time++) await clock.advance(303_000);
  };
  const first = await watch();
  await look(4);
  expect(at).toEqual({ watches: 1, made: ['agent', user], closed: [] });

  journals = [];
  await look(1);
  expect([at.watches, executors.get('shop/deployer') === first]).toEqual([1, true]);
  await look(4);
  await eventually(() => at.watches === 0);
  expect(at.closed).toEqual([user]);

  expect((await watch()) === first).toBe(false);
  expect(at).toEqual({ watches: 1, made: ['agent', user, user], closed: [user] });
  stopping.abort(new Error('done'));
  await running;
});
