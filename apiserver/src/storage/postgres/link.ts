import type { Clock, Logger } from '@quarterdeck/machinery';
import { StorageUnavailableError } from '../storage.ts';
import { describe } from './errors.ts';
import type { Session } from './session.ts';

/** A connection that heals itself: whoever asks gets the present one, or the next. */
export interface Link<T extends { readonly session: Session }> extends AsyncDisposable {
  /** One attempt, now. @throws what `open` throws */
  connect(): Promise<T>;
  /**
   * The present connection; while there is none, attempts go on.
   * @throws StorageUnavailableError when none was made within `withinMs` (absent: waits on), or the link is closed
   */
  get(withinMs?: number): Promise<T>;
}

export interface LinkOptions<T> {
  /** For logs. */
  readonly name: string;
  readonly open: () => Promise<T>;
  /** Whether to reconnect at once when it is lost, rather than when somebody asks. Default false. */
  readonly keepUp?: boolean;
  readonly clock: Clock;
  readonly logger: Logger;
}

const retryMinMs = 50;
const retryMaxMs = 500;

export function createLink<T extends { readonly session: Session }>(options: LinkOptions<T>): Link<T> {
  const { name, open, keepUp = false, clock, logger } = options;
  const closing = new AbortController();
  let current: T | undefined;
  let connecting: Promise<T> | undefined;
  let lastError: unknown;

  const closed = (): Error => new StorageUnavailableError('the storage is closed');

  const attempt = async (): Promise<T> => {
    const opened = await open();
    if (closing.signal.aborted) {
      await opened.session[Symbol.asyncDispose]();
      throw closed();
    }
    current = opened;
    opened.session.onLost(() => {
      logger.warn({ connection: name }, 'connection to PostgreSQL lost');
      if (keepUp && !closing.signal.aborted) reconnect().catch(() => {});
    });
    return opened;
  };

  const retry = async (): Promise<T> => {
    for (let delay = retryMinMs; ; delay = Math.min(delay * 2, retryMaxMs)) {
      if (closing.signal.aborted) throw closed();
      try {
        const opened = await attempt();
        if (lastError !== undefined) logger.info({ connection: name }, 'connected to PostgreSQL again');
        lastError = undefined;
        return opened;
      } catch (cause) {
        if (lastError === undefined) logger.warn({ connection: name, err: cause }, 'cannot connect to PostgreSQL');
        lastError = cause;
      }
      await clock.sleep(delay, closing.signal).catch(() => {});
    }
  };

  const reconnect = (): Promise<T> => {
    connecting ??= retry().finally(() => {
      connecting = undefined;
    });
    return connecting;
  };

  return {
    async connect() {
      if (closing.signal.aborted) throw closed();
      return current && !current.session.lost ? current : attempt();
    },
    async get(withinMs) {
      if (closing.signal.aborted) throw closed();
      if (current && !current.session.lost) return current;
      const pending = reconnect();
      if (withinMs === undefined) return pending;
      const tooLate = Promise.withResolvers<never>();
      const timer = clock.after(withinMs, () =>
        tooLate.reject(
          new StorageUnavailableError(`PostgreSQL is away: ${describe(lastError ?? 'no answer yet')}`, {
            cause: lastError,
          }),
        ),
      );
      try {
        return await Promise.race([pending, tooLate.promise]);
      } finally {
        timer.cancel();
        pending.catch(() => {});
      }
    },
    async [Symbol.asyncDispose]() {
      closing.abort(closed());
      await connecting?.catch(() => {});
      await current?.session[Symbol.asyncDispose]();
    },
  };
}
