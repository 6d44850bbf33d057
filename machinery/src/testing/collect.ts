/** What an async iterable gave so far, and how it ended. */
export interface Collected<T> {
  /** Grows while the iterable runs. */
  readonly items: readonly T[];
  /** Settles when the iterable ends: with undefined, or with the error it threw. Never rejects. */
  readonly ended: Promise<unknown>;
  isEnded(): boolean;
}

/** Reads an async iterable (a watch, say) in the background. End it through whatever signal it takes. */
export function collect<T>(source: AsyncIterable<T>): Collected<T> {
  const items: T[] = [];
  let done = false;
  const run = async (): Promise<unknown> => {
    try {
      for await (const item of source) items.push(item);
      return undefined;
    } catch (error) {
      return error;
    } finally {
      done = true;
    }
  };
  return { items, ended: run(), isEnded: () => done };
}

/** The first `count` items, then the iterable is closed. Fewer when it ends early. */
export async function take<T>(source: AsyncIterable<T>, count: number): Promise<T[]> {
  const items: T[] = [];
  if (count === 0) return items;
  for await (const item of source) {
    items.push(item);
    if (items.length >= count) break;
  }
  return items;
}
