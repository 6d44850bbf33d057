import { conditionType, isConditionTrue, label, type Stored, Work } from '@quarterdeck/apis';
import type { Client } from '@quarterdeck/machinery';

/** When each member's Work of one WorkSet was first seen applied. */
export interface Arrivals extends AsyncDisposable {
  /** Resolves with the moments (of `performance.now()`) when so many have arrived. @throws Error when time is up */
  all(count: number, timeoutMs: number): Promise<readonly number[]>;
}

/** Watches from now on; open before anything is created. */
export async function watchArrivals(hubClient: Client, workSetName: string): Promise<Arrivals> {
  const stop = new AbortController();
  const labelSelector = `${label.workSet}=${workSetName}`;
  const { metadata } = await hubClient.list(Work, { labelSelector });
  const moments = new Map<string, number>();
  let wanted = Number.POSITIVE_INFINITY;
  const arrived = Promise.withResolvers<void>();
  const note = (work: Stored<Work>) => {
    const key = `${work.metadata.namespace}/${work.metadata.name}`;
    if (moments.has(key)) return;
    if (!isConditionTrue(work.status?.conditions, conditionType.Work.Applied, work.metadata.generation)) return;
    moments.set(key, performance.now());
    if (moments.size >= wanted) arrived.resolve();
  };
  const watching = (async () => {
    const { signal } = stop;
    const { resourceVersion = '0' } = metadata;
    for await (const event of hubClient.watch(Work, { labelSelector, resourceVersion, signal })) {
      if (event.type === 'ADDED' || event.type === 'MODIFIED') note(event.object);
    }
    throw new Error('the watch of Works ended early');
  })();
  watching.catch((error: unknown) => arrived.reject(error));
  arrived.promise.catch(() => {}); // whoever waits is told; nobody may be waiting
  return {
    async all(count, timeoutMs) {
      wanted = count;
      if (moments.size >= wanted) arrived.resolve();
      const timer = setTimeout(
        () => arrived.reject(new Error(`after ${timeoutMs / 1000} s ${moments.size} of ${count} Works are applied`)),
        timeoutMs,
      );
      await arrived.promise.finally(() => clearTimeout(timer));
      return [...moments.values()];
    },
    async [Symbol.asyncDispose]() {
      stop.abort();
      await watching.catch(() => {});
    },
  };
}
