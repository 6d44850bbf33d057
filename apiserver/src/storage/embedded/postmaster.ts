import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Clock, Logger } from '@quarterdeck/machinery';
import { EmbeddedDatabaseError } from './errors.ts';

const stepMs = 20;
/** How long each signal may take before the next, harder one. The sum is below 2 s. */
const signals = [
  { signal: 'SIGINT', waitMs: 900 },
  { signal: 'SIGQUIT', waitMs: 700 },
  { signal: 'SIGKILL', waitMs: 300 },
] as const;

/**
 * Stops the server that a killed hub left running on a data directory. Called by its only owner (ownership.ts): whoever
 * else runs there has lost its hub. What it had acknowledged is on disk, even if it does not end in time.
 */
export async function stopOrphan(pgdata: string, clock: Clock, logger: Logger): Promise<void> {
  const pid = postmasterOf(pgdata)?.pid;
  if (pid === undefined) return;
  logger.info({ pid }, 'stopping the database that a killed hub left running');
  for (const { signal, waitMs } of signals) {
    tryKill(pid, signal);
    for (let waited = 0; waited < waitMs; waited += stepMs) {
      if (!runsOn(pid, pgdata)) return;
      await clock.sleep(stepMs);
    }
  }
  throw new EmbeddedDatabaseError(`PostgreSQL, left running as process ${pid} on ${pgdata}, does not end: kill it`);
}

/** Where the server that runs on this directory listens; undefined when none does. */
export function socketDirOf(pgdata: string): string | undefined {
  return postmasterOf(pgdata)?.socketDir;
}

/** What PostgreSQL's own file says, if the process it names is alive and indeed a server on this directory. */
function postmasterOf(pgdata: string): { readonly pid: number; readonly socketDir: string } | undefined {
  const lines = read(join(pgdata, 'postmaster.pid'))?.split('\n') ?? [];
  const pid = Number(lines[0]);
  return Number.isInteger(pid) && pid > 0 && runsOn(pid, pgdata) ? { pid, socketDir: lines[4] ?? '' } : undefined;
}

/** Process ids are used again: the command line must name the directory. */
function runsOn(pid: number, pgdata: string): boolean {
  return read(`/proc/${pid}/cmdline`)?.split('\0').includes(pgdata) ?? false;
}

function read(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}

function tryKill(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch {
    // It is gone already, which is what was wanted; or it is not ours, which the wait will show.
  }
}
