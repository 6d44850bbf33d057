import { expect, test } from 'vitest';
import { type Expectation, ExpectationFailedError, InvalidTransactionError, type Transaction } from '../storage.ts';
import { contents, create, key, type OpenPair, only, remove, update } from './harness.ts';

/** What `write` promises: expectations, guards, atomic transactions, consecutive revisions. */
export function writeConformance(open: OpenPair): void {
  test('KA-43 revisions are consecutive within a transaction and from one to the next', async ({ task }) => {
    await using pair = await open(task.name);
    const first = await create(pair.a, 'first');
    const { revisions } = await pair.a.write({
      operations: ['x', 'y', 'z'].map((name) => ({ type: 'put', key: key(name), body: name, expect: 'absent' })),
    });
    expect(revisions).toEqual([first + 1, first + 2, first + 3]);
  });

  test('KA-43 a start raises the revision to the time in microseconds, and it never falls', async ({ task }) => {
    await using pair = await open(task.name);
    const before = Date.now() * 1000;
    const first = await pair.a.latestRevision();
    expect(first).toBeGreaterThanOrEqual(before);
    expect(first).toBeLessThan(2 ** 53);
    const written = await create(pair.a, 'x');
    await using restarted = pair.harness.open();
    expect(await restarted.latestRevision()).toBeGreaterThan(written);
  });

  test('RL-1 what one process committed, another sees at once', async ({ task }) => {
    await using pair = await open(task.name);
    const revision = await create(pair.a, 'x', 'one');
    expect(await pair.b.latestRevision()).toBeGreaterThanOrEqual(revision);
    expect((await contents(pair.b)).rows).toEqual([{ key: key('x'), revision, body: 'one' }]);
    const next = await update(pair.b, 'x', 'two', revision);
    expect((await contents(pair.a)).rows).toEqual([{ key: key('x'), revision: next, body: 'two' }]);
  });

  test('KA-43 a deleted key is absent, and a new object of that name is another one', async ({ task }) => {
    await using pair = await open(task.name);
    const created = await create(pair.a, 'x', 'one');
    const deleted = await remove(pair.b, 'x', created, 'last');
    expect(deleted).toBeGreaterThan(created);
    expect((await contents(pair.a)).rows).toEqual([]);
    const again = await create(pair.a, 'x', 'two');
    expect((await contents(pair.b)).rows).toEqual([{ key: key('x'), revision: again, body: 'two' }]);
  });

  const missing: readonly Expectation[] = ['present', 17];
  test.each(missing)('RL-4 a put that expects %s fails when the key is absent', async (expected) => {
    await using pair = await open(`put expects ${expected}, absent`);
    const write = pair.a.write({ operations: [{ type: 'put', key: key('x'), body: 'b', expect: expected }] });
    await expect(write).rejects.toEqual(new ExpectationFailedError(key('x'), expected, 'absent'));
    await expect(write).rejects.toMatchObject({ key: key('x'), expected, found: 'absent' });
    expect((await contents(pair.a)).rows).toEqual([]);
  });

  const present: readonly Expectation[] = ['absent', 17];
  test.each(present)('RL-4 a put that expects %s fails when the key is there', async (expected) => {
    await using pair = await open(`put expects ${expected}, present`);
    const found = await create(pair.b, 'x', 'kept');
    const write = pair.a.write({ operations: [{ type: 'put', key: key('x'), body: 'b', expect: expected }] });
    await expect(write).rejects.toMatchObject({ name: 'ExpectationFailedError', key: key('x'), expected, found });
    expect((await contents(pair.a)).rows).toEqual([{ key: key('x'), revision: found, body: 'kept' }]);
  });

  test('RL-4 put and delete accept present and the exact revision', async ({ task }) => {
    await using pair = await open(task.name);
    const one = await create(pair.a, 'x');
    const two = only(
      (await pair.b.write({ operations: [{ type: 'put', key: key('x'), body: 'b', expect: 'present' }] })).revisions,
    );
    expect(two).toBeGreaterThan(one);
    await expect(remove(pair.a, 'x', one)).rejects.toMatchObject({ expected: one, found: two });
    await pair.a.write({ operations: [{ type: 'delete', key: key('x'), lastBody: 'b', expect: 'present' }] });
    expect((await contents(pair.b)).rows).toEqual([]);
  });

  test('RL-1 a transaction of which one operation fails writes nothing', async ({ task }) => {
    await using pair = await open(task.name);
    const kept = await create(pair.a, 'there', 'kept');
    const before = await pair.a.latestRevision();
    const write = pair.a.write({
      operations: [
        { type: 'put', key: key('new'), body: 'n', expect: 'absent' },
        { type: 'put', key: key('there'), body: 'changed', expect: 'present' },
        { type: 'delete', key: key('gone'), lastBody: '', expect: 'present' },
      ],
    });
    await expect(write).rejects.toMatchObject({ key: key('gone'), expected: 'present', found: 'absent' });
    expect(await pair.a.latestRevision()).toBe(before);
    expect((await contents(pair.b)).rows).toEqual([{ key: key('there'), revision: kept, body: 'kept' }]);
  });

  test('RL-1 a guard that holds lets the write through and leaves its key alone', async ({ task }) => {
    await using pair = await open(task.name);
    const guarded = await create(pair.a, 'namespace', 'active');
    const guards = [
      { key: key('namespace'), expect: guarded },
      { key: key('quota'), expect: 'absent' as const },
    ];
    const operations = [{ type: 'put' as const, key: key('x'), body: 'b', expect: 'absent' as const }];
    const { revisions } = await pair.b.write({ operations, guards });
    expect((await contents(pair.a)).rows).toEqual([
      { key: key('namespace'), revision: guarded, body: 'active' },
      { key: key('x'), revision: only(revisions), body: 'b' },
    ]);
  });

  test('RL-1 a guard that fails stops the write, whoever changed its key', async ({ task }) => {
    await using pair = await open(task.name);
    const active = await create(pair.a, 'namespace', 'active');
    const terminating = await update(pair.a, 'namespace', 'terminating', active);
    const operations = [{ type: 'put' as const, key: key('x'), body: 'b', expect: 'absent' as const }];
    const write = pair.b.write({ operations, guards: [{ key: key('namespace'), expect: active }] });
    await expect(write).rejects.toMatchObject({ key: key('namespace'), expected: active, found: terminating });
    expect((await contents(pair.a)).rows).toHaveLength(1);
  });

  test('F-8 of many writes at once, those fail whose expectation fails, and no others', async ({ task }) => {
    await using pair = await open(task.name);
    await create(pair.a, 'taken');
    const results = await Promise.allSettled(
      Array.from({ length: 60 }, (_, index) => create(index % 2 ? pair.a : pair.b, index % 3 ? `n${index}` : 'taken')),
    );
    expect(results.map(({ status }) => status)).toEqual(
      results.map((_, index) => (index % 3 ? 'fulfilled' : 'rejected')),
    );
    expect((await contents(pair.b)).rows).toHaveLength(41);
  });

  test('F-19 of many that create one key at once, on two processes, exactly one succeeds', async ({ task }) => {
    await using pair = await open(task.name);
    const results = await Promise.allSettled(
      Array.from({ length: 40 }, (_, index) => create(index % 2 ? pair.a : pair.b, 'x', `by ${index}`)),
    );
    const winner = results.findIndex(({ status }) => status === 'fulfilled');
    expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    expect((await contents(pair.a)).rows.map((row) => row.body)).toEqual([`by ${winner}`]);
  });

  test('RL-1 increments by compare-and-set on two processes lose nothing', async ({ task }) => {
    await using pair = await open(task.name);
    await create(pair.a, 'counter', '0');
    const increment = async (storage: typeof pair.a): Promise<void> => {
      for (;;) {
        const row = only((await contents(storage)).rows);
        const written = await update(storage, 'counter', String(Number(row.body) + 1), row.revision).catch((error) => {
          if (!(error instanceof ExpectationFailedError)) throw error;
        });
        if (written !== undefined) return;
      }
    };
    await Promise.all([pair.a, pair.b, pair.a, pair.b].flatMap((storage) => [increment(storage), increment(storage)]));
    expect(only((await contents(pair.a)).rows).body).toBe('8');
  });

  test('F-8 transactions that touch the same keys in opposite orders all come through', async ({ task }) => {
    await using pair = await open(task.name);
    const names = ['a', 'b', 'c', 'd'];
    for (const name of names) await create(pair.a, name);
    const touch = (order: readonly string[]): Transaction => ({
      operations: order.map((name) => ({ type: 'put', key: key(name), body: order.join(), expect: 'present' })),
    });
    const forth = touch(names);
    const back = touch(names.toReversed());
    await Promise.all(
      Array.from({ length: 40 }, (_, index) => (index % 2 ? pair.a : pair.b).write(index % 4 < 2 ? forth : back)),
    );
    const bodies = new Set((await contents(pair.a)).rows.map((row) => row.body));
    expect(bodies.size).toBe(1);
  });

  test('RL-1 a large transaction commits as one', async ({ task }) => {
    await using pair = await open(task.name);
    const { revisions } = await pair.a.write({
      operations: Array.from({ length: 2000 }, (_, index) => ({
        type: 'put',
        key: key(`n${index}`),
        body: 'x'.repeat(1000),
        expect: 'absent',
      })),
    });
    expect(revisions).toEqual(Array.from({ length: 2000 }, (_, index) => (revisions[0] ?? 0) + index));
    expect((await contents(pair.b)).rows).toHaveLength(2000);
  });

  const put = (name: string, body = ''): Transaction['operations'][number] => ({
    type: 'put',
    key: key(name),
    body,
    expect: 'absent',
  });
  test.each<{ name: string; transaction: Transaction }>([
    { name: 'no operation', transaction: { operations: [] } },
    { name: 'a key twice', transaction: { operations: [put('x'), put('x')] } },
    {
      name: 'a guard on a key it writes',
      transaction: { operations: [put('x')], guards: [{ key: key('x'), expect: 'absent' }] },
    },
    { name: 'U+0000 in a name', transaction: { operations: [put('a\0b')] } },
    { name: 'U+0000 in a body', transaction: { operations: [put('x', 'a\0b')] } },
    { name: 'a lone surrogate in a body', transaction: { operations: [put('x', 'a\ud800b')] } },
    { name: 'a name too long for an index', transaction: { operations: [put('n'.repeat(3000))] } },
    {
      name: 'too many operations',
      transaction: { operations: Array.from({ length: 10_001 }, (_, n) => put(`n${n}`)) },
    },
    {
      name: 'a delete of what must be absent',
      transaction: { operations: [{ type: 'delete', key: key('x'), lastBody: '', expect: 'absent' }] },
    },
  ])('BI-6 a transaction with $name is refused', async ({ name, transaction }) => {
    await using pair = await open(`refused: ${name}`);
    await expect(pair.a.write(transaction)).rejects.toBeInstanceOf(InvalidTransactionError);
    expect((await contents(pair.a)).rows).toEqual([]);
  });

  test('KA-140 a write whose signal has aborted is not made', async ({ task }) => {
    await using pair = await open(task.name);
    const reason = new Error('too late');
    const operations = [{ type: 'put' as const, key: key('x'), body: 'b', expect: 'absent' as const }];
    await expect(pair.a.write({ operations }, AbortSignal.abort(reason))).rejects.toBe(reason);
    expect((await contents(pair.a)).rows).toEqual([]);
  });

  test('KA-145 a closed storage answers that it is unavailable', async ({ task }) => {
    await using pair = await open(task.name);
    await create(pair.a, 'x');
    await pair.a[Symbol.asyncDispose]();
    await expect(create(pair.a, 'y')).rejects.toMatchObject({ name: 'StorageUnavailableError' });
    await expect(pair.a.latestRevision()).rejects.toMatchObject({ name: 'StorageUnavailableError' });
    expect((await contents(pair.b)).rows).toHaveLength(1);
  });
}
