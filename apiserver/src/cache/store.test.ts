import { silentLogger } from '@quarterdeck/machinery';
import { expect, test } from 'vitest';
import { type Storage, StorageUnavailableError } from '../storage/storage.ts';
import { keyOf, listed, put, remove, storeFixture } from '../testing/store-fixture.ts';
import { createStore } from './create-store.ts';
import { CompactedError, RevisionAheadError } from './store.ts';

const minute = 60_000;

test('KA-41 before it is loaded a store answers that it is unavailable, never that a thing is absent', async () => {
  await using fixture = storeFixture();
  await using store = createStore(fixture.storage, { clock: fixture.clock, logger: silentLogger });
  expect(store.ready).toBe(false);
  expect(() => store.get(keyOf('default/x'))).toThrow(StorageUnavailableError);
  expect(() => store.list({ resource: 'configmaps' })).toThrow(StorageUnavailableError);
  expect(() => store.watch({ resource: 'configmaps', after: 0 })).toThrow(StorageUnavailableError);
});

test('KA-84 a write is in the cache when it resolves', async () => {
  await using fixture = storeFixture();
  const store = await fixture.start();
  const key = keyOf('default/x');
  const one = await put(store, key, { data: { a: 'one' } });
  expect(store.get(key)).toMatchObject({ key, revision: one });
  expect(store.get(key)?.body.toString()).toBe(',"name":"x"},"data":{"a":"one"}}');
  const two = await remove(store, key);
  expect(store.get(key)).toBeUndefined();
  expect(store.revision).toBe(two);
});

test('KA-84 the state of a resource is another one after each change of its objects, and of no others', async () => {
  await using fixture = storeFixture();
  const store = await fixture.start();
  const key = keyOf('default/x');
  const states: unknown[] = [store.stateOf(key.resource)];
  const make = () => put(store, key);
  const change = () => put(store, key, {}, 'present');
  const changes = [make, change, () => remove(store, key), make, () => remove(store, key)];
  for (const [index, write] of changes.entries()) {
    await write();
    states.push(store.stateOf(key.resource));
    await put(store, { ...key, resource: 'secrets', name: `other-${index}` });
    expect(store.stateOf(key.resource)).toBe(states.at(-1));
  }
  expect(new Set(states).size).toBe(states.length);
});

test('KA-84 RL-1 a fresh read sees what another process committed before', async () => {
  await using fixture = storeFixture();
  const a = await fixture.start();
  const b = await fixture.start();
  const revision = await put(a, keyOf('default/x'));
  expect(await b.fresh()).toBe(revision);
  expect(listed(b, { resource: 'configmaps' })).toEqual([`default/x@${revision}`]);
});

test('KA-41 a fresh read fails while the database is away, a stale one does not', async () => {
  await using fixture = storeFixture();
  const store = await fixture.start();
  const revision = await put(store, keyOf('default/x'));
  fixture.database.outage(true);
  await expect(store.fresh()).rejects.toBeInstanceOf(StorageUnavailableError);
  await expect(put(store, keyOf('default/y'))).rejects.toBeInstanceOf(StorageUnavailableError);
  expect(store.get(keyOf('default/x'))?.revision).toBe(revision);
  fixture.database.outage(false);
  expect(await store.fresh()).toBe(revision);
});

test('KA-40 waiting for a revision ends when it arrives', async () => {
  await using fixture = storeFixture();
  const a = await fixture.start();
  const b = await fixture.start();
  const next = a.revision + 1;
  let arrived = false;
  const waiting = b.waitFor(next, 3000).then(() => {
    arrived = true;
  });
  await fixture.clock.advance(2000);
  expect(arrived).toBe(false);
  await put(a, keyOf('default/x'));
  await waiting;
  expect(b.revision).toBe(next);
});

test('KA-40 waiting for a revision that does not come ends with how far the cache is', async () => {
  await using fixture = storeFixture();
  const store = await fixture.start();
  const waiting = expect(store.waitFor(store.revision + 5, 3000)).rejects.toMatchObject({
    name: 'RevisionAheadError',
    current: store.revision,
  });
  await fixture.clock.advance(3000);
  await waiting;
});

test('KA-140 whoever waits can be called off', async () => {
  await using fixture = storeFixture();
  const store = await fixture.start();
  const abort = new AbortController();
  const reason = new Error('client went away');
  using watch = store.watch({ resource: 'configmaps', after: store.revision });
  const waiting = [store.waitFor(store.revision + 1, 3000, abort.signal), watch.next(minute, abort.signal)].map(
    (promise) => expect(promise).rejects.toBe(reason),
  );
  await fixture.clock.settle();
  abort.abort(reason);
  await Promise.all(waiting);
});

