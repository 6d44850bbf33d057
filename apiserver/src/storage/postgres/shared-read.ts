/**
 * Makes one asynchronous read serve many callers, without ever giving anyone an answer that was asked before they did:
 * calls that arrive while a read is under way share its successor. RL-1
 */
export function shareReads<T>(read: () => Promise<T>): () => Promise<T> {
  let running: Promise<T> | undefined;
  let next: Promise<T> | undefined;

  const start = (): Promise<T> => {
    const current = read().finally(() => {
      if (running === current) running = undefined;
    });
    running = current;
    return current;
  };
  const startNext = (): Promise<T> => {
    next = undefined;
    return start();
  };

  return () => {
    if (running === undefined) return start();
    next ??= running.then(startNext, startNext);
    return next;
  };
}
