import { ConfigMap, type Stored } from '@quarterdeck/apis';
import type { Informer, InformerHandler } from '@quarterdeck/machinery';
import { configMap, eventually, stored } from '@quarterdeck/machinery/testing';
import { expect, test } from 'vitest';
import { cachedInformer } from './cached-informer.ts';

const object = (name: string, value: string): Stored<ConfigMap> =>
  stored({ ...configMap(name), metadata: { name, namespace: 'a' }, data: { value } });
const index = { value: ({ data }: ConfigMap) => [data?.value ?? ''] };

/** An informer whose server answers when it is told to. */
function informerOf() {
  const live = new Map<string, Stored<ConfigMap>>();
  const handlers = new Set<InformerHandler<ConfigMap>>();
  const synced = Promise.withResolvers<void>();
  let isSynced = false;
  const informer: Informer<ConfigMap> = {
    type: ConfigMap,
    start: () => Promise.resolve(),
    synced: synced.promise,
    hasSynced: () => isSynced,
    loads: () => (isSynced ? 1 : 0),
    get: (key) => live.get(key),
    list: () => [...live.values()],
    byIndex: (_name, value) => [...live.values()].filter((each) => each.data?.value === value),
    state: () => 'idle',
    subscribe(handler) {
      handlers.add(handler);
      return () => void handlers.delete(handler);
    },
  };
  return {
    informer,
    tell(one: Stored<ConfigMap>) {
      const key = `a/${one.metadata.name}`;
      live.set(key, one);
      for (const handler of handlers) handler({ key, type: 'added', object: one, old: undefined });
    },
    answer() {
      isSynced = true;
      synced.resolve();
    },
  };
}

test('F-14 what was known stands until the server has answered in full; what it lacks then counts as deleted', async () => {
  const server = informerOf();
  const cached = cachedInformer(server.informer, [object('kept', '1'), object('gone', '1')], { index });
  const seen: string[] = [];
  cached.subscribe(({ key, type }) => seen.push(`${type} ${key}`));
  await cached.synced;
  const names = () => cached.list().map(({ metadata, data }) => `${metadata.name}=${data?.value}`);
  expect([names(), cached.byIndex('value', '1').length]).toEqual([['kept=1', 'gone=1'], 2]);
  // Its first objects are told of before it has answered in full, and are to be found then.
  server.tell(object('kept', '2'));
  server.tell(object('new', '2'));
  expect([cached.get('a/new')?.data?.value, cached.get('a/kept')?.data?.value]).toEqual(['2', '2']);
  expect([names(), cached.byIndex('value', '1').length, cached.byIndex('value', '2').length]).toEqual([
    ['kept=2', 'new=2', 'gone=1'],
    1,
    2,
  ]);
  server.answer();
  await eventually(() => seen.includes('deleted a/gone'));
  expect([names(), cached.get('a/gone')]).toEqual([['kept=2', 'new=2'], undefined]);
  expect(seen).toEqual(['added a/kept', 'added a/gone', 'added a/kept', 'added a/new', 'deleted a/gone']);
});

test('F-17 a server that answers is heard before what was known is acted on; one that is away holds up nothing', async () => {
  const known = [object('gone', '1')];
  const away = Promise.withResolvers<void>();
  const server = informerOf();
  const cached = cachedInformer(server.informer, known, { isAway: away.promise });
  const acted = cached.synced.then(() => cached.list().map(({ metadata }) => metadata.name));
  server.tell(object('new', '1'));
  server.answer();
  expect(await acted).toEqual(['new']);
  const silent = cachedInformer(informerOf().informer, known, { isAway: away.promise });
  away.resolve();
  await silent.synced;
  expect(silent.list()).toEqual(known);
});
