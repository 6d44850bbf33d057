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
  return new ArrayDeque();
}

/** A class, for each namespace and each watched object has one: closures and getters of its own take ten times the memory. */
class ArrayDeque<T extends { readonly revision: Revision }> implements Deque<T> {
  #items: (T | undefined)[] = [];
  #head = 0;

  get length(): number {
    return this.#items.length - this.#head;
  }

  get first(): T | undefined {
    return this.#items[this.#head];
  }

  get last(): T | undefined {
    return this.#items.at(-1);
  }

  push(item: T): void {
    this.#items.push(item);
  }

  shift(): void {
    if (this.#head === this.#items.length) return;
    this.#items[this.#head++] = undefined;
    // Moved down only when half is empty: constant cost per item over its life.
    if (this.#head * 2 >= this.#items.length) {
      this.#items = this.#items.slice(this.#head);
      this.#head = 0;
    }
  }

  at(index: number): T | undefined {
    return this.#items[this.#head + index];
  }

  firstAbove(revision: Revision): number {
    return lowerBound(this.length, (index) => (this.at(index)?.revision ?? 0) <= revision);
  }

  slice(from: number, to: number): T[] {
    return this.#items.slice(this.#head + from, this.#head + to) as T[];
  }
}
