import type { ObjectKey } from '@quarterdeck/machinery';

/**
 * How long to wait before what a member refused is tried again: longer each time, from the start when the refusal changes.
 * What wakes the Work in between (its own change, one of its objects) does not wait. WK-15
 */
export interface RetryBook {
  /** @param trouble what is wrong, as one text; undefined: nothing. @returns ms until the next try, undefined when none is due */
  next(key: ObjectKey, trouble: string | undefined): number | undefined;
}

const firstMs = 5_000;
const maxMs = 300_000;

const retryAfter = (tries: number): number => Math.min(maxMs, firstMs * 2 ** Math.min(tries, 10));

export function createRetryBook(): RetryBook {
  const tries = new Map<ObjectKey, { readonly trouble: string; readonly count: number }>();
  return {
    next(key, trouble) {
      if (trouble === undefined) {
        tries.delete(key);
        return undefined;
      }
      const before = tries.get(key);
      const count = before?.trouble === trouble ? before.count + 1 : 0;
      tries.set(key, { trouble, count });
      return retryAfter(count);
    },
  };
}
