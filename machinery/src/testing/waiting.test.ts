import { expect, test } from 'vitest';
import { collect, take } from './collect.ts';
import { eventually } from './eventually.ts';

test('eventually waits for something truthy and returns it', async () => {
  let tries = 0;
  expect(await eventually(() => (++tries === 3 ? 'done' : undefined), { intervalMs: 1 })).toBe('done');
  expect(tries).toBe(3);
});

test('eventually takes a throw for "not yet"', async () => {
  let tries = 0;
  const probe = async () => {
    if (++tries < 3) throw new Error('not yet');
    return { tries };
  };
  expect(await eventually(probe, { intervalMs: 1 })).toEqual({ tries: 3 });
});

test('eventually fails with the last value, or the last error', async () => {
  const options = { timeoutMs: 5, intervalMs: 1, message: 'the work' };
  await expect(eventually(() => 0, options)).rejects.toThrow('waited 5 ms for the work; last value: 0');
  const error = new Error('not yet');
  const probe = () => {
    throw error;
  };
  await expect(eventually(probe, options)).rejects.toMatchObject({
    message: 'waited 5 ms for the work; last error: not yet',
    cause: error,
  });
});

test('eventually gives up by a clock that stands still while the machine has no time for it', async () => {
  let [tries, elapsedMs] = [0, 0];
  const elapsed = () => elapsedMs;
  const probe = () => {
    if (++tries === 30) elapsedMs = 5;
  };
  await expect(eventually(probe, { timeoutMs: 5, intervalMs: 1, elapsed })).rejects.toThrow('waited 5 ms');
  expect(tries).toBe(30);
});

async function* numbers(end?: Error) {
  yield 1;
  yield 2;
  if (end !== undefined) throw end;
}

test('collect reads in the background and says how it ended', async () => {
  const seen = collect(numbers());
  expect([await seen.ended, seen.items, seen.isEnded()]).toEqual([undefined, [1, 2], true]);
  const error = new Error('oops');
  const broken = collect(numbers(error));
  expect([await broken.ended, broken.items]).toEqual([error, [1, 2]]);
});

test('take closes its source when it has enough', async () => {
  let isClosed = false;
  async function* endless() {
    try {
      for (let value = 0; ; value++) yield value;
    } finally {
      isClosed = true;
    }
  }
  expect([await take(endless(), 3), isClosed]).toEqual([[0, 1, 2], true]);
  expect(await take(numbers(), 5)).toEqual([1, 2]);
  expect(await take(numbers(), 0)).toEqual([]);
});