test('KA-80 a list is in the order of namespace/name, over all namespaces or one', async () => {
  await using fixture = storeFixture();
  const store = await fixture.start();
  for (const path of ['a/y', 'a-b/x', 'b/x', 'a/x']) await put(store, keyOf(path));
  await put(store, keyOf('a/x', 'secrets'));
  const names = (request: { namespace?: string }) =>
    store.list({ resource: 'configmaps', ...request }).entries.map(({ key }) => `${key.namespace}/${key.name}`);
  expect(names({})).toEqual(['a-b/x', 'a/x', 'a/y', 'b/x']);
  expect(names({ namespace: '' })).toEqual(['a-b/x', 'a/x', 'a/y', 'b/x']);
  expect(names({ namespace: 'a' })).toEqual(['a/x', 'a/y']);
  expect(names({ namespace: 'c' })).toEqual([]);
});

test('KA-82 pages are all of the first revision, whatever is written meanwhile', async () => {
  await using fixture = storeFixture();
  const store = await fixture.start();
  const revisions = new Map<string, number>();
  for (const name of ['b', 'd', 'f', 'h', 'j']) revisions.set(name, await put(store, keyOf(`n/${name}`)));
  const first = store.list({ resource: 'configmaps', limit: 2 });
  expect(first).toMatchObject({ more: true, remaining: 3, revision: revisions.get('j') });

  await remove(store, keyOf('n/f'));
  await put(store, keyOf('n/g'));
  await put(store, keyOf('n/h'), { data: {} }, 'present');
  await put(store, keyOf('n/a'));
  const at = (name: string) => `n/${name}@${revisions.get(name)}`;
  const page = { resource: 'configmaps', revision: first.revision, limit: 2 };
  const second = store.list({ ...page, after: { namespace: 'n', name: 'd' } });
  expect(second.entries.map((entry) => `n/${entry.key.name}@${entry.revision}`)).toEqual([at('f'), at('h')]);
  expect(second).toMatchObject({ more: true, remaining: 1, revision: first.revision });
  const third = store.list({ ...page, after: { namespace: 'n', name: 'h' } });
  expect(third.entries.map((entry) => `n/${entry.key.name}@${entry.revision}`)).toEqual([at('j')]);
  expect(third).toMatchObject({ more: false, remaining: 0 });
});

test('KA-82 with a filter a page is filled with what matches, and says nothing of the rest', async () => {
  await using fixture = storeFixture();
  const store = await fixture.start();
  for (const name of ['a', 'b', 'c', 'd', 'e']) {
    await put(store, keyOf(`n/${name}`), { metadata: { labels: { odd: String(name !== 'b' && name !== 'd') } } });
  }
  const odd = {
    resource: 'configmaps',
    matches: (entry: { index: { labels: Readonly<Record<string, string>> } }) => entry.index.labels.odd === 'true',
  };
  const page = store.list({ ...odd, limit: 2 });
  expect(page.entries.map((entry) => entry.key.name)).toEqual(['a', 'c']);
  expect(page).toMatchObject({ more: true });
  expect(page.remaining).toBeUndefined();
  const rest = store.list({ ...odd, limit: 2, after: { namespace: 'n', name: 'c' } });
  expect(rest.entries.map((entry) => entry.key.name)).toEqual(['e']);
  expect(rest.more).toBe(false);
});

test('KA-83 a list at a revision that is ahead, forgotten or was never issued is refused', async () => {
  await using fixture = storeFixture();
  const store = await fixture.start({ ringSize: 2 });
  const revisions = [];
  for (const name of ['a', 'b', 'c', 'd']) revisions.push(await put(store, keyOf(`n/${name}`)));
  const list = (revision: number) => () => store.list({ resource: 'configmaps', revision });
  expect(list(store.revision + 1)).toThrow(RevisionAheadError);
  expect(list(revisions[0] ?? 0)).toThrow(CompactedError);
  expect(list(revisions[1] ?? 0)().entries).toHaveLength(2);
  // Another process starts: the counter leaps, and what lies between was never anyone's revision. KA-43
  await fixture.clock.advance(1000);
  const other = await fixture.start();
  await store.fresh();
  expect(list((revisions[3] ?? 0) + 1)).toThrow(CompactedError);
  expect(list(other.revision)().entries).toHaveLength(4);
});

test('KA-82 what remains after a page of the past is counted as of its revision', async () => {
  await using fixture = storeFixture();
  const store = await fixture.start();
  for (const name of ['a', 'b', 'c']) await put(store, keyOf(`n/${name}`));
  const { revision } = store;
  await put(store, keyOf('n/b'), { data: {} }, 'present');
  await remove(store, keyOf('n/c'));
  await put(store, keyOf('n/d'));
  await put(store, keyOf('n/e'));
  expect(store.list({ resource: 'configmaps', revision, limit: 1 })).toMatchObject({ more: true, remaining: 2 });
});

