import type { Clock, Timer } from '@quarterdeck/machinery';
import type { Revision } from '../storage/storage.ts';
import type { CacheState } from './cache-state.ts';
import type { Channel, Waiter } from './channel.ts';
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

/** Somebody who waits in {@link ChannelWatch.next}. */
interface Waiting {
  readonly resolve: (events: readonly StoreEvent[]) => void;
  readonly reject: (reason: unknown) => void;
  readonly signal: AbortSignal | undefined;
  readonly timer: Timer;
}

/**
 * A class, for a server has tens of thousands: closures and a getter of its own take five times the memory. Most of them wait,
 * so what waits is the watch itself, and no async function whose frame would wait with it.
 */
class ChannelWatch implements StoreWatch, Waiter {
  readonly #context: WatchContext;
  readonly #request: WatchRequest;
  readonly #channel: Channel;
  #cursor: Revision;
  #closed = false;
  #waiting: Waiting | undefined = undefined;

  constructor(context: WatchContext, request: WatchRequest) {
    this.#context = context;
    this.#request = request;
    this.#channel = context.state.ring.channels.acquire(request, request.after);
    this.#cursor = request.after;
  }

  next(idleMs: number, signal?: AbortSignal): Promise<readonly StoreEvent[]> {
    // What is thrown in here rejects.
    return new Promise((resolve, reject) => {
      signal?.throwIfAborted();
      const ready = this.#take();
      if (this.#closed || ready.length > 0) return resolve(ready);
      const timer = this.#context.clock.after(Math.min(idleMs, maxTimerMs), () => this.wake());
      this.#waiting = { resolve, reject, signal, timer };
      this.#channel.waiters.add(this);
      signal?.addEventListener('abort', this, { once: true });
    });
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
    this.wake();
  }

  wake(): void {
    const waiting = this.#stopWaiting();
    if (waiting === undefined) return;
    try {
      waiting.resolve(this.#take());
    } catch (error) {
      waiting.reject(error);
    }
  }

  /** Of the signal: it aborted. */
  handleEvent(): void {
    const waiting = this.#stopWaiting();
    waiting?.reject(waiting.signal?.reason);
  }

  #stopWaiting(): Waiting | undefined {
    const waiting = this.#waiting;
    this.#waiting = undefined;
    this.#channel.waiters.delete(this);
    waiting?.timer.cancel();
    waiting?.signal?.removeEventListener('abort', this);
    return waiting;
  }

  #take(): readonly StoreEvent[] {
    if (this.#closed) return [];
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
}
