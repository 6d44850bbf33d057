import type { Revision } from '../storage/storage.ts';
import { lowerBound } from './sorted-entries.ts';

/** Items in revision order, added at one end, forgotten at the other, found by binary search. */
export interface Deque<T extends { readonly revision: Revision }> {
  readonly length: number;
  readonly first: T | undefined;
  readonly last: T | undefined;
  push(item: T): void;
  /** Forgets the first. */
  shift(): void;
  at(index: number): T | undefined;
  /** Index of the first item above `revision`. */
  firstAbove(revision: Revision): number;
  slice(from: number, to: number): T[];
}

export function createDeque<T extends { readonly revision: Revision }>(): Deque<T> {
  let items: (T | undefined)[] = [];
  let head = 0;
  return {
    get length() {
      return items.length - head;
    },
    get first() {
      return items[head];
    },
    get last() {
      return items.at(-1);
    },
    push(item) {
      items.push(item);
    },
    shift() {
      if (head === items.length) return;
      items[head++] = undefined;
      // Moved down only when half is empty: constant cost per item over its life.
      if (head * 2 >= items.length) {
        items = items.slice(head);
        head = 0;
      }
    },
    at: (index) => items[head + index],
    firstAbove: (revision) =>
      lowerBound(items.length - head, (index) => (items[head + index]?.revision ?? 0) <= revision),
    slice: (from, to) => items.slice(head + from, head + to) as T[],
  };
}
