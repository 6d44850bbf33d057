import { createHash } from 'node:crypto';
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { encodeJson, makeDirectory, parseJson } from '@quarterdeck/machinery';
import { directoryError, EmbeddedDatabaseError } from './errors.ts';
import { canReach, type RunAs } from './run-as.ts';

/**
 * Where the database of a data directory is kept.
 *
 * Usually below it. As root, the server runs as another user, who cannot reach a directory in root's home; then it is
 * kept under `sharedDir`, and a pointer file in the data directory says where, so that the next start finds it.
 */
export interface Location {
  /** The data directory, as given by the caller, resolved. */
  readonly dataDir: string;
  /** Holds `pgdata`, `lib`, `run`. */
  readonly path: string;
}

export interface LocationOptions {
  readonly dataDir: string;
  readonly runAs: RunAs | undefined;
  readonly sharedDir: string;
}

const pointerName = 'location.json';

/** Finds the location, or makes one for a data directory that is empty or missing. @throws EmbeddedDatabaseError */
export function openLocation(options: LocationOptions): Location {
  const dataDir = resolve(options.dataDir);
  try {
    makeDirectory(dirname(dataDir));
    const made = !existsSync(dataDir);
    if (made) mkdirSync(dataDir);
    // Holds nothing secret itself; the server's user has to pass through.
    if (made) chmodSync(dataDir, 0o755);
    const existing = readPointer(dataDir);
    return { dataDir, path: existing ?? makeLocation(dataDir, options) };
  } catch (cause) {
    throw directoryError(dataDir, cause);
  }
}

/** @returns undefined for an empty directory */
function readPointer(dataDir: string): string | undefined {
  const names = readdirSync(dataDir);
  if (!names.includes(pointerName)) {
    if (names.every((name) => name.startsWith(`${pointerName}.`))) return undefined;
    throw new EmbeddedDatabaseError(
      `the data directory ${dataDir} holds files that are not ours (${names[0]}): choose an empty one with --data-dir`,
    );
  }
  const pointer = join(dataDir, pointerName);
  const { location } = parseJson(readFileSync(pointer, 'utf8')) as { location: string };
  if (!existsSync(location)) {
    throw new EmbeddedDatabaseError(
      `${pointer} says that the database is kept in ${location}, which is gone: restore it, or remove ${dataDir} to start empty`,
    );
  }
  return location;
}

function makeLocation(dataDir: string, { runAs, sharedDir }: LocationOptions): string {
  const nearby = runAs === undefined || canReach(dataDir, runAs);
  const path = nearby ? join(dataDir, 'postgres') : makeShared(sharedDir, dataDir);
  if (nearby) mkdirSync(path, { recursive: true });
  chmodSync(path, runAs === undefined ? 0o700 : 0o755);
  // Written last, and whole: a start that was cut short before leaves an empty directory behind, or nothing.
  const pointer = join(dataDir, pointerName);
  writeFileSync(`${pointer}.new`, `${encodeJson({ location: path })}\n`);
  renameSync(`${pointer}.new`, pointer);
  return path;
}

/** The random end keeps it apart from what an earlier directory of the same name may have left. */
function makeShared(sharedDir: string, dataDir: string): string {
  try {
    mkdirSync(sharedDir, { recursive: true, mode: 0o755 });
    return mkdtempSync(join(sharedDir, `${digest(dataDir).slice(0, 8)}-`));
  } catch (cause) {
    throw new EmbeddedDatabaseError(
      `PostgreSQL runs as another user, who cannot reach ${dataDir}; ${sharedDir} cannot be made for it: ` +
        'choose a --data-dir that others may pass through',
      { cause },
    );
  }
}

/** Names a path in the few characters that sockets and locks have room for. */
export function digest(path: string): string {
  return createHash('sha256').update(path).digest('hex');
}

/** The same directory has one name, however it was reached. */
export function identityOf(path: string): string {
  const real = realpathSync(path);
  const { dev, ino } = lstatSync(real);
  return digest(`${real}:${dev}:${ino}`).slice(0, 32);
}

/** The location of a data directory, undefined where there is none. @throws EmbeddedDatabaseError for a foreign one */
export function findLocation(dataDir: string): Location | undefined {
  const path = resolve(dataDir);
  const location = existsSync(path) ? readPointer(path) : undefined;
  return location === undefined ? undefined : { dataDir: path, path: location };
}
