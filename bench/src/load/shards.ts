/** The names that the load generator makes of `PREFIX-{shard}`: one for each of so many shards. */
export function shardNames(prefix: string, shards: number): string[] {
  return Array.from({ length: shards }, (_, shard) => `${prefix}-${shardDigits(shard)}`);
}

/** A shard as the load generator writes it. */
export const shardDigits = (shard: number): string => String(shard).padStart(7, '0');

/** How many of the indexes 0 to count, dealt out to shards in turn, a shard has. */
export function countInShard(count: number, shard: number, shards: number): number {
  return Math.max(0, Math.ceil((count - shard) / shards));
}
