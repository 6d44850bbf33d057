import { constants, PerformanceObserver } from 'node:perf_hooks';
import { getHeapStatistics } from 'node:v8';

/** The heap of this process, as far as it can be known without collecting it. */
export interface Heap extends Disposable {
  /** Reached, it ends the process: `--max-old-space-size`. */
  readonly limitBytes: number;
  /**
   * What is needed, at a guess: what was left by the last full collection. What is in use now is mostly more, by garbage
   * that the next collection takes away, and that an idle process keeps for long.
   */
  usedBytes(): number;
}

/** One per process: it listens to every collection. */
export function watchHeap(): Heap {
  let afterCollection: number | undefined;
  const observer = new PerformanceObserver((list) => {
    if (list.getEntries().some(isFullCollection)) afterCollection = getHeapStatistics().used_heap_size;
  });
  observer.observe({ entryTypes: ['gc'] });
  return {
    limitBytes: getHeapStatistics().heap_size_limit,
    usedBytes: () => Math.min(afterCollection ?? Number.POSITIVE_INFINITY, getHeapStatistics().used_heap_size),
    [Symbol.dispose]: () => observer.disconnect(),
  };
}

function isFullCollection(entry: object): boolean {
  const detail = 'detail' in entry ? entry.detail : undefined;
  if (typeof detail !== 'object' || detail === null || !('kind' in detail)) return false;
  return detail.kind === constants.NODE_PERFORMANCE_GC_MAJOR;
}
