/** Work that concerns the same thing is done one after the other, in the order of asking; everything else at once. */
export interface Turns {
  /** @param about what the work concerns; none: nothing that anything else does */
  take<T>(about: readonly string[], work: () => Promise<T>): Promise<T>;
}

export function createTurns(): Turns {
  const last = new Map<string, Promise<unknown>>();
  return {
    async take(about, work) {
      const before = about.map((key) => last.get(key));
      const turn = Promise.allSettled(before).then(work);
      for (const key of about) last.set(key, turn);
      try {
        return await turn;
      } finally {
        for (const key of about) if (last.get(key) === turn) last.delete(key);
      }
    },
  };
}
