import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { StorageKey, Transaction } from '../storage.ts';
import { keyId } from '../transaction.ts';
import { batchLimits, changesOf, elementsOf, takeBatch } from './batch.ts';
import { settle } from './write-batch.ts';

const key = (name: string): StorageKey => ({ resource: 'configmaps', namespace: 'n', name });
const put = (...names: string[]): Transaction => ({
  operations: names.map((name) => ({ type: 'put', key: key(name), body: name, expect: 'present' })),
});
const guarded = (guard: string, transaction: Transaction): Transaction => ({
  ...transaction,
  guards: [{ key: key(guard), expect: 'present' }],
});

interface Item {
  readonly id: number;
  readonly transaction: Transaction;
}
const queueOf = (...transactions: Transaction[]): Item[] =>
  transactions.map((transaction, id) => ({ id, transaction }));

test.each([
  { name: 'all that touch different keys', queue: queueOf(put('a'), put('b', 'c')), taken: [0, 1], left: [] },
  { name: 'one writer of a key at a time', queue: queueOf(put('a'), put('a'), put('b')), taken: [0, 2], left: [1] },
  {
    name: 'no writer of what another guards',
    queue: queueOf(guarded('ns', put('a')), put('ns')),
    taken: [0],
    left: [1],
  },
  {
    name: 'no guard on what another writes',
    queue: queueOf(put('ns'), guarded('ns', put('a'))),
    taken: [0],
    left: [1],
  },
  {
    name: 'many guards on one key',
    queue: queueOf(guarded('ns', put('a')), guarded('ns', put('b'))),
    taken: [0, 1],
    left: [],
  },
  {
    name: 'nobody past one who waits for the same key',
    queue: queueOf(put('a'), put('a', 'b'), put('b')),
    taken: [0],
    left: [1, 2],
  },
  {
    name: 'one that is larger than a batch, alone',
    queue: queueOf(put('a', 'b', 'c'), put('d')),
    taken: [0],
    left: [1],
    limit: 2,
  },
  { name: 'no more than fit', queue: queueOf(put('a'), put('b', 'c'), put('d')), taken: [0], left: [1, 2], limit: 2 },
])('RL-1 a batch takes $name', ({ queue, taken, left, limit }) => {
  const batch = takeBatch(queue, { ...batchLimits, operations: limit ?? 100 });
  expect([batch.map(({ id }) => id), queue.map(({ id }) => id)]).toEqual([taken, left]);
});

test('RL-1 batches together are the queue, and no key is written twice in one nor overtaken', () => {
  const transaction = fc
    .tuple(fc.uniqueArray(fc.constantFrom('a', 'b', 'c', 'd', 'e'), { minLength: 1 }), fc.nat(3))
    .map(([names, guards]) => {
      const [first = 'a', ...rest] = names;
      const written = put(first, ...rest.slice(guards));
      return {
        ...written,
        guards: rest.slice(0, guards).map((name) => ({ key: key(name), expect: 'present' as const })),
      };
    });
  fc.assert(
    fc.property(
      fc.array(transaction, { maxLength: 30 }),
      fc.integer({ min: 1, max: 10 }),
      (transactions, operations) => {
        const queue = queueOf(...transactions);
        const order: Item[] = [];
        while (queue.length > 0) {
          const batch = takeBatch(queue, { ...batchLimits, operations });
          expect(batch.length).toBeGreaterThan(0);
          const written = batch.flatMap((item) => item.transaction.operations.map((operation) => keyId(operation.key)));
          const guards = new Set(
            batch.flatMap((item) => (item.transaction.guards ?? []).map((guard) => keyId(guard.key))),
          );
          expect(new Set(written).size).toBe(written.length);
          expect(written.filter((id) => guards.has(id))).toEqual([]);
          order.push(...batch);
        }
        expect(order.map(({ id }) => id).sort((x, y) => x - y)).toEqual(transactions.map((_, id) => id));
        for (const name of ['a', 'b', 'c', 'd', 'e']) {
          const writers = order.filter((item) =>
            item.transaction.operations.some((operation) => operation.key.name === name),
          );
          expect(writers.map(({ id }) => id)).toEqual(writers.map(({ id }) => id).toSorted((x, y) => x - y));
        }
      },
    ),
  );
});

test('RL-1 the reply of the database tells each transaction its own outcome', () => {
  const transactions = [put('a', 'b'), guarded('ns', put('c')), put('d'), put('e')];
  const batch = { number: 1, transactions, at: 0 };
  // Elements: a, b, ns, c, d, e
  const results = settle(batch, { first: 100, failed: { 1: [3, null], 2: [5, 42] } });
  expect(results).toMatchObject([
    { revisions: [100, 101] },
    { name: 'ExpectationFailedError', key: key('ns'), expected: 'present', found: 'absent' },
    { name: 'ExpectationFailedError', key: key('d'), expected: 'present', found: 42 },
    { revisions: [102] },
  ]);
});

test('RL-2 elements carry guards first, and changes their revisions in order', () => {
  const transaction: Transaction = {
    operations: [
      { type: 'put', key: key('a'), body: 'A', expect: 'absent' },
      { type: 'delete', key: key('b'), lastBody: 'B', expect: 7 },
    ],
    guards: [{ key: key('g'), expect: 'present' }],
  };
  expect(elementsOf([transaction])).toEqual([
    { transaction: 0, kind: 'g', key: key('g'), expect: 'present', body: '' },
    { transaction: 0, kind: 'p', key: key('a'), expect: 'absent', body: 'A' },
    { transaction: 0, kind: 'd', key: key('b'), expect: 7, body: 'B' },
  ]);
  expect(changesOf(transaction, 10)).toEqual([
    { type: 'put', key: key('a'), revision: 10, body: 'A' },
    { type: 'delete', key: key('b'), revision: 11, body: 'B' },
  ]);
});
