import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { type Binaries, giveTo } from './binaries.ts';
import { EmbeddedDatabaseError } from './errors.ts';
import { runProgram } from './program.ts';
import type { RunAs } from './run-as.ts';

export interface InitOptions {
  readonly location: string;
  readonly binaries: Binaries;
  readonly runAs: RunAs | undefined;
}

/** The one database role, a superuser of a server that only its hub can reach. */
export const roleName = 'quarterdeck';

/** @returns the directory of the database, made whole if there was none. @throws EmbeddedDatabaseError */
export async function initData(options: InitOptions): Promise<string> {
  const pgdata = join(options.location, 'pgdata');
  for (const name of readdirSync(options.location)) {
    if (name.startsWith('pgdata.new')) rmSync(join(options.location, name), { recursive: true, force: true });
  }
  if (existsSync(pgdata)) checkData(pgdata, options.binaries.major);
  else await makeData(pgdata, options);
  return pgdata;
}

/** In a directory beside it, renamed when done: a start that was cut short leaves nothing that looks like a database. */
async function makeData(pgdata: string, { location, binaries, runAs }: InitOptions): Promise<void> {
  const partial = `${pgdata}.new`;
  mkdirSync(partial, { mode: 0o700 });
  giveTo(partial, runAs);
  const output: string[] = [];
  const initdb = runProgram(
    'initdb',
    [
      ...['--pgdata', partial, '--username', roleName, '--encoding', 'UTF8', '--locale', 'C'],
      // Only the server's own directory, closed to others, leads to the socket; there is no TCP.
      ...['--auth-local', 'trust', '--auth-host', 'reject', '--no-instructions'],
    ],
    { binaries, runAs, cwd: location, onLine: (line) => output.push(line) },
  );
  const code = await initdb.exited.catch((cause: unknown) => {
    throw new EmbeddedDatabaseError(`initdb cannot be run: ${cause instanceof Error ? cause.message : cause}`, {
      cause,
    });
  });
  if (code !== 0) {
    rmSync(partial, { recursive: true, force: true });
    const said = output.filter((line) => /error|fatal/i.test(line)).at(-1) ?? output.at(-1) ?? `code ${code}`;
    throw new EmbeddedDatabaseError(`making the database in ${location} failed: ${said}`);
  }
  renameSync(partial, pgdata);
}

const controlFileSize = 8192;

/** What PostgreSQL itself would only refuse with a riddle. F-7 */
function checkData(pgdata: string, major: string): void {
  const version = readIfThere(join(pgdata, 'PG_VERSION'))?.trim();
  const control = statIfThere(join(pgdata, 'global', 'pg_control'));
  if (version === undefined || control !== controlFileSize) {
    const what =
      version === undefined
        ? 'PG_VERSION is missing'
        : `global/pg_control has ${control ?? 0} bytes, not ${controlFileSize}`;
    throw new EmbeddedDatabaseError(
      `the database in ${pgdata} is damaged (${what}): move it away and restore a backup (quarterdeck hub restore)`,
    );
  }
  if (version !== major) {
    throw new EmbeddedDatabaseError(
      `the database in ${pgdata} was made by PostgreSQL ${version}, this is ${major}: ` +
        'back it up with the version that made it, and restore it here',
    );
  }
}

function readIfThere(path: string): string | undefined {
  return existsSync(path) ? readFileSync(path, 'utf8') : undefined;
}

function statIfThere(path: string): number | undefined {
  return existsSync(path) ? statSync(path).size : undefined;
}
