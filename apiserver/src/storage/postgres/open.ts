import { randomUUID } from 'node:crypto';
import type { Clock, Logger } from '@quarterdeck/machinery';
import { type Storage, StorageUnavailableError } from '../storage.ts';
import { checkTransaction } from '../transaction.ts';
import { attach } from './attach.ts';
import { compactLog } from './compact.ts';
import { describe } from './errors.ts';
import { createFeed } from './feed.ts';
import type { Known } from './identity.ts';
import { createLane, type WriterConnection } from './lane.ts';
import { createLink } from './link.ts';
import { migrate } from './migrate.ts';
import { readOnLink } from './read-on-link.ts';
import { tablesIn } from './schema.ts';
import { openSession, planByIndex, type Session } from './session.ts';
import { createSettings } from './settings.ts';
import { takeSnapshot } from './snapshot.ts';
import { takeWriterOver } from './writer.ts';

export interface PostgresStorageOptions {
  /** `postgres://user:password@host:port/database`; a unix socket as `postgres://user@localhost/database?host=/directory`. */
  readonly url: string;
  /** The PostgreSQL schema that holds the tables; made when missing. Default `quarterdeck`. */
  readonly schema?: string;
  readonly clock: Clock;
  readonly logger: Logger;
}

const utilityWaitMs = 5_000;

/**
 * Storage on PostgreSQL 15 or newer. Connects on first use, which also migrates and raises the counter, and throws what
 * is wrong with the configuration (StorageConfigurationError, IncompatibleSchemaError). Three connections: one writes,
 * one follows the log, one serves settings and compaction; a snapshot takes a fourth while it is read.
 */
export function openPostgresStorage(options: PostgresStorageOptions): Storage {
  const { url, clock, schema = 'quarterdeck' } = options;
  const logger = options.logger.child({ component: 'storage' });
  const id = randomUUID();
  let known: Known | undefined;
  let starting: Promise<unknown> | undefined;
  let isStarted = false;
  let closed = false;

  const open = (use: string, setup?: string): Promise<Session> =>
    openSession({ url, schema, clock, applicationName: `quarterdeck ${use}`, ...(setup !== undefined && { setup }) });

  /** Revisions only rise within an epoch; another epoch starts over. */
  const saw = (seen: Known): void => {
    if (known?.epoch !== seen.epoch || seen.revision > known.revision) known = seen;
  };

  /** Every connection that writes or follows goes through here: the counter is raised, history compared. */
  const attached = async <T>(session: Session, also: () => Promise<T>): Promise<T> => {
    const result = await attach(session, { known, now: clock.now() }, also);
    const { epoch, revision, rewritten } = result.attached;
    const reason = rewritten ?? (known && known.epoch !== epoch ? 'the database was restored or rewritten' : undefined);
    saw({ epoch, revision });
    if (reason !== undefined) {
      logger.warn({ reason, epoch }, 'history continues elsewhere');
      feed.reset(reason);
    }
    return result.also;
  };

  /** Whatever fails after connecting ends the session: nobody else knows it. */
  const preparing = async <T>(session: Session, prepare: () => Promise<T>): Promise<T> => {
    try {
      return await prepare();
    } catch (cause) {
      session.destroy();
      throw cause;
    }
  };

  const feedLink = createLink({
    name: 'feed',
    keepUp: true,
    clock,
    logger,
    async open() {
      const session = await open('feed', planByIndex);
      return preparing(session, async () => {
        if (known === undefined) await migrate(session, schema);
        session.onNotification((payload) => feed.hint(Number(payload)));
        await session.query({ text: `listen "${schema.replaceAll('"', '""')}"` });
        await attached(session, async () => {});
        feed.reconnected();
        return { session };
      });
    },
  });
  const writerLink = createLink<WriterConnection>({
    name: 'writer',
    clock,
    logger,
    async open() {
      const session = await open('writer', planByIndex);
      return preparing(session, async () => {
        return { session, ...(await attached(session, () => takeWriterOver(session, id))) };
      });
    },
  });
  const utilityLink = createLink({
    name: 'utility',
    clock,
    logger,
    open: async () => ({ session: await open('utility', planByIndex) }),
  });

  const feed = createFeed({ link: feedLink, saw, writing: () => lane.busy, clock, logger });
  const lane = createLane({
    link: writerLink,
    deliver(changes) {
      const last = changes.at(-1);
      if (known && last) saw({ ...known, revision: last.revision });
      return feed.deliver(changes);
    },
    clock,
    logger,
  });

  /** On first use: what is wrong is told to whoever comes first, and tried again by the next. */
  const start = async (signal?: AbortSignal): Promise<void> => {
    signal?.throwIfAborted();
    if (closed) throw new StorageUnavailableError('the storage is closed');
    if (isStarted) return;
    starting ??= feedLink.connect().catch((cause: unknown) => {
      starting = undefined;
      throw cause;
    });
    await until(starting, signal);
    isStarted = true;
  };
  const onUtility = async <T>(what: string, run: (session: Session) => Promise<T>): Promise<T> => {
    await start();
    return readOnLink(utilityLink, utilityWaitMs, what, run);
  };

  return {
    settings: createSettings(tablesIn(schema), onUtility),
    async snapshot(signal) {
      await start(signal);
      const session = await open('snapshot');
      return preparing(session, () => takeSnapshot(session)).catch((cause: unknown) => {
        throw new StorageUnavailableError(`reading the database failed: ${describe(cause)}`, { cause });
      });
    },
    async write(transaction, signal) {
      checkTransaction(transaction);
      await start(signal);
      return lane.write(transaction, signal);
    },
    follow: (from, sink) => feed.follow(from, sink),
    async latestRevision(signal) {
      await start(signal);
      return until(feed.latestRevision(), signal);
    },
    async compact(upTo) {
      await onUtility('compaction', (session) => compactLog(session, upTo));
    },
    async [Symbol.asyncDispose]() {
      closed = true;
      feed[Symbol.dispose]();
      await lane[Symbol.asyncDispose]();
      await Promise.all([feedLink, writerLink, utilityLink].map((link) => link[Symbol.asyncDispose]()));
    },
  };
}

/** Stops waiting, not the work, when the signal aborts. */
async function until<T>(work: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return work;
  signal.throwIfAborted();
  const aborted = Promise.withResolvers<never>();
  const onAbort = (): void => aborted.reject(signal.reason);
  signal.addEventListener('abort', onAbort, { once: true });
  try {
    return await Promise.race([work, aborted.promise]);
  } finally {
    signal.removeEventListener('abort', onAbort);
  }
}
