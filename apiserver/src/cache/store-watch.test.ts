import { testLogger } from '@quarterdeck/machinery/testing';
import { expect, test } from 'vitest';
import type { Storage } from '../storage/storage.ts';
import { keyOf, listed, put, remove, storeFixture, told } from '../testing/store-fixture.ts';
import { createStore } from './create-store.ts';
import { CompactedError, type StoreEvent } from './store.ts';

const minute = 60_000;

test('KA-87 a watch tells exactly what came after its revision, in order, once', async () => {
  await using fixture = storeFixture();
  const store = await fixture.start();
  const one = await put(store, keyOf('n/x'));
  const two = await put(store, keyOf('n/y'));
  using watch = store.watch({ resource: 'configmaps', after: one });
  expect((await watch.next(minute)).map(told)).toEqual([`put n/y@${two} was absent`]);
  const three = await put(store, keyOf('n/x'), { data: {} }, one);
  await put(store, keyOf('n/x', 'secrets'));
  const four = await remove(store, keyOf('n/y'));
  expect((await watch.next(minute)).map(told)).toEqual([
    `put n/x@${three} was ${one}`,
    `delete n/y@${four} was ${two}`,
  ]);
});

test('KA-86 a deletion tells the last state at the revision of the deletion', async () => {
  await using fixture = storeFixture();
  const store = await fixture.start();
  const created = await put(store, keyOf('n/x'), { data: { a: 'first' } });
  using watch = store.watch({ resource: 'configmaps', after: created });
  const deleted = await remove(store, keyOf('n/x'), { data: { a: 'last' } });
  const [event] = await watch.next(minute);
  expect(event).toMatchObject({ type: 'delete', revision: deleted, entry: { revision: deleted } });
  expect(event?.entry.body.toString()).toBe(',"name":"x"},"data":{"a":"last"}}');
  expect(event?.previous?.body.toString()).toBe(',"name":"x"},"data":{"a":"first"}}');
});

test('KA-87 a watch from a revision that is ahead tells only what comes after it', async () => {
  await using fixture = storeFixture();
  const store = await fixture.start();
  using watch = store.watch({ resource: 'configmaps', after: store.revision + 1 });
  await put(store, keyOf('n/x'));
  const second = await put(store, keyOf('n/y'));
  expect((await watch.next(minute)).map(told)).toEqual([`put n/y@${second} was absent`]);
});

test('KA-88 a watch on one object tells of that one, from where it is asked to', async () => {
  await using fixture = storeFixture();
  const store = await fixture.start();
  const before = store.revision;
  const one = await put(store, keyOf('n/x'));
  await put(store, keyOf('n/y'));
  await put(store, keyOf('other/x'));
  using late = store.watch({ resource: 'configmaps', namespace: 'n', name: 'x', after: one });
  using early = store.watch({ resource: 'configmaps', namespace: 'n', name: 'x', after: before });
  const two = await put(store, keyOf('n/x'), { data: {} }, one);
  expect((await late.next(minute)).map(told)).toEqual([`put n/x@${two} was ${one}`]);
  expect((await early.next(minute)).map(told)).toEqual([`put n/x@${one} was absent`, `put n/x@${two} was ${one}`]);
  const last = await put(store, keyOf('n/z'));
  expect([late.revision, early.revision]).toEqual([last, last]);
});

test('KA-89 an idle watch says how far it has seen, also what was not for it', async () => {
  await using fixture = storeFixture();
  const store = await fixture.start();
  using watch = store.watch({ resource: 'configmaps', namespace: 'n', after: store.revision });
  let resolved = false;
  const idle = watch.next(minute).finally(() => {
    resolved = true;
  });
  await put(store, keyOf('other/x'));
  const last = await put(store, keyOf('n/x', 'secrets'));
  await fixture.clock.advance(minute - 1);
  expect(resolved).toBe(false);
  await fixture.clock.advance(1);
  expect(await idle).toEqual([]);
  expect(watch.revision).toBe(last);
});

test('KA-89 a watch that is behind says the revision of what it was told last', async () => {
  await using fixture = storeFixture();
  const store = await fixture.start();
  const start = store.revision;
  using watch = store.watch({ resource: 'configmaps', after: start });
  await put(store, keyOf('n/x'));
  expect(watch.revision).toBe(start);
  await watch.next(minute);
  expect(watch.revision).toBe(store.revision);
});

