import type { Clock, Logger, Timer } from '@quarterdeck/machinery';
import {
  type Change,
  type Commit,
  ExpectationFailedError,
  StorageUnavailableError,
  type Transaction,
  WriteOutcomeUnknownError,
} from '../storage.ts';
import { batchLimits, changesOf, takeBatch } from './batch.ts';
import { ConnectionLostError, codeOf, describe, fencedCode, isRetryable, isShortage } from './errors.ts';
import type { Link } from './link.ts';
import type { Session } from './session.ts';
import { type Batch, type RawOutcome, settle, type Writer, writeBatch } from './write-batch.ts';

/** A connection that may write: older ones of the same writer are fenced off. */
export interface WriterConnection {
  readonly session: Session;
  readonly writer: Writer;
  /** The last batch of this writer that was committed, as its row says: what a lost reply would have said. */
  readonly lastBatch: number;
  readonly lastOutcome: RawOutcome | undefined;
}

/** The one way to write: batches what is waiting, one batch at a time. */
export interface Lane extends AsyncDisposable {
  readonly busy: boolean;
  write(transaction: Transaction, signal: AbortSignal | undefined): Promise<Commit>;
}

export interface LaneOptions {
  readonly link: Link<WriterConnection>;
  /** Told of each commit before its writes resolve. */
  readonly deliver: (changes: readonly Change[]) => Promise<void>;
  readonly clock: Clock;
  readonly logger: Logger;
}

interface Waiting {
  readonly transaction: Transaction;
  /** On the monotonic clock. */
  readonly since: number;
  /** Queued too long; what is known not to have happened is not tried again. */
  overdue: boolean;
  sent: boolean;
  settled: boolean;
  resolve(commit: Commit): void;
  reject(reason: unknown): void;
}

/**
 * How long those that are in no hurry wait for each other. Not longer: a holder that gives its Lease back is refused while its
 * own renewal waits. KA-142
 */
const gatherMs = 100;
/** How long a write may wait for a database that is away. */
const queueMs = 10_000;
/** How long a write that was sent may stay unknown. */
const outcomeMs = 30_000;
/** How long closing waits for what is in flight. */
const closeMs = 5_000;
/** F-8 */
const maxRetries = 5;

