import { expect, test } from 'vitest';
import { shareReads } from './shared-read.ts';

function controlled() {
  const reads: PromiseWithResolvers<number>[] = [];
  const read = shareReads(() => {
    const next = Promise.withResolvers<number>();
    reads.push(next);
    return next.promise;
  });
  return { reads, read };
}

test('RL-1 calls during a read share the next one, never the one that was asked before them', async () => {
  const { reads, read } = controlled();
  const first = read();
  const later = [read(), read(), read()];
  expect(reads).toHaveLength(1);
  reads[0]?.resolve(1);
  expect(await first).toBe(1);
  expect(reads).toHaveLength(2);
  const evenLater = read();
  reads[1]?.resolve(2);
  expect(await Promise.all(later)).toEqual([2, 2, 2]);
  reads[2]?.resolve(3);
  expect(await evenLater).toBe(3);
  const alone = read();
  reads[3]?.resolve(4);
  expect(await alone).toBe(4);
});

test('RL-1 a read that fails fails those who asked for it, and the next goes on', async () => {
  const { reads, read } = controlled();
  const first = read();
  const second = read();
  reads[0]?.reject(new Error('away'));
  await expect(first).rejects.toThrow('away');
  reads[1]?.resolve(2);
  expect(await second).toBe(2);
});