test('KA-89 F-12 a watch that has lost events says no revision beyond them', async () => {
  await using fixture = storeFixture();
  const store = await fixture.start({ ringSize: 2 });
  const start = store.revision;
  using watch = store.watch({ resource: 'configmaps', after: start });
  await put(store, keyOf('n/x'));
  for (const name of ['a', 'b', 'c']) await put(store, keyOf(`n/${name}`, 'secrets'));
  expect(watch.revision).toBe(start);
  await expect(watch.next(minute)).rejects.toBeInstanceOf(CompactedError);
});

test('KA-93 watchers of one event share its encoded forms', async () => {
  await using fixture = storeFixture();
  const store = await fixture.start();
  const after = store.revision;
  using all = store.watch({ resource: 'configmaps', after });
  using one = store.watch({ resource: 'configmaps', namespace: 'n', after });
  await put(store, keyOf('n/x'));
  const [forAll] = await all.next(minute);
  const [forOne] = await one.next(minute);
  forAll?.frames.set('json', Buffer.from('{}'));
  expect(forOne?.frames.get('json')).toEqual(Buffer.from('{}'));
});

test('F-12 a reader that falls out of the ring is told so, the others go on', async () => {
  await using fixture = storeFixture();
  const store = await fixture.start({ ringSize: 10 });
  const after = store.revision;
  using slow = store.watch({ resource: 'configmaps', after });
  using quick = store.watch({ resource: 'configmaps', after });
  using idle = store.watch({ resource: 'secrets', after });
  let seen = 0;
  for (let n = 0; n < 20; n++) {
    await put(store, keyOf(`n/${n}`));
    seen += (await quick.next(minute)).length;
  }
  expect(seen).toBe(20);
  await expect(slow.next(minute)).rejects.toBeInstanceOf(CompactedError);
  const secret = await put(store, keyOf('n/x', 'secrets'));
  expect((await idle.next(minute)).map(told)).toEqual([`put n/x@${secret} was absent`]);
});

test('F-12 a long backlog is handed over in batches', async () => {
  await using fixture = storeFixture();
  const store = await fixture.start();
  const after = store.revision;
  await Promise.all(Array.from({ length: 1200 }, (_, n) => put(store, keyOf(`n/${n}`))));
  using watch = store.watch({ resource: 'configmaps', after });
  const sizes = [];
  for (let total = 0; total < 1200; total += sizes.at(-1) ?? 0) sizes.push((await watch.next(minute)).length);
  expect(sizes).toEqual([500, 500, 200]);
});

test('KA-87 a watch from a revision that is forgotten or was never issued is refused', async () => {
  await using fixture = storeFixture();
  const store = await fixture.start({ ringSize: 2 });
  const revisions: number[] = [];
  for (const name of ['a', 'b', 'c', 'd']) revisions.push(await put(store, keyOf(`n/${name}`)));
  const watch = (after: number) => () => store.watch({ resource: 'configmaps', after });
  expect(watch(revisions[0] ?? 0)).toThrow(CompactedError);
  watch(revisions[1] ?? 0)()[Symbol.dispose]();
  // Another process starts: the counter leaps, and what lies between was never anyone's revision. KA-43
  await fixture.clock.advance(1000);
  const other = await fixture.start();
  await store.fresh();
  expect(watch((revisions[3] ?? 0) + 1)).toThrow(CompactedError);
  watch(other.revision)()[Symbol.dispose]();
});

test('KA-92 a restarted server continues any revision of the window, previous states and all', async () => {
  await using fixture = storeFixture();
  const a = await fixture.start();
  const one = await put(a, keyOf('n/x'), { metadata: { labels: { v: '1' } } });
  const two = await put(a, keyOf('n/x'), { metadata: { labels: { v: '2' } } }, one);
  const three = await put(a, keyOf('n/y'));
  const four = await remove(a, keyOf('n/x'));
  const five = await put(a, keyOf('n/x'), { metadata: { labels: { v: '3' } } });
  const request = { resource: 'configmaps', after: one };
  using before = a.watch(request);
  const events = await before.next(minute);

  const b = await fixture.start();
  using after = b.watch(request);
  const again = await after.next(minute);
  const whole = (event: StoreEvent) => [told(event), event.entry.index, event.entry.body, event.previous?.index];
  expect(again.map(whole)).toEqual(events.map(whole));
  expect(again.map(told)).toEqual([
    `put n/x@${two} was ${one}`,
    `put n/y@${three} was absent`,
    `delete n/x@${four} was ${two}`,
    `put n/x@${five} was absent`,
  ]);
  expect(listed(b, { resource: 'configmaps', revision: three })).toEqual([`n/x@${two}`, `n/y@${three}`]);
});