export function createLane({ link, deliver, clock, logger }: LaneOptions): Lane {
  const queue: Waiting[] = [];
  let running: Promise<void> | undefined;
  let closed = false;
  let batches = 0;
  let endGathering: (() => void) | undefined;

  const unavailable = (cause: unknown): StorageUnavailableError =>
    new StorageUnavailableError(`the write did not happen: ${describe(cause)}`, { cause });

  const resolveAll = (items: readonly Waiting[], batch: Batch, outcome: RawOutcome): void => {
    const results = settle(batch, outcome);
    const changes: Change[] = [];
    for (const [index, result] of results.entries()) {
      const item = items[index];
      if (item === undefined) continue;
      if (result instanceof ExpectationFailedError) item.reject(result);
      else changes.push(...changesOf(item.transaction, result.revisions[0] ?? 0));
    }
    // Not awaited by the lane: a follower that lags must not hold up the next batch.
    deliver(changes).then(
      () => {
        for (const [index, result] of results.entries()) {
          if (!(result instanceof ExpectationFailedError)) items[index]?.resolve(result);
        }
      },
      (cause: unknown) => logger.error({ err: cause }, 'delivering own commits failed'),
    );
  };

  /** The connection was lost in flight and the batch is known not to have happened. */
  const requeue = (items: readonly Waiting[], cause: unknown): void => {
    for (const item of items) if (item.overdue) item.reject(unavailable(cause));
    const alive = items.filter((item) => !item.settled);
    for (const item of alive) item.sent = false;
    queue.unshift(...alive);
  };

  const runBatch = async (items: readonly Waiting[]): Promise<void> => {
    const batch: Batch = {
      number: ++batches,
      transactions: items.map((item) => item.transaction),
      at: clock.now(),
    };
    let lost: unknown;
    for (let attempt = 0; ; attempt++) {
      const connection = await link.get().catch((cause: unknown) => {
        throw lost === undefined
          ? cause
          : new WriteOutcomeUnknownError('closed before the outcome was known', { cause });
      });
      if (connection.lastBatch === batch.number && connection.lastOutcome) {
        return resolveAll(items, batch, connection.lastOutcome);
      }
      if (lost !== undefined) return requeue(items, lost);
      try {
        return resolveAll(items, batch, await writeBatch(connection.session, connection.writer, batch));
      } catch (cause) {
        if (cause instanceof ConnectionLostError) lost = cause;
        else if (codeOf(cause) === fencedCode) connection.session.destroy();
        else if (isRetryable(cause) && attempt < maxRetries) await clock.sleep(Math.random() * 10 * 2 ** attempt);
        else return fail(items, cause);
      }
    }
  };

  /** Rolled back. Unless everything is short of something, one transaction may have spoilt it for the others. */
  const fail = async (items: readonly Waiting[], cause: unknown): Promise<void> => {
    if (items.length === 1 || isShortage(cause) || isRetryable(cause)) {
      for (const item of items) item.reject(unavailable(cause));
      return;
    }
    for (const item of items) await runBatch([item]);
  };

  /** While nobody who waits is in a hurry, and no batch is full. */
  const gather = async (): Promise<void> => {
    const [first] = queue;
    const isFull = queue.length >= batchLimits.operations;
    if (first === undefined || isFull || !queue.every(({ transaction }) => transaction.unhurried)) return;
    const left = first.since + gatherMs - clock.monotonic();
    if (left <= 0) return;
    const ended = Promise.withResolvers<void>();
    const timer = clock.after(left, ended.resolve);
    endGathering = ended.resolve;
    await ended.promise;
    timer.cancel();
    endGathering = undefined;
  };

  const run = async (): Promise<void> => {
    while (queue.length > 0) {
      await gather();
      await link.get();
      const items = takeBatch(queue, batchLimits);
      for (const item of items) item.sent = true;
      if (items.length === 0) continue;
      await runBatch(items).catch((cause: unknown) => {
        for (const item of items) item.reject(cause);
      });
    }
  };

  const wakeUp = (): void => {
    running ??= run()
      .catch((cause: unknown) => {
        for (const item of queue.splice(0)) item.reject(cause);
      })
      .finally(() => {
        running = undefined;
        // Who came as the last batch was told of found the lane running, and nobody to take them.
        if (queue.length > 0) wakeUp();
      });
  };

  const withdraw = (item: Waiting, reason: unknown): void => {
    const at = queue.indexOf(item);
    if (at >= 0) queue.splice(at, 1);
    item.reject(reason);
  };

  return {
    get busy() {
      return running !== undefined;
    },
    write(transaction, signal) {
      if (closed) return Promise.reject(new StorageUnavailableError('the storage is closed'));
      return new Promise((resolve, reject) => {
        let timer: Timer = clock.after(queueMs, () => {
          item.overdue = true;
          if (!item.sent) return withdraw(item, unavailable('the database is away'));
          timer = clock.after(outcomeMs - queueMs, () =>
            item.reject(new WriteOutcomeUnknownError('the database went away while it was writing')),
          );
        });
        const onAbort = (): void => {
          if (!item.sent) withdraw(item, signal?.reason);
        };
        const done = (): boolean => {
          const first = !item.settled;
          item.settled = true;
          timer.cancel();
          signal?.removeEventListener('abort', onAbort);
          return first;
        };
        const item: Waiting = {
          transaction,
          since: clock.monotonic(),
          overdue: false,
          sent: false,
          settled: false,
          resolve: (commit) => done() && resolve(commit),
          reject: (reason) => done() && reject(reason),
        };
        signal?.addEventListener('abort', onAbort, { once: true });
        queue.push(item);
        if (!transaction.unhurried || queue.length >= batchLimits.operations) endGathering?.();
        wakeUp();
      });
    },
    async [Symbol.asyncDispose]() {
      closed = true;
      endGathering?.();
      for (const item of queue.splice(0)) item.reject(new StorageUnavailableError('the storage is closed'));
      if (running) await Promise.race([running, clock.sleep(closeMs)]);
    },
  };
}
