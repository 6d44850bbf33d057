import type { Logger } from '@quarterdeck/machinery';
import type { Change, FollowSink, Revision } from '../storage.ts';
import type { LogPage } from './poll.ts';

/** One subscription to the log, wherever it has got to. Knows nothing of connections. */
export interface Follower {
  readonly position: Revision;
  readonly stopped: boolean;
  /** Takes changes in if they follow the position without a gap. */
  offer(changes: readonly Change[]): boolean;
  /** Takes a page of the log in; `after` is the revision it was asked for. */
  take(page: LogPage, after: Revision): void;
  /** Resolves when everything up to `revision` was delivered, or nothing will be any more. */
  reached(revision: Revision): Promise<void>;
  reset(reason: string): void;
  stop(): void;
}

interface Waiter {
  readonly revision: Revision;
  resolve(): void;
}

/**
 * The line of history is that of the first page: had it changed since the snapshot that `from` is of, everything up to
 * the change would be compacted.
 */
export function createFollower(from: Revision, sink: FollowSink, logger: Logger): Follower {
  let position = from;
  let epoch: string | undefined;
  let stopped = false;
  let waiters: Waiter[] = [];

  const wake = (): void => {
    const done = waiters.filter((waiter) => stopped || waiter.revision <= position);
    waiters = waiters.filter((waiter) => !stopped && waiter.revision > position);
    for (const waiter of done) waiter.resolve();
  };
  const stop = (): void => {
    stopped = true;
    wake();
  };
  const reset = (reason: string): void => {
    if (stopped) return;
    stop();
    sink.reset(reason);
  };
  /** A sink that throws has lost its place: it has to start over, as after a restore. */
  const deliver = (upTo: Revision, call: () => void): void => {
    position = upTo;
    try {
      call();
    } catch (cause) {
      logger.error({ err: cause, revision: upTo }, 'a change could not be taken in');
      reset('a change could not be taken in');
    }
    wake();
  };
  const deliverChanges = (changes: readonly Change[]): void => {
    const last = changes.at(-1);
    if (last && !stopped) deliver(last.revision, () => sink.changes(changes));
  };

  return {
    get position() {
      return position;
    },
    get stopped() {
      return stopped;
    },
    offer(changes) {
      if (stopped || changes[0]?.revision !== position + 1) return false;
      deliverChanges(changes);
      return true;
    },
    take(page, after) {
      if (stopped) return;
      epoch ??= page.epoch;
      if (page.epoch !== epoch) return reset('the database was restored or rewritten');
      if (after < page.compacted) return reset(`changes after ${after} are compacted`);
      let expected = after;
      let changes: Change[] = [];
      for (const { revision, change } of page.entries) {
        // Only a raised counter may leave numbers out.
        if (change && revision !== expected + 1) return reset(`the log has a gap after ${expected}`);
        expected = revision;
        // Own commits may have been delivered while the page was under way.
        if (revision <= position) continue;
        if (change) changes.push(change);
        else {
          deliverChanges(changes);
          changes = [];
          if (!stopped) deliver(revision, () => sink.progress(revision));
        }
      }
      deliverChanges(changes);
    },
    reached(revision) {
      if (stopped || position >= revision) return Promise.resolve();
      return new Promise((resolve) => waiters.push({ revision, resolve }));
    },
    reset,
    stop,
  };
}
