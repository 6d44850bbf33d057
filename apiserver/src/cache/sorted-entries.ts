/** Anything that has its place in the order. */
export interface Sorted {
  /** From sort-key.ts; unique in one collection. */
  readonly sort: string;
}

/**
 * A collection ordered by `sort`: a list of short sorted arrays. A change costs two binary searches and a shift within
 * one array; a page costs its length. 100,000 entries are some 600 arrays, whose own shifts are rare and short. One entry
 * is found by a map beside them, for a binary search in memory that is not in the processor's cache costs ten times that.
 */
export interface SortedEntries<T extends Sorted> {
  readonly size: number;
  get(sort: string): T | undefined;
  /** Inserts or replaces. @returns what was replaced */
  set(entry: T): T | undefined;
  /** @returns what was removed */
  delete(sort: string): T | undefined;
  /** In order, from `from` (inclusive) to `to` (exclusive; absent: to the end). Not to be changed meanwhile. */
  range(from: string, to?: string): Generator<T, void, undefined>;
  /** How many lie in that range. */
  count(from: string, to?: string): number;
}

const maxLeaf = 256;

export function createSortedEntries<T extends Sorted>(): SortedEntries<T> {
  const leaves: T[][] = [];
  const known = new Map<string, T>();

  /** The first leaf whose last entry is not before `sort`; `leaves.length` when all are before. */
  const leafFor = (sort: string): number => lowerBound(leaves.length, (index) => lastOf(leaves[index]) < sort);
  const itemFor = (leaf: readonly T[], sort: string): number =>
    lowerBound(leaf.length, (index) => (leaf[index]?.sort ?? '') < sort);

  const set = (entry: T): T | undefined => {
    known.set(entry.sort, entry);
    const at = Math.min(leafFor(entry.sort), Math.max(leaves.length - 1, 0));
    const leaf = leaves[at];
    if (leaf === undefined) {
      leaves.push([entry]);
      return undefined;
    }
    const item = itemFor(leaf, entry.sort);
    const present = leaf[item];
    if (present?.sort === entry.sort) {
      leaf[item] = entry;
      return present;
    }
    leaf.splice(item, 0, entry);
    if (leaf.length <= maxLeaf) return undefined;
    // Rows arrive in order when everything is loaded: leave such leaves full rather than half empty.
    const appended = at === leaves.length - 1 && item === leaf.length - 1;
    leaves.splice(at + 1, 0, leaf.splice(appended ? maxLeaf : maxLeaf >>> 1));
    return undefined;
  };

  const remove = (sort: string): T | undefined => {
    const removed = known.get(sort);
    if (removed === undefined) return undefined;
    known.delete(sort);
    const at = leafFor(sort);
    const leaf = leaves[at] ?? [];
    leaf.splice(itemFor(leaf, sort), 1);
    if (leaf.length === 0) leaves.splice(at, 1);
    return removed;
  };

  function* range(from: string, to?: string): Generator<T, void, undefined> {
    for (let at = leafFor(from); at < leaves.length; at++) {
      const leaf = leaves[at] ?? [];
      for (let item = itemFor(leaf, from); item < leaf.length; item++) {
        const entry = leaf[item];
        if (entry === undefined || (to !== undefined && entry.sort >= to)) return;
        yield entry;
      }
    }
  }

  /** How many lie before `sort`. */
  const rank = (sort: string): number => {
    const at = leafFor(sort);
    let before = 0;
    for (let index = 0; index < at; index++) before += leaves[index]?.length ?? 0;
    return before + itemFor(leaves[at] ?? [], sort);
  };

  return {
    get size() {
      return known.size;
    },
    get: (sort) => known.get(sort),
    set,
    delete: remove,
    range,
    count: (from, to) => Math.max(0, (to === undefined ? known.size : rank(to)) - rank(from)),
  };
}

function lastOf(leaf: readonly Sorted[] | undefined): string {
  return leaf?.at(-1)?.sort ?? '';
}

/** The first index for which `before` is false. */
export function lowerBound(length: number, before: (index: number) => boolean): number {
  let low = 0;
  let high = length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (before(middle)) low = middle + 1;
    else high = middle;
  }
  return low;
}
