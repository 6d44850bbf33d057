import type { Clock, Logger, Timer } from '@quarterdeck/machinery';
import type { Change, FollowSink, Revision } from '../storage.ts';
import { toRevision } from './attach.ts';
import { createFollower, type Follower } from './follower.ts';
import type { Known } from './identity.ts';
import type { Link } from './link.ts';
import { pollLog } from './poll.ts';
import { readOnLink } from './read-on-link.ts';
import type { Session } from './session.ts';
import { shareReads } from './shared-read.ts';

/** The reading side of a storage: everyone who follows the log, and the question how far it goes. */
export interface Feed extends Disposable {
  follow(from: Revision, sink: FollowSink): Disposable;
  /** Own commits, in order. Resolves when every follower has them. */
  deliver(changes: readonly Change[]): Promise<void>;
  /** Something up to this revision was committed, perhaps by another process. Only a hint. */
  hint(revision: Revision): void;
  /** The connection is new: look what was missed. */
  reconnected(): void;
  /** This process has found that history was rewritten. */
  reset(reason: string): void;
  latestRevision(): Promise<Revision>;
}

export interface FeedOptions {
  readonly link: Link<{ readonly session: Session }>;
  /** Told what the log said. */
  readonly saw: (known: Known) => void;
  /** Whether a batch of this process is under way: what it commits need not be fetched. */
  readonly writing: () => boolean;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** A look at the log without a hint: notifications can be lost, by a pooler for one. */
const idlePollMs = 2_000;
/** How long commits of this process are expected to be delivered directly before they are fetched after all. */
const graceMs = 25;
const retryMs = 500;
const awayMs = 2_000;
const latestDeadlineMs = 5_000;

export function createFeed({ link, saw, writing, clock, logger }: FeedOptions): Feed {
  const followers = new Set<Follower>();
  const timers = new Set<Timer>();
  let closed = false;
  let pumping = false;
  let again = false;

  const later = (ms: number, callback: () => void): void => {
    const timer = clock.after(ms, () => {
      timers.delete(timer);
      if (!closed) callback();
    });
    timers.add(timer);
  };

  const catchUp = async (follower: Follower): Promise<void> => {
    for (let more = true; more && !follower.stopped && !closed; ) {
      const { session } = await link.get();
      const after = follower.position;
      const page = await pollLog(session, after);
      saw({ epoch: page.epoch, revision: page.entries.at(-1)?.revision ?? after });
      follower.take(page, after);
      more = page.more;
    }
  };

  /** One at a time; whoever asks meanwhile is served by one more round. */
  const pump = async (): Promise<void> => {
    again = true;
    if (pumping) return;
    pumping = true;
    try {
      while (again && !closed) {
        again = false;
        for (const follower of followers) await catchUp(follower);
      }
    } catch (cause) {
      if (closed) return;
      logger.debug({ err: cause }, 'reading the log failed; it is tried again');
      later(retryMs, poll);
    } finally {
      pumping = false;
    }
  };
  const poll = (): void => {
    pump().catch((cause: unknown) => logger.error({ err: cause }, 'reading the log failed'));
  };

  const behind = (revision: Revision): boolean =>
    [...followers].some((follower) => !follower.stopped && follower.position < revision);
  const hint = (revision: Revision): void => {
    if (!behind(revision)) return;
    if (!writing()) poll();
    else later(graceMs, () => behind(revision) && poll());
  };

  const idle = (): void => {
    later(idlePollMs, idle);
    if (followers.size > 0 && !pumping) poll();
  };
  later(idlePollMs, idle);

  const readCounter = async (session: Session): Promise<Revision> => {
    const [row] = await session.query<[string]>({
      name: 'latest',
      text: 'select counter from meta',
      deadlineMs: latestDeadlineMs,
    });
    return toRevision(row?.[0] ?? '0');
  };
  const readLatest = shareReads(() => readOnLink(link, awayMs, 'reading the latest revision', readCounter));

  return {
    follow(from, sink) {
      const follower = createFollower(from, sink, logger);
      followers.add(follower);
      queueMicrotask(poll);
      return {
        [Symbol.dispose]() {
          followers.delete(follower);
          follower.stop();
        },
      };
    },
    async deliver(changes) {
      const last = changes.at(-1)?.revision;
      if (last === undefined) return;
      const waiting = [...followers].filter((follower) => !follower.offer(changes) && !follower.stopped);
      if (waiting.length === 0) return;
      poll();
      await Promise.all(waiting.map((follower) => follower.reached(last)));
    },
    hint,
    reconnected: poll,
    reset(reason) {
      for (const follower of followers) follower.reset(reason);
      followers.clear();
    },
    async latestRevision() {
      const revision = await readLatest();
      hint(revision);
      return revision;
    },
    [Symbol.dispose]() {
      closed = true;
      for (const timer of timers) timer.cancel();
      for (const follower of followers) follower.stop();
      followers.clear();
    },
  };
}
