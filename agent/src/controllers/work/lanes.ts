/**
 * Starts work on items in their order, at most `atOnce` under way; starts no more once one answers false or fails. Whatever
 * fails, none is left behind running.
 * @returns whether all of them answered true
 * @throws the first failure, when everything that was started has ended
 */
export async function inLanes<T>(
  items: readonly T[],
  atOnce: number,
  work: (item: T, index: number) => Promise<boolean>,
): Promise<boolean> {
  const rest = items.entries();
  let goesOn = true;
  let failure: { error: unknown } | undefined;
  const lane = async () => {
    for (const [index, item] of rest) {
      if (!goesOn || failure !== undefined) return;
      try {
        goesOn = (await work(item, index)) && goesOn;
      } catch (error) {
        failure ??= { error };
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(atOnce, items.length) }, lane));
  if (failure !== undefined) throw failure.error;
  return goesOn;
}

/** The results of all items, in their order, with at most `atOnce` under way. @throws as {@link inLanes} */
export async function mapInLanes<T, R>(
  items: readonly T[],
  atOnce: number,
  work: (item: T) => Promise<R>,
): Promise<R[]> {
  const results: R[] = [];
  await inLanes(items, atOnce, async (item, index) => {
    results[index] = await work(item);
    return true;
  });
  return results;
}
