/** Several things started at once, disposed of at once. */
export interface Together<T> extends AsyncDisposable {
  readonly all: readonly T[];
}

/** Waits for all; when one fails, the others are disposed of before its error is thrown. */
export async function together<T extends AsyncDisposable>(starting: readonly Promise<T>[]): Promise<Together<T>> {
  const outcomes = await Promise.allSettled(starting);
  const all = outcomes.flatMap((outcome) => (outcome.status === 'fulfilled' ? [outcome.value] : []));
  const group: Together<T> = {
    all,
    async [Symbol.asyncDispose]() {
      await Promise.all(all.map((each) => each[Symbol.asyncDispose]()));
    },
  };
  const failure = outcomes.find((outcome) => outcome.status === 'rejected');
  if (failure === undefined) return group;
  await group[Symbol.asyncDispose]();
  throw failure.reason;
}
