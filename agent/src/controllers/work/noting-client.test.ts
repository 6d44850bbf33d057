import { AppliedWork, ConfigMap, type KubeObject, type Stored } from '@quarterdeck/apis';
import { type Client, createEchoes } from '@quarterdeck/machinery';
import { configMap, fakeClock, stored } from '@quarterdeck/machinery/testing';
import { expect, test } from 'vitest';
import { appliedWork } from '../../testing/builders.ts';
import { type Notes, notingClient } from './noting-client.ts';

/** A server that takes everything, each time as its next revision. */
function server(): Client {
  let revision = 0;
  const answer = <T extends KubeObject>(object: T): Promise<Stored<T>> => Promise.resolve(stored(object, ++revision));
  return {
    create: (_type: unknown, object: KubeObject) => answer(object),
    update: (_type: unknown, object: KubeObject) => answer(object),
    delete: () => Promise.resolve(undefined),
  } as unknown as Client;
}

test('WK-38 the newest state of each object of the kinds is noted, and of what was deleted that it is gone', async () => {
  const notes: Notes = new Map();
  const client = notingClient(server(), new Set([AppliedWork.kind]), notes);
  const cache = new Map<string, Stored<KubeObject>>();
  const isShown = () => {
    const echoes = createEchoes(({ metadata }) => cache.get(metadata.name), fakeClock());
    echoes.expect('all', [...notes.values()]);
    return echoes.waitMs('all') === undefined;
  };
  const one = await client.create(AppliedWork, appliedWork('one'));
  await client.create(ConfigMap, configMap('other'));
  const newer = await client.update(AppliedWork, one);
  const two = await client.create(AppliedWork, appliedWork('two'));
  expect([...notes.values()].map(({ metadata }) => `${metadata.name}@${metadata.resourceVersion}`)).toEqual([
    'one@3',
    'two@4',
  ]);
  cache.set('one', one).set('two', two);
  expect(isShown()).toBe(false);
  cache.set('one', newer);
  expect(isShown()).toBe(true);
  await client.delete(AppliedWork, { name: 'one' });
  expect(isShown()).toBe(false);
  cache.delete('one');
  expect(isShown()).toBe(true);
  // As a server answers when the last finalizer comes off: the state before the end.
  const going = appliedWork('two', { metadata: { deletionTimestamp: '2026-01-01T00:00:00Z' } });
  const answered = await client.update(AppliedWork, going);
  cache.set('two', answered);
  expect(isShown()).toBe(false);
  cache.delete('two');
  expect(isShown()).toBe(true);
});
