import { ConfigMap, isExpired } from '@quarterdeck/apis';
import { expect, test } from 'vitest';
import { take } from '../../testing/collect.ts';
import { eventually } from '../../testing/eventually.ts';
import type { WatchEvent } from '../client.ts';
import { type Bench, failureOf, type ObservedWatch, observeWatch, revisionOf } from './target.ts';

/** Everything until the stream ends. */
const all = <T>(source: AsyncIterable<T>) => take(source, Number.POSITIVE_INFINITY);

const revisions = (events: readonly WatchEvent<ConfigMap>[]) =>
  events.map((event) => BigInt('object' in event ? event.object.metadata.resourceVersion : event.resourceVersion));

export function watchCases(bench: Bench): void {
  const { client, namespace } = bench;
  const present = async () => (await client.list(ConfigMap, { namespace })).metadata.resourceVersion ?? '';
  const shows = (watch: ObservedWatch<ConfigMap>, want: string[]) =>
    eventually(() => {
      expect(watch.summary()).toEqual(want);
      return true;
    });

  test('KA-86 KA-87 a watch from a revision shows what came after it, in order, once', async () => {
    await client.create(ConfigMap, bench.configMap('before'));
    await using watch = observeWatch(client, ConfigMap, { namespace, resourceVersion: await present() });
    const created = await client.create(ConfigMap, bench.configMap('w1', { k: '1' }));
    const updated = await client.update(ConfigMap, { ...created, data: { k: '2' } });
    await client.delete(ConfigMap, { namespace, name: 'w1' });
    await shows(watch, ['ADDED w1', 'MODIFIED w1', 'DELETED w1']);
    const [first, second, third] = watch.items;
    expect(first).toEqual({ type: 'ADDED', object: created });
    expect(second).toEqual({ type: 'MODIFIED', object: updated });
    // The last state, with the revision of the deletion.
    const gone = third !== undefined && 'object' in third ? third.object : updated;
    expect(revisionOf(gone) > revisionOf(updated)).toBe(true);
    const { resourceVersion } = gone.metadata;
    expect(gone).toEqual({ ...updated, metadata: { ...updated.metadata, resourceVersion } });
  });

  test('KA-87 a watch without a revision begins with what is there', async () => {
    const labels = { here: 'yes' };
    await client.create(ConfigMap, bench.configMap('h1', {}, { labels }));
    await client.create(ConfigMap, bench.configMap('h2', {}, { labels }));
    await using watch = observeWatch(client, ConfigMap, { namespace, labelSelector: 'here=yes' });
    await eventually(() => watch.items.length >= 2);
    expect(watch.summary().sort()).toEqual(['ADDED h1', 'ADDED h2']);
    await client.delete(ConfigMap, { namespace, name: 'h1' });
    await eventually(() => watch.items.length >= 3);
    expect(watch.summary()[2]).toBe('DELETED h1');
  });

  test('KA-87 KA-92 a watch resumed from its last event misses and repeats nothing', async () => {
    const options = { namespace, labelSelector: 'resume=yes' };
    const labels = { resume: 'yes' };
    const start = await present();
    for (const name of ['r1', 'r2']) await client.create(ConfigMap, bench.configMap(name, {}, { labels }));
    let last = '';
    {
      await using watch = observeWatch(client, ConfigMap, { ...options, resourceVersion: start });
      await shows(watch, ['ADDED r1', 'ADDED r2']);
      last = String(revisions(watch.items).at(-1));
    }
    for (const name of ['r3', 'r4']) await client.create(ConfigMap, bench.configMap(name, {}, { labels }));
    await using resumed = observeWatch(client, ConfigMap, { ...options, resourceVersion: last });
    await shows(resumed, ['ADDED r3', 'ADDED r4']);
  });

  test('KA-88 an object that starts to match is added, one that stops is deleted', async () => {
    const options = { namespace, labelSelector: 'color=red', resourceVersion: await present() };
    await using watch = observeWatch(client, ConfigMap, options);
    const relabel = (color: string | null) =>
      client.patch(ConfigMap, { namespace, name: 'c1' }, { type: 'merge', body: { metadata: { labels: { color } } } });
    await client.create(ConfigMap, bench.configMap('c1'));
    await relabel('red');
    await client.patch(ConfigMap, { namespace, name: 'c1' }, { type: 'merge', body: { data: { k: 'v' } } });
    const blue = await relabel('blue');
    await relabel(null);
    await shows(watch, ['ADDED c1', 'MODIFIED c1', 'DELETED c1']);
    const last = watch.items[2];
    const gone = last !== undefined && 'object' in last ? last.object : blue;
    // What it was while it matched, with the revision of the change that ended it.
    expect(gone.metadata.labels).toEqual({ color: 'red' });
    expect(gone.metadata.resourceVersion).toBe(blue.metadata.resourceVersion);
  });

  test('KA-81 KA-88 a watch of one name', async () => {
    const options = { namespace, fieldSelector: 'metadata.name=n1', resourceVersion: await present() };
    await using watch = observeWatch(client, ConfigMap, options);
    for (const name of ['n0', 'n1', 'n2']) await client.create(ConfigMap, bench.configMap(name));
    await client.delete(ConfigMap, { namespace, name: 'n1' });
    await shows(watch, ['ADDED n1', 'DELETED n1']);
  });

  test('KA-87 all watches see one order', async () => {
    const options = { namespace, labelSelector: 'order=yes', resourceVersion: await present() };
    await using first = observeWatch(client, ConfigMap, options);
    await using second = observeWatch(client, ConfigMap, options);
    const labels = { order: 'yes' };
    await Promise.all(
      Array.from({ length: 20 }, (_, index) => client.create(ConfigMap, bench.configMap(`o${index}`, {}, { labels }))),
    );
    await eventually(() => first.items.length === 20 && second.items.length === 20);
    expect(first.items).toEqual(second.items);
    const seen = revisions(first.items);
    expect(seen).toEqual([...seen].sort((a, b) => (a < b ? -1 : 1)));
    expect(new Set(seen).size).toBe(20);
  });

  test('KA-90 WatchList: the present state, its end marked, then changes', async () => {
    const labels = { wl: 'yes' };
    const existing = [];
    for (const name of ['s1', 's2'])
      existing.push(await client.create(ConfigMap, bench.configMap(name, {}, { labels })));
    await using watch = observeWatch(client, ConfigMap, {
      namespace,
      labelSelector: 'wl=yes',
      sendInitialEvents: true,
      resourceVersionMatch: 'NotOlderThan',
      allowWatchBookmarks: true,
    });
    const marked = () => watch.items.findIndex((event) => event.type === 'BOOKMARK' && event.initialEventsEnd);
    await eventually(() => marked() !== -1);
    const initial = watch.items.slice(0, marked());
    expect(initial).toEqual(existing.map((object) => ({ type: 'ADDED', object })));
    const end = revisions(watch.items)[marked()] ?? 0n;
    for (const object of existing) expect(end >= revisionOf(object)).toBe(true);
    await client.create(ConfigMap, bench.configMap('s3', {}, { labels }));
    await eventually(() => watch.summary().at(-1) === 'ADDED s3');
  });

  test('KA-90 sendInitialEvents without a match is invalid', async () => {
    const watch = client.watch(ConfigMap, { namespace, sendInitialEvents: true });
    const error = await failureOf(all(watch));
    expect({ code: error.code, reason: error.reason }).toEqual({ code: 422, reason: 'Invalid' });
  });

  test('KA-89 a watch that asks for bookmarks gets one before its end, of how far it saw', async () => {
    // A real server sends no bookmark when nothing happened since the watch began, so something that it does not show
    // does; and it promises none, so a watch without is repeated.
    const bookmarks = await eventually(
      async () => {
        const options = {
          namespace,
          labelSelector: 'never=shown',
          resourceVersion: await present(),
          timeoutSeconds: 4,
        };
        const end = all(client.watch(ConfigMap, { ...options, allowWatchBookmarks: true }));
        const unseen = await client.create(ConfigMap, bench.configMap('', {}, { generateName: 'unseen-' }));
        const events = await end;
        for (const event of events) expect(event).toMatchObject({ type: 'BOOKMARK', initialEventsEnd: false });
        return events.length > 0 && { unseen: revisionOf(unseen), seen: revisions(events).at(-1) ?? 0n };
      },
      { timeoutMs: 20_000, message: 'a bookmark' },
    );
    expect(bookmarks.seen >= bookmarks.unseen).toBe(true);
  });

  test('KA-89 KA-91 a watch ends in time, without bookmarks for who asked for none', async () => {
    const options = { namespace, labelSelector: 'never=shown', resourceVersion: await present(), timeoutSeconds: 4 };
    const end = all(client.watch(ConfigMap, options));
    await client.create(ConfigMap, bench.configMap('', {}, { generateName: 'unseen-' }));
    expect(await end).toEqual([]);
  });

  test('KA-86 KA-87 a watch from a revision that is gone expires', async () => {
    const error = await failureOf(all(client.watch(ConfigMap, { namespace, resourceVersion: '1' })));
    expect(isExpired(error)).toBe(true);
    expect(error.code).toBe(410);
  });

  test('an aborted watch rejects with the reason', async () => {
    const controller = new AbortController();
    const reason = new Error('enough');
    const running = all(client.watch(ConfigMap, { namespace, signal: controller.signal }));
    controller.abort(reason);
    await expect(running).rejects.toBe(reason);
  });

  test('a watch that its reader leaves ends', async () => {
    for await (const event of client.watch(ConfigMap, { namespace })) {
      expect(event.type).toBe('ADDED');
      break;
    }
    await client.create(ConfigMap, bench.configMap('after-leaving'));
  });
}
