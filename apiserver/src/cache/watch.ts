import type { Clock } from '@quarterdeck/machinery';
import type { CacheState } from './cache-state.ts';
import { CompactedError, type StoreEvent, type StoreWatch, type WatchRequest } from './store.ts';

/** Enough to amortise a wake-up, little enough that one reader does not hold the event loop for long. */
const maxBatch = 500;
/** What setTimeout can count. */
const maxTimerMs = 2 ** 31 - 1;

export interface WatchContext {
  readonly state: CacheState;
  readonly clock: Clock;
}

/** @throws CompactedError when the ring does not reach back to `after`, or `after` was never issued. KA-82, KA-87 */
export function createWatch({ state, clock }: WatchContext, request: WatchRequest): StoreWatch {
  const { after } = request;
  const unknown = after < state.ring.floor || (after <= state.revision && !state.ring.issued(after));
  if (state.ended || unknown) throw new CompactedError(`revision ${after} is no longer known`);

  const { channels } = state.ring;
  const channel = channels.acquire(request, after);
  let cursor = after;
  let closed = false;
  let wakeUp: (() => void) | undefined;

  const take = (): readonly StoreEvent[] => {
    if (state.ended) throw new CompactedError('the store was reloaded');
    if (cursor < channel.floor) throw new CompactedError(`events after ${cursor} are forgotten: read too slowly`);
    const from = channel.events.firstAbove(cursor);
    const events = channel.events.slice(from, from + maxBatch);
    cursor = events.at(-1)?.revision ?? cursor;
    return events;
  };

  const wait = (idleMs: number, signal: AbortSignal | undefined): Promise<void> =>
    new Promise((resolve, reject) => {
      const timer = clock.after(Math.min(idleMs, maxTimerMs), () => settle(resolve));
      const settle = (then: () => void): void => {
        timer.cancel();
        channel.waiters.delete(wake);
        signal?.removeEventListener('abort', onAbort);
        wakeUp = undefined;
        then();
      };
      const wake = (): void => settle(resolve);
      const onAbort = (): void => settle(() => reject(signal?.reason as Error));
      wakeUp = wake;
      channel.waiters.add(wake);
      signal?.addEventListener('abort', onAbort, { once: true });
    });

  return {
    async next(idleMs, signal) {
      signal?.throwIfAborted();
      if (closed) return [];
      const ready = take();
      if (ready.length > 0) return ready;
      await wait(idleMs, signal);
      return closed ? [] : take();
    },
    get revision() {
      const behind = (channel.events.last?.revision ?? 0) > cursor || cursor < channel.floor;
      return behind ? cursor : Math.max(cursor, state.revision);
    },
    [Symbol.dispose]() {
      if (closed) return;
      closed = true;
      channels.release(request);
      wakeUp?.();
    },
  };
}
