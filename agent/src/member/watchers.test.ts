import { apiError, ConfigMap, type KubeObject, label } from '@quarterdeck/apis';
import type { Client, ListOptions, WatchOptions } from '@quarterdeck/machinery';
import { eventually, fakeClock, stored, testLogger } from '@quarterdeck/machinery/testing';
import { expect, test } from 'vitest';
import { createWatchers } from './watchers.ts';

type Scope = 'all' | 'shop' | 'none';

/** A member that lets its ConfigMaps be listed and watched everywhere, in one namespace, or nowhere. */
function memberThatAllows(allowed: Scope) {
  const watched: string[] = [];
  const object = stored<KubeObject>({
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: 'a', namespace: 'shop', resourceVersion: '5' },
  });
  const check = (namespace: string | undefined) => {
    if (allowed === 'all' || (allowed === 'shop' && namespace === 'shop')) return;
    throw apiError('Forbidden', 'you may not');
  };
  const client = {
    list: (_type: unknown, { namespace }: ListOptions) => {
      check(namespace);
      return Promise.resolve({ items: [object], metadata: { resourceVersion: '5' } });
    },
    async *watch(_type: unknown, { namespace, labelSelector, signal, sendInitialEvents }: WatchOptions) {
      check(namespace);
      watched.push(`${namespace ?? 'all'} ${labelSelector}`);
      if (sendInitialEvents === true) {
        yield { type: 'ADDED', object };
        yield { type: 'BOOKMARK', resourceVersion: '5', initialEventsEnd: true };
      }
      await new Promise((_resolve, reject) => {
        signal?.addEventListener('abort', () => reject(signal.reason as Error), { once: true });
      });
    },
  } as unknown as Client;
  return { client, watched };
}

test.each([
  { allowed: 'all' as const, mode: 'Cluster', watched: [`all ${label.appliedWork}`], seen: 'a' },
  { allowed: 'shop' as const, mode: 'Namespace', watched: [`shop ${label.appliedWork}`], seen: 'a' },
  { allowed: 'none' as const, mode: 'Polling', watched: [], seen: 'ask' },
])('DL-20 an executor that may look at $allowed watches by $mode', async ({ allowed, mode, watched, seen }) => {
  const member = memberThatAllows(allowed);
  const stopping = new AbortController();
  const changes: string[] = [];
  const watchers = createWatchers({
    memberClient: member.client,
    clock: fakeClock(),
    logger: testLogger(),
    signal: stopping.signal,
    onChange: (_type, { metadata }) => changes.push(metadata.name),
  });
  await watchers.ready(ConfigMap, 'shop', stopping.signal);
  await eventually(() => watchers.mode(ConfigMap, 'shop') === mode);
  const peeked = watchers.peek(ConfigMap, 'shop', 'a');
  expect(peeked === 'unknown' ? 'ask' : peeked?.metadata.name).toBe(seen);
  watchers.ensure(ConfigMap, 'shop');
  expect(member.watched).toEqual(watched);
  expect(changes).toEqual(seen === 'a' ? ['a'] : []);
  stopping.abort(new Error('done'));
});
