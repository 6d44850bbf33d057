import type { Clock, Logger } from '@quarterdeck/machinery';
import type { Binaries } from './binaries.ts';
import { EmbeddedDatabaseError } from './errors.ts';
import { type Program, runProgram } from './program.ts';
import type { RunAs } from './run-as.ts';

export interface ServerOptions {
  readonly pgdata: string;
  readonly socketDir: string;
  readonly binaries: Binaries;
  readonly runAs: RunAs | undefined;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** One run of the server. */
export interface Server {
  readonly pid: number | undefined;
  readonly exited: Program['exited'];
  /** Ends it in order, or else hard. Resolves when it is gone. */
  stop(): Promise<void>;
}

/**
 * Durable (an acknowledged write survives a power cut), small, and silent about data: statements and values stay out of
 * the log. Replication is off, which saves write-ahead log; processes that only large servers need are off too.
 */
const settings: Readonly<Record<string, string>> = {
  listen_addresses: '',
  unix_socket_permissions: '0700',
  fsync: 'on',
  synchronous_commit: 'on',
  full_page_writes: 'on',
  wal_level: 'minimal',
  max_wal_senders: '0',
  max_logical_replication_workers: '0',
  max_wal_size: '1GB',
  checkpoint_timeout: '15min',
  wal_buffers: '16MB',
  shared_buffers: '64MB',
  max_connections: '60',
  huge_pages: 'off',
  io_method: 'sync',
  jit: 'off',
  max_parallel_workers_per_gather: '0',
  autovacuum_max_workers: '1',
  autovacuum_naptime: '20s',
  update_process_title: 'off',
  log_checkpoints: 'off',
  log_min_error_statement: 'panic',
  log_error_verbosity: 'terse',
};

const startMs = 60_000;
const retryMs = 100;
/** How long processes of a killed server may hold on to its memory. */
const memoryHeldMs = 10_000;

const stopSteps = [
  { signal: 'SIGINT', waitMs: 15_000 },
  { signal: 'SIGQUIT', waitMs: 3_000 },
  { signal: 'SIGKILL', waitMs: 3_000 },
] as const;

/** Starts the server and waits until it accepts connections. @throws EmbeddedDatabaseError with what it said last */
export async function startServer(options: ServerOptions): Promise<Server> {
  for (let waited = 0; ; waited += retryMs) {
    const lines: string[] = [];
    const ready = Promise.withResolvers<'ready'>();
    const program = runProgram('postgres', serverArguments(options), {
      binaries: options.binaries,
      runAs: options.runAs,
      cwd: options.pgdata,
      onLine(line) {
        lines.push(line);
        if (lines.length > 20) lines.shift();
        if (line.includes('database system is ready to accept connections')) ready.resolve('ready');
        log(options.logger, line);
      },
    });
    const ended = program.exited.catch((cause: unknown) => {
      throw new EmbeddedDatabaseError(`PostgreSQL cannot be run: ${cause instanceof Error ? cause.message : cause}`, {
        cause,
      });
    });
    const timer = options.clock.after(startMs, () => program.kill('SIGQUIT'));
    const outcome = await Promise.race([ready.promise, ended]).finally(() => timer.cancel());
    if (outcome === 'ready') return running(program, options.clock);
    const held = lines.some((line) => /pre-existing shared memory block|lock file .* already exists/.test(line));
    if (!held || waited >= memoryHeldMs) throw startError(options.pgdata, lines, outcome);
    await options.clock.sleep(retryMs);
  }
}

function serverArguments({ pgdata, socketDir }: ServerOptions): string[] {
  return [
    ...['-D', pgdata, '-k', socketDir, '-p', '5432'],
    ...Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]),
  ];
}

function running(program: Program, clock: Clock): Server {
  return {
    pid: program.pid,
    exited: program.exited,
    async stop() {
      for (const { signal, waitMs } of stopSteps) {
        program.kill(signal);
        const waited = Promise.withResolvers<false>();
        const timer = clock.after(waitMs, () => waited.resolve(false));
        const gone = await Promise.race([program.exited.then(() => true), waited.promise]);
        timer.cancel();
        if (gone) return;
      }
    },
  };
}

/** `2026-01-02 03:04:05.678 UTC [123] LOG:  text` */
const logLine = /^\S+ \S+ \S+ \[\d+\] (?<level>[A-Z]+[0-9]?):\s+(?<text>.*)$/;

function log(logger: Logger, line: string): void {
  const { level, text } = logLine.exec(line)?.groups ?? {};
  const serious = level === 'PANIC' || level === 'FATAL' || level === 'ERROR' || level === 'WARNING';
  logger[serious ? 'warn' : 'debug']({ postgres: text ?? line }, 'embedded database');
}

function startError(pgdata: string, lines: readonly string[], outcome: unknown): EmbeddedDatabaseError {
  const serious = lines.filter((line) => /\b(PANIC|FATAL|ERROR):/.test(line)).at(-1) ?? lines.at(-1);
  const said = serious === undefined ? `it ended with ${outcome}` : (logLine.exec(serious)?.groups?.text ?? serious);
  return new EmbeddedDatabaseError(
    `the database in ${pgdata} does not start (${said}): if its files are damaged, move them away and restore a backup ` +
      '(quarterdeck hub restore)',
  );
}
