import { apiError, ConfigMap, type KubeObject, label } from '@quarterdeck/apis';
import type { Client, ListOptions, WatchOptions } from '@quarterdeck/machinery';
import { eventually, fakeClock, stored, testLogger } from '@quarterdeck/machinery/testing';
import { expect, test } from 'vitest';
import { createWatchers } from './watchers.ts';

type Scope = 'all' | 'shop' | 'none';

/** A member that lets its ConfigMaps be listed and watched everywhere, in one namespace, or nowhere. */
function memberThatAllows(allowed: Scope) {
  const watched: string[] = [];
  const ended: string[] = [];
  const configMap = (name: string) =>
    stored<KubeObject>({
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name, namespace: 'shop', resourceVersion: '5' },
    });
  const objects = [configMap('a')];
  const check = (namespace: string | undefined) => {
    if (allowed === 'all' || (allowed === 'shop' && namespace === 'shop')) return;
    throw apiError('Forbidden', 'you may not');
  };
  const client = {
    list: (_type: unknown, { namespace }: ListOptions) => {
      check(namespace);
      return Promise.resolve({ items: objects, metadata: { resourceVersion: '5' } });
    },
    async *watch(_type: unknown, { namespace, labelSelector, signal, sendInitialEvents }: WatchOptions) {
      check(namespace);
      watched.push(`${namespace ?? 'all'} ${labelSelector}`);
      if (sendInitialEvents === true) {
        for (const object of objects) yield { type: 'ADDED', object };
        yield { type: 'BOOKMARK', resourceVersion: '5', initialEventsEnd: true };
      }
      await new Promise((_resolve, reject) => {
        signal?.addEventListener('abort', () => reject(signal.reason as Error), { once: true });
      }).finally(() => ended.push(namespace ?? 'all'));
    },
  } as unknown as Client;
  return { client, watched, ended, put: (name: string) => objects.push(configMap(name)) };
}

/** Watchers of a member, with the names that they tell of. */
function watching(memberClient: Client) {
  const stopping = new AbortController();
  const changes: string[] = [];
  const watchers = createWatchers({
    memberClient,
    clock: fakeClock(),
    logger: testLogger(),
    signal: stopping.signal,
    onChange: (_type, { metadata }) => changes.push(metadata.name),
  });
  return { watchers, changes, stopping };
}

test.each([
  { allowed: 'all' as const, mode: 'Cluster', watched: [`all ${label.appliedWork}`], seen: 'a' },
  { allowed: 'shop' as const, mode: 'Namespace', watched: [`shop ${label.appliedWork}`], seen: 'a' },
  { allowed: 'none' as const, mode: 'Polling', watched: [], seen: 'ask' },
])('DL-20 an executor that may look at $allowed watches by $mode', async ({ allowed, mode, watched, seen }) => {
  const member = memberThatAllows(allowed);
  const { watchers, changes, stopping } = watching(member.client);
  await watchers.ready(ConfigMap, 'shop', stopping.signal);
  await eventually(() => watchers.mode(ConfigMap, 'shop') === mode);
  const peeked = watchers.peek(ConfigMap, 'shop', 'a');
  expect(peeked === 'unknown' ? 'ask' : peeked?.metadata.name).toBe(seen);
  watchers.ensure(ConfigMap, 'shop');
  expect(member.watched).toEqual(watched);
  expect(changes).toEqual(seen === 'a' ? ['a'] : []);
  stopping.abort(new Error('done'));
});

test('DL-20 a watch that no Work needs ends at the second look, and one that comes back knows what happened meanwhile', async () => {
  const member = memberThatAllows('all');
  const { watchers, changes, stopping } = watching(member.client);
  const isNeeded = () => false;
  await watchers.ready(ConfigMap, 'shop', stopping.signal);
  expect([watchers.endIdle(() => true), watchers.endIdle(isNeeded)]).toEqual([1, 1]);
  // Asked for in between, by a Work that is not in its journal yet.
  watchers.ensure(ConfigMap, 'shop');
  expect([watchers.endIdle(isNeeded), member.ended]).toEqual([1, []]);
  await watchers.ready(ConfigMap, 'shop', stopping.signal);
  expect([watchers.endIdle(isNeeded), watchers.endIdle(isNeeded)]).toEqual([1, 0]);
  await eventually(() => member.ended.length === 1);
  expect(watchers.peek(ConfigMap, 'shop', 'a')).toBe('unknown');

  member.put('b');
  expect(changes).toEqual(['a']);
  await watchers.ready(ConfigMap, 'shop', stopping.signal);
  expect(changes).toEqual(['a', 'a', 'b']);
  expect(watchers.peek(ConfigMap, 'shop', 'b')).toMatchObject({ metadata: { name: 'b' } });
  expect(member.watched).toHaveLength(2);
  stopping.abort(new Error('done'));
});
