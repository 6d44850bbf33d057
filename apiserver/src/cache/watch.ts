import type { Clock } from '@quarterdeck/machinery';
import type { Revision } from '../storage/storage.ts';
import type { CacheState } from './cache-state.ts';
import type { Channel } from './channel.ts';
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

  return new ChannelWatch({ state, clock }, request);
}

/** A class, for a server has tens of thousands: closures and a getter of its own take five times the memory. */
class ChannelWatch implements StoreWatch {
  readonly #context: WatchContext;
  readonly #request: WatchRequest;
  readonly #channel: Channel;
  #cursor: Revision;
  #closed = false;
  #wakeUp: (() => void) | undefined = undefined;

  constructor(context: WatchContext, request: WatchRequest) {
    this.#context = context;
    this.#request = request;
    this.#channel = context.state.ring.channels.acquire(request, request.after);
    this.#cursor = request.after;
  }

  async next(idleMs: number, signal?: AbortSignal): Promise<readonly StoreEvent[]> {
    signal?.throwIfAborted();
    if (this.#closed) return [];
    const ready = this.#take();
    if (ready.length > 0) return ready;
    await this.#wait(idleMs, signal);
    return this.#closed ? [] : this.#take();
  }

  get revision(): Revision {
    const { events, floor } = this.#channel;
    const cursor = this.#cursor;
    const behind = (events.last?.revision ?? 0) > cursor || cursor < floor;
    return behind ? cursor : Math.max(cursor, this.#context.state.revision);
  }

  [Symbol.dispose](): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#context.state.ring.channels.release(this.#request);
    this.#wakeUp?.();
  }

  #take(): readonly StoreEvent[] {
    const { events, floor } = this.#channel;
    if (this.#context.state.ended) throw new CompactedError('the store was reloaded');
    if (this.#cursor < floor) {
      throw new CompactedError(`events after ${this.#cursor} are forgotten: read too slowly`);
    }
    const from = events.firstAbove(this.#cursor);
    const taken = events.slice(from, from + maxBatch);
    this.#cursor = taken.at(-1)?.revision ?? this.#cursor;
    return taken;
  }

  #wait(idleMs: number, signal: AbortSignal | undefined): Promise<void> {
    return new Promise((resolve, reject) => {
      const timer = this.#context.clock.after(Math.min(idleMs, maxTimerMs), () => settle(resolve));
      const { waiters } = this.#channel;
      const settle = (then: () => void): void => {
        timer.cancel();
        waiters.delete(wake);
        signal?.removeEventListener('abort', onAbort);
        this.#wakeUp = undefined;
        then();
      };
      const wake = (): void => settle(resolve);
      const onAbort = (): void => settle(() => reject(signal?.reason as Error));
      this.#wakeUp = wake;
      waiters.add(wake);
      signal?.addEventListener('abort', onAbort, { once: true });
    });
  }
}
