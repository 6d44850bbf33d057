import type { Loadgen } from './loadgen.ts';
import { placeholders } from './loadgen-orders.ts';
import { workOfSize, worksPath } from './work.ts';

/** Of each Work that is watched, bytes of JSON as it is created. */
export const watchedBytes = 1_024;

const namespace = `bench-${placeholders.shard}`;
const name = `watched-${placeholders.index}`;

/** Templates of the Works that change: the collection of a shard's namespace, and one of them. */
export const watchedWorks = { collection: worksPath(namespace), path: `${worksPath(namespace)}/${name}` } as const;

/** Template of the change that watchers count. */
export const numberedChange = `{"metadata":{"annotations":{"bench/number":"${placeholders.number}"}}}`;

/** One in each of so many namespaces. */
export async function createWatchedWorks(load: Loadgen, namespaces: number): Promise<void> {
  const body = workOfSize({ namespace, name, bytes: watchedBytes, isRich: false });
  const create = { method: 'POST', path: watchedWorks.collection, contentType: 'application/json', body } as const;
  await load.ask('requests', { ...create, clients: 8, count: namespaces, shards: namespaces });
}
