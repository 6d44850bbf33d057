import { expect, test } from 'vitest';
import { countInShard, shardNames } from './shards.ts';

test('shards are named in seven digits, as long as their placeholder', () =>
  expect(shardNames('bench', 2)).toEqual(['bench-0000000', 'bench-0000001']));

test.each([0, 1, 7, 8, 9, 1000])('%i indexes are dealt out to eight shards without rest', (count) => {
  const dealt = Array.from({ length: 8 }, (_, shard) => countInShard(count, shard, 8));
  const want = Array.from({ length: 8 }, () => 0).map(
    (_, shard) => Array.from({ length: count }, (_, index) => index % 8).filter((each) => each === shard).length,
  );
  expect(dealt).toEqual(want);
});
