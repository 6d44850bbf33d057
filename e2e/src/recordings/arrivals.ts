import type { EventEmitter } from 'node:events';

/** What comes over a connection, in order, for somebody who waits for so much of it. */
export interface Arrivals<T> {
  add(...items: readonly T[]): void;
  /** At most so many: fewer when the connection ends, or nothing comes for so long. */
  take(count: number, patienceMs: number): Promise<T[]>;
}

/** @param atEnd what arrives last, when the connection has ended */
export function arrivalsOn<T>(connection: EventEmitter, ...atEnd: readonly T[]): Arrivals<T> {
  const waiting: T[] = [];
  let isOver = false;
  let wake = () => {};
  const add = (...items: readonly T[]) => {
    waiting.push(...items);
    wake();
  };
  const end = () => {
    if (isOver) return;
    isOver = true;
    add(...atEnd);
  };
  connection.once('end', end).once('close', end).once('error', end);
  return {
    add,
    async take(count, patienceMs) {
      while (waiting.length < count && !isOver) {
        const { promise, resolve } = Promise.withResolvers<boolean>();
        wake = () => resolve(true);
        const timer = setTimeout(() => resolve(false), patienceMs);
        const came = await promise;
        clearTimeout(timer);
        if (!came) break;
      }
      return waiting.splice(0, count);
    },
  };
}
