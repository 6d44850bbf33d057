const remembered = 256;

/** What was given out last, as requests that are on their way are not in the store yet. */
export interface RecentlyGiven {
  has(given: string): boolean;
  add(given: string): void;
}

export function createRecentlyGiven(): RecentlyGiven {
  const given = new Set<string>();
  return {
    has: (one) => given.has(one),
    add(one) {
      given.add(one);
      const [oldest] = given;
      if (given.size > remembered && oldest !== undefined) given.delete(oldest);
    },
  };
}