test('KA-84 RL-1 fresh reads and writes wait until the cache has what the database has', async () => {
  await using fixture = storeFixture();
  const held: (() => void)[] = [];
  let isHeld = false;
  const tell = (call: () => void) => (isHeld ? void held.push(call) : call());
  const slow: Storage = {
    ...fixture.storage,
    follow: (from, sink) =>
      fixture.storage.follow(from, {
        changes: (changes) => tell(() => sink.changes(changes)),
        progress: (revision) => tell(() => sink.progress(revision)),
        reset: (reason) => sink.reset(reason),
      }),
  };
  await using store = createStore(slow, { clock: fixture.clock, logger: silentLogger });
  await store.start();
  isHeld = true;
  const done: string[] = [];
  const operations = ['n/a', 'n/b'].map(
    (path) => ({ type: 'put', key: keyOf(path), body: ',"name":"x"}}', expect: 'absent' }) as const,
  );
  const write = store.write({ operations }).then(() => done.push('write'));
  await fixture.clock.settle();
  const read = store.fresh().then(() => done.push('read'));
  await fixture.clock.settle();
  expect([held.length > 0, done]).toEqual([true, []]);
  for (const call of held) call();
  await Promise.all([write, read]);
  expect(store.resourceCounts().get('configmaps')).toBe(2);
});

test('KA-82 after five minutes a page still answers from its revision, after ten it is 410', async () => {
  await using fixture = storeFixture();
  const store = await fixture.start();
  await put(store, keyOf('n/a'));
  const { revision } = store;
  await put(store, keyOf('n/b'));
  await fixture.clock.advance(5 * minute);
  expect(listed(store, { resource: 'configmaps', revision })).toHaveLength(1);
  await fixture.clock.advance(5 * minute - 1);
  expect(() => store.list({ resource: 'configmaps', revision })).toThrow(CompactedError);
  await using snapshot = await fixture.storage.snapshot();
  expect(snapshot.compacted).toBeGreaterThanOrEqual(revision);
});

test('F-20 a clock that jumps forgets no history', async () => {
  await using fixture = storeFixture();
  const store = await fixture.start();
  await put(store, keyOf('n/a'));
  const { revision } = store;
  await put(store, keyOf('n/b'));
  fixture.clock.jump(60 * minute);
  await fixture.clock.advance(minute);
  expect(listed(store, { resource: 'configmaps', revision })).toHaveLength(1);
});

test('KA-113 owners, counts and later indexers are looked up in memory', async () => {
  await using fixture = storeFixture();
  const store = await fixture.start();
  const owned = (uid: string) => ({ metadata: { ownerReferences: [{ uid }] } });
  await put(store, keyOf('n/a'), owned('one'));
  await put(store, keyOf('n/b', 'secrets'), owned('one'));
  await put(store, keyOf('m/c'), { ...owned('two'), data: { tier: 'gold' } });
  await put(store, keyOf('cluster', 'namespaces'));
  const children = (uid: string) => store.ownedBy(uid).map(({ key }) => `${key.resource} ${key.name}`);
  expect(children('one')).toEqual(['configmaps a', 'secrets b']);
  expect(Object.fromEntries(store.resourceCounts())).toEqual({ configmaps: 2, secrets: 1, namespaces: 1 });
  expect(Object.fromEntries(store.resourceCounts('n'))).toEqual({ configmaps: 1, secrets: 1 });

  await put(store, keyOf('n/a'), owned('two'), 'present');
  await remove(store, keyOf('n/b', 'secrets'));
  expect(children('one')).toEqual([]);
  expect(children('two')).toEqual(['configmaps c', 'configmaps a']);
  expect(Object.fromEntries(store.resourceCounts('n'))).toEqual({ configmaps: 1 });

  store.setIndexer('configmaps', ({ data }) => ({ fields: data ? { tier: 'gold' } : {} }));
  expect(store.get(keyOf('m/c'))?.index.fields).toEqual({ tier: 'gold' });
  expect(store.get(keyOf('n/a'))?.index.fields).toEqual({});
});

test('KA-88 a later indexer is true of the past too: what was deleted or replaced is selected by it', async () => {
  await using fixture = storeFixture();
  const store = await fixture.start();
  const { revision } = store;
  await put(store, keyOf('n/a'), { data: { tier: 'gold' } });
  await put(store, keyOf('n/a'), { data: { tier: 'tin' } }, 'present');
  await remove(store, keyOf('n/a'), { data: { tier: 'tin' } });
  store.setIndexer('configmaps', ({ data }) => ({ fields: { tier: (data as { tier: string }).tier } }));
  using watch = store.watch({ resource: 'configmaps', after: revision });
  const tiers = (await watch.next(minute)).map(({ entry, previous }) => [
    entry.index.fields.tier,
    previous?.index.fields.tier,
  ]);
  expect(tiers).toEqual([
    ['gold', undefined],
    ['tin', 'gold'],
    ['tin', 'tin'],
  ]);
});

test('KA-92 a store closes without leaving timers or waiters behind', async () => {
  await using fixture = storeFixture();
  const store = await fixture.start();
  const watch = store.watch({ resource: 'configmaps', after: store.revision });
  const waiting = [
    expect(watch.next(minute)).rejects.toBeInstanceOf(CompactedError),
    expect(store.waitFor(store.revision + 1, minute)).rejects.toBeInstanceOf(StorageUnavailableError),
  ];
  await fixture.clock.settle();
  await store[Symbol.asyncDispose]();
  await Promise.all(waiting);
  expect(fixture.clock.pendingTimers()).toBe(0);
  expect(store.ready).toBe(false);
});