test.each([
  ['cannot be read', (at: { revision: number; at: number }) => ({ type: 'lost', ...at }) as const],
  [
    'does not fit the objects',
    (at: { revision: number; at: number }) => ({ type: 'put', key: keyOf('n/y'), ...at, previous: undefined }) as const,
  ],
])('KA-92 history before a change that %s is not continued', async (_what, broken) => {
  await using fixture = storeFixture();
  const store = await fixture.start();
  const one = await put(store, keyOf('n/x'));
  const two = await put(store, keyOf('n/y'));
  const three = await put(store, keyOf('n/x'), { data: {} }, one);
  const four = await put(store, keyOf('n/y'), { data: {} }, two);
  const { storage } = fixture;
  const damaged: Storage = {
    ...storage,
    async snapshot(signal) {
      const snapshot = await storage.snapshot(signal);
      async function* history() {
        for await (const page of snapshot.history) {
          yield page.map((past) => (past.revision === three ? broken({ revision: three, at: past.at }) : past));
        }
      }
      return { ...snapshot, history: history(), [Symbol.asyncDispose]: () => snapshot[Symbol.asyncDispose]() };
    },
  };
  await using restarted = createStore(damaged, { clock: fixture.clock, logger: testLogger() });
  await restarted.start();
  const watch = (after: number) => () => restarted.watch({ resource: 'configmaps', after });
  expect(watch(two)).toThrow(CompactedError);
  using later = watch(three)();
  expect((await later.next(minute)).map(told)).toEqual([`put n/y@${four} was ${two}`]);
});

test('KA-92 a restarted server holds no more history than its window', async () => {
  await using fixture = storeFixture();
  const a = await fixture.start();
  const old = await put(a, keyOf('n/x'));
  await fixture.clock.advance(4 * minute);
  const recent = await put(a, keyOf('n/y'));
  await fixture.clock.advance(3 * minute);
  const b = await fixture.start();
  expect(() => b.watch({ resource: 'configmaps', after: old - 1 })).toThrow(CompactedError);
  using watch = b.watch({ resource: 'configmaps', after: old });
  expect((await watch.next(minute)).map(told)).toEqual([`put n/y@${recent} was absent`]);
  const c = await fixture.start({ ringSize: 2 });
  expect(() => c.watch({ resource: 'configmaps', after: old })).toThrow(CompactedError);
});

test('KA-149 when history is rewritten all watches end, reads go on, and the store loads anew', async () => {
  await using fixture = storeFixture();
  const logger = testLogger();
  const store = await fixture.start({ logger });
  const one = await put(store, keyOf('n/x'));
  const { epoch } = store;
  using watch = store.watch({ resource: 'configmaps', after: one });
  const ended = expect(watch.next(minute)).rejects.toBeInstanceOf(CompactedError);

  fixture.database.rewrite();
  fixture.database.outage(true);
  fixture.database.outage(false);
  await ended;
  await fixture.clock.settle();
  expect(store.ready).toBe(true);
  expect(store.epoch).not.toBe(epoch);
  expect(store.revision).toBeGreaterThan(one);
  expect(() => store.watch({ resource: 'configmaps', after: one })).toThrow(CompactedError);
  expect(listed(store, { resource: 'configmaps' })).toEqual([`n/x@${one}`]);
  expect(logger.messages('warn')).toEqual(['history was rewritten; reloading']);
});

test('KA-41 a reload goes on until the database is back, and the last state answers meanwhile', async () => {
  await using fixture = storeFixture();
  const store = await fixture.start();
  const one = await put(store, keyOf('n/x'));
  fixture.database.rewrite();
  await null;
  fixture.database.outage(true);
  await fixture.clock.settle();
  expect(store.ready).toBe(false);
  expect(() => store.watch({ resource: 'configmaps', after: one })).toThrow(CompactedError);
  await fixture.clock.advance(2000);
  expect([store.ready, listed(store, { resource: 'configmaps' })]).toEqual([false, [`n/x@${one}`]]);
  fixture.database.outage(false);
  await fixture.clock.advance(5000);
  expect(store.ready).toBe(true);
  const two = await put(store, keyOf('n/y'));
  expect(store.revision).toBe(two);
});

test('KA-91 who reads slower than history is kept is told so, and has to list again', async () => {
  await using fixture = storeFixture();
  const store = await fixture.start();
  using watch = store.watch({ resource: 'configmaps', after: store.revision });
  await put(store, keyOf('n/a'));
  await fixture.clock.advance(10 * 60_000);
  await put(store, keyOf('n/b'));
  await expect(watch.next(1)).rejects.toThrow('read too slowly');
});
