import { Socket } from 'node:net';
import type { Clock } from '@quarterdeck/machinery';
import pg from 'pg';
import { ConnectionLostError, connectionError, endsSession } from './errors.ts';

export interface SessionOptions {
  /** `postgres://user:password@host:port/database`, or with `?host=/socket/directory`. */
  readonly url: string;
  /** Where the tables are. */
  readonly schema: string;
  readonly clock: Clock;
  /** Shown in pg_stat_activity. */
  readonly applicationName: string;
  /** SQL run once after connecting. */
  readonly setup?: string;
}

export interface Query {
  readonly text: string;
  readonly values?: readonly unknown[];
  /** Prepared once per session under this name. */
  readonly name?: string;
  /** How long the answer may take before the session is given up; default 15 s, beyond the server's own limit. F-4 */
  readonly deadlineMs?: number;
}

/** One connection. Once lost it stays lost; whoever owns it makes another. */
export interface Session extends AsyncDisposable {
  readonly lost: boolean;
  /** Resolves when the statement is committed, not before. @throws ConnectionLostError, or the server's error */
  query<Row extends readonly unknown[]>(query: Query): Promise<Row[]>;
  /** Calls back once, soon after the session was lost; not after it was disposed of. */
  onLost(callback: () => void): void;
  onNotification(callback: (payload: string) => void): void;
  /** Ends it at once, without a word to the server. */
  destroy(): void;
}

/** Server-side bound of every statement. Client-side ones lie beyond it, for a server that does not even count. F-4 */
const statementTimeoutMs = 10_000;
const defaultDeadlineMs = 15_000;
const connectDeadlineMs = 5_000;

/** Durable whatever the server's default, and with a snapshot per statement, on which write_batch relies. */
const sessionDefaults = `
  set statement_timeout = ${statementTimeoutMs};
  set lock_timeout = ${statementTimeoutMs};
  set idle_in_transaction_session_timeout = 60000;
  set default_transaction_isolation = 'read committed';
  set jit = off;
  select set_config('synchronous_commit', 'on', false) where current_setting('synchronous_commit') in ('off', 'local');`;

/**
 * For sessions whose statements touch few rows and live long: planned once and by index, whatever the tables held when
 * the session first used them. On an empty table the planner would settle for reading it whole, and keep to that.
 */
export const planByIndex = `
  set plan_cache_mode = force_generic_plan;
  set enable_seqscan = off;
  set enable_hashjoin = off;
  set enable_mergejoin = off;`;

/** @throws StorageConfigurationError, StorageUnavailableError: one line that names the server, never the password */
export async function openSession(options: SessionOptions): Promise<Session> {
  const { clock } = options;
  const socket = new Socket();
  const client = newClient(options, socket);
  const where = `${client.host}:${client.port}/${client.database ?? ''}`;
  const onLostCallbacks: (() => void)[] = [];
  let lost = false;
  let disposed = false;

  const lose = (): void => {
    if (lost) return;
    lost = true;
    socket.destroy();
    if (!disposed) for (const callback of onLostCallbacks) queueMicrotask(callback);
  };
  client.on('error', lose);
  client.on('end', lose);

  /** One statement at a time; the deadline of each counts from its turn. */
  let turn: Promise<unknown> = Promise.resolve();
  const inTurn = <T>(work: () => Promise<T>): Promise<T> => {
    const result = turn.then(work, work);
    turn = result.catch(() => {});
    return result;
  };

  const within = async <T>(deadlineMs: number, work: () => Promise<T>): Promise<T> => {
    const timer = clock.after(deadlineMs, () => socket.destroy(new Error(`no answer within ${deadlineMs} ms`)));
    try {
      return await work();
    } finally {
      timer.cancel();
    }
  };

  try {
    await within(connectDeadlineMs, async () => {
      await client.connect();
      const schema = client.escapeIdentifier(options.schema);
      await client.query(`${sessionDefaults} set search_path = ${schema}; ${options.setup ?? ''}`);
    });
  } catch (cause) {
    lose();
    throw connectionError(where, cause);
  }

  return {
    get lost() {
      return lost;
    },
    async query<Row extends readonly unknown[]>({ deadlineMs = defaultDeadlineMs, text, values, name }: Query) {
      const config = { text, rowMode: 'array' as const, values: [...(values ?? [])], ...(name && { name }) };
      const run = async () => {
        if (lost) throw new Error('it was lost before');
        return within(deadlineMs, () => client.query(config));
      };
      try {
        const result = await inTurn(run);
        return result.rows as unknown[] as Row[];
      } catch (cause) {
        if (!lost && !socket.destroyed && !endsSession(cause)) throw cause;
        lose();
        throw new ConnectionLostError(`the connection to PostgreSQL at ${where} was lost`, { cause });
      }
    },
    onLost: (callback) => void onLostCallbacks.push(callback),
    onNotification: (callback) => void client.on('notification', ({ payload }) => callback(payload ?? '')),
    destroy: lose,
    async [Symbol.asyncDispose]() {
      disposed = true;
      if (lost) return;
      await within(1000, () => client.end()).catch(() => {});
      lose();
    },
  };
}

function newClient(options: SessionOptions, socket: Socket): pg.Client {
  try {
    return new pg.Client({
      connectionString: options.url,
      application_name: options.applicationName,
      keepAlive: true,
      keepAliveInitialDelayMillis: 10_000,
      stream: () => socket,
    });
  } catch (cause) {
    // The parser's own error may repeat the URL, and with it the password.
    const reason = cause instanceof Error && cause.message.includes('://') ? undefined : { cause };
    throw connectionError('the given URL', new Error('it is not a postgres:// URL', reason));
  }
}
