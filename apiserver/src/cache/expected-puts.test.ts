import { expect, test } from 'vitest';
import { keyOf, storeFixture } from '../testing/store-fixture.ts';
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
