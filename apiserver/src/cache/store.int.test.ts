import { silentLogger, systemClock } from '@quarterdeck/machinery';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openPostgresStorage } from '../storage/postgres/open.ts';
import { sharedTestPostgres, type TestPostgres } from '../testing/postgres.ts';
import { keyOf, listed, put, remove, told } from '../testing/store-fixture.ts';
import { createStore } from './create-store.ts';
import type { Store } from './store.ts';

let postgres: TestPostgres;
beforeAll(async () => {
  postgres = await sharedTestPostgres();
});
afterAll(() => postgres[Symbol.asyncDispose]());

/** A server process: its own storage and store. */
async function startStore(stack: AsyncDisposableStack, schema: string): Promise<Store> {
  const options = { clock: systemClock, logger: silentLogger };
  const storage = stack.use(openPostgresStorage({ url: postgres.url, schema, ...options }));
  const store = stack.use(createStore(storage, options));
  await store.start();
  return store;
}

test('KA-92 on PostgreSQL a restarted server continues watches and pages of the one before', async ({ task }) => {
  const schema = postgres.schema(task.name);
  await using first = new AsyncDisposableStack();
  const a = await startStore(first, schema);
  const one = await put(a, keyOf('n/x'), { metadata: { labels: { v: '1' } } });
  const two = await put(a, keyOf('n/x'), { metadata: { labels: { v: '2' } } }, one);
  const three = await put(a, keyOf('n/y'));
  const four = await remove(a, keyOf('n/x'));
  await first.disposeAsync();

  await using second = new AsyncDisposableStack();
  const b = await startStore(second, schema);
  using watch = b.watch({ resource: 'configmaps', after: one });
  const events = await watch.next(1000);
  expect(events.map(told)).toEqual([
    `put n/x@${two} was ${one}`,
    `put n/y@${three} was absent`,
    `delete n/x@${four} was ${two}`,
  ]);
  expect(events[0]?.previous?.index.labels).toEqual({ v: '1' });
  expect(listed(b, { resource: 'configmaps', revision: three })).toEqual([`n/x@${two}`, `n/y@${three}`]);
  expect(b.revision).toBeGreaterThan(four);
});

test('KA-84 KA-146a RL-1 on PostgreSQL two servers read each other after fresh, and watch the same order', async ({
  task,
}) => {
  const schema = postgres.schema(task.name);
  await using stack = new AsyncDisposableStack();
  const stores = [await startStore(stack, schema), await startStore(stack, schema)] as const;
  await stores[0].fresh();
  const after = stores[0].revision;
  const watches = stores.map((store) => stack.use(store.watch({ resource: 'configmaps', after })));
  const writers = Array.from({ length: 8 }, async (_, id) => {
    for (let n = 0; n < 10; n++) {
      const [writer, reader] = id % 2 ? stores : [stores[1], stores[0]];
      const revision = await put(writer, keyOf(`n/${id}-${n}`));
      expect(await reader.fresh()).toBeGreaterThanOrEqual(revision);
      expect(reader.get(keyOf(`n/${id}-${n}`))?.revision).toBe(revision);
    }
  });
  await Promise.all(writers);
  const seen = await Promise.all(
    watches.map(async (watch) => {
      const events: string[] = [];
      while (events.length < 80) events.push(...(await watch.next(5000)).map(told));
      return events;
    }),
  );
  expect(seen[0]).toHaveLength(80);
  expect(seen[1]).toEqual(seen[0]);
});
