import { expect, test } from 'vitest';
import { keyOf, storeFixture } from '../testing/store-fixture.ts';
import { createExpectedPuts } from './expected-puts.ts';
import type { Entry } from './store.ts';

const body = ',"name":"a"}}';

test('KA-93 a write sees the entry that it put before a watch is woken by it', async () => {
  await using fixture = storeFixture();
  const store = await fixture.start();
  const order: string[] = [];
  using watch = store.watch({ resource: 'configmaps', after: store.revision });
  const woken = watch.next(60_000).then(([event]) => order.push(`watch ${event?.revision}`));
  const { revisions } = await store.write(
    { operations: [{ type: 'put', key: keyOf('n/a'), body, expect: 'absent' }] },
    undefined,
    (entry) => order.push(`put ${entry.revision}`),
  );
  await woken;
  expect(order).toEqual([`put ${revisions[0]}`, `watch ${revisions[0]}`]);
});

test('KA-93 of a transaction the first operation is told, of others nothing, and none after it is over', async () => {
  await using fixture = storeFixture();
  const store = await fixture.start();
  const told: Entry[] = [];
  const put = (name: string, text: string) =>
    ({ type: 'put', key: keyOf(name), body: text, expect: 'absent' }) as const;
  await store.write({ operations: [put('n/a', body), put('n/b', ',"name":"b"}}')] }, undefined, (entry) =>
    told.push(entry),
  );
  await expect(
    store.write({ operations: [put('n/a', body)] }, undefined, (entry) => told.push(entry)),
  ).rejects.toThrow();
  await store.write({ operations: [{ ...put('n/a', body), expect: 'present' }] });
  expect(told.map(({ key, body: stored }) => [key.name, stored.toString('utf8')])).toEqual([['a', body]]);
});

test('KA-56 what another process put under the same key is not taken for the own write', async () => {
  await using fixture = storeFixture();
  const told: Entry[] = [];
  const expected = createExpectedPuts();
  const mine = { type: 'put', key: keyOf('n/a'), body, expect: 'present' } as const;
  const store = await fixture.start();
  const { revisions } = await store.write({ operations: [{ ...mine, expect: 'absent' }] });
  const entry = store.get(mine.key);
  if (entry === undefined) throw new Error('it was put');
  const change = { type: 'put', key: mine.key, revision: revisions[0] ?? 0, body: ',"name":"theirs"}}' } as const;
  const first = expected.expect(mine, (seen) => told.push(seen));
  expected.arrived(change, entry);
  expect(told).toEqual([]);
  using _second = expected.expect(mine, (seen) => told.push(seen));
  first[Symbol.dispose]();
  expected.arrived({ ...change, body }, entry);
  expect(told).toEqual([entry]);
});
